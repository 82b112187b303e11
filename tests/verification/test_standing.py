"""What a verification rests on, and how long it stands."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from tests.risk.desk import Pair
from tests.support import Json
from tests.verification.desk import (
    LEFT_OPEN,
    REFUTED,
    Desk,
    begin,
    decide,
    hear,
    later,
    propose,
    result,
)
from tracing.gate import consents, foureyes
from tracing.gate.access import Access
from tracing.gate.disclosing import Act
from tracing.gate.purposes import Purpose
from tracing.requests import service as requests
from tracing.requests.errors import NoSuchTransition
from tracing.requests.states import State as SearchState
from tracing.review import service as review
from tracing.review.errors import NoSuchVerdict, NotConfirmed
from tracing.review.states import ReasonCode, Verdict
from tracing.sightings import service as sightings
from tracing.tasks.tables import Task
from tracing.verification import service
from tracing.verification.errors import NoSuchStep, NotVerified
from tracing.verification.states import State


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    return desk.pair()


class TestOpening:
    @pytest.mark.parametrize("kind", ["suggested", "a duplicate"])
    def test_rests_on_a_confirmed_match(self, desk: Desk, pair: Pair, kind: str) -> None:
        with desk.trial() as access:
            row = review.find(access, pair.suggestion_id)
            if kind == "suggested":
                decide(access, pair, Verdict.UNDO)
            else:
                row.right_kind = type(row.right_kind).SOUGHT
                access.session.add(row)
                access.session.flush()
            with pytest.raises(NotConfirmed):
                service.open_verification(access, pair.suggestion_id)

    def test_is_not_done_twice_at_once(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            assert requests.state_of(access, pair.sought_id) is SearchState.VERIFYING
            with pytest.raises(NoSuchTransition):
                service.open_verification(access, pair.suggestion_id)
            assert case.state is State.OPEN

    @pytest.mark.parametrize("act", ["result", "interview"])
    def test_of_a_match_that_was_undone_goes_no_further(self, desk: Desk, pair: Pair, act: str) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id)
            decide(access, pair, Verdict.UNDO)
            row = service.find(access, case.id)
            steps: dict[str, Callable[[], object]] = {
                "result": lambda: service.give_result(access, row, result()),
                "interview": lambda: hear(access, case.id),
            }
            with pytest.raises(NotConfirmed):
                steps[act]()

    @pytest.mark.parametrize("draft", [LEFT_OPEN, {"identity": "open", "relationship": "established"}])
    def test_what_is_not_established_stays_open(self, desk: Desk, pair: Pair, draft: Json) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id)
            told = service.give_result(access, service.find(access, case.id), result(draft, note="she hesitated"))
            assert (told.state, told.result and told.result.note) == (State.OPEN, "she hesitated")
            assert told.result is not None
            assert told.result.given_by == access.caller.account_id

    def test_what_is_proposed_is_not_changed_meanwhile(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            with pytest.raises(NoSuchStep):
                service.give_result(access, row, result(LEFT_OPEN))


class TestPassed:
    def passed(self, access: Access, pair: Pair) -> Any:
        case = begin(access, pair)
        hear(access, case.id)
        return service.give_result(access, service.find(access, case.id), result())

    def test_stands(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            with pytest.raises(NotVerified):
                service.require_passed(access, pair.found_id, pair.sought_id)
            case = self.passed(access, pair)
            assert service.require_passed(access, pair.found_id, pair.sought_id) == case.id
            assert requests.state_of(access, pair.sought_id) is SearchState.LOCATED_PENDING_CONSENT

    @pytest.mark.parametrize("state", [state for state in State if state is not State.PASSED])
    def test_is_nothing_else(self, desk: Desk, pair: Pair, state: State) -> None:
        with desk.trial() as access:
            row = service.find(access, self.passed(access, pair).id)
            row.state = state
            access.session.flush()
            with pytest.raises(NotVerified):
                service.require_passed(access, pair.found_id, pair.sought_id)

    def test_ends_with_the_confirmation_and_does_not_come_back_with_another(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            self.passed(access, pair)
            decide(later(access, minutes=1), pair, Verdict.UNDO)
            with pytest.raises(NotVerified):
                service.require_passed(access, pair.found_id, pair.sought_id)
            assert requests.state_of(access, pair.sought_id) is SearchState.SEARCHING
            decide(later(access, minutes=1), pair, Verdict.CONFIRM_SAME_PERSON)
            with pytest.raises(NotVerified):
                service.require_passed(access, pair.found_id, pair.sought_id)
            case = self.passed(later(access, minutes=1), pair)
            assert service.require_passed(access, pair.found_id, pair.sought_id) == case.id

    @pytest.mark.parametrize("side", ["found_id", "sought_id", "request_id"])
    def test_ends_with_a_consent(self, desk: Desk, pair: Pair, side: str) -> None:
        purpose = Purpose.REGISTER if side == "request_id" else Purpose.MATCH_WITHIN_SOCIETY
        with desk.trial() as access:
            self.passed(access, pair)
            consents.withdraw(access, getattr(pair, side), [purpose])
            with pytest.raises(NotVerified):
                service.require_passed(access, pair.found_id, pair.sought_id)

    def test_refuted_leaves_the_search_to_go_on(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            told = service.give_result(access, service.find(access, case.id), result(REFUTED))
            assert told.state is State.REFUTED
            assert requests.state_of(access, pair.sought_id) is SearchState.SEARCHING
            with pytest.raises(NotConfirmed):
                service.open_verification(later(access, minutes=1), pair.suggestion_id)
            decide(access, pair, Verdict.UNDO)
            decide(later(access, minutes=1), pair, Verdict.CONFIRM_SAME_PERSON)
            again = service.open_verification(later(access, minutes=1), pair.suggestion_id)
            assert (again.state, again.id == case.id) == (State.OPEN, False)

    @pytest.mark.parametrize(
        ("identity", "relationship", "reason"),
        [
            ("refuted", "open", "identity_refuted"),
            ("refuted", "refuted", "identity_refuted"),
            ("established", "refuted", "relationship_refuted"),
        ],
    )
    def test_refuted_takes_the_match_back(
        self, desk: Desk, pair: Pair, identity: str, relationship: str, reason: str
    ) -> None:
        """In the same transaction, with its rows on the trail; the search and the record stay, and nobody is told."""
        with desk.trial() as access:
            case = begin(access, pair)
            noted = len(access.acts)
            draft = {"identity": identity, "relationship": relationship}
            service.give_result(access, service.find(access, case.id), result(draft))
            acts = [(act.act, act.subject_id) for act in access.acts[noted:]]
            told = review.show(access, pair.suggestion_id)
            assert told.state == "rejected"
            last = told.decisions[-1]
            assert (last.verdict, last.reason, last.led_to) == (Verdict.REFUTE, reason, "rejected")
            assert acts == [
                ("verifications.refute", pair.found_id),
                ("sought.refute", pair.sought_id),
                *(("suggestions.refute", i) for i in (pair.suggestion_id, pair.sought_id, pair.found_id)),
                ("sightings.unlink", pair.found_id),
            ]
            assert sightings.find_sighting(access, pair.found_id).state == "active"

    def test_refuted_is_no_verdict_by_hand(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access, pytest.raises(NoSuchVerdict):
            decide(access, pair, Verdict.REFUTE)

    def test_refuted_needs_a_confirmed_match(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            decide(access, pair, Verdict.UNDO)
            with pytest.raises(NoSuchVerdict):
                review.refute(access, pair.suggestion_id, ReasonCode.IDENTITY_REFUTED)

    def test_refuted_or_abandoned_leaves_no_proposal_open(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            service.give_result(access, row, result(REFUTED))
            assert foureyes.standing(access, row.id, Act.VERIFICATION) == "turned_down"


class TestWaiting:
    """A proposed result waits for another worker, and a task says so while it does."""

    def tasks(self, access: Access, row: Any) -> list[tuple[str, str]]:
        known = access.session.exec(select(Task).where(Task.about_id == row.id)).all()
        return [(str(task.kind), str(task.state)) for task in known]

    @pytest.mark.parametrize("ending", ["approve", "turn down", "refute", "abandon"])
    def test_raises_a_task_that_ends_with_it(self, desk: Desk, pair: Pair, ending: str) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            assert self.tasks(access, row) == [("approval_waits", "open")]
            other = desk.beside(access, "kisumu-caseworker")
            if ending == "abandon":
                requests.find_sought(access, pair.sought_id).state = SearchState.SEARCHING  # suspended meanwhile
                access.session.flush()
                service.open_verification(access, pair.suggestion_id)
            elif ending == "refute":
                service.give_result(access, row, result(REFUTED))
            else:
                service.settle(other, row, approve=ending == "approve")
            assert self.tasks(access, row) == [("approval_waits", "done")]
            assert [act.act for act in access.acts].count("tasks.done") == 1

    def test_a_second_time_raises_another(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            service.settle(desk.beside(access, "kisumu-caseworker"), row, approve=False)
            service.give_result(access, row, result())
            assert sorted(self.tasks(access, row)) == [("approval_waits", "done"), ("approval_waits", "open")]

    def test_what_passes_by_one_worker_raises_none(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            case = begin(access, pair)
            hear(access, case.id)
            row = service.find(access, case.id)
            service.give_result(access, row, result())
            assert self.tasks(access, row) == []
