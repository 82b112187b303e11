"""The rules of verification: no HTTP, no SQL. A match is not verified by being confirmed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import foureyes, glass, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.persons.ages import is_child
from tracing.persons.whereabouts import as_shown
from tracing.requests import service as requests
from tracing.requests.states import Event as SoughtEvent
from tracing.review import service as review
from tracing.review import suggest
from tracing.review.errors import NotConfirmed
from tracing.review.states import ReasonCode
from tracing.risk import service as risk
from tracing.risk.states import Answer, Flag, Verdict
from tracing.tasks import service as tasks
from tracing.verification import states, store
from tracing.verification.errors import NoSuchStep, NotEstablished, NotVerified
from tracing.verification.schemas import (
    FactView,
    Finding,
    InterviewDetails,
    InterviewDraft,
    InterviewView,
    Minors,
    Result,
    ResultDraft,
    VerificationCase,
    VerificationDetails,
    VerificationView,
)
from tracing.verification.states import Event, Guard, Side, State

if TYPE_CHECKING:
    from tracing.verification.tables import Interview, Verification

FACTS = 2
"""Agreeing facts that each side must give unprompted. Practice asks for facts, in the plural, that the interviewer
did not supply (domain.md §4.7) and names no number: two is the least plural, so that one lucky guess is not enough."""
UNFINISHED = (State.OPEN, State.PROPOSED)
BRINGS = {Event.PASS: SoughtEvent.VERIFY, Event.REFUTE: SoughtEvent.REFUTE}
"""What a step brings about in the search."""


def require_passed(access: Access, found_id: UUID, sought_id: UUID) -> UUID:
    """Return the id of the verification of a pair that stands passed.

    It stands while the confirmation stands that it rests on: once the suggestion was undone, another confirmation
    needs another verification.

    Raises:
        NotVerified: the latest one did not pass, or does not stand, or there is none.
    """
    row = store.latest(access, found_id, sought_id)
    if row is None or row.state is not State.PASSED or not _stands(access, row):
        raise NotVerified("identity and relationship are not verified")
    return row.id


def passed_since(access: Access, sought_id: UUID, at: datetime) -> bool:
    """Return whether somebody was verified as a sought person after a moment, and stands so."""
    passed = store.of_search(access, sought_id, (State.PASSED,))
    return any(row.settled_at is not None and row.settled_at > at and _stands(access, row) for row in passed)


def open_verification(access: Access, suggestion_id: UUID, key: str | None = None) -> VerificationCase:
    """Open the verification of a confirmed suggestion. A retry with the same Idempotency-Key returns the first one.

    What stands unfinished of the same search is abandoned: a search that was suspended has lost its place.

    Raises:
        NotFound: the suggestion is absent, another society's, or out of force.
        NotConfirmed: it does not stand confirmed, or nobody is found by it.
        NoSuchTransition: the search is at another point, or is being verified already.
    """
    print_of = f"verifications.open|{suggestion_id}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    found_id, sought_id = review.found_pair(access, suggestion_id)
    for earlier in store.of_search(access, sought_id, UNFINISHED):
        _go(access, earlier, Event.ABANDON)
    key_id = register.records(access, [found_id])[found_id].key_id
    row = store.add(access, suggestion_id, found_id=found_id, sought_id=sought_id, key_id=key_id)
    requests.bring(access, sought_id, SoughtEvent.OPEN_VERIFICATION)
    idempotency.remember(access, key, print_of, row.id)
    access.note("verifications.open", found_id)
    return _case(access, row)


def find(access: Access, verification_id: UUID) -> "Verification":
    """Return the row of a verification, for checking its version.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    row = store.find(access, verification_id)
    if row is None:
        raise NotFound("no such verification")
    return row


def edition_of(access: Access, row: "Verification") -> str:
    """Return the version of a verification as the caller sees it."""
    return as_shown(row.version, _hushed(access, [row])[0])


