"""A found person who lives is not told of as a fate: what of her is told, she decides."""

import pytest
from httpx import Response

from tests.disclosure.conftest import counter as counter  # a fixture
from tests.disclosure.counter import Counter, refused
from tests.disclosure.desk import hire, screen
from tests.fate.reports import draft, paper
from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.support import Json, made, post, request_draft
from tracing.fate import service
from tracing.gate import glass, register
from tracing.gate.kinds import Sensitivity
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.risk.states import Verdict

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
PLACE = "She was seen alive in Mombasa, at the shelter behind the old market."
CODE = "not-allowed-by-the-person"


def partial(counter: Counter, **fields: object) -> Json:
    seen = {"kind": "sighting", "ref": "report", "sighting_id": str(counter.pair.found_id)}
    return draft(finding="partial_answer", source="event_list", account=PLACE, evidence=[seen]) | fields


def report(counter: Counter, **fields: object) -> Response:
    return counter.send("POST", f"/sought-persons/{counter.pair.sought_id}/fate-reports", partial(counter, **fields))


def step(counter: Counter, report_id: str, event: str, label: str = "supervisor") -> Response:
    at = f"/fate-reports/{report_id}"
    return counter.post(f"{at}/events", {"event": event}, label, of=at)


def break_glass(counter: Counter, label: str) -> None:
    body = {"reason": "approval", "note": "I am asked to confirm a fate."}
    made(counter.send("POST", f"/records/{counter.pair.sought_id}/broken-glass", body, label))


def taken(counter: Counter, monkeypatch: pytest.MonkeyPatch, **fields: object) -> str:
    """Return the id of a report that was made before anybody was found."""
    with monkeypatch.context() as patch:
        patch.setattr(service, "_speaks_of_the_found", lambda *_: False)
        return str(made(report(counter, **fields))["id"])


def decline(counter: Counter) -> None:
    counter.happen("reach_out")
    counter.happen("inform", named_as="nobody")
    counter.happen("decline", given_by="subject", obtained="verbal")


def around(counter: Counter) -> None:
    """Suspend the search and resume it, so that it lies as if nobody had been found."""
    at = f"/sought-persons/{counter.pair.sought_id}"
    for event in ("suspend", "resume"):
        made(counter.post(f"{at}/events", {"event": event}, of=at), 200)


def outcome(counter: Counter) -> Json:
    return made(counter.send("GET", f"/sought-persons/{counter.pair.sought_id}/outcome"), 200)


def record(counter: Counter, report_id: str) -> Response:
    telling = {
        "fate_id": report_id,
        "channel": "visit",
        "told_at": clock.now().isoformat(),
        "language": "en",
        "support_offered": True,
    }
    return counter.send("POST", f"/sought-persons/{counter.pair.sought_id}/tellings", telling)


