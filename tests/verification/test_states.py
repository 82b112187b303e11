"""Every row of the table of verifications and every missing one, through the service."""

from uuid import UUID

import pytest

from tests.risk.desk import Pair
from tests.verification.desk import CLEAR, REFUTED, RISKY, Desk, begin, hear, result
from tracing.gate.access import Access
from tracing.requests import service as requests
from tracing.requests.states import State as SearchState
from tracing.verification import service, states
from tracing.verification.errors import NoSuchStep
from tracing.verification.states import Event, Guard, State

# (state, event, whether the pair is risky) -> (state after, what the search is at)
WANTED: dict[tuple[str, str, bool], tuple[str, str]] = {
    ("open", "pass", False): ("passed", "located_pending_consent"),
    ("open", "propose", True): ("proposed", "verifying"),
    ("proposed", "pass", True): ("passed", "located_pending_consent"),
    ("proposed", "turn_down", True): ("open", "verifying"),
    **{
        (state, event, True): (target, search)
        for state in ("open", "proposed")
        for event, target, search in (("refute", "refuted", "searching"), ("abandon", "abandoned", "verifying"))
    },
}
CELLS = [(state, event) for state in State for event in Event]
MISSING = [cell for cell in CELLS if (*cell, True) not in WANTED and (*cell, False) not in WANTED]


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    return desk.pair()


def put(access: Access, pair: Pair, state: State, *, risky: bool) -> UUID:
    """Bring a new verification with all that it needs into a state."""
    case = begin(access, pair, RISKY if risky else CLEAR)
    hear(access, case.id)
    if state is State.PROPOSED:
        service.give_result(access, service.find(access, case.id), result())
    elif state is not State.OPEN:
        service.find(access, case.id).state = state
    access.session.flush()
    return case.id


def drive(desk: Desk, access: Access, pair: Pair, verification_id: UUID, event: Event) -> None:
    """Let `event` happen by the act that brings it about."""
    row = service.find(access, verification_id)
    other = desk.beside(access, "kisumu-caseworker")
    match event:
        case Event.PASS if row.state is State.PROPOSED:
            service.settle(other, row, approve=True)
        case Event.PASS | Event.PROPOSE:
            service.give_result(access, row, result())
        case Event.TURN_DOWN:
            service.settle(other, row, approve=False)
        case Event.REFUTE:
            service.give_result(access, row, result(REFUTED))
        case Event.ABANDON:
            search = requests.find_sought(access, pair.sought_id)
            search.state = SearchState.SEARCHING  # suspended and taken up again
            access.session.flush()
            service.open_verification(access, pair.suggestion_id)


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        told = {(str(row.source), str(row.event)): str(row.target) for row in states.TABLE}
        assert told == {(state, event): target for (state, event, _), (target, _) in WANTED.items()}

    def test_says_nothing_twice(self) -> None:
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_passes_only_what_is_established(self) -> None:
        guards = {row.guard for row in states.TABLE if row.target in (State.PASSED, State.PROPOSED)}
        assert guards == {Guard.ESTABLISHED, Guard.ESTABLISHED_AND_RISKY, Guard.ANOTHER_WORKER}


class TestRows:
    @pytest.mark.parametrize("row", WANTED, ids=lambda row: f"{row[0]}-{row[1]}")
    def test_lead_where_they_say(self, desk: Desk, pair: Pair, row: tuple[State, Event, bool]) -> None:
        state, event, risky = State(row[0]), Event(row[1]), row[2]
        with desk.trial() as access:
            verification_id = put(access, pair, state, risky=risky)
            before, noted = service.find(access, verification_id).version, len(access.acts)
            drive(desk, access, pair, verification_id, event)
            after = service.find(access, verification_id)
            found = (after.state, requests.state_of(access, pair.sought_id))
            assert found == WANTED[row]
            assert after.version == before + 1
            assert (after.settled_at is None) == (after.state in (State.OPEN, State.PROPOSED))
            told = [act for act in access.acts[noted:] if act.act == f"verifications.{event}"]
            assert [act.subject_id for act in told] == [pair.found_id]


class TestMissingRows:
    @pytest.mark.parametrize(("state", "event"), MISSING, ids=lambda cell: str(cell))
    def test_lead_nowhere(self, desk: Desk, pair: Pair, state: State, event: Event) -> None:
        with desk.trial() as access:
            verification_id = put(access, pair, state, risky=True)
            noted = len(access.acts)
            if event is Event.ABANDON:
                drive(desk, access, pair, verification_id, event)
            else:
                with pytest.raises(NoSuchStep):
                    drive(desk, access, pair, verification_id, event)
            assert service.find(access, verification_id).state is state
            assert f"verifications.{event}" not in [act.act for act in access.acts[noted:]]

    def test_a_risky_result_does_not_pass_by_one_worker(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            verification_id = put(access, pair, State.OPEN, risky=True)
            case = service.give_result(access, service.find(access, verification_id), result())
            assert (case.state, case.settled_at) == (State.PROPOSED, None)

    def test_a_result_that_is_not_risky_needs_nobody_else(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            verification_id = put(access, pair, State.OPEN, risky=False)
            row = service.find(access, verification_id)
            with pytest.raises(NoSuchStep):
                service.settle(desk.beside(access, "kisumu-caseworker"), row, approve=True)
            assert service.give_result(access, row, result()).state is State.PASSED

    @pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
    def test_no_interview_belongs_to_another_state_than_open(self, desk: Desk, pair: Pair, state: State) -> None:
        with desk.trial() as access:
            verification_id = put(access, pair, state, risky=True)
            with pytest.raises(NoSuchStep):
                hear(access, verification_id)
