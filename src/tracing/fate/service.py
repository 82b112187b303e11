"""The rules of fate reports: no HTTP, no SQL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.disclosure import opening
from tracing.disclosure import service as askings
from tracing.disclosure import states as asking
from tracing.fate import states, store
from tracing.fate.errors import NoSuchStep, NotEnoughEvidence
from tracing.fate.schemas import Evidence, EvidenceKind, FateDetails, FateDraft, FateView
from tracing.fate.states import Event, Finding, Guard, Source, State
from tracing.gate import disclosures, foureyes, glass, idempotency, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Level
from tracing.gate.disclosures import NotAllowedByThem
from tracing.gate.kinds import Kind
from tracing.gate.permissions import Permission
from tracing.kit.errors import Flaw, Invalid, NotFound, impossible
from tracing.persons.whereabouts import as_shown
from tracing.requests import service as requests
from tracing.requests import statuses
from tracing.requests.states import Event as SearchEvent
from tracing.requests.states import Outcome
from tracing.requests.states import State as SearchState
from tracing.review import service as review
from tracing.risk import service as risk
from tracing.sightings import service as sightings
from tracing.tasks import service as tasks
from tracing.verification import service as verification

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
    """Return id and finding of the latest established report about a sought person, or None.

    A death is none any more once the person was found and heard.
    """
    row = store.established(access, sought_id)
    return None if row is None or _is_outlived(access, row) else (row.id, Finding(row.finding))


def may_be_told(access: Access, report_id: UUID) -> bool:
    """Return whether a report may be told now: not where it would speak of a found person who has not agreed.

    Also where she was found after it was established.

    Raises:
        NotFound: absent, another society's, or the sought person is hidden.
    """
    row = find(access, report_id)
    return row.finding not in states.OF_THE_LIVING or not _speaks_of_the_found(
        access, row, store.details_of(access, [row])[0].evidence
    )


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
        NotAllowedByThem: it would speak of a found person who has not agreed. Whoever may not know of found
            persons is not told so; their report is taken, and nobody can confirm it.
    """
    print_of = f"fates.propose|{sought_id}|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return show(access, made)
    requests.find_sought(access, sought_id)
    _require_sightings(access, draft.evidence)
    row = store.add(access, sought_id, register.records(access, [sought_id])[sought_id].key_id, draft)
    details = store.details_of(access, [row])[0]
    if _knows_of_the_found(access):
        _require_agreed(access, row, details.evidence)
    away_from = _away_from(access, sought_id, details.evidence)
    foureyes.propose(access, Act.FATE, sought_id, row.id, _content(row, details), away_from=away_from)
    idempotency.remember(access, key, print_of, row.id)
    access.note("fates.propose", sought_id)
    return _views(access, [row])[0]


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
        NoSuchStep: not in the table for this state, or the person was heard after a report of their death.
        SameWorker: the human who reported would confirm or establish.
        SameTeam: where somebody is protected, and the approver is of the enquirer's team.
        Withheld: what the report says is withheld from whoever would confirm or establish it.
        NotEnoughEvidence: the evidence does not carry the finding.
        NotAllowedByThem: it would speak of a found person who has not agreed.
        NoSuchTransition: the search is not in a state in which this can follow.
        Refused: the caller lacks the event's permission.
    """
    step = states.find(State(row.state), event)
    if step is None:
        raise NoSuchStep(impossible(event, row.state, states.possible(row.state)))
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
    if guard is Guard.NONE:
        return
    details = store.details_of(access, [row])[0]
    _require_agreed(access, row, details.evidence)
    _require_no_end(access, row.sought_id)
    if _is_outlived(access, row):
        raise NoSuchStep("the person was heard since; who has died since then is reported anew")
    if guard is Guard.ANOTHER_WORKER:
        foureyes.settle(access, row.id, Act.FATE, approve=True, read=_told_of(row, details))
    if guard is Guard.ENOUGH_EVIDENCE:
        away_from = _away_from(access, row.sought_id, details.evidence)
        foureyes.require(access, row.id, Act.FATE, _content(row, details), away_from=away_from)
        if row.worker_id == access.caller.worker_id:
            raise foureyes.SameWorker("whoever reported a fate does not establish it")
        glass.require_open(access, _told_of(row, details))
        if not enough(Finding(row.finding), Source(row.source), details.evidence):
            raise NotEnoughEvidence("a document, or two witnesses heard apart; a sighting alone is never enough")


def _require_agreed(access: Access, row: "FateReport", evidence: Sequence[Evidence]) -> None:
    if not _speaks_of_the_found(access, row, evidence):
        return
    if _knows_of_the_found(access):
        raise NotAllowedByThem("somebody is found, and lives: what of them is told, they decide")
    raise NotEnoughEvidence("the evidence does not carry this finding")


def _knows_of_the_found(access: Access) -> bool:
    return Permission.DISCLOSURES_READ in access.caller.permissions


def _speaks_of_the_found(access: Access, row: "FateReport", evidence: Sequence[Evidence]) -> bool:
    """Return whether a report may say where a found person is who has not agreed to it, or may not be told of now.

    Nobody can see from a text of whom it speaks. So where one is found, no such report is told but with her answer.
    """
    if row.finding not in states.OF_THE_LIVING:
        return False
    return any(
        not disclosures.level(access, found_id, row.sought_id).covers(Level.SHARE_LOCATION)
        or not opening.is_clear(access, found_id, row.sought_id)
        for found_id in _living(access, row.sought_id, evidence)
    )


def _living(access: Access, sought_id: UUID, evidence: Sequence[Evidence]) -> set[UUID]:
    """Return the found persons of a search of whose death nothing is known.

    Those who are or were asked, whatever became of the search and of the match since; those whom a confirmed match
    names; and whoever registered herself and is brought as evidence.
    """
    asked = askings.asked(access, sought_id)
    records = register.records(access, [piece.sighting_id for piece in evidence if piece.sighting_id is not None])
    themselves = {record.id for record in records.values() if record.kind is Kind.SELF_REGISTRATION}
    found = {*asked, *review.found_for(access, sought_id), *themselves}
    return {one for one in found if asked.get(one) is not asking.State.DECEASED}


def _require_no_end(access: Access, sought_id: UUID) -> None:
    """Refuse while an asking that rests on a standing match has ended: no way round it, by a suspension or otherwise.

    Raises:
        NoSuchStep: it has. Who has died since, or was dead, is recorded there first.
    """
    for found_id, state in askings.asked(access, sought_id).items():
        if state in asking.ENDED and found_id in review.found_for(access, sought_id):
            raise NoSuchStep("the found person's asking has come to an end; if they died, it is recorded there first")


def _is_outlived(access: Access, row: "FateReport") -> bool:
    """Return whether a report of a death is mistaken: the person was found and heard after it was made."""
    if row.finding not in states.OF_THE_DEAD:
        return False
    if verification.passed_since(access, row.sought_id, row.created_at):
        return True
    standing = review.found_for(access, row.sought_id)
    return any(
        found_id in standing
        and state is not asking.State.DECEASED
        and disclosures.spoke_since(access, found_id, row.sought_id, row.created_at)
        for found_id, state in askings.asked(access, row.sought_id).items()
    )


def _away_from(access: Access, sought_id: UUID, evidence: Sequence[Evidence]) -> str:
    """Return the enquirer's teams, parted by spaces, where telling is risky for anybody concerned; else ""."""
    request_id = requests.request_of(access, sought_id)
    sightings_named = [piece.sighting_id for piece in evidence if piece.sighting_id is not None]
    found = [*askings.asked(access, sought_id), *review.found_for(access, sought_id)]
    risky = risk.is_risky(access, [request_id, sought_id, *sightings_named, *found], sought_id, found)
    return " ".join(sorted(requests.teams_of(access, request_id))) if risky else ""