def show(access: Access, verification_id: UUID) -> VerificationCase:
    """Return a verification with its interviews.

    Raises:
        NotFound: absent, another society's, or one side is hidden.
    """
    row = find(access, verification_id)
    access.note("verifications.read", row.found_id)
    return _case(access, row)


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, within: Sequence[State] = ()
) -> list[VerificationView]:
    """Return at most `limit` verifications that follow `after`, oldest first; `within` some states, or all."""
    rows = store.page(access, limit=limit, after=after, within=within)
    access.note_page("verifications.list", [row.id for row in rows])
    hushed = _hushed(access, rows)
    return [_view(*known) for known in zip(rows, store.details_of(access, rows), hushed, strict=True)]


def hold_interview(
    access: Access, verification_id: UUID, draft: InterviewDraft, key: str | None = None
) -> InterviewView:
    """Record an interview with one side. A retry with the same Idempotency-Key returns the first one.

    Raises:
        NotFound: the verification is absent, another society's, or one side is hidden.
        NoSuchStep: it is not open.
        NotConfirmed: the confirmation that it rests on does not stand.
        NotScreened: the found person was talked to, and no screen allows that now, or allowed it then.
        Invalid: the interview lies in the future.
    """
    row = find(access, verification_id)
    print_of = f"interviews.hold|{verification_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    known = store.find_interview(access, made) if made is not None else None
    if known is not None:
        access.note("interviews.read", _speaker(access, row, known.side))
        return _interviews(access, [known], withheld=_hushed(access, [row])[0])[0]
    if row.state is not State.OPEN:
        raise NoSuchStep(f"no interview belongs to the state `{row.state}`")
    _require_standing(access, row)
    if draft.side is Side.FOUND:
        risk.require_screened(access, row.found_id, row.sought_id)
        risk.require_screened_at(access, row.found_id, row.sought_id, draft.held_at)
    if draft.held_at > access.now:
        raise Invalid("an interview cannot lie in the future", [Flaw("/held_at", "in-the-future", "not yet held")])
    speaker = _speaker(access, row, draft.side)
    held = store.add_interview(access, row, draft, key_id=register.records(access, [speaker])[speaker].key_id)
    store.save(access, row)
    idempotency.remember(access, key, print_of, held.id)
    access.note("interviews.hold", speaker)
    return _interviews(access, [held], withheld=_hushed(access, [row])[0])[0]


def give_result(access: Access, row: "Verification", draft: ResultDraft) -> VerificationCase:
    """Record what a worker came to, and let it happen; the caller has checked the version.

    Both findings established: the verification passes, or is proposed to another worker where that is risky. One
    refuted: it is refuted, and the match with it. Otherwise it stays open.

    Raises:
        NoSuchStep: not possible in its state.
        NotConfirmed: the confirmation that it rests on does not stand.
        NotScreened: no screen allows to go on with the found person.
        NotEstablished: the interviews do not carry the result, or the rules about children are not kept.
    """
    _require_standing(access, row)
    result = Result(**dict(draft), given_by=access.caller.account_id, given_at=access.now)
    details = VerificationDetails(result=result)
    findings = (draft.identity, draft.relationship)
    if Finding.REFUTED in findings:
        _go(access, row, Event.REFUTE, details)
        is_another = draft.identity is Finding.REFUTED
        why = ReasonCode.IDENTITY_REFUTED if is_another else ReasonCode.RELATIONSHIP_REFUTED
        review.refute(access, row.suggestion_id, why)
    elif Finding.OPEN in findings:
        if row.state is not State.OPEN:
            raise NoSuchStep("what was proposed to another worker is not changed meanwhile")
        store.save(access, row, details)
        access.note("verifications.keep_open", row.found_id)
    else:
        _establish(access, row, details)
    return _case(access, row)


