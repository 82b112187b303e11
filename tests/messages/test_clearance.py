"""What every step of a message asks for: her answer in force, and that nothing else stands against it."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.disclosure.desk import place, screen
from tests.messages.trials import DRAFT, NEARER, Desk, Undone, elsewhere, later
from tests.messages.trials import desk as desk  # a fixture
from tracing.disclosure import opening
from tracing.disclosure.errors import NoSuchTransition
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.gate.disclosures import NotAllowedByThem
from tracing.gate.dues import Bookmark
from tracing.messages import service, states
from tracing.messages.schemas import MessageDraft
from tracing.messages.states import Direction, Event, State
from tracing.requests.states import ClosureReason, HoldReason
from tracing.requests.states import State as SearchState
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict
from tracing.verification.errors import NotVerified


class TestAnswer:
    @pytest.mark.parametrize(("state", "event"), NEARER, ids=lambda value: str(value))
    @pytest.mark.parametrize(
        ("direction", "covered", "short"),
        [
            (Direction.TO_FOUND, Level.RECEIVE_MESSAGE, Level.PASS_MESSAGE),
            (Direction.TO_ENQUIRER, Level.PASS_MESSAGE, Level.SAY_ALIVE_ONLY),
            (Direction.TO_ENQUIRER, Level.PASS_MESSAGE, None),
        ],
        ids=["to found", "to enquirer", "withdrawn"],
    )
    def test_is_asked_for_at_every_step(
        self, desk: Desk, state: State, event: Event, direction: Direction, covered: Level, short: Level | None
    ) -> None:
        with elsewhere(), desk.trial(state, direction=direction) as (access, message_id):
            desk.answer(access, short)
            with pytest.raises(NotAllowedByThem):
                desk.take(access, message_id, event)
            assert service.find_message(access, message_id).state is state
            later(access)
            desk.answer(access, covered)
            assert desk.take(access, message_id, event).state is states.BY_KEY[state, event].target

    @pytest.mark.parametrize(
        ("direction", "level", "holds"),
        [
            ("to_enquirer", None, False),
            ("to_enquirer", Level.SAY_ALIVE_ONLY, False),
            ("to_enquirer", Level.PASS_MESSAGE, True),
            ("to_found", Level.PASS_MESSAGE, False),
            ("to_found", Level.RECEIVE_MESSAGE, True),
            ("to_found", Level.AGREE_TO_MEETING, True),
        ],
    )
    def test_is_asked_for_at_writing(self, desk: Desk, direction: str, level: Level | None, holds: bool) -> None:
        with suppress(Undone), desk.let("caseworker") as access:
            later(access)
            desk.answer(access, level)
            draft = MessageDraft.model_validate(DRAFT | {"direction": direction})
            if holds:
                assert service.write(access, desk.sought_id, draft).state is State.WRITTEN
            else:
                with pytest.raises(NotAllowedByThem):
                    service.write(access, desk.sought_id, draft)
            raise Undone("undone")

    @pytest.mark.parametrize("state", State)
    def test_that_was_withdrawn_stops_what_is_under_way(self, desk: Desk, state: State) -> None:
        with desk.trial(state) as (access, message_id):
            assert service.stop(access, desk.found_id, desk.sought_id) == 0
            desk.answer(access, None)
            stops = state in states.UNDER_WAY
            assert service.stop(access, desk.found_id, desk.sought_id) == stops
            assert service.find_message(access, message_id).state is (State.STOPPED if stops else state)
            assert [act.act for act in access.acts] == ["messages.stop"] * stops
            assert service.show_message(access, message_id).text is None


STANDS_AGAINST: dict[str, tuple[Callable[["Desk", Access], None], type[Exception]]] = {
    "a screen that says stop": (
        lambda desk, access: screen(access, desk.found_id, desk.sought_id, Verdict.STOP),
        NotScreened,
    ),
    "an entry on her never-disclose list": (lambda desk, access: desk.list_enquirer(access), NotScreened),
    "a match that was undone": (lambda desk, access: desk.undo(access), NotVerified),
    "an asking that is open no more": (lambda desk, access: desk.ask_anew(access), NoSuchTransition),
    "a search stopped for safety": (
        lambda desk, access: place(access, desk.sought_id, SearchState.CLOSED, ClosureReason.SAFETY_STOP),
        NoSuchTransition,
    ),
    "a search that rests for her safety": (
        lambda desk, access: place(access, desk.sought_id, SearchState.SUSPENDED, HoldReason.SAFETY_OF_THE_PERSON),
        NoSuchTransition,
    ),
}
"""What ends a message though the found person's answer allows it."""


@pytest.mark.parametrize("what", STANDS_AGAINST)
@pytest.mark.parametrize("direction", Direction)
class TestClearance:
    @pytest.mark.parametrize(("state", "event"), NEARER, ids=lambda value: str(value))
    def test_is_asked_for_at_every_step(
        self, desk: Desk, what: str, direction: Direction, state: State, event: Event
    ) -> None:
        against, refusal = STANDS_AGAINST[what]
        with elsewhere(), desk.trial(state, direction=direction) as (access, message_id):
            later(access)
            against(desk, access)
            with pytest.raises(refusal):
                desk.take(access, message_id, event)
            assert service.find_message(access, message_id).state is state

    def test_is_asked_for_at_writing_and_by_the_night(self, desk: Desk, what: str, direction: Direction) -> None:
        against, refusal = STANDS_AGAINST[what]
        with elsewhere(), desk.trial(State.SENT, direction=direction) as (access, message_id):
            later(access)
            page = service.under_way(access, Bookmark(None))
            assert service.stop_among(access, page) == 0
            against(desk, access)
            with pytest.raises(refusal):
                service.write(access, desk.sought_id, MessageDraft.model_validate(DRAFT | {"direction": direction}))
            assert service.stop_among(access, page) == 1
            assert service.find_message(access, message_id).state is State.STOPPED


class TestPlantedFault:
    def test_without_the_clearance_a_message_leaves_under_stop(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The positive control of `TestClearance`: what it asserts rests on `require_clear` alone."""
        monkeypatch.setattr(opening, "require_clear", lambda *_: "")
        with elsewhere(), desk.trial(State.READ) as (access, message_id):
            later(access)
            screen(access, desk.found_id, desk.sought_id, Verdict.STOP)
            assert desk.take(access, message_id, Event.SEND).state is State.SENT
