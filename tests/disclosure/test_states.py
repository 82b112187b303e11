"""Every row of the table of askings and every missing one, through the service; each guard failing and holding."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.disclosure.desk import found, hire, place, screen, verify
from tests.support import People
from tests.support import hire as hire_all
from tracing.contact.errors import NotExhausted
from tracing.contact.states import Channel, Purpose, Result
from tracing.contact.tables import ContactAttempt
from tracing.disclosure import service, states, store
from tracing.disclosure.errors import GuardianNeeded, NeverDisclose, NoSuchTransition
from tracing.disclosure.schemas import AskingEventDraft, CaseView
from tracing.disclosure.states import Event, Guard, NamedAs, ReleaseState, Row, State
from tracing.gate import disclosures, foureyes, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted, identify
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.disclosures import AnswerFact
from tracing.gate.foureyes import NotApproved
from tracing.gate.kinds import Sensitivity
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.schema import upgrade
from tracing.gate.sealing import seal_again
from tracing.kit.errors import Invalid, TracingError
from tracing.kit.ids import new_id
from tracing.kit.settings import Settings
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState
from tracing.risk.errors import NotScreened
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange
from tracing.tasks.states import TaskKind
from tracing.tasks.tables import Task
from tracing.verification.errors import NotVerified
from tracing.verification.states import State as VerificationState

BEFORE = ("reaching", "informed", "deferred", "guardian_needed", "lacks_capacity")
# domain.md §6.4, written out once more: the table is compared with it.
WANTED: dict[tuple[str, str], str] = {
    **{(state, "reach_out"): "reaching" for state in ("not_started", "deferred", "not_reachable")},
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
ENDED = {"granted", "declined", "withdrawn", "not_reachable", "lacks_capacity"}
MISSING = [(state, event) for state in State for event in Event if (state, event) not in WANTED]
UNTIL = "2999-01-01T00:00:00Z"


def name_of(cell: tuple[State, Event] | Row) -> str:
    state, event = (cell.source, cell.event) if isinstance(cell, Row) else cell
    return f"{state}-{event}"


def draft(event: str, **fields: Any) -> AskingEventDraft:
    """Return an event with the fields that it needs, unless `fields` say otherwise."""
    needed: dict[str, dict[str, Any]] = {
        "inform": {"named_as": "nobody"},
        "defer": {"until": UNTIL},
        "grant": {"level": "say_alive_only", "given_by": "subject", "obtained": "verbal"},
    }
    return AskingEventDraft.model_validate({"event": event} | needed.get(event, {}) | fields)


class Undone(TracingError):
    """Ends a trial, so that the next one finds the desk as it was."""


class Desk:
    """One asking on SQLite that is put into any state; every trial is undone."""

    def __init__(self, gate: Gate, people: People) -> None:
        self.gate, self.people = gate, people
        self.pair = found(gate, people)
        with admitted(gate, people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
            self.id = service.open_case(access, self.pair.verification_id).id

    @contextmanager
    def trial(
        self,
        state: State,
        *,
        label: str = "supervisor",
        search: SearchState | None = None,
        reason: Outcome | None = None,
    ) -> Iterator[Access]:
        """Yield the access of somebody before whom the asking lies in `state`, and the search where that puts it."""
        token = self.people.token(label)
        with suppress(Undone), admitted(self.gate, token, Permission.DISCLOSURES_WRITE) as access:
            if state in (State.GRANTED, State.DECLINED):
                self.say(access, state)
            row = service.find_case(access, self.id)
            row.state = state
            store.save_case(access, row)
            ended = SearchState.OUTCOME_READY if state in ENDED else SearchState.LOCATED_PENDING_CONSENT
            outcome = Outcome.SOMETHING_TO_TELL if state is State.GRANTED else Outcome.NOTHING_TO_TELL
            place(access, self.pair.sought_id, search or ended, reason or (outcome if state in ENDED else None))
            yield access
            raise Undone("undone")

    def say(self, access: Access, state: State) -> None:
        given = state is State.GRANTED
        answer = Answer.GRANTED if given else Answer.DECLINED
        level = Level.SHARE_CONTACT if given else Level.NOTHING
        fact = AnswerFact(answer, level, GivenBy.SUBJECT, Obtained.VERBAL, decided_at=access.now - timedelta(1))
        disclosures.answer(access, self.pair.found_id, self.pair.sought_id, fact)

    def happen(self, access: Access, event: str, **fields: Any) -> CaseView:
        return service.happen(access, service.find_case(access, self.id), draft(event, **fields))

    def state(self, access: Access) -> State:
        return State(service.find_case(access, self.id).state)

    def search(self, access: Access) -> tuple[SearchState, str | None]:
        row = requests.find_sought(access, self.pair.sought_id)
        return SearchState(row.state), row.reason

    def level(self, access: Access) -> Level:
        return disclosures.level(access, self.pair.found_id, self.pair.sought_id)

    def try_in_vain(self, access: Access, times: int = 5, *, spread: int = 20) -> None:
        """Plant attempts to reach the found person over two channels."""
        for number in range(times):
            self.attempt(access, number, spread * number / max(times - 1, 1))

    def attempt(self, access: Access, number: int, days: float) -> None:
        key_id, attempt_id = register.records(access, [self.pair.found_id])[self.pair.found_id].key_id, new_id()
        access.session.add(
            ContactAttempt(
                society=access.society,
                id=attempt_id,
                key_id=key_id,
                details=seal_again(access, ContactAttempt, attempt_id, key_id, b"{}"),
                record_id=self.pair.found_id,
                channel=[Channel.PHONE, Channel.POST][number % 2],
                purpose=Purpose.OUTREACH,
                result=Result.NO_ANSWER,
                made_at=access.now - timedelta(days=30 - days),
                recorded_at=access.now,
                recorded_by=access.caller.account_id,
                worker_id=access.caller.worker_id,
            )
        )
        access.session.flush()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("desk"))
    upgrade(settings)
    gate = open_gate(settings)
    yield Desk(gate, hire_all(gate))
    gate.close()


def fields_for(row: Row) -> dict[str, Any]:
    """Return what makes a row's guard hold, beside what the event needs."""
    return {"given_by": "guardian", "obtained": "signed"} if row.guard is Guard.GUARDIAN else {}


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
            if row.guard is Guard.ATTEMPTS:
                desk.try_in_vain(access)
            before = service.find_case(access, desk.id).version
            view = desk.happen(access, row.event, **fields_for(row))
            assert (view.state, view.version) == (row.target, before + 1)
            mine = [act for act in access.acts if act.act.startswith("disclosures.")]
            assert [(act.act, act.subject_id) for act in mine] == [(f"disclosures.{row.event}", desk.pair.found_id)]

    @pytest.mark.parametrize("row", states.TABLE, ids=name_of)
    def test_move_the_search_along(self, desk: Desk, row: Row) -> None:
        with desk.trial(row.source) as access:
            if row.guard is Guard.ATTEMPTS:
                desk.try_in_vain(access)
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
            if row.guard is Guard.ATTEMPTS:
                desk.try_in_vain(access)
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


