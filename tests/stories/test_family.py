"""From a confirmed match to the family, by name: what the found person decides is what happens, and nothing else."""

from datetime import timedelta

import pytest

from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.stories.family import ASKED, NEWS, Family
from tests.support import Json, made, person, post, request_draft, sought_draft
from tracing.gate import audit
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.kit import clock

PHONE = "+256 700 555 0199"
CHILD = {"own_wish": "yes", "guardian": "caregiver", "trained_worker": True}


@pytest.fixture
def family(desk: Desk) -> Family:
    return Family(desk)


def other_team(desk: Desk, label: str = "caseworker-away") -> str:
    """Hire somebody of another team."""
    desk.hire_elsewhere(label)
    return label


def refused(answer_of: Json, code: str) -> None:
    assert answer_of["code"] == code


def test_a_brother_hears_that_she_is_well_and_where_to_call(family: Family) -> None:
    """The whole way once; each act has its row on the trail, and the trail holds."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("share_contact", words_to_pass=NEWS, contact_to_share=PHONE)
    assert family.state() == "outcome_ready"
    told = family.told("share_contact")["content"]
    assert (told["alive_and_well"], told["words_to_pass"], told["contact_to_share"]) == (True, NEWS, PHONE)
    assert told["location_to_share"] is None
    family.telling(release_id=family.release)
    assert family.concluded("reconnected_contact_exchanged").state() == "closed"
    trail = made(family.desk.get("/trail", "supervisor", subject_id=family.found, limit=200), 200)
    about_her = [item["act"] for item in trail["items"]]
    wanted = [
        "verifications.open",
        "disclosures.open",
        "disclosures.reach_out",
        "disclosures.inform",
        "disclosures.grant",
        "releases.propose",
        "releases.approve",
        "disclosures.release",
        "releases.tell",
    ]
    assert [act for act in about_her if act in wanted] == wanted
    with admitted(family.desk.gate, family.desk.people.token("auditor"), Permission.TRAIL_VERIFY) as access:
        assert audit.verify(access, family.desk.gate).reason == "whole"


def test_a_trafficking_survivor_is_found_and_says_alive_only(family: Family) -> None:
    """Nobody of the enquirer's team reaches out or tells; he hears that she is alive and well, and no more."""
    desk = family.desk
    away = other_team(desk)
    draft = request_draft(sought_draft(separation={"cause": "trafficking_or_exploitation"}))
    family.matched(draft, registration(sensitivity="high_risk"))
    family.screened(trafficking={"answer": "yes"}).verified(approver=away)
    family.ids["case"] = family.post(f"/verifications/{family.verification}/disclosure-cases", {})["id"]
    at = f"/disclosure-cases/{family.case}"
    refused(family.step(at, f"{at}/events", {"event": "reach_out"}, status=409), "not-approved")
    family.step(at, f"{at}/outreach", {})
    refused(
        family.step(at, f"{at}/outreach/approval", {"approve": True}, label="caseworker-2", status=403), "same-team"
    )
    family.step(at, f"{at}/outreach/approval", {"approve": True}, label=away)
    family.answered("reach_out").answered("inform", named_as="nobody").granted("say_alive_only")
    for level in ("pass_message", "share_contact", "share_location"):
        body = {"level": level}
        refused(family.step(at, f"{at}/releases", body, status=409), "not-allowed-by-the-person")
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "say_alive_only"}, status=201)["id"]
    release = f"/releases/{family.release}"
    refused(family.step(release, f"{release}/telling", {}, status=409), "no-such-transition")
    for label, code in (("caseworker", "same-worker"), ("caseworker-2", "same-team")):
        refused(family.step(release, f"{release}/approval", {"approve": True}, label=label, status=403), code)
    family.step(release, f"{release}/approval", {"approve": True}, label=away)
    told = family.step(release, f"{release}/telling", {})["content"]
    assert {key for key, value in told.items() if value not in (None, False)} == {"level", "alive_and_well"}
    family.telling(release_id=family.release)
    assert family.concluded("alive_informed_no_contact").state() == "closed"
    seen = family.desk.get(f"/sought-persons/{family.sought}/outcome").text
    assert not [place for place in ("Kampala", "Nairobi", PHONE) if place in seen]


