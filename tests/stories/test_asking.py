"""What a caseworker meets on the way to a family, by name: delays, guardians, deaths, broken glass, second tries."""

from datetime import timedelta

import pytest

from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.stories.family import ASKED, NEWS, Family
from tests.support import Json, person, request_draft, sought_draft
from tracing.gate.permissions import Role
from tracing.kit import clock

DEATH: Json = {
    "finding": "deceased",
    "source": "civil_register",
    "account": "She died in spring, as the register has it.",
    "evidence": [{"kind": "civil_register", "ref": "entry 1180", "date": "2022-03-11"}],
    "language": "en",
}


@pytest.fixture
def family(desk: Desk) -> Family:
    return Family(desk)


def open_tasks(family: Family, kind: str) -> int:
    return sum(task["kind"] == kind for task in family.get("/tasks", limit=200)["items"])


def test_she_asks_for_time_and_is_asked_again(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put off by her wish: he sees no difference, a task comes up on the day, and it goes once she was asked again."""
    family.matched(request_draft(), registration()).screened().verified()
    family.code()
    before = family.public().text
    family.asked()
    until = clock.now() + timedelta(days=20)
    family.answered("defer", until=until.isoformat())
    assert (family.state(), family.public().text) == ("located_pending_consent", before)
    assert open_tasks(family, "ask_again") == 1
    at = f"/disclosure-cases/{family.case}"
    assert family.step(at, f"{at}/releases", {"level": "say_alive_only"}, status=409)["code"] == "no-such-transition"
    later = until + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    family.desk.night()
    family.answered("reach_out")
    assert open_tasks(family, "ask_again") == 0
    family.answered("inform", named_as="full_name").granted("pass_message", words_to_pass=NEWS)
    assert family.told("pass_message")["content"]["words_to_pass"] == NEWS


def asked_as_a_child(family: Family, birth: str) -> Family:
    herself = registration(person=person("Amina Yusuf Warsame", sex="female", birth=birth, father=["Yusuf Warsame"]))
    family.matched(request_draft(sought_draft(birth=birth)), herself).screened(minor_involved={"answer": "yes"})
    family.desk.hire_elsewhere("away")
    child = {"own_wish": "yes", "guardian": "caregiver", "trained_worker": True}
    return family.verified(approver="away", minors=child).asked(approver="away")


def test_a_guardian_answers_for_a_child_who_was_found(family: Family) -> None:
    """She is ten: her own yes is not enough, a stranger's is none, and her guardian's is hers."""
    asked_as_a_child(family, str(clock.now().year - 10))
    at = f"/disclosure-cases/{family.case}"
    grant = {"event": "grant", "level": "pass_message", "words_to_pass": NEWS} | ASKED
    assert family.step(at, f"{at}/events", grant, status=409)["code"] == "guardian-needed"
    family.answered("ask_guardian")
    flaws = family.step(at, f"{at}/events", grant, status=422)["errors"]
    assert [flaw["pointer"] for flaw in flaws] == ["/given_by"]
    family.answered(
        "grant",
        level="pass_message",
        words_to_pass=NEWS,
        given_by="guardian",
        obtained="written",
        apart_from_enquirer=True,
    )
    assert family.told("pass_message", approver="away")["content"]["words_to_pass"] == NEWS


@pytest.mark.parametrize("answered", [True, False], ids=["her guardian's yes ends", "no guardian had answered"])
def test_a_child_who_comes_of_age_answers_herself(
    family: Family, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    """What a guardian allowed is told no more from the day on which she is grown; she is asked."""
    now, today = clock.now(), clock.now
    asked_as_a_child(family, now.replace(year=now.year - 18, day=min(now.day, 28)).date().isoformat()[:7])
    family.answered("ask_guardian")
    at = f"/disclosure-cases/{family.case}"
    if answered:
        yes = {
            "given_by": "guardian",
            "apart_from_enquirer": True,
            "obtained": "written",
            "contact_to_share": "+254 700 555 0199",
        }
        family.answered("grant", level="share_contact", **yes)
        release = f"/releases/{family.step(at, f'{at}/releases', {'level': 'share_contact'}, status=201)['id']}"
        family.approved(release, f"{release}/approval", "away")
    monkeypatch.setattr(clock, "now", lambda: today() + timedelta(days=32))
    if answered:
        assert family.step(release, f"{release}/telling", {}, status=409)["code"] == "not-allowed-by-the-person"
        assert family.get(at, "away")["level"] == "nothing"
        family.answered("revise")
    else:
        family.answered("reach_out").answered("inform", named_as="full_name")
    family.granted("say_alive_only")
    assert family.told("say_alive_only", approver="away")["content"]["contact_to_share"] is None


def test_somebody_who_cannot_answer_is_answered_for_by_a_court(family: Family) -> None:
    """While nobody answers for her nothing is told, and he sees a search as before."""
    family.matched(request_draft(), registration()).screened().verified()
    family.code()
    before = family.public().text
    family.asked().answered("find_incapable")
    assert (family.state(), family.public().text) == ("outcome_ready", before)
    family.answered("ask_guardian")
    assert family.state() == "located_pending_consent"
    family.answered("grant", level="say_alive_only", given_by="court", obtained="written", apart_from_enquirer=True)
    assert family.told("say_alive_only")["content"]["alive_and_well"] is True


def test_she_is_not_reached_after_enough_tries(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given up only after tries enough over time; he sees no difference; and she is reached after all."""
    family.matched(request_draft(), registration()).screened().verified()
    family.code()
    family.ids["case"] = family.post(f"/verifications/{family.verification}/disclosure-cases", {})["id"]
    before = family.public().text
    family.answered("reach_out")
    at = f"/disclosure-cases/{family.case}"
    assert family.step(at, f"{at}/events", {"event": "give_up"}, status=409)["code"] == "attempts-not-exhausted"
    for number, days in enumerate((21, 16, 11, 6, 1)):
        tried = {"channel": ("visit", "post")[number % 2], "purpose": "outreach", "result": "no_answer"}
        made_at = (clock.now() - timedelta(days=days)).isoformat()
        family.post(f"/records/{family.found}/contact-attempts", tried | {"made_at": made_at})
    family.answered("give_up")
    assert (family.state(), family.public().text) == ("outcome_ready", before)
    family.answered("reach_out").answered("inform", named_as="nobody").granted("say_alive_only")
    assert family.told("say_alive_only")["content"]["alive_and_well"] is True


def test_she_dies_while_she_is_asked(family: Family) -> None:
    """Her yes ends with her; what is told is the fate, on a document, by two workers, with somebody to talk to."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("share_contact", contact_to_share="+256 700 555 0199", words_to_pass=NEWS)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "share_contact"}, status=201)["id"]
    family.answered("learn_of_death")
    assert family.get(f"/releases/{family.release}")["state"] == "stopped"
    assert family.state() == "located_pending_consent"
    sought = f"/sought-persons/{family.sought}"
    family.ids["fate"] = family.post(f"{sought}/fate-reports", DEATH, label="supervisor")["id"]
    report = f"/fate-reports/{family.fate}"
    for event, after in (("confirm", "fate_review"), ("establish", "outcome_ready")):
        refused = family.step(report, f"{report}/events", {"event": event}, label="supervisor", status=403)
        assert refused["code"] == "same-worker"
        family.step(report, f"{report}/events", {"event": event}, label="supervisor-2")
        assert family.state() == after
    family.telling(fate_id=family.fate)
    assert family.concluded("fate_clarified_deceased").state() == "closed"


def test_who_was_said_to_be_dead_is_asked_after_all(family: Family) -> None:
    """A rumour of her death came to nothing: she is reached again, and her family hears from her."""
    family.matched(request_draft(), registration()).screened().verified().asked().answered("learn_of_death")
    report = family.post(f"/sought-persons/{family.sought}/fate-reports", DEATH)["id"]
    at = f"/fate-reports/{report}"
    family.step(at, f"{at}/events", {"event": "confirm"}, label="supervisor")
    reach = {"event": "reach_out"}
    asking = f"/disclosure-cases/{family.case}"
    assert family.step(asking, f"{asking}/events", reach, status=409)["code"] == "no-such-transition"
    family.step(at, f"{at}/events", {"event": "refute"})
    family.verified()
    family.post(f"/verifications/{family.verification}/disclosure-cases", {})
    family.answered("reach_out").answered("inform", named_as="nobody").granted("pass_message", words_to_pass=NEWS)
    assert family.told("pass_message")["content"]["words_to_pass"] == NEWS


def test_who_was_taken_for_dead_is_found_and_nobody_is_told_of_a_death(family: Family) -> None:
    """He was told that she died; she is found and says no: her death is neither told nor a reason any more."""
    family.matched(request_draft(), registration())
    sought = f"/sought-persons/{family.sought}"
    established, waiting = (family.post(f"{sought}/fate-reports", DEATH)["id"] for _ in range(2))
    for event in ("confirm", "establish"):
        at = f"/fate-reports/{established}"
        family.step(at, f"{at}/events", {"event": event}, label="supervisor")
    family.telling(fate_id=established)
    family.concluded("fate_clarified_deceased")
    for event in ("reopen", "resume"):
        family.desk.happen(sought, event)
    assert family.get(f"{sought}/outcome")["may_be_told"] != []
    family.screened().verified().asked()
    at = f"/fate-reports/{waiting}"
    refused = family.step(at, f"{at}/events", {"event": "confirm"}, label="supervisor", status=409)
    assert "heard since" in refused["detail"]
    family.answered("decline", **ASKED)
    outcome = family.get(f"{sought}/outcome")
    assert outcome["may_be_told"] == []
    assert [one["reason"] for one in outcome["reasons"] if one["allowed"]] == ["found_not_disclosed"]


def test_who_answers_after_a_report_of_her_death_is_not_told_of_as_dead(family: Family) -> None:
    """A death is established while she is asked, and she says no: nobody is told that she died."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    sought = f"/sought-persons/{family.sought}"
    report = family.post(f"{sought}/fate-reports", DEATH)["id"]
    at = f"/fate-reports/{report}"
    for event in ("confirm", "establish"):
        family.step(at, f"{at}/events", {"event": event}, label="supervisor")
    assert [one["finding"] for one in family.get(f"{sought}/outcome")["may_be_told"]] == ["deceased"]
    family.answered("decline", **ASKED)
    outcome = family.get(f"{sought}/outcome")
    assert outcome["may_be_told"] == []
    assert [one["reason"] for one in outcome["reasons"] if one["allowed"]] == ["found_not_disclosed"]


def test_a_risk_seen_after_she_was_reached_is_looked_at_by_another_team(family: Family) -> None:
    """Between reaching her and saying who asks the case turns out risky: another team approves, and it goes on."""
    family.matched(request_draft(), registration()).screened().verified()
    family.desk.hire_elsewhere("away")
    family.ids["case"] = family.post(f"/verifications/{family.verification}/disclosure-cases", {})["id"]
    family.answered("reach_out").screened(family_violence={"answer": "yes"})
    at, inform = f"/disclosure-cases/{family.case}", {"event": "inform", "named_as": "nobody"}
    assert family.step(at, f"{at}/events", inform, status=409)["code"] == "not-approved"
    family.step(at, f"{at}/outreach", {})
    family.step(at, f"{at}/outreach/approval", {"approve": True}, label="away")
    assert family.step(at, f"{at}/events", inform)["state"] == "informed"


def test_a_case_is_taken_up_again_after_a_no(family: Family) -> None:
    """Closed as found nobody; a year later she changes her mind: the same match is verified anew, and he hears."""
    family.matched(request_draft(), registration()).screened().verified().asked().answered("decline", **ASKED)
    assert family.concluded("found_not_disclosed").state() == "closed"
    for event in ("reopen", "resume"):
        family.desk.happen(f"/sought-persons/{family.sought}", event)
    assert family.state() == "searching"
    first = family.case
    family.verified()
    family.ids["case"] = family.post(f"/verifications/{family.verification}/disclosure-cases", {})["id"]
    assert family.case == first  # who was asked before is asked on, and their no stands until they say otherwise
    assert family.get(f"/disclosure-cases/{first}")["state"] == "declined"
    family.answered("revise").granted("pass_message", words_to_pass=NEWS)
    family.told("pass_message")
    family.telling(release_id=family.release)
    assert family.concluded("reconnected_message_only").state() == "closed"


def test_glass_is_broken_and_a_supervisor_is_told(family: Family) -> None:
    """Somebody of another team must know where she is, tonight: they see it, for an hour, and it is noticed."""
    desk = family.desk
    desk.hire_elsewhere("on-call", "mombasa")
    desk.hire_elsewhere("away")
    family.matched(request_draft(), registration(sensitivity="high_risk", narrative="She stays at the blue house."))
    family.screened(trafficking={"answer": "yes", "note": "he looked for her at the blue house"})
    family.verified(approver="away")
    seen = f"/sightings/{family.found}"
    screens = f"/suggestions/{family.suggestion}/risk-screens"
    assert "blue house" not in desk.get(seen, "on-call").text + desk.get(screens, "on-call").text
    why = {"reason": "danger_to_life", "note": "He stands before the shelter."}
    family.post(f"/records/{family.found}/broken-glass", why, label="on-call")
    assert "blue house" in desk.get(seen, "on-call").text
    assert "blue house" in desk.get(screens, "on-call").text
    desk.hire_elsewhere("on-call-chief", "mombasa", Role.SUPERVISOR)
    assert "blue house" not in desk.get(seen, "on-call-chief").text
    told = [task for task in family.get("/tasks", "supervisor", limit=200)["items"] if task["kind"] == "glass_broken"]
    assert [task["record_id"] for task in told] == [family.found] * 2  # once to approve the verification
    broken = family.get("/broken-glass", "supervisor")["items"]
    assert [one["reason"] for one in broken] == ["approval", why["reason"]]
    assert broken[-1]["note"] == why["note"]
    assert [one["note"] for one in family.get("/broken-glass", "auditor")["items"]] == [None] * 2


def test_whoever_registers_searches_does_not_learn_of_a_find(family: Family) -> None:
    """The counter sees a search that goes on: in what it reads, and in what it is refused."""
    family.matched(request_draft(), registration()).screened().verified().asked().answered("decline", **ASKED)
    other = Family(family.desk)
    opened = other.post("/tracing-requests", request_draft(sought_draft("Hodan Abdi Farah")))
    other.ids["sought"] = opened["sought"][0]["id"]
    told = []
    for one in (family, other):
        at = f"/sought-persons/{one.sought}"
        shown = one.get(at, "intake")
        refused = one.step(at, f"{at}/events", {"event": "start"}, label="intake", status=409)
        told.append((shown["state"], shown["reason"], refused["code"], refused["detail"]))
    assert told[0] == told[1]
    assert told[0][0] == "searching"
