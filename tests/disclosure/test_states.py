"""Every row of the table of askings and every missing one, through the service."""

from typing import Any

import pytest

from tests.disclosure.desk import ENDED, Desk
from tracing.disclosure import service, states
from tracing.disclosure.errors import NoSuchTransition
from tracing.disclosure.states import Event, Guard, Row, State
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState

BEFORE = ("reaching", "informed", "deferred", "guardian_needed", "lacks_capacity")
BY_OTHERS = ("lacks_capacity", "guardian_needed", "deceased")
# domain.md §6.4, written out once more: the table is compared with it.
WANTED: dict[tuple[str, str], str] = {
    **{(state, "reach_out"): "reaching" for state in ("not_started", "deferred", "not_reachable", *BY_OTHERS)},
    ("reaching", "inform"): "informed",
    ("informed", "grant"): "granted",
    ("informed", "decline"): "declined",
    ("guardian_needed", "grant"): "granted",
    ("guardian_needed", "decline"): "declined",
    **{(state, "defer"): "deferred" for state in ("reaching", "informed")},
    **{(state, "give_up"): "not_reachable" for state in ("reaching", "deferred")},
    **{(state, "find_incapable"): "lacks_capacity" for state in ("reaching", "informed")},
    **{(state, "ask_guardian"): "guardian_needed" for state in ("reaching", "informed", "lacks_capacity")},
    **{
        (state, "learn_of_death"): "deceased"
        for state in (*BEFORE, "not_reachable", "granted", "declined", "withdrawn")
    },
    **{(state, "withdraw"): "withdrawn" for state in ("granted", "declined")},
    **{(state, "revise"): "informed" for state in ("granted", "declined", "withdrawn")},
}
MISSING = [(state, event) for state in State for event in Event if (state, event) not in WANTED]


def name_of(cell: tuple[State, Event] | Row) -> str:
    state, event = (cell.source, cell.event) if isinstance(cell, Row) else cell
    return f"{state}-{event}"


def fields_for(row: Row) -> dict[str, Any]:
    """Return what makes a row's guard hold, beside what the event needs."""
    apart = {"apart_from_enquirer": True} if row.event == "grant" else {}
    return {"given_by": "guardian", "obtained": "signed"} | apart if row.guard is Guard.GUARDIAN else {}


def plant_for(desk: Desk, access: Access, row: Row) -> None:
    """Plant what makes a row's guard hold."""
    if row.guard is Guard.ATTEMPTS:
        desk.try_in_vain(access)
    if row.guard is Guard.NOT_GROWN:
        desk.born(access, birth="2012-03")
        access.acts.clear()


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        assert {(str(row.source), str(row.event)): str(row.target) for row in states.TABLE} == WANTED

    def test_says_nothing_twice(self) -> None:
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_ends_where_the_search_has_its_outcome(self) -> None:
        assert states.ENDED == ENDED


class TestRows:
    @pytest.mark.parametrize("row", states.TABLE, ids=name_of)
    def test_lead_where_they_say_with_one_row_on_the_trail(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            plant_for(desk, access, row)
            before = service.find_case(access, desk.id).version
            view = desk.happen(access, row.event, **fields_for(row))
            assert (view.state, view.version) == (row.target, before + 1)
            mine = [act for act in access.acts if act.act.startswith("disclosures.")]
            assert [(act.act, act.subject_id) for act in mine] == [(f"disclosures.{row.event}", desk.pair.found_id)]

    @pytest.mark.parametrize("row", states.TABLE, ids=name_of)
    def test_move_the_search_along(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            plant_for(desk, access, row)
            desk.happen(access, row.event, **fields_for(row))
            told = row.target is State.GRANTED
            ended: tuple[SearchState, Outcome | None] = (
                SearchState.OUTCOME_READY,
                Outcome.SOMETHING_TO_TELL if told else Outcome.NOTHING_TO_TELL,
            )
            waits = (SearchState.LOCATED_PENDING_CONSENT, None)
            assert desk.search(access) == (ended if row.target in ENDED else waits)
            steps = [act.act for act in access.acts if act.act.startswith("sought.")]
            back, ends = ["sought.ask_again"], ["sought.end_asking"]
            assert steps == (back if row.source in ENDED else []) + (ends if row.target in ENDED else [])

    @pytest.mark.parametrize("row", states.TABLE, ids=name_of)
    def test_allow_something_only_when_they_lead_to_granted(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            plant_for(desk, access, row)
            desk.happen(access, row.event, **fields_for(row))
            assert desk.level(access) is (Level.SAY_ALIVE_ONLY if row.target is State.GRANTED else Level.NOTHING)


class TestMissingRows:
    @pytest.mark.parametrize(("state", "event"), MISSING, ids=map(name_of, MISSING))
    def test_lead_nowhere(self, desk: Desk, state: State, event: Event) -> None:
        with desk.trial(state) as access:
            desk.try_in_vain(access)
            with pytest.raises(NoSuchTransition):
                desk.happen(access, event)
            assert desk.state(access) is state
            assert access.acts == []


class TestTheSearch:
    @pytest.mark.parametrize("event", ["reach_out", "inform", "grant"])
    @pytest.mark.parametrize(
        "search", [SearchState.SEARCHING, SearchState.SUSPENDED, SearchState.CLOSED, SearchState.FATE_REVIEW]
    )
    def test_must_wait_for_an_answer_before_anybody_goes_on_towards_one(
        self, desk: Desk, event: str, search: SearchState
    ) -> None:
        source = {"reach_out": State.NOT_STARTED, "inform": State.REACHING, "grant": State.INFORMED}[event]
        with desk.trial(source, search=search) as access:
            with pytest.raises(NoSuchTransition):
                desk.happen(access, event)
            assert desk.state(access) is source

    @pytest.mark.parametrize(
        ("source", "event", "target"),
        [
            (State.INFORMED, "decline", State.DECLINED),
            (State.GRANTED, "withdraw", State.WITHDRAWN),
            (State.GRANTED, "revise", State.INFORMED),
            (State.GRANTED, "learn_of_death", State.DECEASED),
        ],
    )
    def test_may_stand_anywhere_when_somebody_says_no(
        self, desk: Desk, source: State, event: str, target: State
    ) -> None:
        with desk.trial(source, search=SearchState.SUSPENDED) as access:
            assert desk.happen(access, event).state is target
            assert desk.search(access)[0] is SearchState.SUSPENDED
            assert desk.level(access) is Level.NOTHING

    def test_keeps_an_outcome_that_rests_on_a_fate(self, desk: Desk) -> None:
        with desk.trial(State.GRANTED, reason=Outcome.FATE_TO_TELL) as access:
            desk.happen(access, "withdraw")
            assert desk.search(access) == (SearchState.OUTCOME_READY, Outcome.FATE_TO_TELL)