def _end_review(access: Access, sought_id: UUID) -> None:
    """Let the search go on when no report about it is under review any more."""
    others = any(other.state is State.UNDER_REVIEW for other in store.of_search(access, sought_id))
    if not others and requests.state_of(access, sought_id) is SearchState.FATE_REVIEW:
        requests.bring(access, sought_id, SearchEvent.REFUTE_FATE)


def _content(row: "FateReport", details: FateDetails) -> bytes:
    """Return what another worker agrees to: all that the report says."""
    return "|".join((str(row.sought_id), row.finding, row.source, details.model_dump_json())).encode()


def edition_of(access: Access, row: "FateReport") -> str:
    """Return the version of a report as the caller sees it."""
    return as_shown(row.version, _hushed(access, [row], store.details_of(access, [row]))[0])


def _hushed(access: Access, rows: Sequence["FateReport"], details: Sequence[FateDetails]) -> list[bool]:
    """Return of each report whether what it says in words is withheld from the caller."""
    return glass.unspoken(access, [_told_of(*known) for known in zip(rows, details, strict=True)])


def _told_of(row: "FateReport", details: FateDetails) -> list[UUID]:
    """Return the records about which a report says something in words."""
    named = [piece.sighting_id for piece in details.evidence if piece.sighting_id is not None]
    return [row.sought_id, *named]


def _views(access: Access, rows: Sequence["FateReport"]) -> list[FateView]:
    known = store.details_of(access, rows)
    return [
        FateView(
            account=None if withheld else details.account,
            evidence=[_without_words(piece) for piece in details.evidence] if withheld else details.evidence,
            language=details.language,
            words_withheld=withheld,
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
        for row, details, withheld in zip(rows, known, _hushed(access, rows, known), strict=True)
    ]


def _without_words(piece: Evidence) -> Evidence:
    return piece.model_copy(update={"place": None, "statement": None})