def settle(access: Access, row: "Verification", *, approve: bool) -> VerificationCase:
    """Approve a proposed result or turn it down, as another worker; the caller has checked the version.

    Raises:
        NoSuchStep: nothing is proposed.
        SameWorker, SameTeam: the approver may not be this person.
        Withheld: what was said is withheld from the approver.
        NotConfirmed, NotScreened, NotEstablished: what held when it was proposed does not hold any more.
    """
    event = Event.PASS if approve else Event.TURN_DOWN
    step = states.find(State(row.state), event)
    if step is None or (approve and step.guard is not Guard.ANOTHER_WORKER):
        raise NoSuchStep(f"nothing is proposed in the state `{row.state}`")
    foureyes.settle(access, row.id, Act.VERIFICATION, approve=approve, read=(row.found_id, row.sought_id))
    if approve:
        _require_standing(access, row)
        risk.require_screened(access, row.found_id, row.sought_id)
        _require_established(access, row, store.details_of(access, [row])[0])
        foureyes.require(access, row.id, Act.VERIFICATION, _content(access, row))
    _go(access, row, event)
    return _case(access, row)


def _establish(access: Access, row: "Verification", details: VerificationDetails) -> None:
    verdict = risk.require_screened(access, row.found_id, row.sought_id)
    away_from = risk.away_from(access, row.found_id, row.sought_id)
    risky = bool(away_from) or verdict is Verdict.SECOND_APPROVER
    guard = Guard.ESTABLISHED_AND_RISKY if risky else Guard.ESTABLISHED
    event = Event.PROPOSE if risky else Event.PASS
    step = states.find(State(row.state), event)
    if step is None or step.guard is not guard:
        raise NoSuchStep(f"`{event}` is not possible in the state `{row.state}`")
    _require_established(access, row, details)
    _go(access, row, event, details)
    if risky:
        content = _content(access, row)
        foureyes.propose(access, Act.VERIFICATION, row.found_id, row.id, content, away_from=away_from)
        tasks.await_approval(access, row.found_id, row.id, row.version)


def _go(access: Access, row: "Verification", event: Event, details: VerificationDetails | None = None) -> None:
    """Take a step whose guard holds, with what it brings about in the search.

    Raises:
        NoSuchStep: the table has no such row for the state.
    """
    step = states.find(State(row.state), event)
    if step is None:
        raise NoSuchStep(f"`{event}` is not possible in the state `{row.state}`")
    if row.state is State.PROPOSED:
        tasks.end_waiting(access, row.id)
        if event in (Event.REFUTE, Event.ABANDON):
            foureyes.settle(access, row.id, Act.VERIFICATION, approve=False)
    row.state = step.target
    if step.target not in UNFINISHED:
        row.settled_by, row.settled_at = access.caller.account_id, access.now
    store.save(access, row, details)
    access.note(f"verifications.{event}", row.found_id)
    if event in BRINGS:
        requests.bring(access, row.sought_id, BRINGS[event])


def _stands(access: Access, row: "Verification") -> bool:
    """Return whether the confirmation stands that the verification was opened on."""
    confirmed_at = review.confirmed_at(access, row.suggestion_id)
    return confirmed_at is not None and confirmed_at <= row.created_at


def _require_standing(access: Access, row: "Verification") -> None:
    if not _stands(access, row):
        raise NotConfirmed("the confirmation that the verification rests on does not stand any more")


def _content(access: Access, row: "Verification") -> bytes:
    """Return the canonical form of what is approved: the result, and each interview that carries it."""
    result = store.details_of(access, [row])[0].model_dump_json()
    return "|".join((result, *(str(held.id) for held in store.interviews(access, row.id)))).encode()


