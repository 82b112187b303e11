"""The rules of fate reports: no HTTP, no SQL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.fate import states, store
from tracing.fate.errors import NoSuchStep, NotEnoughEvidence
from tracing.fate.schemas import Evidence, EvidenceKind, FateDetails, FateDraft, FateView
from tracing.fate.states import Event, Finding, Guard, Source, State
from tracing.gate import foureyes, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act
from tracing.gate.permissions import Permission
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.requests import service as requests
from tracing.requests import statuses
from tracing.requests.states import Event as SearchEvent
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState
from tracing.sightings import service as sightings
from tracing.tasks import service as tasks

if TYPE_CHECKING:
    from tracing.fate.tables import FateReport

WHO = {
    Event.CONFIRM: Permission.FATES_CONFIRM,
    Event.ESTABLISH: Permission.FATES_CONFIRM,
    Event.REFUTE: Permission.FATES_WRITE,
}
DOCUMENTS = frozenset(
    {
        Source.CIVIL_REGISTER,
        Source.HOSPITAL_OR_MORGUE,
        Source.FORENSIC_IDENTIFICATION,
        Source.AUTHORITY_NOTIFICATION,
        Source.COURT_DECLARATION,
    }
)
"""Sources that alone carry a death."""

WITNESSES = 2


def established(access: Access, sought_id: UUID) -> tuple[UUID, Finding] | None:
    """Return id and finding of the latest established report about a sought person, or None."""
    row = store.established(access, sought_id)
    return None if row is None else (row.id, Finding(row.finding))


def enough(finding: Finding, source: Source, evidence: Sequence[Evidence]) -> bool:
    """Return whether `evidence` carries `finding`.

    A death rests on a document of the source that is named, or on two eye witnesses who were heard apart. What
    is a sighting counts for neither, however many there are; what is only probable needs something beside
    sightings, too. Event accounts and partial answers need some evidence.
    """
    beside = [piece for piece in evidence if piece.sighting_id is None]
    if finding is Finding.DECEASED:
        if source in DOCUMENTS:
            return any(piece.kind.value == source.value for piece in beside)
        apart = {piece.ref for piece in beside if piece.kind is EvidenceKind.EYE_WITNESS and piece.heard_apart}
        return source is Source.EYE_WITNESSES and len(apart) >= WITNESSES
    return bool(beside if finding is Finding.PROBABLY_DECEASED else evidence)


def propose(access: Access, sought_id: UUID, draft: FateDraft, key: str | None = None) -> FateView:
    """Report what became of a sought person; nothing happens to the search before another human confirms it.

    A retry with the same Idempotency-Key returns the first report.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
        Invalid: a sighting that is named as evidence is not there.
    """
    print_of = f"fates.propose|{sought_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    requests.find_sought(access, sought_id)
    _require_sightings(access, draft.evidence)
    row = store.add(access, sought_id, register.records(access, [sought_id])[sought_id].key_id, draft)
    view = _views(access, [row])[0]
    foureyes.propose(access, Act.FATE, sought_id, row.id, _content(view))
    idempotency.remember(access, key, print_of, row.id)
    access.note("fates.propose", sought_id)
    return view


def _require_sightings(access: Access, evidence: Sequence[Evidence]) -> None:
    flaws = []
    for place, piece in enumerate(evidence):
        try:
            if piece.sighting_id is not None:
                sightings.find_sighting(access, piece.sighting_id)
        except NotFound:
            flaws.append(Flaw(f"/evidence/{place}/sighting_id", "no-such-sighting", "no sighting that you can see"))
    if flaws:
        raise Invalid("a sighting that is named is not there", flaws)


def show(access: Access, report_id: UUID) -> FateView:
    """Return a report.

    Raises:
        NotFound: absent, another society's, or the sought person is hidden.
    """
    view = _views(access, [find(access, report_id)])[0]
    access.note("fates.read", view.sought_id)
    return view


def of_search(access: Access, sought_id: UUID) -> list[FateView]:
    """Return the reports about a sought person, newest first.

    Raises:
        NotFound: the sought person is absent, another society's, or hidden.
    """
    requests.find_sought(access, sought_id)
    views = _views(access, store.of_search(access, sought_id))
    access.note("fates.read", sought_id, count=len(views))
    return views


def require_for(access: Access, event: Event) -> None:
    """Refuse unless the caller may bring `event` about at all; asked before the report is looked up.

    Raises:
        Refused: the caller lacks the event's permission.
    """
    access.require(WHO[event])


def happen(access: Access, row: "FateReport", event: Event) -> FateView:
    """Let `event` happen to a report, and to the search what follows; the caller has checked the version.

    Raises:
        NoSuchStep: not in the table for this state.
        SameWorker: the human who reported would confirm or establish.
        NotEnoughEvidence: the evidence does not carry the finding.
        NoSuchTransition: the search is not in a state in which this can follow.
        Refused: the caller lacks the event's permission.
    """
    step = states.find(State(row.state), event)
    if step is None:
        raise NoSuchStep(f"`{event}` is not possible in the state `{row.state}`")
    access.require(WHO[event])
    _hold(access, row, step.guard)
    reviewed = row.state is State.UNDER_REVIEW
    store.move(access, row, step.target)
    access.note(f"fates.{event}", row.sought_id)
    tasks.end_waiting(access, row.id)
    if event is Event.CONFIRM:
        requests.bring(access, row.sought_id, SearchEvent.REPORT_FATE)
    elif event is Event.ESTABLISH:
        requests.bring(access, row.sought_id, SearchEvent.ESTABLISH_FATE, Outcome.FATE_TO_TELL)
        statuses.speak(access, row.sought_id)
    elif reviewed:
        _end_review(access, row.sought_id)
    else:
        foureyes.settle(access, row.id, Act.FATE, approve=False)
    return _views(access, [row])[0]


def find(access: Access, report_id: UUID) -> "FateReport":
    """Return the row of a report, for checking its version.

    Raises:
        NotFound: absent, another society's, or the sought person is hidden.
    """
    row = store.find(access, report_id)
    if row is None:
        raise NotFound("no such fate report")
    return row


def _hold(access: Access, row: "FateReport", guard: Guard) -> None:
    if guard is Guard.ANOTHER_WORKER:
        foureyes.settle(access, row.id, Act.FATE, approve=True)
    if guard is Guard.ENOUGH_EVIDENCE:
        view = _views(access, [row])[0]
        foureyes.require(access, row.id, Act.FATE, _content(view))
        if row.worker_id == access.caller.worker_id:
            raise foureyes.SameWorker("whoever reported a fate does not establish it")
        if not enough(view.finding, view.source, view.evidence):
            raise NotEnoughEvidence("a document, or two witnesses heard apart; a sighting alone is never enough")


def _end_review(access: Access, sought_id: UUID) -> None:
    """Let the search go on when no report about it is under review any more."""
    others = any(other.state is State.UNDER_REVIEW for other in store.of_search(access, sought_id))
    if not others and requests.state_of(access, sought_id) is SearchState.FATE_REVIEW:
        requests.bring(access, sought_id, SearchEvent.REFUTE_FATE)


def _content(view: FateView) -> bytes:
    """Return what another worker agrees to: all that the report says."""
    return view.model_dump_json(include={"sought_id", "finding", "source", *FateDetails.model_fields}).encode()


def _views(access: Access, rows: Sequence["FateReport"]) -> list[FateView]:
    return [
        FateView(
            **details.model_dump(),
            id=row.id,
            sought_id=row.sought_id,
            finding=row.finding,
            source=row.source,
            state=row.state,
            reported_by=row.reported_by,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row, details in zip(rows, store.details_of(access, rows), strict=True)
    ]
