"""PFIF in and out: copies for matching that obey their home, and what may be published. No HTTP, no SQL."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import consents, publishing, register
from tracing.gate.access import Access
from tracing.gate.consents import ConsentFact
from tracing.gate.glass import Withheld
from tracing.gate.kinds import Kind
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.gate.rehearsal import Over, is_rehearsed, rehearsing
from tracing.intake.errors import NothingImported
from tracing.intake.schemas import MOST_ERRORS, RowError
from tracing.intake.service import HELD_BACK
from tracing.kit.errors import Conflict, Flaw, Invalid, NotFound, TracingError
from tracing.kit.ids import new_id
from tracing.persons import erased
from tracing.pfif import store, traits, views
from tracing.pfif.errors import NoDomain
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.parsers.writer import Published, written
from tracing.pfif.schemas import CopyView, Order, PfifReport
from tracing.pfif.traits import Copy, Refusal
from tracing.requests import opening as searches
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft, SoughtChange
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange, SightingDraft

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.pfif.tables import PfifCopy

BATCH = 200  # records; about two seconds of the embedded database's one writer
OVER = Flaw("expiry_date", "expired", "its home has set an end that is past")
APART = Flaw("person_record_id", "person-not-in-file", "the note's person is not in the file")

Turn = Callable[[], AbstractContextManager[Access]]
"""Admits the caller anew; each batch is a transaction of its own, with its own row on the trail."""


@dataclass
class Tally:
    """What has become of the records so far."""

    imported: int = 0
    updated: int = 0
    removed: int = 0
    already_there: int = 0
    refused: int = 0
    ignored: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records have come to an end, one way or another."""
        return self.imported + self.updated + self.removed + self.already_there + self.refused

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused record, and list what is wrong with it."""
        self.refused += 1
        self.tell(refusal.line, refusal.flaws)

    def tell(self, line: int, flaws: Sequence[Flaw]) -> None:
        """List what is wrong at a line, as long as the list is not full."""
        for flaw in flaws[: MOST_ERRORS - len(self.errors)]:
            self.errors.append(RowError(line=line, field=flaw.pointer, code=flaw.code, detail=flaw.detail))

    def add(self, other: "Tally") -> None:
        """Add what became of a batch."""
        self.imported += other.imported
        self.updated += other.updated
        self.removed += other.removed
        self.already_there += other.already_there
        self.refused += other.refused
        self.errors += other.errors[: MOST_ERRORS - len(self.errors)]

    def report(self, order: Order) -> PfifReport:
        """Return the report as things stand; errors in the order of the file."""
        return PfifReport(
            dry_run=order.dry_run,
            records=self.records,
            imported=self.imported,
            updated=self.updated,
            removed=self.removed,
            already_there=self.already_there,
            refused=self.refused,
            ignored=self.ignored,
            errors=sorted(self.errors, key=lambda error: error.line),
        )


def import_pfif(
    turn: Turn,
    order: Order,
    staged: Staged,
    own_domain: str,
    tally: Tally | None = None,
    told: Callable[[], None] = lambda: None,
) -> PfifReport:
    """Import the records of `staged` as copies and return what became of them.

    The file is read through once before anything is kept: what is damaged or unsafe anywhere is refused as a
    whole. A record that is here already replaces its copy if its `source_date` is newer; one that is hidden here
    stays so. Records that may bring back somebody who was erased are held back.

    Args:
        turn: admits the caller to one transaction.
        order: whether it is only rehearsed, and the home of ids that name none.
        staged: the file.
        own_domain: the service's own; what comes back under it is refused.
        tally: counts as the work goes on; what stands there after an interruption has happened.
        told: called after each batch.

    Raises:
        UnreadableFile, OverfullFile: nothing of the file was imported.
        Refused: the caller may not import.
    """
    tally = tally or Tally()
    with turn() as access:
        access.note("imports.pfif")
        now = access.now
    found = survey(staged, order.domain)
    tally.ignored = found.ignored
    copies = (traits.copy_of(person, now, own_domain) for person in read(staged, found, order.domain))
    for batch in _batches(copies, tally):
        _keep(turn, order, batch, tally)
        told()
    for notes in found.apart.values():
        for note in notes:
            tally.tell(note.line, [APART])
    return tally.report(order)


def require_some(report: PfifReport) -> None:
    """Refuse a report in which not a single record was good.

    Raises:
        NothingImported: with the errors of the report.
    """
    if report.refused == report.records:
        flaws = [Flaw(f"line {e.line}: {e.field}".rstrip(": "), e.code, e.detail) for e in report.errors]
        raise NothingImported(f"none of the {report.records} records can be imported", flaws)


def export_pfif(access: Access) -> bytes:
    """Return everybody who may be named in public as PFIF 1.4, by record id.

    Raises:
        NoDomain: the service has none.
        Refused: the caller may not export.
    """
    domain = access.settings.pfif_domain
    if not domain:
        raise NoDomain("TRACING_PFIF_DOMAIN is not set, and a record id would name no home")
    people: dict[str, Published] = {}
    after: UUID | None = None
    while True:
        page, after = publishing.sought(access, after=after, most=BATCH)
        people |= views.published(access, page, domain)
        if after is None:
            break
    register.require_own(access, *map(UUID, people))
    access.note_page("pfif.export", map(UUID, people))
    return written(people.values())


def show(access: Access, record_id: UUID) -> CopyView:
    """Return what the home of a copied record says of it.

    Raises:
        NotFound: the record is absent, another society's, hidden, or no copy from PFIF.
    """
    row = store.copies(access, [record_id]).get(record_id)
    if row is None:
        raise NotFound("no such copy")
    details, _ = store.opened(access, row)
    access.note("pfif.read", record_id)
    return CopyView(
        **dict(details),
        record_id=record_id,
        origin=register.records(access, [record_id])[record_id].origin,
        source_date=row.source_at,
        claims_death=traits.claims_death(details),
    )


def _batches(found: Iterator[Copy | Refusal], tally: Tally) -> Iterator[list[Copy]]:
    """Gather copies, each record once; refused ones are counted as they come."""
    batch: dict[str, Copy] = {}
    for one in found:
        if isinstance(one, Refusal):
            tally.refuse(one)
            continue
        if one.ref in batch or len(batch) == BATCH:
            yield list(batch.values())
            batch = {}
        batch[one.ref] = one
    if batch:
        yield list(batch.values())


def _keep(turn: Turn, order: Order, batch: Sequence[Copy], tally: Tally, *, again: bool = False) -> None:
    """Keep a batch in one transaction; when a rule refuses a record, halve it until that record is alone.

    A record alone that meets a conflict is tried again: another import may have brought the same one just now.
    """
    try:
        tally.add(_write(turn, order, batch))
    except (Invalid, Conflict, Withheld) as error:
        if len(batch) > 1:
            middle = len(batch) // 2
            _keep(turn, order, batch[:middle], tally)
            _keep(turn, order, batch[middle:], tally)
        elif isinstance(error, Conflict) and not again:
            _keep(turn, order, batch, tally, again=True)
        else:
            tally.refuse(Refusal(batch[0].line, _flaws_of(error)))


def _flaws_of(error: TracingError) -> tuple[Flaw, ...]:
    found = [Flaw(traits.field_of(flaw.pointer.split("/")), flaw.code, flaw.detail) for flaw in error.flaws]
    return tuple(found) or (Flaw("", error.code, error.detail),)


def _write(turn: Turn, order: Order, batch: Sequence[Copy]) -> Tally:
    """Return what became of a batch, after commit or rehearsal."""
    made = Tally()
    try:
        with turn() as access:
            ids = _act(rehearsing(access) if order.dry_run else access, batch, made)
            if order.dry_run:
                raise Over
            access.note_page("imports.pfif", ids)
    except Over:
        with turn() as access:
            access.note("imports.rehearse", count=made.imported + made.updated)
    return made


def _act(access: Access, batch: Sequence[Copy], made: Tally) -> list[UUID]:
    """Open, bring up to date, and remove; return the records that were touched."""
    refs = {copy.ref for copy in batch}
    known, seen = register.known_home_refs(access, refs), register.under_home_refs(access, refs)
    rows = store.copies(access, list(seen.values()))
    erased_at = erased.known(access, [forms for copy in batch for forms in copy.forms])
    owners = [copy.ref for copy in batch for _ in copy.forms]
    held = set[str]() if is_rehearsed(access) else {owners[place] for place in erased_at} - known
    fresh: list[Copy] = []
    touched: list[UUID] = []
    for copy in batch:
        row = rows.get(seen[copy.ref]) if copy.ref in seen else None
        if copy.ref in held:
            made.refuse(Refusal(copy.line, HELD_BACK))
        elif copy.draft is None:
            touched += _end(access, copy, row, made)
        elif copy.ref not in known:
            fresh.append(copy)
        elif row is None or copy.source_at <= row.source_at:
            made.already_there += 1
        else:
            _update(access, copy, row)
            made.updated += 1
            touched.append(row.record_id)
    made.imported += len(fresh)
    return [*touched, *_open(access, fresh)]


def _end(access: Access, copy: Copy, row: "PfifCopy | None", made: Tally) -> list[UUID]:
    """Hide the copy of a record that its home has removed, or that is over; the night erases it."""
    if row is None and copy.is_over:
        made.refuse(Refusal(copy.line, (OVER,)))
        return []
    if row is None or copy.source_at < row.source_at:
        made.already_there += 1
        return []
    made.removed += 1
    consents.withdraw(access, _whole(access, row.record_id), [Purpose.REGISTER], given_by=GivenBy.NOT_ASKED)
    return [row.record_id]


def _whole(access: Access, record_id: UUID) -> UUID:
    """Return the record that takes the copy along when it is hidden: of a search, its request."""
    parent = register.records(access, [record_id])[record_id].parent_id
    return record_id if parent is None else parent


def _open(access: Access, fresh: Sequence[Copy]) -> list[UUID]:
    """Register new copies by way of the features that they belong to, those of one home together."""
    made: list[UUID] = []
    for origin, group in groupby(sorted(fresh, key=lambda copy: copy.origin), key=lambda copy: copy.origin):
        copies = list(group)
        made += _open_searches(access, [copy for copy in copies if isinstance(copy.draft, RequestDraft)], origin)
        made += _open_sightings(access, [copy for copy in copies if isinstance(copy.draft, SightingDraft)], origin)
    return made


def _open_searches(access: Access, copies: Sequence[Copy], origin: str) -> list[UUID]:
    ids = [new_id() for _ in copies]
    drafts = []
    for sought_id, copy in zip(ids, copies, strict=True):
        if isinstance(copy.draft, RequestDraft):
            sought = [copy.draft.sought[0].model_copy(update={"id": sought_id})]
            drafts.append((copy.draft.model_copy(update={"sought": sought}), None))
    made = searches.open_requests(access, drafts, origin=origin)
    register.set_home_refs(access, dict(zip(ids, (copy.ref for copy in copies), strict=True)))
    _seal(access, ids, copies)
    return [*made, *ids]


def _open_sightings(access: Access, copies: Sequence[Copy], origin: str) -> list[UUID]:
    drafts = [(copy.draft, copy.ref) for copy in copies if isinstance(copy.draft, SightingDraft)]
    ids = sightings.open_sightings(access, drafts, origin=origin)
    _seal(access, ids, copies)
    return ids


def _seal(access: Access, ids: Sequence[UUID], copies: Sequence[Copy]) -> None:
    records = register.records(access, ids)
    for record_id, copy in zip(ids, copies, strict=True):
        store.add(access, record_id, records[record_id].key_id, copy.details, copy.raw, copy.source_at)
    store.flush(access)


def _update(access: Access, copy: Copy, row: "PfifCopy") -> None:
    """Bring a copy up to date. It stays a search or a sighting, whatever its home says now: a worker decides."""
    record = register.records(access, [row.record_id])[row.record_id]
    if record.kind is Kind.SOUGHT:
        person = _person(copy)
        requests.change_sought(access, requests.find_sought(access, record.id), SoughtChange(person=person))
    else:
        change = {"person": _person(copy)}
        if isinstance(copy.draft, SightingDraft):
            change |= {name: getattr(copy.draft, name) for name in ("sighting_place", "sighting_time", "narrative")}
        sightings.change_sighting(
            access, sightings.find_sighting(access, record.id), SightingChange.model_validate(change)
        )
    store.replace(access, row, copy.details, copy.raw, copy.source_at)
    _set_end(access, copy, record)
    if record.parent_id is not None:
        _set_end(access, copy, register.records(access, [record.parent_id])[record.parent_id])


def _person(copy: Copy) -> object:
    draft = copy.draft
    return draft.sought[0].person if isinstance(draft, RequestDraft) else draft and draft.person


def _set_end(access: Access, copy: Copy, record: "Record") -> None:
    """Let a copy end when its home says so; what somebody ended here is not begun anew."""
    facts = [
        ConsentFact(
            purpose,
            Decision.GRANTED,
            LawfulBasis.PUBLIC_INTEREST,
            GivenBy.NOT_ASKED,
            Obtained.NOT_ASKED,
            valid_until=copy.until,
        )
        for purpose in (Purpose.REGISTER, Purpose.MATCH_WITHIN_SOCIETY)
        if record.purposes & purpose.bit
    ]
    consents.decide(access, record.id, facts)