def _require_established(access: Access, row: "Verification", details: VerificationDetails) -> None:
    """Refuse unless both sides were heard apart, enough unprompted facts agree, and children are safe.

    Raises:
        NotEstablished: with one flaw per thing that is missing.
    """
    assert details.result is not None
    held = [talk for talk in store.interviews(access, row.id) if talk.apart]
    said = list(zip((talk.side for talk in held), store.said_in(access, held), strict=True))
    flaws = [flaw for side in Side for flaw in _of_side(side, [told for spoke, told in said if spoke is side])]
    first = min((talk.held_at for talk in held), default=access.now)
    if _concerns_a_child(access, row, first):
        flaws += _of_minors(details.result.minors or Minors())
    if flaws:
        raise NotEstablished("what was found does not carry the result", flaws)


def _of_side(side: Side, held: Sequence[InterviewDetails]) -> Iterator[Flaw]:
    if not held:
        yield Flaw("", f"{side}-not-heard-apart", f"no interview with the {side} side was held apart")
    facts = {(fact.topic, fact.statement) for told in held for fact in told.facts if fact.counts}
    if len(facts) < FACTS:
        told = f"{FACTS} facts that agree and that the interviewer did not supply are needed from the {side} side"
        yield Flaw("", f"{side}-facts-missing", told)


def _of_minors(minors: Minors) -> Iterator[Flaw]:
    if minors.own_wish != "yes":
        yield Flaw("/minors/own_wish", "childs-own-wish", "it is not recorded as the child's own wish")
    if minors.guardian is None:
        yield Flaw("/minors/guardian", "guardian", "who stands in for the child is not recorded")
    if not minors.trained_worker:
        yield Flaw("/minors/trained_worker", "trained-worker", "no trained worker led the interviews")


def _concerns_a_child(access: Access, row: "Verification", day: datetime) -> bool:
    """Return whether a side was under 18 on `day`, or may have been: unless the screen says that none is a minor.

    The found person is known by two records; a child by either of them is a child.
    """
    request_id = requests.request_of(access, row.sought_id)
    known = suggest.persons(access, [request_id, row.found_id, row.sought_id])
    asking, found, sought = (is_child(known[i], day.date()) for i in (request_id, row.found_id, row.sought_id))
    if True in (asking, found, sought):
        return True
    is_open = asking is None or (found is None and sought is None)
    return is_open and risk.answer(access, row.found_id, row.sought_id, Flag.MINOR_INVOLVED) is not Answer.NO


def _speaker(access: Access, row: "Verification", side: Side) -> UUID:
    """Return the record of the side that speaks."""
    return row.found_id if side is Side.FOUND else requests.request_of(access, row.sought_id)


def _hushed(access: Access, rows: Sequence["Verification"]) -> list[bool]:
    """Return of each verification whether what was said and noted in it is withheld from the caller."""
    return glass.unspoken(access, [(row.found_id, row.sought_id) for row in rows])


def _view(row: "Verification", details: VerificationDetails, withheld: bool) -> VerificationView:
    result = details.result
    return VerificationView(
        result=result.model_copy(update={"note": None}) if withheld and result is not None else result,
        words_withheld=withheld,
        id=row.id,
        suggestion_id=row.suggestion_id,
        sought_id=row.sought_id,
        found_id=row.found_id,
        state=row.state,
        opened_by=row.opened_by,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _case(access: Access, row: "Verification") -> VerificationCase:
    withheld = _hushed(access, [row])[0]
    view = _view(row, store.details_of(access, [row])[0], withheld)
    interviews = _interviews(access, store.interviews(access, row.id), withheld=withheld)
    return VerificationCase(**dict(view), interviews=interviews)


def _interviews(access: Access, rows: Sequence["Interview"], *, withheld: bool) -> list[InterviewView]:
    return [
        InterviewView(
            language=said.language,
            interpreter=said.interpreter,
            facts=[
                FactView(**fact.model_dump(exclude={"statement"}), statement=None if withheld else fact.statement)
                for fact in said.facts
            ],
            id=row.id,
            side=row.side,
            apart=row.apart,
            held_at=row.held_at,
            recorded_by=row.recorded_by,
            recorded_at=row.recorded_at,
        )
        for row, said in zip(rows, store.said_in(access, rows), strict=True)
    ]