class TestAPartialAnswer:
    def test_of_whoever_declined_is_neither_taken_nor_confirmed_nor_told(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decline(counter)
        around(counter)
        refused(report(counter), 409, CODE)
        known = taken(counter, monkeypatch)
        refused(step(counter, known, "confirm"), 409, CODE)
        assert counter.search() == ("searching", None)
        assert outcome(counter)["may_be_told"] == []

    def test_of_whoever_declined_and_has_died_since_is_taken_again(self, counter: Counter) -> None:
        """The dead have nothing to agree to; their death is recorded where they were asked."""
        decline(counter)
        refused(report(counter), 409, CODE)
        counter.happen("learn_of_death")
        made(report(counter))

    def test_established_before_she_was_found_is_told_no_more(
        self, counter: Counter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = taken(counter, monkeypatch)
        with monkeypatch.context() as patch:
            patch.setattr(service, "_speaks_of_the_found", lambda *_: False)
            for event in ("confirm", "establish"):
                made(step(counter, known, event), 200)
            assert [thing["id"] for thing in outcome(counter)["may_be_told"]] == [known]  # the planted fault tells it
        assert outcome(counter)["may_be_told"] == []
        refused(record(counter, known), 409, "not-told")


@ONE_DATABASE
class TestRule:
    @pytest.mark.parametrize("finding", ["partial_answer", "event_account"])
    @pytest.mark.parametrize("evidence", ["her own record", "a list"])
    def test_holds_before_she_was_asked_whatever_the_evidence(
        self, counter: Counter, finding: str, evidence: str
    ) -> None:
        fields = {} if evidence == "her own record" else {"evidence": [paper("event_list")]}
        refused(report(counter, finding=finding, **fields), 409, CODE)

    def test_holds_while_she_allows_less_than_her_place(self, counter: Counter) -> None:
        counter.grant(level="share_contact", location_to_share=None)
        refused(report(counter), 409, CODE)

    def test_lets_it_pass_while_she_allows_her_place_and_nothing_stands_against_it(self, counter: Counter) -> None:
        counter.grant()
        made(report(counter))
        counter.do(lambda access: screen(access, counter.pair.found_id, counter.pair.sought_id, Verdict.STOP))
        refused(report(counter), 409, CODE)

    def test_holds_for_whoever_registered_herself_and_is_brought_as_evidence(self, counter: Counter) -> None:
        """No match leads to her, and yet it is her word that would be told."""
        other = made(counter.send("POST", "/sightings", registration()))["id"]
        sought = made(counter.send("POST", "/tracing-requests", request_draft()))["sought"][0]["id"]
        seen = {"kind": "sighting", "ref": "report", "sighting_id": other}
        path = f"/sought-persons/{sought}/fate-reports"
        refused(counter.send("POST", path, partial(counter, evidence=[seen])), 409, CODE)
        made(counter.send("POST", path, partial(counter, evidence=[paper("event_list")])))

    def test_tells_whoever_may_not_know_of_found_persons_nothing(self, counter: Counter) -> None:
        """The answer to a report of somebody found is the answer to any other; nobody can confirm it."""
        desk = Desk(counter.client, counter.people, counter.gate)
        device = desk.scoped("caseworker", [Permission.FATES_WRITE, Permission.FATES_READ])
        body = partial(counter, evidence=[paper("event_list")])
        taken_ = post(counter.client, f"/sought-persons/{counter.pair.sought_id}/fate-reports", body, device)
        known = made(taken_)["id"]
        refused(step(counter, known, "confirm"), 409, CODE)

    def test_is_no_matter_of_a_death_while_she_is_not_met(self, counter: Counter) -> None:
        """A proof of death may be what shows that somebody else was found."""
        known = made(report(counter, **draft()))["id"]
        made(step(counter, known, "confirm"), 200)


@ONE_DATABASE
class TestAnEndedAsking:
    def test_is_not_walked_round_by_a_suspension(self, counter: Counter) -> None:
        decline(counter)
        around(counter)
        known = made(report(counter, **draft()))["id"]
        refused(step(counter, known, "confirm"), 409, "no-such-transition")
        counter.happen("learn_of_death")
        made(step(counter, known, "confirm"), 200)


@ONE_DATABASE
class TestAnotherTeam:
    @pytest.mark.parametrize("side", ["found", "sought"])
    def test_confirms_where_somebody_is_protected(self, counter: Counter, side: str) -> None:
        at = f"/sightings/{counter.pair.found_id}" if side == "found" else f"/sought-persons/{counter.pair.sought_id}"
        tag = counter.send("GET", at).headers["etag"]
        made(counter.send("PATCH", at, {"sensitivity": "high_risk"}, **{"If-Match": tag}), 200)
        known = made(report(counter, **draft()))["id"]
        refused(step(counter, known, "confirm"), 403, "same-team")
        if side == "sought":  # of whom the report speaks: nobody approves what is withheld from them
            refused(step(counter, known, "confirm", "kisumu-1"), 403, "withheld")
            break_glass(counter, "kisumu-1")
        made(step(counter, known, "confirm", "kisumu-1"), 200)
        made(step(counter, known, "establish"), 200)

    @pytest.mark.parametrize("risky", [True, False])
    def test_confirms_where_the_screen_asks_for_it(self, counter: Counter, risky: bool) -> None:
        if risky:
            counter.make_risky()
        known = made(report(counter, **draft()))["id"]
        if risky:
            refused(step(counter, known, "confirm"), 403, "same-team")
        made(step(counter, known, "confirm", "kisumu-1" if risky else "supervisor"), 200)

    def test_neither_confirms_nor_establishes_unread(self, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
        counter.do(lambda access: register.set_sensitivity(access, counter.pair.sought_id, Sensitivity.HIGH_RISK))
        known = made(report(counter, **draft()))["id"]
        hire(counter.gate, counter.people, "kisumu-2")
        refused(step(counter, known, "confirm", "kisumu-1"), 403, "withheld")
        with monkeypatch.context() as patch:
            patch.setattr(glass, "require_open", lambda *_: None)  # the planted fault
            made(step(counter, known, "confirm", "kisumu-1"), 200)
        refused(step(counter, known, "establish", "kisumu-2"), 403, "withheld")
        break_glass(counter, "kisumu-2")
        made(step(counter, known, "establish", "kisumu-2"), 200)
