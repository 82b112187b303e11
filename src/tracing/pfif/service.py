"""PFIF in and out: copies for matching that obey their home, and what may be published. No HTTP, no SQL."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tracing.gate import publishing, register
from tracing.gate.access import Access
from tracing.gate.ledger import Line
from tracing.intake.errors import NothingImported
from tracing.intake.keeping import Turn
from tracing.kit.errors import Flaw, NotFound
from tracing.pfif import keeping, store, traits, views
from tracing.pfif.errors import NoDomain
from tracing.pfif.keeping import Stray
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.parsers.writer import Published, written
from tracing.pfif.schemas import CopyView, Note, Order, PfifReport
from tracing.pfif.tally import Tally
from tracing.pfif.traits import Copy, Refusal

BATCH = 200  # records; about two seconds of the embedded database's one writer


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
    stays so. Records that may bring back somebody who was erased are held back. Notes join the copy of their person,
    whichever comes first.

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
        keeping.keep_copies(turn, order, batch, tally)
        told()
    for notes in _together(_strays(found.apart, own_domain, now, tally)):
        keeping.keep_notes(turn, order, notes, tally)
        told()
    return tally.report(order)


def require_some(report: PfifReport) -> None:
    """Refuse a report in which something was wrong and nothing was good, neither a record nor a note apart.

    Raises:
        NothingImported: with the errors of the report.
    """
    kept = report.records - report.refused + report.notes_attached + report.notes_waiting
    if report.errors and not kept:
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
    (person,) = store.opened(access, [row])
    access.note("pfif.read", record_id)
    return views.copy_view(record_id, register.records(access, [record_id])[record_id].origin, row.source_at, person)


def notes_over(access: Access) -> list[Line]:
    """Return lines for the keys of some notes whose person never came; the trail's row stands before the keys go."""
    return store.notes_over(access)


def drop_notes(access: Access, lines: Sequence[Line]) -> None:
    """Drop the notes of `lines`, whose keys are destroyed."""
    store.drop_notes(access, lines)


def _strays(apart: Mapping[str, Sequence[Note]], own_domain: str, now: datetime, tally: Tally) -> Iterator[Stray]:
    """Yield the notes whose person is not in the file, those of one person together; tell which cannot be kept."""
    for record_id, notes in apart.items():
        about: list[Flaw] = []
        ref, home = traits.home_of(record_id, own_domain, about)
        for note in notes:
            flaws = about or traits.flaws_of_note(note, now)
            if flaws:
                tally.tell(note.line, flaws)
            else:
                yield Stray(ref, home, note)


def _together(strays: Iterator[Stray]) -> Iterator[list[Stray]]:
    batch: list[Stray] = []
    for stray in strays:
        batch.append(stray)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


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
