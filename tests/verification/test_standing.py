"""What a verification rests on, and how long it stands."""

from collections.abc import Callable
from typing import Any

import pytest

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
from tracing.review.errors import NotConfirmed
from tracing.review.states import Verdict
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
            again = service.open_verification(later(access, minutes=1), pair.suggestion_id)
            assert (again.state, again.id == case.id) == (State.OPEN, False)

    def test_refuted_or_abandoned_leaves_no_proposal_open(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            row = propose(access, pair)
            service.give_result(access, row, result(REFUTED))
            assert foureyes.standing(access, row.id, Act.VERIFICATION) == "turned_down"
