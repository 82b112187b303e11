"""From the asking to the telling over HTTP, on both databases: who sees what, and when nothing is told."""

from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from tests.disclosure.counter import PHONE, PLACE, SECRETS, WORDS, Counter, refused
from tests.disclosure.desk import found, hire, place, verified
from tests.support import Json, made, request_draft
from tests.trails import entries
from tracing.disclosure import service
from tracing.disclosure.states import State
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.gate.tables import Token
from tracing.requests import service as requests
from tracing.requests.states import Event as SearchEvent
from tracing.requests.states import State as SearchState

TOLD: tuple[tuple[str, Json], ...] = (  # level, what is told of what she gave
    ("say_alive_only", {}),
    ("pass_message", {"words_to_pass": WORDS}),
    ("receive_message", {"words_to_pass": WORDS, "may_write": True}),
    ("share_contact", {"words_to_pass": WORDS, "may_write": True, "contact_to_share": PHONE}),
    (
        "share_location",
        {"words_to_pass": WORDS, "may_write": True, "contact_to_share": PHONE, "location_to_share": PLACE},
    ),
)


class TestTheWay:
    def test_leads_from_the_asking_to_the_telling(self, counter: Counter) -> None:
        case = counter.grant()
        assert (case["state"], case["level"], counter.search()) == (
            "granted",
            "share_location",
            ("outcome_ready", "something_to_tell"),
        )
        release = counter.propose("share_contact")
        refused(counter.tell(release), 409, "no-such-transition")
        made(counter.approve(release), 200)
        told = made(counter.tell(release), 200)
        assert (told["state"], told["content"]["contact_to_share"]) == ("told", PHONE)
        assert PLACE not in str(told)
        refused(counter.tell(release), 409, "no-such-transition")
        acts = [e.act for e in entries(counter.gate, counter.people) if e.subject_id == counter.pair.found_id]
        mine = [act for act in acts if act.split(".")[0] in ("disclosures", "releases") and not act.endswith(".read")]
        assert mine == [
            "disclosures.open",
            "disclosures.reach_out",
            "disclosures.inform",
            "disclosures.grant",
            "releases.propose",
            "releases.approve",
            "disclosures.release",
            "releases.tell",
        ]
        with admitted(counter.gate, counter.people.token("caseworker"), Permission.DISCLOSURES_READ) as access:
            access.note("test.look")
            assert service.told(access, counter.pair.sought_id) == [(UUID(told["id"]), "share_contact")]
            assert service.asking_of(access, counter.pair.sought_id) == "granted"

    def test_tells_exactly_what_each_level_allows(self, counter: Counter) -> None:
        counter.grant()
        for level, expected in TOLD:
            release = counter.propose(level)
            made(counter.approve(release), 200)
            content = made(counter.tell(release), 200)["content"]
            nothing = dict.fromkeys(("words_to_pass", "contact_to_share", "location_to_share", "meeting"))
            assert content == nothing | {"level": level, "alive_and_well": True, "may_write": False} | expected

    def test_ends_at_once_when_she_says_no(self, counter: Counter) -> None:
        counter.happen("reach_out")
        counter.happen("inform", named_as="nobody")
        counter.happen("decline")
        assert counter.search() == ("outcome_ready", "nothing_to_tell")
        refused(counter.post(f"{counter.path}/releases", {"level": "say_alive_only"}), 409, "no-such-transition")

    def test_of_an_asking_is_listed(self, counter: Counter) -> None:
        path = f"/verifications/{found(counter.gate, counter.people).verification_id}/disclosure-cases"
        other = made(counter.send("POST", path))
        page = made(counter.get("/disclosure-cases?limit=1"), 200)
        assert ([item["id"] for item in page["items"]], page["has_more"]) == ([counter.case["id"]], True)
        page = made(counter.get(f"/disclosure-cases?limit=1&cursor={page['next_cursor']}"), 200)
        assert ([item["id"] for item in page["items"]], page["has_more"]) == ([other["id"]], False)

    def test_begins_once_per_verification_and_a_retry_is_the_same(self, counter: Counter) -> None:
        path = f"/verifications/{counter.pair.verification_id}/disclosure-cases"
        refused(counter.send("POST", path), 409, "conflict")
        pair = found(counter.gate, counter.people)
        path, key = f"/verifications/{pair.verification_id}/disclosure-cases", {"Idempotency-Key": "retry-me-0001"}
        first, again = (made(counter.send("POST", path, **key)) for _ in range(2))
        assert first == again

    def test_does_not_begin_before_the_search_waits_for_it(self, counter: Counter) -> None:
        pair = found(counter.gate, counter.people)
        counter.do(lambda access: place(access, pair.sought_id, SearchState.SEARCHING))
        path = f"/verifications/{pair.verification_id}/disclosure-cases"
        refused(counter.send("POST", path), 409, "no-such-transition")

    def test_does_not_begin_on_a_verification_that_another_has_replaced(self, counter: Counter) -> None:
        pair = found(counter.gate, counter.people)
        verified(counter.gate, counter.people, pair.found_id, pair.sought_id)
        refused(counter.send("POST", f"/verifications/{pair.verification_id}/disclosure-cases"), 409, "not-verified")


