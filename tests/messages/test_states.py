"""Every row of the table of messages and every missing one, through the service; each guard failing once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.conftest import fill
from tests.disclosure.desk import place, screen
from tests.messages.desk import asked
from tests.sightings.reports import report
from tests.support import People, request_draft
from tracing.disclosure import opening
from tracing.disclosure import store as askings
from tracing.disclosure.errors import NoSuchTransition
from tracing.disclosure.states import State as AskingState
from tracing.gate import disclosures, foureyes, people, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level, Standing
from tracing.gate.disclosures import NotAllowedByThem
from tracing.gate.dues import Bookmark
from tracing.gate.foureyes import NotApproved, SameTeam, SameWorker
from tracing.gate.kinds import Sensitivity
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import GRANTS, Role
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit.errors import Invalid, TracingError
from tracing.kit.settings import Settings
from tracing.messages import service, states, store
from tracing.messages.errors import NoSuchStep
from tracing.messages.schemas import MessageChange, MessageDetails, MessageDraft, MessageView
from tracing.messages.states import Direction, Event, FailReason, Guard, Reason, ReturnReason, State
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.requests.states import ClosureReason, HoldReason
from tracing.requests.states import State as SearchState
from tracing.review.states import State as PairState
from tracing.review.tables import Suggestion
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange, SightingDraft
from tracing.verification.errors import NotVerified

# domain.md and issue 4, written out once more: the table is compared with it.
WANTED = {
    ("written", "read"): "read",
    ("written", "return"): "returned",
    ("written", "rewrite"): "written",
    ("returned", "rewrite"): "written",
    ("read", "rewrite"): "written",
    ("read", "send"): "sent",
    ("sent", "deliver"): "delivered",
    ("sent", "fail"): "undeliverable",
    ("sent", "refuse"): "refused",
    ("undeliverable", "send"): "sent",
    **{(state, "stop"): "stopped" for state in ("written", "read", "returned", "sent")},
}
REASONS: dict[Event, Reason] = {Event.RETURN: ReturnReason.MONEY, Event.FAIL: FailReason.NOT_REACHED}
WITH_ADDRESS = "Come to me: house number 4, Acacia street."
ROWS = [pytest.param(row, id=f"{row.source}-{row.event}") for row in states.TABLE]
ALLOWED = [row for row in states.TABLE if row.guard is Guard.ALLOWED_NOW]
DRAFT = {"direction": "to_found", "text": "We are well and miss you.", "language": "en"}


class Undone(TracingError):
    """Ends a trial, so that the next one finds the desk as it was."""


class Desk:
    """A search and a found person on SQLite whose message is put into any state; every trial is undone."""

    sought_id: UUID
    found_id: UUID

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        with self._let("caseworker") as access:
            draft = RequestDraft.model_validate(request_draft())
            self.sought_id = requests.open_request(access, draft).sought[0].id
            self.found_id = sightings.open_sighting(access, SightingDraft.model_validate(report())).id
            asked(access, self.found_id, self.sought_id)
            self.answer(access, Level.RECEIVE_MESSAGE)

    @contextmanager
    def _let(self, label: str) -> Iterator[Access]:
        permission = sorted(GRANTS[Role.CASEWORKER])[0]
        with admitted(self.gate, self.people.token(label), permission) as access:
            yield access

    def answer(self, access: Access, level: Level | None) -> None:
        """Answer in the person's stead: a level, or None to withdraw."""
        said = Answer.GRANTED if level else Answer.WITHDRAWN
        fact = AnswerFact(said, level or Level.NOTHING, GivenBy.SUBJECT, Obtained.VERBAL)
        disclosures.answer(access, self.found_id, self.sought_id, fact)

    @contextmanager
    def trial(
        self, state: State, *, reader: str = "other", verdict: Verdict = Verdict.CLEAR, **draft: Any
    ) -> Iterator[tuple[Access, UUID]]:
        """Yield an access before whom a message lies in `state`, written and read by other people.

        The trial's own worker is `reader` of what is to be read: "other", or "writer" for the same human.
        """
        with suppress(Undone), self._let("caseworker-2") as access:
            _later(access)
            screen(access, self.found_id, self.sought_id, verdict)
            view = service.write(access, self.sought_id, MessageDraft.model_validate(DRAFT | draft))
            proposal = foureyes._latest(access, view.id, Act.MESSAGE)
            assert proposal is not None
            if reader == "other":
                proposal.proposer_worker = UUID(int=1)
            if state not in (State.WRITTEN, State.RETURNED):
                proposal.standing, proposal.settler_worker = Standing.APPROVED, UUID(int=2)
            if state is State.RETURNED:
                proposal.standing, proposal.settler_worker = Standing.TURNED_DOWN, UUID(int=2)
            access.session.add(proposal)
            row = service.find_message(access, view.id)
            row.state = state
            access.session.add(row)
            access.session.flush()
            access.acts.clear()
            yield access, view.id
            raise Undone("undone")

    def list_enquirer(self, access: Access) -> None:
        """Let the found person name the enquirer as somebody who must never learn of her."""
        row = sightings.find_sighting(access, self.found_id)
        sightings.change_sighting(access, row, SightingChange(never_disclose_to=["Abdi Yusuf Warsame"]))

    def undo(self, access: Access) -> None:
        """Undo the match."""
        pair = access.session.exec(select(Suggestion).where(Suggestion.right_id == self.found_id)).one()
        pair.state = PairState.SUGGESTED
        access.session.add(pair)
        access.session.flush()

    def ask_anew(self, access: Access) -> None:
        """Let the found person want to think it over; what she said before is not taken back yet."""
        row = askings.case_of_search(access, self.sought_id)
        assert row is not None
        row.state = AskingState.INFORMED
        askings.save_case(access, row)

    @staticmethod
    def take(access: Access, message_id: UUID, event: Event, text: str = "Greetings to all of you.") -> MessageView:
        """Take a step as the route for it would."""
        row = service.find_message(access, message_id)
        if event is Event.REWRITE:
            return service.rewrite(access, row, MessageChange(text=text, language="en"))
        return service.happen(access, row, event, REASONS.get(event))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("desk"))
    people = fill(settings, hired=True)
    assert people is not None
    gate = open_gate(settings)
    yield Desk(gate, people)
    gate.close()


