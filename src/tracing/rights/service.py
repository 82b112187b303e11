"""The rules of data subjects' requests: no HTTP, no SQL.

An erasure is settled here and finished after the commit (`nights.finish`): its trail row stands before a key goes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.enquirer import service as enquirer
from tracing.gate import consents, erasing, foureyes, glass, idempotency, register, retention, suppression
from tracing.gate.access import Access
from tracing.gate.disclosing import Act
from tracing.gate.dues import Bookmark, Due
from tracing.gate.kinds import Kind as RecordKind
from tracing.gate.ledger import Line
from tracing.gate.purposes import GivenBy, Purpose
from tracing.kit.errors import Flaw, Invalid, NotFound, impossible
from tracing.persons.whereabouts import as_shown
from tracing.requests import service as requests
from tracing.rights import opening, states, store
from tracing.rights.errors import NoSuchStep, NotTheSubject
from tracing.rights.schemas import (
    BundleView,
    RetentionDraft,
    RetentionView,
    SealedWords,
    StepDraft,
    SubjectRequestDraft,
    SubjectRequestView,
)
from tracing.rights.states import Claimant, Event, Guard, Kind, RefusalReason, State
from tracing.sightings import service as sightings
from tracing.tasks import service as tasks

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.rights.tables import SubjectRequest

CLAIMANT_GIVES = {Claimant.PARENT: GivenBy.PARENT, Claimant.GUARDIAN: GivenBy.GUARDIAN, Claimant.COURT: GivenBy.COURT}
"""As whom a decision is recorded; a representative speaks for the subject."""
RECTIFIES = {
    RecordKind.REQUEST: "request_change",
    RecordKind.SOUGHT: "sought_change",
    RecordKind.SIGHTING: "sighting_change",
    RecordKind.SELF_REGISTRATION: "sighting_change",
}
DUE_SOON = timedelta(days=7)
"""How long before its due date the night reminds of a request."""


def open_request(access: Access, draft: SubjectRequestDraft, key: str | None = None) -> SubjectRequestView:
    """Record that somebody uses a right over a record; the clock runs from when it came in.

    A retry with the same Idempotency-Key returns the first one.

    Raises:
        NotFound: the record is absent, another society's, or forgotten.
        Invalid: it would have come in in the future.
    """
    print_of = f"rights.open|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    record = _record(access, draft.record_id)
    received_at = draft.received_at or access.now
    if received_at > access.now:
        raise Invalid(
            "nothing comes in in the future", [Flaw("/received_at", "in-the-future", "it lies in the future")]
        )
    due_at = received_at + timedelta(days=access.settings.rights_days)
    row = store.add(access, record, draft, due_at=due_at)
    idempotency.remember(access, key, print_of, row.id)
    access.note("rights.open", record.id)
    return _views(access, [row])[0]


def show(access: Access, request_id: UUID) -> SubjectRequestView:
    """Return a request with its clock.

    Raises:
        NotFound: absent, another society's, or about a forgotten record.
    """
    row = find(access, request_id)
    access.note("rights.read", row.record_id)
    return _views(access, [row])[0]


def edition_of(access: Access, row: "SubjectRequest") -> str:
    """Return the version of a request as the caller sees it."""
    return as_shown(row.version, glass.unspoken(access, [[row.record_id]])[0])


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, within: Sequence[State]
) -> list[SubjectRequestView]:
    """Return at most `limit` requests that follow `after`, due first; `within` some states, or the open ones."""
    views = _views(access, store.page(access, limit=limit, after=after, states=within or states.OPEN))
    access.note_page("rights.list", [view.id for view in views])
    return views


def find(access: Access, request_id: UUID) -> "SubjectRequest":
    """Return the row of a request, for checking its version.

    Raises:
        NotFound: absent, another society's, or about a forgotten record.
    """
    row = store.find(access, request_id)
    if row is None:
        raise NotFound("no such data subject's request")
    return row


def bundle(access: Access, row: "SubjectRequest") -> BundleView:
    """Return everything that is held about the person of an identified access request, without third parties.

    Whoever asks in another's place gets nothing that tells where the person is, or how a search for them goes.

    Raises:
        NoSuchStep: it is no access request, or nobody has been identified.
        Withheld: what is held about a protected person is withheld from the officer, who breaks the glass first.
    """
    if row.kind is not Kind.ACCESS or row.state not in (State.IDENTIFIED, State.DONE):
        raise NoSuchStep("a bundle belongs to an access request whose requester was identified")
    if glass.unspoken(access, [[row.record_id]])[0]:
        raise glass.Withheld("what is held about a protected person is withheld from you; break the glass first")
    own = _is_subject(store.words_of(access, [row])[0])
    made = opening.bundle(access, row.id, _record(access, row.record_id), own=own)
    access.note("rights.bundle", row.record_id)
    return made


def _is_subject(words: SealedWords) -> bool:
    return words.identity is not None and words.identity.claimant is Claimant.SUBJECT


def happen(access: Access, row: "SubjectRequest", draft: StepDraft) -> tuple[SubjectRequestView, list[Line]]:
    """Let `draft.event` happen; return the request, and what is to be erased after the commit.

    The caller has checked the version. An erasure that was carried out and is not finished is finished by the
    same event again.

    Raises:
        NoSuchStep: not in the table for this state, or its guard does not hold.
        NotTheSubject: an erasure that only the person themselves can ask for.
        Invalid: the event needs something that was not sent, or takes something that was.
        SameWorker: who proposed an erasure cannot approve it.
    """
    if row.kind is Kind.ERASURE and row.state is State.DONE and draft.event is Event.CARRY_OUT:
        access.note("rights.finish", row.record_id)
        return _views(access, [row])[0], _lines(access, _with_children(access, row.record_id))
    step = states.find(row.state, draft.event)
    if step is None:
        raise NoSuchStep(impossible(draft.event, row.state, states.possible(row.state)))
    _fit(access, row, draft)
    words = store.words_of(access, [row])[0]
    lines = _act(access, row, step, draft, words)
    row.state = step.target
    row.reason = draft.reason if step.guard in (Guard.REASON, Guard.ONCE) else row.reason
    if step.target not in states.OPEN:
        row.settled_at = access.now
    store.save(access, row, words.model_copy(update={"identity": draft.identity}) if draft.identity else None)
    access.note(f"rights.{draft.event}", row.record_id)
    view = _views(access, [row])[0]
    if lines:
        ids = [line.subject_id for line in lines]
        enquirer.end(access, ids)
        erasing.condemn(access, ids)
    return view, lines


def _fit(access: Access, row: "SubjectRequest", draft: StepDraft) -> None:
    """Refuse an event that lacks what it needs, or brings what it does not take."""
    carries = draft.event is Event.CARRY_OUT
    wanted = {
        "identity": draft.event is Event.IDENTIFY,
        "reason": draft.event in (Event.REFUSE, Event.EXTEND),
        "purposes": carries and row.kind is Kind.OBJECTION,
        "request_change": False,
        "sought_change": False,
        "sighting_change": False,
    }
    if carries and row.kind is Kind.RECTIFICATION:
        wanted[RECTIFIES[_record(access, row.record_id).kind]] = True
    flaws = []
    for field, needed in wanted.items():
        given = bool(getattr(draft, field)) if field == "purposes" else getattr(draft, field) is not None
        if needed and not given:
            flaws.append(Flaw(f"/{field}", "missing", "it is needed for this event"))
        elif given and not needed:
            flaws.append(Flaw(f"/{field}", "of-another-event", "this event does not take it"))
    if flaws:
        raise Invalid("this event needs something else", flaws)


def _act(access: Access, row: "SubjectRequest", step: states.Row, draft: StepDraft, words: SealedWords) -> list[Line]:
    """Check the guard of a step and let its effects happen; return what is to be erased after the commit."""
    if step.guard is Guard.NOT_ERASURE and row.kind is Kind.ERASURE:
        raise NoSuchStep("an erasure is proposed, and another worker carries it out")
    if step.guard is Guard.ERASURE:
        _propose(access, row, words)
    elif step.guard is Guard.ONCE:
        if row.extended:
            raise NoSuchStep("the clock was extended before")
        row.extended, row.due_at = True, row.due_at + timedelta(days=2 * access.settings.rights_days)
    elif row.state is State.PROPOSED:
        foureyes.settle(access, row.id, Act.ERASURE, approve=step.event is Event.CARRY_OUT)
        tasks.end_waiting(access, row.id)
        if step.event is Event.CARRY_OUT:
            return _approved(access, row)
    elif step.event is Event.CARRY_OUT:
        _carry_out(access, row, draft, words)
    return []


def _propose(access: Access, row: "SubjectRequest", words: SealedWords) -> None:
    """Propose an erasure.

    Raises:
        NoSuchStep: the request is of another kind.
        NotTheSubject: a sought person's record is erased for that person alone: whoever merely claims that a
            search is false could hide somebody who is looked for.
    """
    if row.kind is not Kind.ERASURE:
        raise NoSuchStep("only an erasure is proposed")
    if _record(access, row.record_id).kind is RecordKind.SOUGHT and not _is_subject(words):
        raise NotTheSubject("a sought person's record is erased only for the person themselves")
    foureyes.propose(access, Act.ERASURE, row.record_id, row.id, _content(access, row))


def _content(access: Access, row: "SubjectRequest") -> bytes:
    """Return what an erasure would destroy: the record, and those under it."""
    return "|".join(str(one) for one in sorted(_with_children(access, row.record_id))).encode()


def _approved(access: Access, row: "SubjectRequest") -> list[Line]:
    foureyes.require(access, row.id, Act.ERASURE, _content(access, row))
    lines = _lines(access, _with_children(access, row.record_id))
    suppression.add(access, [one for line in lines for one in line.hashes])
    return lines


def _with_children(access: Access, record_id: UUID) -> list[UUID]:
    return [record_id, *store.sought_ids(access, record_id)]


def _lines(access: Access, ids: Sequence[UUID]) -> list[Line]:
    return erasing.lines(access, ids, opening.hashes_of(access, ids))


def _carry_out(access: Access, row: "SubjectRequest", draft: StepDraft, words: SealedWords) -> None:
    """Let what was asked for happen; an access request is answered with its bundle."""
    given_by = CLAIMANT_GIVES.get(words.identity.claimant, GivenBy.SUBJECT) if words.identity else GivenBy.SUBJECT
    if row.kind is Kind.RECTIFICATION:
        _rectify(access, row.record_id, draft)
    elif row.kind is Kind.RESTRICTION:
        purposes = [p for p in Purpose if p is not Purpose.REGISTER]
        consents.withdraw(access, row.record_id, purposes, given_by=given_by)
    elif row.kind is Kind.OBJECTION:
        consents.withdraw(access, row.record_id, list(dict.fromkeys(draft.purposes)), given_by=given_by)


def _rectify(access: Access, record_id: UUID, draft: StepDraft) -> None:
    if draft.request_change is not None:
        requests.change_request(access, requests.find_request(access, record_id), draft.request_change)
    if draft.sought_change is not None:
        requests.change_sought(access, requests.find_sought(access, record_id), draft.sought_change)
    if draft.sighting_change is not None:
        sightings.change_sighting(access, sightings.find_sighting(access, record_id), draft.sighting_change)


def retention_of(access: Access, record_id: UUID) -> RetentionView:
    """Return until when a record is kept.

    Raises:
        NotFound: absent, another society's, or forgotten.
    """
    view = RetentionView(record_id=record_id, until=retention.until(access, record_id))
    access.note("retention.read", record_id)
    return view


def prolong(access: Access, record_id: UUID, draft: RetentionDraft) -> RetentionView:
    """Keep a record, and the case that it belongs to, longer than its kind is kept.

    Raises:
        NotFound: absent, another society's, or forgotten.
        Invalid: that is no prolongation.
    """
    retention.prolong(access, record_id, draft.until)
    access.note(f"retention.prolong_for_{draft.reason}", record_id)
    return RetentionView(record_id=record_id, until=retention.until(access, record_id))


def _record(access: Access, record_id: UUID) -> "Record":
    record = register.records(access, [record_id]).get(record_id)
    if record is None:
        raise NotFound("no such record")
    return record


def _views(access: Access, rows: Sequence["SubjectRequest"]) -> list[SubjectRequestView]:
    hushed = glass.unspoken(access, [[row.record_id] for row in rows])
    return [
        SubjectRequestView(
            id=row.id,
            record_id=row.record_id,
            kind=row.kind,
            state=row.state,
            reason=RefusalReason(row.reason) if row.reason else None,
            words=None if withheld else words.words,
            words_withheld=withheld,
            identity=words.identity,
            received_at=row.received_at,
            due_at=row.due_at,
            extended=row.extended,
            overdue=row.state in states.OPEN and row.due_at < access.now,
            settled_at=row.settled_at,
            recorded_by=row.recorded_by,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row, words, withheld in zip(rows, store.words_of(access, rows), hushed, strict=True)
    ]


def due_soon(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of open requests due within `DUE_SOON`, those that are late included.

    Asked by an access that sees hidden records: the clock runs for whoever withdrew as well.
    """
    return store.due_before(access, access.now + DUE_SOON, bookmark)
