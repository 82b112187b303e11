"""Pairs that are verified and screened, planted as rows: the rooms below are tested on their own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from tests.sightings.reports import registration
from tests.support import Json, People, request_draft
from tracing.contact.states import Channel, Purpose, Result
from tracing.contact.tables import ContactAttempt
from tracing.disclosure import service, store
from tracing.disclosure.schemas import AskingEventDraft, DisclosureCaseView
from tracing.disclosure.states import State
from tracing.gate import disclosures, register
from tracing.gate import people as register_of_people
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Answer, Level
from tracing.gate.kinds import Kind
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission, Role
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.sealing import seal_again
from tracing.kit.errors import TracingError
from tracing.kit.ids import new_id
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState
from tracing.review import store as review
from tracing.review.states import ReasonCode
from tracing.review.states import State as PairState
from tracing.review.states import Verdict as PairVerdict
from tracing.review.tables import Suggestion
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange, SightingDraft
from tracing.verification.states import State as VerificationState
from tracing.verification.tables import Verification


@dataclass(frozen=True)
class Pair:
    """Ids of a found person and a search, and of the verification between them."""

    request_id: UUID
    sought_id: UUID
    found_id: UUID
    verification_id: UUID


def hire(gate: Gate, people: People, label: str, *, team: str = "kisumu", known: str | None = None) -> None:
    """Give somebody new an account in a team, or the human behind the account `known` a further one."""
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        worker = register_of_people.find_account(access, known).worker_id if known else None
        account = register_of_people.add_account(access, label=label, role=Role.SUPERVISOR, team=team, worker_id=worker)
        people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]


def dismiss(gate: Gate, people: People, label: str) -> None:
    """Shut an account."""
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        register_of_people.disable_account(access, register_of_people.find_account(access, label))


def seek(gate: Gate, people: People, **fields: Any) -> tuple[UUID, UUID]:
    """Open a request and return its id and that of the sought person."""
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        view = requests.open_request(access, RequestDraft.model_validate(request_draft(**fields)))
        return view.id, view.sought[0].id


def register_herself(gate: Gate, people: People, **fields: Any) -> UUID:
    """Let a woman register herself and return her record's id."""
    draft: Json = registration(**fields)
    with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_WRITE) as access:
        return sightings.open_sighting(access, SightingDraft.model_validate(draft)).id


def found(gate: Gate, people: People, *, verdict: Verdict = Verdict.CLEAR, **fields: Any) -> Pair:
    """Let somebody be sought, found, verified and screened; `fields` are those of her registration."""
    request_id, sought_id = seek(gate, people)
    found_id = register_herself(gate, people, **fields)
    return Pair(request_id, sought_id, found_id, verified(gate, people, found_id, sought_id, verdict))


def verified(
    gate: Gate, people: People, found_id: UUID, sought_id: UUID, verdict: Verdict | None = Verdict.CLEAR
) -> UUID:
    """Plant a verification that passed, and a screen unless `verdict` is None; return the verification's id."""
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        access.note("test.plant")
        verification_id = verify(access, found_id, sought_id)
        if verdict is not None:
            screen(access, found_id, sought_id, verdict)
        place(access, sought_id, SearchState.LOCATED_PENDING_CONSENT)
        return verification_id


def verify(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    """Plant a suggestion and a verification of it that passed."""
    key_id = register.records(access, [found_id])[found_id].key_id
    suggestion_id = _suggestion(access, found_id, sought_id)
    verification_id = new_id()
    access.session.add(
        Verification(
            society=access.society,
            id=verification_id,
            key_id=key_id,
            details=seal_again(access, Verification, verification_id, key_id, b"{}"),
            suggestion_id=suggestion_id,
            sought_id=sought_id,
            found_id=found_id,
            state=VerificationState.PASSED,
            opened_by=access.caller.account_id,
            worker_id=access.caller.worker_id,
            created_at=access.now,
            updated_at=access.now,
        )
    )
    access.session.flush()
    return verification_id


def _suggestion(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    query = select(Suggestion).where(Suggestion.left_id == sought_id, Suggestion.right_id == found_id)
    known = access.session.exec(query).first()
    if known is not None:
        return known.id
    row = Suggestion(
        society=access.society,
        id=new_id(),
        left_id=sought_id,
        right_id=found_id,
        right_kind=Kind.SELF_REGISTRATION,
        state=PairState.CONFIRMED_SAME_PERSON,
        weight=20.0,
        probability=0.99,
        prior=0.5,
        band="strong",
        levels="",
        bits="",
        engine_version="planted",
        left_as="",
        right_as="",
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    review.add_decision(
        access,
        row,
        verdict=PairVerdict.CONFIRM_SAME_PERSON,
        reason=ReasonCode.SAME_NAMES_AND_KIN,
        note="",
        led_to=PairState.CONFIRMED_SAME_PERSON,
        key_id=register.records(access, [sought_id])[sought_id].key_id,
        seen_as=("", ""),
    )
    return row.id


def screen(access: Access, found_id: UUID, sought_id: UUID, verdict: Verdict) -> None:
    """Plant the latest screen of a pair."""
    key_id, screen_id = register.records(access, [found_id])[found_id].key_id, new_id()
    access.session.add(
        RiskScreen(
            society=access.society,
            id=screen_id,
            key_id=key_id,
            details=seal_again(access, RiskScreen, screen_id, key_id, b'{"answers": {}}'),
            found_id=found_id,
            sought_id=sought_id,
            verdict=verdict,
            made_at=access.now,
            made_by=access.caller.account_id,
            worker_id=access.caller.worker_id,
        )
    )
    access.session.flush()


def place(access: Access, sought_id: UUID, state: SearchState, reason: str | None = None) -> None:
    """Let a search lie in `state`."""
    row = requests.find_sought(access, sought_id)
    row.state, row.reason = state, reason
    access.session.add(row)
    access.session.flush()


UNTIL = "2999-01-01T00:00:00Z"
ENDED = {"granted", "declined", "withdrawn", "not_reachable", "lacks_capacity"}


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

    def happen(self, access: Access, event: str, **fields: Any) -> DisclosureCaseView:
        return service.happen(access, service.find_case(access, self.id), draft(event, **fields))

    def state(self, access: Access) -> State:
        return State(service.find_case(access, self.id).state)

    def search(self, access: Access) -> tuple[SearchState, str | None]:
        row = requests.find_sought(access, self.pair.sought_id)
        return SearchState(row.state), row.reason

    def level(self, access: Access) -> Level:
        return disclosures.level(access, self.pair.found_id, self.pair.sought_id)

    def born(self, access: Access, **fields: Any) -> None:
        """Let the found person's own record say this of her age."""
        row = sightings.find_sighting(access, self.pair.found_id)
        person = sightings.show_sighting(access, row.id).person.model_copy(update=fields)
        sightings.change_sighting(access, row, SightingChange(person=person))

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