def test_the_enquirer_learns_nothing_when_she_declines(family: Family) -> None:
    """His view is the same to the byte before and after; and closed, it is any other search that found nobody."""
    family.matched(request_draft(), registration()).screened().verified()
    family.code()
    before = family.public()
    assert before.status_code == 200
    family.asked()
    while_asked = family.public()
    family.answered("decline", **ASKED)
    assert family.state() == "outcome_ready"
    after = family.public()
    assert before.text == while_asked.text == after.text
    assert before.headers.get("ETag") == after.headers.get("ETag")
    at = f"/disclosure-cases/{family.case}"
    refused(family.step(at, f"{at}/releases", {"level": "say_alive_only"}, status=409), "no-such-transition")
    family.concluded("found_not_disclosed")
    assert family.public().text == before.text  # until the next date of the cadence
    shown = family.get(f"/sought-persons/{family.sought}", "intake")
    assert (shown["state"], shown["reason"]) == ("closed", "not_found_avenues_exhausted")


def test_her_news_goes_no_further_once_she_fears_him(family: Family) -> None:
    """She allows a message, then names him as somebody who must never learn of her: it is not handed over."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("pass_message", words_to_pass=NEWS)
    news = {"direction": "to_enquirer", "text": NEWS, "language": "en"}
    at = f"/messages/{family.post(f'/sought-persons/{family.sought}/messages', news)['id']}"
    family.step(at, f"{at}/events", {"event": "read"}, label="caseworker-2")
    family.step(at, f"{at}/events", {"event": "send"})
    family.desk.change(f"/sightings/{family.found}", never_disclose_to=["Abdi Yusuf Warsame"])
    refused(family.step(at, f"{at}/events", {"event": "deliver"}, status=409), "not-screened")
    family.desk.night()
    assert family.get(at)["state"] == "stopped"


def test_a_child_looks_for_her_parents(family: Family) -> None:
    """A child enquirer: her own wish and a trained worker, at the beginning and when the match is verified."""
    year = clock.now().year - 12
    herself = {"person": person("Amina Yusuf Warsame", sex="female", birth=str(year), father=["Yusuf Warsame"])}
    enquirer = request_draft()["enquirer"] | herself
    father = sought_draft("Yusuf Warsame Ali", relationship="father", sex="male", birth="1968", father=[], mother=[])
    draft = request_draft(father, enquirer=enquirer)
    refused(made(post(family.desk.client, "/tracing-requests", draft, family.desk.auth()), 409), "not-eligible")
    asked = draft | {"child": {"own_wish": "yes", "trained_worker": True}}
    he = registration(person=person("Yusuf Warsame Ali", sex="male", birth="1968"))
    family.matched(asked, he).screened()
    family.ids["verification"] = family.post(f"/suggestions/{family.suggestion}/verifications", {})["id"]
    family.interviewed()
    at = f"/verifications/{family.verification}"
    given = {"identity": "established", "relationship": "established"}
    problem = family.step(at, f"{at}/result", given, status=409)
    assert problem["code"] == "not-established"
    case = family.step(at, f"{at}/result", given | {"minors": CHILD})
    if case["state"] == "proposed":
        case = family.step(at, f"{at}/approval", {"approve": True}, label=other_team(family.desk))
    assert (case["state"], family.state()) == ("passed", "located_pending_consent")


def test_a_withdrawn_answer_stops_what_was_about_to_be_told(family: Family) -> None:
    """Approved this morning, withdrawn at noon: nothing is told in the afternoon, and the search waits again."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("share_contact", contact_to_share=PHONE)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "share_contact"}, status=201)["id"]
    release = f"/releases/{family.release}"
    family.step(release, f"{release}/approval", {"approve": True}, label="caseworker-2")
    family.answered("withdraw", **ASKED)
    problem = family.step(release, f"{release}/telling", {}, status=409)
    assert PHONE not in str(problem)
    assert family.get(release)["state"] == "stopped"
    kinds = [task["kind"] for task in family.get("/tasks")["items"]]
    assert "answer_changed" in kinds