class TestAnotherVerification:
    """A lead that was undone and confirmed again: nobody is asked twice, and old approvals are worth nothing."""

    def again(self, counter: Counter) -> Json:
        counter.do(lambda access: requests.bring(access, counter.pair.sought_id, SearchEvent.UNDO_LEAD))
        verification_id = verified(counter.gate, counter.people, counter.pair.found_id, counter.pair.sought_id)
        return made(counter.send("POST", f"/verifications/{verification_id}/disclosure-cases"))

    def test_takes_up_the_answer_that_was_given(self, counter: Counter) -> None:
        counter.grant()
        case = self.again(counter)
        assert (case["id"], case["state"]) == (counter.case["id"], "granted")
        assert counter.search() == ("outcome_ready", "something_to_tell")

    def test_stops_what_was_to_be_told_on_the_earlier_one(self, counter: Counter) -> None:
        approved = counter.ready()
        proposed = counter.propose("say_alive_only")
        self.again(counter)
        assert [counter.state(release) for release in (approved, proposed)] == ["stopped", "stopped"]
        refused(counter.tell(approved), 409, "no-such-transition")
        anew = counter.propose()
        made(counter.approve(anew), 200)
        assert PHONE in made(counter.tell(anew), 200)["content"]["contact_to_share"]

    def test_lends_no_approval_though_what_was_to_be_told_were_not_stopped(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The verification is part of what was approved; with one in its place it would be told."""
        monkeypatch.setattr(service, "_stop_releases", lambda *_: None)
        approved = counter.ready()
        self.again(counter)
        refused(counter.tell(approved), 409, "not-approved")

    def test_takes_up_an_asking_that_was_under_way(self, counter: Counter) -> None:
        counter.happen("reach_out")
        assert self.again(counter)["state"] == "reaching"
        assert counter.search() == ("located_pending_consent", None)


class TestFourEyes:
    def test_are_never_one_humans(self, counter: Counter) -> None:
        hire(counter.gate, counter.people, "caseworker-at-night", known="caseworker")
        counter.grant()
        release = counter.propose()
        for label in ("caseworker", "caseworker-at-night"):
            refused(counter.approve(release, label), 403, "same-worker")
        assert counter.state(release) == "proposed"

    def test_are_of_two_teams_where_it_is_risky_and_the_own_team_sees_nothing_before(self, counter: Counter) -> None:
        hire(counter.gate, counter.people, "caseworker-elsewhere", known="caseworker-2")
        counter.make_risky()
        refused(counter.post(f"{counter.path}/events", {"event": "reach_out"}), 409, "not-approved")
        made(counter.post(f"{counter.path}/outreach"), 200)
        for label in ("caseworker-2", "caseworker-elsewhere"):
            answer = counter.post(f"{counter.path}/outreach/approval", {"approve": True}, label, of=counter.path)
            refused(answer, 403, "same-team")
        answer = counter.post(f"{counter.path}/outreach/approval", {"approve": True}, "kisumu-1", of=counter.path)
        assert made(answer, 200)["outreach"] == "approved"
        assert counter.grant()["other_team_needed"]
        release = counter.propose()
        for label in ("caseworker-2", "caseworker-elsewhere"):
            refused(counter.approve(release, label), 403, "same-team")
        seen = {label: self.seen(counter, release, label) for label in ("caseworker", "caseworker-2", "kisumu-1")}
        assert seen == {"caseworker": [], "caseworker-2": [], "kisumu-1": list(SECRETS)}
        assert self.seen(counter, release, "caseworker-elsewhere") == []
        made(counter.approve(release, "kisumu-1"), 200)
        assert self.seen(counter, release, "caseworker") == []
        told = made(counter.tell(release), 200)["content"]
        assert (told["contact_to_share"], told["location_to_share"]) == (PHONE, PLACE)
        assert self.seen(counter, release, "caseworker") == list(SECRETS)

    def seen(self, counter: Counter, release: str, label: str) -> list[str]:
        """Return which of her secrets somebody can read, wherever."""
        paths = (release, counter.path, "/disclosure-cases", f"/sought-persons/{counter.pair.sought_id}")
        texts = "".join(str(made(counter.get(path, label), 200)) for path in paths)
        return [secret for secret in SECRETS if secret in texts]

    def test_turn_down_an_outreach(self, counter: Counter) -> None:
        counter.make_risky()
        approval = f"{counter.path}/outreach/approval"
        refused(counter.post(approval, {"approve": False}, of=counter.path), 404, "not-found")
        made(counter.post(f"{counter.path}/outreach"), 200)
        answer = counter.post(approval, {"approve": False}, of=counter.path)
        assert made(answer, 200)["outreach"] == "turned_down"
        refused(counter.post(f"{counter.path}/events", {"event": "reach_out"}), 409, "not-approved")

    def test_are_asked_for_no_outreach_where_nobody_is_to_be_reached(self, counter: Counter) -> None:
        counter.grant()
        refused(counter.post(f"{counter.path}/outreach"), 409, "no-such-transition")

    def test_make_a_task_of_what_waits(self, counter: Counter) -> None:
        counter.grant()
        counter.propose()
        raised = [e for e in entries(counter.gate, counter.people) if e.act == "tasks.raise"]
        assert [e.subject_id for e in raised] == [counter.pair.found_id]

    def waiting(self, counter: Counter) -> list[str]:
        answer = counter.send("GET", "/tasks?kind=approval_waits", label="supervisor")
        return [task["about_id"] for task in made(answer, 200)["items"]]

    @pytest.mark.parametrize("approve", [True, False])
    def test_of_an_outreach_wait_until_it_is_settled(self, counter: Counter, approve: bool) -> None:
        counter.make_risky()
        made(counter.post(f"{counter.path}/outreach"), 200)
        assert self.waiting(counter) == [counter.case["id"]]
        body = {"approve": approve}
        made(counter.post(f"{counter.path}/outreach/approval", body, "kisumu-1", of=counter.path), 200)
        assert self.waiting(counter) == []

    @pytest.mark.parametrize("ending", ["approved", "turned down", "stopped"])
    def test_of_a_release_wait_until_it_is_settled(self, counter: Counter, ending: str) -> None:
        counter.grant()
        release = counter.propose()
        assert [f"/releases/{about}" for about in self.waiting(counter)] == [release]
        if ending == "stopped":
            counter.happen("withdraw")
        else:
            made(counter.approve(release, approve=ending == "approved"), 200)
        assert self.waiting(counter) == []


class TestOwnRequest:
    def test_is_opened_in_the_same_act_as_carefully_as_her_record(self, counter: Counter) -> None:
        refused(counter.send("POST", f"{counter.path}/own-request", request_draft()), 409, "no-such-transition")
        counter.do(lambda access: register.set_sensitivity(access, counter.pair.found_id, Sensitivity.HIGH_RISK))
        counter.do(lambda access: place_case(access, counter.case["id"]))
        key = {"Idempotency-Key": "retry-me-0001"}
        opened = [made(counter.send("POST", f"{counter.path}/own-request", request_draft(), **key)) for _ in "12"]
        assert opened[0] == opened[1]
        assert opened[0]["sensitivity"] == "high_risk"
        assert made(counter.get(f"/tracing-requests/{opened[0]['id']}"), 200)["sought"]

    def test_needs_the_right_to_open_one(self, counter: Counter) -> None:
        counter.do(lambda access: place_case(access, counter.case["id"]))
        token_id = UUID(hex=counter.people.token("caseworker-2").split("_")[1])
        with admitted(counter.gate, counter.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            access.note("test.scope")
            token = access.session.exec(select(Token).where(Token.id == token_id)).one()
            token.scope = "disclosures:read disclosures:write"
            access.session.add(token)
        answer = counter.send("POST", f"{counter.path}/own-request", request_draft(), "caseworker-2")
        refused(answer, 403, "refused")


def place_case(access: Access, case_id: str) -> None:
    """Let an asking be at the point where the person was informed."""
    row = service.find_case(access, UUID(case_id))
    row.state = State.INFORMED
    access.session.add(row)


class TestOrderOfAnswers:
    def paths(self, counter: Counter) -> list[tuple[str, Json | None]]:
        release = counter.propose()
        return [
            (f"{counter.path}/events", {"event": "withdraw"}),
            (f"{counter.path}/outreach", None),
            (f"{counter.path}/outreach/approval", {"approve": True}),
            (f"{counter.path}/releases", {"level": "say_alive_only"}),
            (f"{release}/approval", {"approve": True}),
            (f"{release}/telling", None),
        ]

    def test_is_403_404_428_412(self, counter: Counter) -> None:
        counter.grant()
        for path, body in self.paths(counter):
            refused(counter.send("POST", path, body, "auditor"), 403, "refused")
            missing = path.replace(path.split("/")[2], str(uuid4()))
            refused(counter.send("POST", missing, body), 404, "not-found")
            foreign = counter.client.post(f"/v1{path}", json=body, headers=counter.people.auth(society="UG"))
            refused(foreign, 404, "not-found")
            refused(counter.send("POST", path, body), 428, "condition-missing")
            refused(counter.send("POST", path, body, **{"If-Match": '"x"'}), 412, "stale")

    @pytest.mark.parametrize("path", ["/disclosure-cases/{}", "/releases/{}", "/disclosure-cases/{}/own-request"])
    def test_is_one_for_absent_and_foreign(self, counter: Counter, path: str) -> None:
        counter.grant()
        known = counter.propose().rpartition("/")[2] if "releases" in path else counter.case["id"]
        method = "POST" if "own" in path else "GET"
        bodies = []
        for thing, society in ((known, "UG"), (uuid4(), "UG"), (uuid4(), "KE")):
            answer = counter.client.request(
                method,
                f"/v1{path.format(thing)}",
                json=request_draft() if "own" in path else None,
                headers=counter.people.auth(society=society),
            )
            bodies.append(answer.json() | {"request_id": ""})
        assert bodies[0] == bodies[1] == bodies[2]
        assert bodies[0]["status"] == 404

    def test_of_a_verification_is_404_for_absent_and_foreign(self, counter: Counter) -> None:
        pair = found(counter.gate, counter.people)
        path = f"/v1/verifications/{pair.verification_id}/disclosure-cases"
        refused(counter.client.post(path, headers=counter.people.auth(society="UG")), 404, "not-found")
        refused(counter.send("POST", f"/verifications/{uuid4()}/disclosure-cases"), 404, "not-found")

    def test_of_an_asking_grows_stale_with_its_releases(self, counter: Counter) -> None:
        counter.grant()
        tag = counter.get(counter.path).headers["etag"]
        release = counter.propose()
        refused(
            counter.send("POST", f"{counter.path}/events", {"event": "withdraw"}, **{"If-Match": tag}), 412, "stale"
        )
        tag = counter.get(counter.path).headers["etag"]
        made(counter.approve(release), 200)
        assert counter.get(counter.path).headers["etag"] != tag