@pytest.fixture
def apart(desk: Desk) -> str:
    """Somebody of another team, once per module."""
    if ("KE", "kisumu-1") not in desk.people.tokens:
        hire(desk.gate, desk.people, "kisumu-1")
    return "kisumu-1"


class TestScreened:
    """`reach_out` and `inform`: verified, screened, nobody named as never to learn, approved where two are asked."""

    SOURCES = ((State.NOT_STARTED, "reach_out"), (State.REACHING, "inform"))

    def refuses(self, desk: Desk, access: Access, source: State, event: str, why: type[TracingError]) -> None:
        with pytest.raises(why):
            desk.happen(access, event)
        assert desk.state(access) is source

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("state", [s for s in VerificationState if s is not VerificationState.PASSED])
    def test_fails_without_a_verification_that_stands(
        self, desk: Desk, source: State, event: str, state: VerificationState
    ) -> None:
        with desk.trial(source) as access:
            row = store.find_verification(access, desk.pair.verification_id)
            assert row is not None
            row.state = state
            access.session.flush()
            self.refuses(desk, access, source, event, NotVerified)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_on_another_verification_than_the_asking_rests_on(
        self, desk: Desk, source: State, event: str
    ) -> None:
        with desk.trial(source) as access:
            verify(access, desk.pair.found_id, desk.pair.sought_id)
            self.refuses(desk, access, source, event, NotVerified)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_when_the_screen_says_stop(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            screen(access, desk.pair.found_id, desk.pair.sought_id, Verdict.STOP)
            self.refuses(desk, access, source, event, NotScreened)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("line", ["Amina Yusuf Warsame", "أمينة يوسف ورسمه", "Aamina Yuusuf"])
    def test_fails_when_the_enquirer_named_her(self, desk: Desk, source: State, event: str, line: str) -> None:
        with desk.trial(source) as access:
            request = requests.find_request(access, desk.pair.request_id)
            lines = ["my uncle", line]
            requests.change_request(access, request, RequestChange(never_disclose_to=lines))
            self.refuses(desk, access, source, event, NeverDisclose)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_holds_when_the_enquirer_named_others(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            request = requests.find_request(access, desk.pair.request_id)
            lines = ["my uncle", "the embassy", "Bashir Xasan"]
            requests.change_request(access, request, RequestChange(never_disclose_to=lines))
            desk.happen(access, event)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    def test_fails_when_nobody_screened(self, desk: Desk, source: State, event: str) -> None:
        with desk.trial(source) as access:
            for row in access.session.exec(select(RiskScreen)).all():
                access.session.delete(row)
            access.session.flush()
            self.refuses(desk, access, source, event, NotScreened)

    RISKS = ("found", "sought", "request", "screen")

    def make_risky(self, desk: Desk, access: Access, risk: str) -> None:
        if risk == "screen":
            screen(access, desk.pair.found_id, desk.pair.sought_id, Verdict.SECOND_APPROVER)
            return
        record_id: UUID = getattr(desk.pair, f"{risk}_id")
        register.set_sensitivity(access, record_id, Sensitivity.PROTECTED)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize("risk", RISKS)
    def test_fails_where_two_are_asked_and_nobody_approved(
        self, desk: Desk, source: State, event: str, risk: str
    ) -> None:
        with desk.trial(source) as access:
            self.make_risky(desk, access, risk)
            self.refuses(desk, access, source, event, NotApproved)

    @pytest.mark.parametrize(("source", "event"), SOURCES)
    @pytest.mark.parametrize(("who", "holds"), [("other", True), ("same", False), ("nobody", False)])
    def test_asks_for_an_approval_of_another_team(
        self, desk: Desk, apart: str, source: State, event: str, who: str, holds: bool
    ) -> None:
        with desk.trial(source) as access:
            self.make_risky(desk, access, "found")
            row = service.find_case(access, desk.id)
            content = f"{row.found_id}|{row.sought_id}|{row.verification_id}".encode()
            foureyes.propose(access, Act.OUTREACH, row.found_id, row.id, content)  # by hand, without naming a team
            self.approve(desk, access, who, content)
            if holds:
                desk.happen(access, event)
            else:
                self.refuses(desk, access, source, event, NotApproved)

    def approve(self, desk: Desk, access: Access, who: str, content: bytes) -> None:
        """Let somebody approve within the trial, which is one access of another."""
        if who == "nobody":
            return
        label = {"other": "kisumu-1", "same": "caseworker-2"}[who]
        caller = access.caller
        token = desk.people.token(label)
        object.__setattr__(access, "caller", identify(desk.gate, token, access.now))
        foureyes.settle(access, desk.id, Act.OUTREACH, approve=True, content=content)
        object.__setattr__(access, "caller", caller)


class TestAsked:
    """Silence is never consent, and nobody agrees in another's place."""

    @pytest.mark.parametrize("event", ["grant", "decline"])
    @pytest.mark.parametrize("fields", [{"given_by": "not_asked"}, {"obtained": "not_asked"}])
    @pytest.mark.parametrize("source", [State.INFORMED, State.GUARDIAN_NEEDED])
    def test_fails_when_nobody_was(self, desk: Desk, event: str, fields: dict[str, str], source: State) -> None:
        with desk.trial(source) as access:
            by = "subject" if source is State.INFORMED else "guardian"
            with pytest.raises(Invalid):
                desk.happen(access, event, **{"given_by": by, "obtained": "verbal"} | fields)
            assert (desk.state(access), desk.level(access)) == (source, Level.NOTHING)

    @pytest.mark.parametrize("given_by", ["parent", "guardian", "court"])
    def test_fails_when_somebody_else_agrees_for_a_grown_person(self, desk: Desk, given_by: str) -> None:
        with desk.trial(State.INFORMED) as access:
            with pytest.raises(Invalid):
                desk.happen(access, "grant", given_by=given_by)
            assert desk.state(access) is State.INFORMED

    BIRTHS = (
        ({"birth": "1990"}, False),
        ({"birth": "2012-03"}, True),
        ({"birth": None, "age": "30-35", "age_date": "2022"}, False),
        ({"birth": None, "age": "9", "age_date": "2022"}, True),
        ({"birth": "2000/.."}, True),  # it cannot be told
        ({"birth": None}, False),  # nobody said a word of her age
    )

    @pytest.mark.parametrize(("fields", "child"), BIRTHS)
    def test_fails_when_she_may_be_a_child(self, desk: Desk, fields: dict[str, Any], child: bool) -> None:
        with desk.trial(State.INFORMED) as access:
            row = sightings.find_sighting(access, desk.pair.found_id)
            person = sightings.show_sighting(access, row.id).person.model_copy(update=fields)
            sightings.change_sighting(access, row, SightingChange(person=person))
            if child:
                with pytest.raises(GuardianNeeded):
                    desk.happen(access, "grant")
                assert desk.happen(access, "ask_guardian").state is State.GUARDIAN_NEEDED
                assert desk.happen(access, "grant", given_by="court", obtained="signed").state is State.GRANTED
            else:
                assert desk.happen(access, "grant").state is State.GRANTED

    def test_holds_for_a_child_who_says_no(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            row = sightings.find_sighting(access, desk.pair.found_id)
            person = sightings.show_sighting(access, row.id).person.model_copy(update={"birth": "2012"})
            sightings.change_sighting(access, row, SightingChange(person=person))
            assert desk.happen(access, "decline").state is State.DECLINED


class TestGuardian:
    @pytest.mark.parametrize("event", ["grant", "decline"])
    @pytest.mark.parametrize(
        ("given_by", "holds"),
        [("parent", True), ("guardian", True), ("court", True), ("subject", False), ("not_asked", False)],
    )
    def test_is_a_parent_a_guardian_or_a_court(self, desk: Desk, event: str, given_by: str, holds: bool) -> None:
        with desk.trial(State.GUARDIAN_NEEDED) as access:
            if holds:
                assert desk.happen(access, event, given_by=given_by, obtained="written").state in ENDED
            else:
                with pytest.raises(Invalid):
                    desk.happen(access, event, given_by=given_by, obtained="written")
                assert desk.state(access) is State.GUARDIAN_NEEDED

    def test_is_not_whoever_is_not_named(self, desk: Desk) -> None:
        with desk.trial(State.GUARDIAN_NEEDED) as access, pytest.raises(Invalid):
            desk.happen(access, "decline")


class TestUntil:
    def test_lies_in_the_future_and_makes_a_task_then(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            with pytest.raises(Invalid):
                desk.happen(access, "defer", until=access.now.isoformat())
            view = desk.happen(access, "defer")
            assert str(view.defer_until) == "2999-01-01 00:00:00+00:00"
            (task,) = access.session.exec(select(Task).where(Task.kind == TaskKind.ASK_AGAIN)).all()
            assert (task.record_id, task.about_id, task.due_at) == (desk.pair.found_id, desk.id, view.defer_until)
            assert desk.happen(access, "reach_out").defer_until is None


class TestAttempts:
    @pytest.mark.parametrize(
        ("why", "planted", "holds"),
        [
            ("nobody was tried", (0, 20), False),
            ("too few", (4, 20), False),
            ("too close together", (5, 13), False),
            ("enough", (5, 14), True),
        ],
    )
    def test_are_enough_before_somebody_counts_as_unreachable(
        self, desk: Desk, why: str, planted: tuple[int, int], holds: bool
    ) -> None:
        with desk.trial(State.REACHING) as access:
            desk.try_in_vain(access, planted[0], spread=planted[1])
            if holds:
                assert desk.happen(access, "give_up").state is State.NOT_REACHABLE
            else:
                with pytest.raises(NotExhausted):
                    desk.happen(access, "give_up")
                assert desk.state(access) is State.REACHING


ALL = {
    "words_to_pass": "I am well.",
    "contact_to_share": "+254 700 555 0199",
    "location_to_share": "Mombasa",
    "meeting": "at the office",
}
FITS = (  # level, how many of the four may come, which must
    ("say_alive_only", 0, ()),
    ("pass_message", 1, ()),
    ("receive_message", 1, ()),
    ("share_contact", 2, ("contact_to_share",)),
    ("share_location", 3, ("contact_to_share", "location_to_share")),
    ("agree_to_meeting", 4, ("contact_to_share", "location_to_share")),
)


class TestFields:
    @pytest.mark.parametrize(("level", "count", "needed"), FITS)
    def test_that_are_given_fit_the_level(self, desk: Desk, level: str, count: int, needed: tuple[str, ...]) -> None:
        with desk.trial(State.INFORMED) as access:
            for number, field in enumerate(ALL):
                sent = {f: ALL[f] for f in {*needed, field}}
                if number < count:
                    continue
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "beyond-the-level")]
            for field in needed:
                sent = {f: ALL[f] for f in needed if f != field}
                with pytest.raises(Invalid) as refusal:
                    desk.happen(access, "grant", level=level, **sent)
                assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]
            given = dict(list(ALL.items())[:count])
            view = desk.happen(access, "grant", level=level, **given)
            assert view.shared is not None
            assert view.shared.model_dump(exclude_none=True) == given
            assert view.level == level

    @pytest.mark.parametrize(
        ("source", "event", "field"),
        [
            (State.REACHING, "inform", "named_as"),
            (State.INFORMED, "defer", "until"),
            (State.INFORMED, "grant", "level"),
            (State.INFORMED, "grant", "given_by"),
            (State.INFORMED, "grant", "obtained"),
        ],
    )
    def test_that_an_event_needs_are_missed(self, desk: Desk, source: State, event: str, field: str) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **{field: None})
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{field}", "missing")]

    @pytest.mark.parametrize(
        ("source", "event", "fields"),
        [
            (State.REACHING, "inform", {"level": "share_contact"}),
            (State.NOT_STARTED, "reach_out", {"given_by": "subject"}),
            (State.INFORMED, "grant", {"until": UNTIL}),
            (State.INFORMED, "decline", {"level": "say_alive_only"}),
            (State.INFORMED, "decline", {"words_to_pass": "no"}),
            (State.GRANTED, "withdraw", {"valid_until": UNTIL}),
            (State.GRANTED, "revise", {"contact_to_share": "+254 700 555 0199"}),
            (State.INFORMED, "grant", {"named_as": "nobody"}),
        ],
    )
    def test_of_another_event_are_refused(self, desk: Desk, source: State, event: str, fields: dict[str, str]) -> None:
        with desk.trial(source) as access:
            with pytest.raises(Invalid) as refusal:
                desk.happen(access, event, **fields)
            assert [(f.pointer, f.code) for f in refusal.value.flaws] == [(f"/{f}", "of-another-event") for f in fields]

    def test_of_the_answer_are_forgotten_with_it(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="agree_to_meeting", **ALL)
            for event in ("withdraw", "revise"):
                view = desk.happen(access, event)
                assert view.shared is None
                row = service.find_case(access, desk.id)
                assert store.details_of_case(access, row).shared.model_dump(exclude_none=True) == {}

    def test_of_naming_stay(self, desk: Desk) -> None:
        with desk.trial(State.REACHING) as access:
            desk.happen(access, "inform", named_as="relationship_only")
            assert desk.happen(access, "grant").named_as is NamedAs.RELATIONSHIP_ONLY


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("source", "event", "expected"),
        [
            (State.INFORMED, "grant", ["granted"]),
            (State.INFORMED, "decline", ["declined"]),
            (State.GRANTED, "withdraw", ["granted", "withdrawn"]),
            (State.GRANTED, "revise", ["granted", "withdrawn"]),
            (State.GRANTED, "learn_of_death", ["granted", "withdrawn"]),
            (State.DECLINED, "revise", ["declined", "withdrawn"]),
            (State.INFORMED, "defer", []),
            (State.INFORMED, "learn_of_death", []),
            (State.WITHDRAWN, "revise", []),
        ],
    )
    def test_is_kept_by_the_gate(self, desk: Desk, source: State, event: str, expected: list[str]) -> None:
        with desk.trial(source) as access:
            desk.happen(access, event)
            kept = disclosures.answers(access, desk.pair.found_id, desk.pair.sought_id)
            assert [str(row.answer) for row in kept] == expected

    def test_that_is_over_has_nothing_to_tell(self, desk: Desk) -> None:
        with desk.trial(State.INFORMED) as access, pytest.raises(Invalid):
            desk.happen(access, "grant", valid_until=(access.now - timedelta(days=1)).isoformat())

    @pytest.mark.parametrize("event", ["withdraw", "revise", "learn_of_death"])
    def test_that_changes_stops_what_was_not_told_and_says_so_once(self, desk: Desk, event: str) -> None:
        with desk.trial(State.INFORMED) as access:
            desk.happen(access, "grant", level="pass_message", words_to_pass="I am well.")
            row = service.find_case(access, desk.id)
            for level in (Level.SAY_ALIVE_ONLY, Level.PASS_MESSAGE):
                service.propose_release(access, row, level)
            one, other = store.releases_of(access, desk.id)
            store.save_release(access, other, ReleaseState.TOLD)
            desk.happen(access, event)
            assert [(r.id, r.state) for r in store.releases_of(access, desk.id)] == [
                (one.id, ReleaseState.STOPPED),
                (other.id, ReleaseState.TOLD),
            ]
            assert [act.act for act in access.acts].count("releases.stop") == 1
            (task,) = access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all()
            assert (task.record_id, task.about_id) == (desk.pair.sought_id, desk.id)

    def test_that_stands_is_stopped_by_nothing_else(self, desk: Desk) -> None:
        with desk.trial(State.WITHDRAWN) as access:
            desk.happen(access, "revise")
            assert access.session.exec(select(Task).where(Task.kind == TaskKind.ANSWER_CHANGED)).all() == []