def test_a_withdrawn_consent_ends_everything(family: Family) -> None:
    """She leaves the register: suggestion, verification, asking, release and messages are gone at once."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("receive_message", words_to_pass=NEWS)
    message = family.post(
        f"/sought-persons/{family.sought}/messages", {"direction": "to_found", "text": NEWS, "language": "en"}
    )
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "pass_message"}, status=201)["id"]
    family.desk.withdraw(family.found, "register")
    gone = [
        f"/suggestions/{family.suggestion}",
        f"/verifications/{family.verification}",
        at,
        f"/releases/{family.release}",
        f"/messages/{message['id']}",
        f"/sightings/{family.found}",
    ]
    assert [path for path in gone if family.desk.get(path).status_code != 404] == []
    for label in ("caseworker-2", "supervisor"):
        answer = family.try_step(
            f"/releases/{family.release}", f"/releases/{family.release}/approval", {"approve": True}, label
        )
        assert answer.status_code == 404


def test_two_relatives_write_to_each_other(family: Family) -> None:
    """Short family news both ways, each read by another worker before it leaves; no address crosses."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    family.granted("receive_message", words_to_pass=NEWS)
    for direction in ("to_enquirer", "to_found"):
        body = {"direction": direction, "text": NEWS, "language": "en"}
        message = family.post(f"/sought-persons/{family.sought}/messages", body)
        at = f"/messages/{message['id']}"
        refused(family.step(at, f"{at}/events", {"event": "read"}, status=403), "same-worker")
        family.step(at, f"{at}/events", {"event": "read"}, label="caseworker-2")
        for event in ("send", "deliver"):
            message = family.step(at, f"{at}/events", {"event": event})
        assert message["state"] == "delivered"
    text = family.desk.get(f"/sought-persons/{family.sought}/messages").text
    assert not [word for word in ("555", "Kampala", "Kismayo") if word in text]
    at = f"/sought-persons/{family.sought}"
    refused(
        family.step(f"{at}/outcome", f"{at}/conclusion", {"reason": "reconnected_message_only"}, status=409),
        "reason-not-supported",
    )
    family.telling(message_id=message["id"])
    assert family.concluded("reconnected_message_only").state() == "closed"


def test_news_of_a_death_is_never_one_persons_word(family: Family) -> None:
    """Two workers and a document; the family is told with somebody to talk to; a sighting says nothing."""
    family.matched(request_draft(), registration())
    at = f"/sought-persons/{family.sought}"
    draft = {
        "finding": "deceased",
        "source": "hospital_or_morgue",
        "account": "She died in the district hospital.",
        "evidence": [{"kind": "hospital_or_morgue", "ref": "register 4, no. 118", "date": "2022-03-11"}],
        "language": "en",
    }
    family.ids["fate"] = family.post(f"{at}/fate-reports", draft)["id"]
    assert family.state() == "lead_found"
    report = f"/fate-reports/{family.fate}"
    family.step(report, f"{report}/events", {"event": "confirm"}, label="supervisor")
    assert family.state() == "fate_review"
    family.step(report, f"{report}/events", {"event": "establish"}, label="supervisor")
    assert family.state() == "outcome_ready"
    family.telling(fate_id=family.fate)
    assert family.concluded("fate_clarified_deceased").state() == "closed"


def test_a_search_that_was_closed_is_taken_up_again(family: Family) -> None:
    """Closed as found nobody, reopened years later: the next night looks for her again."""
    opened = family.post("/tracing-requests", request_draft())
    sought = opened["sought"][0]["id"]
    family.desk.happen(f"/sought-persons/{sought}", "close", reason="not_found_avenues_exhausted")
    family.desk.register()
    family.desk.night()
    assert family.desk.queue() == []
    for event in ("reopen", "resume"):
        family.desk.happen(f"/sought-persons/{sought}", event)
    family.desk.night()
    assert [item["left_id"] for item in family.desk.queue()] == [sought]


def test_what_is_over_is_over_by_itself(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that was given for a week allows nothing on the eighth day, whoever approved what before."""
    family.matched(request_draft(), registration()).screened().verified().asked()
    until = (clock.now() + timedelta(days=7)).isoformat()
    family.granted("pass_message", words_to_pass=NEWS, valid_until=until)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "pass_message"}, status=201)["id"]
    release = f"/releases/{family.release}"
    family.step(release, f"{release}/approval", {"approve": True}, label="caseworker-2")
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    refused(family.step(release, f"{release}/telling", {}, status=409), "not-allowed-by-the-person")