class TestTable:
    def test_is_the_one_that_was_agreed(self) -> None:
        assert {(str(row.source), str(row.event)): str(row.target) for row in states.TABLE} == WANTED
        assert len(states.BY_KEY) == len(states.TABLE)

    def test_every_state_can_be_reached(self) -> None:
        assert {"written", *WANTED.values()} == set(State)


class TestRows:
    @pytest.mark.parametrize("row", ROWS)
    def test_lead_where_they_say_and_stand_on_the_trail_once(self, desk: Desk, row: states.Row) -> None:
        with desk.trial(row.source) as (access, message_id):
            before = service.find_message(access, message_id).version
            view = desk.take(access, message_id, row.event)
            assert (view.state, view.reason) == (row.target, REASONS.get(row.event))
            assert view.version == before + 1
            assert (view.sent_at is not None) == (row.target is State.SENT)
            assert (view.settled_at is not None) == (row.target in service.SETTLED)
            released = ["disclosures.release"] if row.guard is Guard.ALLOWED_NOW else []
            assert [act.act for act in access.acts] == [*released, f"messages.{row.event}"]
            assert {act.subject_id for act in access.acts} == {desk.found_id}

    @pytest.mark.slow
    def test_that_are_missing_do_not_happen(self, desk: Desk) -> None:
        missing = [(state, event) for state in State for event in Event if (str(state), str(event)) not in WANTED]
        assert len(missing) == len(State) * len(Event) - len(WANTED)
        for state, event in missing:
            with desk.trial(state) as (access, message_id):
                with pytest.raises(NoSuchStep):
                    desk.take(access, message_id, event)
                assert service.find_message(access, message_id).state is state
                assert access.acts == []

    def test_of_rewriting_is_not_taken_without_a_text(self, desk: Desk) -> None:
        with desk.trial(State.WRITTEN) as (access, message_id), pytest.raises(NoSuchStep):
            service.happen(access, service.find_message(access, message_id), Event.REWRITE, None)


class TestReason:
    @pytest.mark.parametrize(("state", "event"), [(State.WRITTEN, Event.RETURN), (State.SENT, Event.FAIL)])
    def test_is_needed_and_is_one_of_the_step(self, desk: Desk, state: State, event: Event) -> None:
        wrong = REASONS[Event.FAIL if event is Event.RETURN else Event.RETURN]
        for reason in (None, wrong):
            with desk.trial(state) as (access, message_id), pytest.raises(Invalid):
                service.happen(access, service.find_message(access, message_id), event, reason)

    def test_of_a_step_without_one_is_refused(self, desk: Desk) -> None:
        with desk.trial(State.SENT) as (access, message_id), pytest.raises(Invalid):
            service.happen(access, service.find_message(access, message_id), Event.REFUSE, ReturnReason.MONEY)


