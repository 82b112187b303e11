"""Every row of the table of sightings, and every missing one, through the service."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

import pytest

from tests.conftest import peopled
from tests.sightings.reports import report
from tests.support import People
from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.kit.errors import Invalid, Refused, TracingError
from tracing.sightings import service, states
from tracing.sightings.errors import NoSuchTransition
from tracing.sightings.schemas import SightingDraft
from tracing.sightings.states import Event, Guard, Row, State, TriageReason

# domain.md §6.2, written out once more: the table is compared with it, cell by cell.
WANTED = {
    (State.RECEIVED, Event.TAKE_UP): State.TRIAGE,
    (State.TRIAGE, Event.ASK_REPORTER): State.CLARIFY_WITH_REPORTER,
    (State.CLARIFY_WITH_REPORTER, Event.CLARIFIED): State.TRIAGE,
    (State.TRIAGE, Event.REJECT): State.NOT_ACTIONABLE,
    (State.CLARIFY_WITH_REPORTER, Event.REJECT): State.NOT_ACTIONABLE,
    (State.TRIAGE, Event.ACCEPT): State.ACCEPTED,
    (State.ACCEPTED, Event.ACTIVATE): State.ACTIVE,
    (State.NOT_ACTIONABLE, Event.RECONSIDER): State.TRIAGE,
    (State.ACCEPTED, Event.RECONSIDER): State.TRIAGE,
    (State.ACTIVE, Event.RECONSIDER): State.TRIAGE,
    (State.ACTIVE, Event.LINK): State.LINKED,
    (State.LINKED, Event.UNLINK): State.ACTIVE,
    (State.ACTIVE, Event.SUPERSEDE): State.SUPERSEDED,
    **{
        (state, event): target
        for state in ("received", "triage", "clarify_with_reporter", "accepted", "active", "linked")
        for event, target in ((Event.EXPIRE, State.EXPIRED), (Event.WITHDRAW, State.WITHDRAWN))
    },
}
CELLS = [(state, event) for state in State for event in Event]
MISSING = [cell for cell in CELLS if cell not in WANTED]
BY_HAND = [row for row in states.TABLE if row.guard in (Guard.NONE, Guard.REASON)]
ELSEWHERE = [row for row in states.TABLE if row not in BY_HAND]
REASON = TriageReason.CONTRADICTORY


def name_of(cell: tuple[State, Event] | Row) -> str:
    state, event = (cell.source, cell.event) if isinstance(cell, Row) else cell
    return f"{state}-{event}"


class Undone(TracingError):
    """Ends a trial, so that the next one finds the desk as it was."""


class Desk:
    """One sighting on SQLite that is put into any state; every trial is undone."""

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_WRITE) as access:
            self.id: UUID = service.open_sighting(access, SightingDraft.model_validate(report())).id

    @contextmanager
    def trial(self, state: State, role: str = "caseworker") -> Iterator[Access]:
        """Yield the access of somebody before whom the sighting lies in `state`."""
        permission = sorted(GRANTS[Role(role)])[0]
        with (
            suppress(Undone),
            admitted(self.gate, self.people.token(role), permission) as access,
        ):
            row = service.find_sighting(access, self.id)
            row.state = state
            access.session.add(row)
            register.set_matchable(access, self.id, state in states.MATCHED)
            access.session.flush()
            yield access
            raise Undone("undone")

    def stands(self, access: Access) -> tuple[State, bool]:
        """Return the state, and whether the engine compares the sighting."""
        row = service.find_sighting(access, self.id)
        return State(row.state), register.records(access, [self.id])[self.id].matchable


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with peopled(tmp_path_factory.mktemp("desk")) as (gate, people):
        yield Desk(gate, people)


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        assert {(row.source, row.event): row.target for row in states.TABLE} == WANTED

    def test_says_nothing_twice(self) -> None:
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_asks_for_one_permission_per_event(self) -> None:
        assert {event: {row.who for row in states.TABLE if row.event is event} for event in Event} == {
            event: {who} for event, who in states.WHO.items()
        }

    def test_the_rules_only_take_steps_of_the_table(self) -> None:
        assert states.walk(states.TAKEN_UP) is State.TRIAGE
        assert states.walk(states.PASSED) is State.ACTIVE
        with pytest.raises(KeyError):
            states.walk((Event.ACCEPT,))

    def test_every_state_can_be_reached(self) -> None:
        assert {State.RECEIVED, *WANTED.values()} == set(State)


class TestRows:
    @pytest.mark.parametrize("row", BY_HAND, ids=name_of)
    def test_lead_where_they_say(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            sighting = service.find_sighting(access, desk.id)
            before = sighting.version
            view = service.happen(access, sighting, row.event, REASON)
            assert (view.state, view.reason, view.version) == (row.target, REASON, before + 1)
            assert desk.stands(access) == (row.target, row.target in (State.ACTIVE, State.LINKED))
            assert [act.act for act in access.acts] == [f"sightings.{row.event}"]

    @pytest.mark.parametrize("row", BY_HAND, ids=name_of)
    def test_ask_for_their_permission(self, desk: Desk, row: Row) -> None:
        assert row.who not in GRANTS[Role.AUDITOR]
        with desk.trial(row.source) as access:
            held = access.caller.permissions - {row.who}
            object.__setattr__(access.caller, "permissions", held)
            with pytest.raises(Refused):
                service.happen(access, service.find_sighting(access, desk.id), row.event, REASON)
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize("row", [row for row in BY_HAND if row.guard is Guard.REASON], ids=name_of)
    def test_that_need_a_reason_are_refused_without_one(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            with pytest.raises(Invalid) as refusal:
                service.happen(access, service.find_sighting(access, desk.id), row.event, None)
            assert [flaw.pointer for flaw in refusal.value.flaws] == ["/reason"]
            assert desk.stands(access)[0] is row.source

    @pytest.mark.parametrize("row", [row for row in BY_HAND if row.guard is Guard.NONE], ids=name_of)
    def test_that_need_none_go_without(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            view = service.happen(access, service.find_sighting(access, desk.id), row.event, None)
            assert (view.state, view.reason) == (row.target, None)

    @pytest.mark.parametrize("row", ELSEWHERE, ids=name_of)
    def test_that_come_from_elsewhere_are_not_taken_by_hand(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source, "supervisor") as access:
            with pytest.raises(NoSuchTransition):
                service.happen(access, service.find_sighting(access, desk.id), row.event, REASON)
            assert desk.stands(access)[0] is row.source


class TestMissingRows:
    @pytest.mark.parametrize(("state", "event"), MISSING, ids=map(name_of, MISSING))
    def test_lead_nowhere(self, desk: Desk, state: State, event: Event) -> None:
        with desk.trial(state, "supervisor") as access:
            with pytest.raises(NoSuchTransition):
                service.happen(access, service.find_sighting(access, desk.id), event, REASON)
            assert desk.stands(access)[0] is state
            assert access.acts == []


class TestDecisions:
    @pytest.mark.parametrize(("state", "event"), CELLS, ids=map(name_of, CELLS))
    def test_link_and_unlink_and_bring_nothing_else(self, desk: Desk, state: State, event: Event) -> None:
        target = {(State.ACTIVE, Event.LINK): State.LINKED, (State.LINKED, Event.UNLINK): State.ACTIVE}
        with desk.trial(state, "supervisor") as access:
            service.follow_decision(access, desk.id, event)
            assert desk.stands(access)[0] is target.get((state, event), state)
            assert [a.act for a in access.acts] == ([f"sightings.{event}"] if (state, event) in target else [])

    def test_a_link_does_not_end_matching(self, desk: Desk) -> None:
        with desk.trial(State.ACTIVE) as access:
            service.follow_decision(access, desk.id, Event.LINK)
            assert desk.stands(access) == (State.LINKED, True)

    def test_whoever_may_not_decide_links_nothing(self, desk: Desk) -> None:
        with desk.trial(State.ACTIVE, "intake") as access:
            with pytest.raises(Refused):
                service.follow_decision(access, desk.id, Event.LINK)
            assert desk.stands(access)[0] is State.ACTIVE

    def test_of_a_sighting_that_is_not_seen_change_nothing(self, desk: Desk) -> None:
        with desk.trial(State.ACTIVE) as access:
            service.follow_decision(access, UUID(int=7), Event.LINK)
            assert desk.stands(access)[0] is State.ACTIVE