class TestAnotherWorker:
    def test_reads_what_one_has_written(self, desk: Desk) -> None:
        with desk.trial(State.WRITTEN, reader="writer") as (access, message_id):
            with pytest.raises(SameWorker):
                desk.take(access, message_id, Event.READ)
            assert service.find_message(access, message_id).state is State.WRITTEN

    def test_is_of_another_team_where_the_screen_asks_for_it(self, desk: Desk) -> None:
        """News for the enquirer is then read outside the enquirer's team."""
        with desk.trial(State.WRITTEN, direction="to_enquirer", verdict=Verdict.SECOND_APPROVER) as (
            access,
            message_id,
        ):
            with pytest.raises(SameTeam):
                desk.take(access, message_id, Event.READ)
            with elsewhere():
                assert desk.take(access, message_id, Event.READ).state is State.READ

    @pytest.mark.parametrize("row", ALLOWED, ids=lambda row: f"{row.source}-{row.event}")
    def test_has_read_exactly_what_leaves(self, desk: Desk, row: states.Row) -> None:
        for fault in ("unread", "changed"):
            with desk.trial(row.source) as (access, message_id):
                message = service.find_message(access, message_id)
                if fault == "unread":
                    proposal = foureyes._latest(access, message_id, Act.MESSAGE)
                    assert proposal is not None
                    proposal.standing = Standing.PROPOSED
                else:
                    details = MessageDetails(text="Another text altogether.", language="en")
                    store.save(access, message, details)
                with pytest.raises(NotApproved):
                    desk.take(access, message_id, row.event)
                assert service.find_message(access, message_id).state is row.source

    def test_reads_anew_what_was_rewritten(self, desk: Desk) -> None:
        with desk.trial(State.READ) as (access, message_id):
            _later(access)
            assert desk.take(access, message_id, Event.REWRITE).state is State.WRITTEN
            with pytest.raises(SameWorker):  # whoever rewrites is the writer now
                desk.take(access, message_id, Event.READ)
            row = service.find_message(access, message_id)
            row.state = State.READ
            with pytest.raises(NotApproved):
                desk.take(access, message_id, Event.SEND)

    @pytest.mark.parametrize("event", [Event.RETURN, Event.STOP])
    def test_approves_nothing_that_was_returned_or_stopped(self, desk: Desk, event: Event) -> None:
        with desk.trial(State.WRITTEN) as (access, message_id):
            desk.take(access, message_id, event)
            assert foureyes.standing(access, message_id, Act.MESSAGE) is Standing.TURNED_DOWN


@contextmanager
def elsewhere() -> Iterator[None]:
    """Let whoever reads be of another team than the enquirer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "is_of_team", lambda *_: False)
        yield


NEARER = [
    (State.WRITTEN, Event.READ),
    (State.WRITTEN, Event.REWRITE),
    (State.READ, Event.SEND),
    (State.SENT, Event.DELIVER),
    (State.UNDELIVERABLE, Event.SEND),
]
"""Steps that bring a text nearer to the other side."""


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
            _later(access)
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
        with suppress(Undone), desk._let("caseworker") as access:
            _later(access)
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
            _later(access)
            against(desk, access)
            with pytest.raises(refusal):
                desk.take(access, message_id, event)
            assert service.find_message(access, message_id).state is state

    def test_is_asked_for_at_writing_and_by_the_night(self, desk: Desk, what: str, direction: Direction) -> None:
        against, refusal = STANDS_AGAINST[what]
        with elsewhere(), desk.trial(State.SENT, direction=direction) as (access, message_id):
            _later(access)
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
            _later(access)
            screen(access, desk.found_id, desk.sought_id, Verdict.STOP)
            assert desk.take(access, message_id, Event.SEND).state is State.SENT


def _later(access: Access) -> None:
    """Let time pass by a little, so that the next answer is the latest."""
    object.__setattr__(access, "now", access.now + timedelta(seconds=1))


class TestProtected:
    @pytest.mark.parametrize("side", ["found", "sought", "enquirer"])
    def test_text_with_an_address_never_goes_on(self, desk: Desk, side: str) -> None:
        for state, event in NEARER:
            with desk.trial(state, text=WITH_ADDRESS) as (access, message_id):
                request_id = requests.request_of(access, desk.sought_id)
                whose = {"found": desk.found_id, "sought": desk.sought_id, "enquirer": request_id}[side]
                register.set_sensitivity(access, whose, Sensitivity.PROTECTED)
                access.session.flush()
                with pytest.raises(Invalid) as refusal:
                    desk.take(access, message_id, event, text=WITH_ADDRESS)
                assert {flaw.pointer for flaw in refusal.value.flaws} == {"/text"}
                assert "Acacia" not in f"{refusal.value} {refusal.value.flaws}"
                with pytest.raises(Invalid):
                    service.write(access, desk.sought_id, MessageDraft.model_validate(DRAFT | {"text": WITH_ADDRESS}))

    def test_text_without_one_goes_on(self, desk: Desk) -> None:
        for state, event in NEARER:
            with desk.trial(state) as (access, message_id):
                register.set_sensitivity(access, desk.found_id, Sensitivity.HIGH_RISK)
                access.session.flush()
                assert desk.take(access, message_id, event).state is states.BY_KEY[state, event].target

    def test_elsewhere_the_reader_decides(self, desk: Desk) -> None:
        for state, event in NEARER:
            with desk.trial(state, text=WITH_ADDRESS) as (access, message_id):
                assert service.show_message(access, message_id).flags == ["address"]
                assert desk.take(access, message_id, event, text=WITH_ADDRESS).state is not State.RETURNED
