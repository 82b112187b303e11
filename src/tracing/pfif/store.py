"""Every statement about PFIF copies, and about notes whose person has not come: kept apart till then, or shredded."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, func, select

from tracing.gate.access import Access
from tracing.gate.ledger import Line
from tracing.gate.sealing import open_details, seal_again
from tracing.gate.vault import Place, seal, unseal
from tracing.kit.ids import new_id
from tracing.pfif.notes import EARLIEST, dated, mark_of
from tracing.pfif.schemas import CopyDetails, Note, Person, SealedNote
from tracing.pfif.tables import PfifCopy, PfifNote

KEPT = timedelta(days=30)
"""As long as Person Finder keeps notes without a person."""
AT_ONCE = 400


def add(access: Access, record_id: UUID, key_id: UUID, person: Person, home: str, source_at: datetime) -> PfifCopy:
    """Add the original of a record, sealed with the record's own key."""
    copy_id = new_id()
    row = PfifCopy(
        society=access.society,
        id=copy_id,
        record_id=record_id,
        home=home,
        key_id=key_id,
        details=seal_again(access, PfifCopy, copy_id, key_id, CopyDetails.of(person).beside(person.raw)),
        source_at=source_at,
        imported_at=access.now,
        imported_by=access.caller.account_id,
    )
    access.session.add(row)
    return row


def replace(access: Access, row: PfifCopy, person: Person, source_at: datetime) -> None:
    """Put a newer original in the place of the one that is kept."""
    row.details = seal_again(access, PfifCopy, row.id, row.key_id, CopyDetails.of(person).beside(person.raw))
    row.source_at, row.imported_at, row.imported_by = source_at, access.now, access.caller.account_id
    access.session.add(row)
    access.session.flush()


def flush(access: Access) -> None:
    """Write what was added."""
    access.session.flush()


def copies(access: Access, record_ids: Sequence[UUID]) -> dict[UUID, PfifCopy]:
    """Return the originals of those of `record_ids` that the access sees, by record; at most some hundreds."""
    query = select(PfifCopy).where(col(PfifCopy.record_id).in_(record_ids))
    return {row.record_id: row for row in access.session.exec(query).all()}


def opened(access: Access, rows: Sequence[PfifCopy]) -> list[Person]:
    """Return the originals of `rows`, in their order, with every note that is known about each."""
    parted = [CopyDetails.parted(plain) for plain in open_details(access, rows)]
    return [details.person(raw) for details, raw in parted]


def count_of_home(access: Access, home: str, since: datetime) -> int:
    """Return how many copies of a home's records were made or brought up to date since a moment."""
    query = select(func.count(col(PfifCopy.id))).where(PfifCopy.home == home, col(PfifCopy.imported_at) > since)
    return access.session.exec(query).one()


def keep_notes(access: Access, ref: str, home: str, notes: Sequence[Note]) -> int:
    """Keep notes about somebody who has not come, each once, and return how many are new.

    A newer note takes the place of the one with its id; nothing makes a note wait longer.
    """
    person_hash, kept = _hash(access, "person", ref), 0
    known = {row.mark: row for row in _rows_of(access, [person_hash])}
    held = _opened_notes(access, list(known.values()))
    for note in notes:
        mark = _hash(access, "note", f"{ref}|{mark_of(note)}")
        row = known.get(mark)
        if row is None:
            known[mark] = _add_note(access, person_hash, mark, home, note)
            held[known[mark].id] = note
            kept += 1
        elif row.id in held and (dated(note) or EARLIEST) > (dated(held[row.id]) or EARLIEST):
            row.details = _sealed_note(access, row.id, row.key_id, note)
            access.session.add(row)
            held[row.id] = note
    access.session.flush()
    return kept


def notes_of(access: Access, refs: Iterable[str]) -> dict[str, list[Note]]:
    """Return the notes that wait for some hundreds of persons, the oldest first."""
    by_hash = {_hash(access, "person", ref): ref for ref in refs}
    rows = _rows_of(access, list(by_hash))
    held = _opened_notes(access, rows)
    found: dict[str, list[Note]] = {}
    for row in rows:
        if row.id in held:
            found.setdefault(by_hash[row.person_hash], []).append(held[row.id])
    return {ref: sorted(notes, key=lambda note: dated(note) or EARLIEST) for ref, notes in found.items()}


def end_notes(access: Access, refs: Iterable[str]) -> None:
    """Blank the notes of persons whose copies they have joined; the night destroys their keys."""
    for row in _rows_of(access, [_hash(access, "person", ref) for ref in refs]):
        row.person_hash, row.mark, row.details, row.expires_at = "", row.id.hex, b"", access.now
        access.session.add(row)
    access.session.flush()


def count_of_notes(access: Access, home: str) -> int:
    """Return how many notes wait for persons of a home."""
    query = select(func.count(col(PfifNote.id))).where(PfifNote.home == home, col(PfifNote.expires_at) > access.now)
    return access.session.exec(query).one()


def notes_over(access: Access) -> list[Line]:
    """Return lines for the keys of some notes whose time is over. The trail has its row before the keys go."""
    query = select(PfifNote).where(col(PfifNote.expires_at) <= access.now)
    rows = access.session.exec(query.order_by(col(PfifNote.expires_at), col(PfifNote.id)).limit(AT_ONCE)).all()
    access.note_page("pfif.notes_over", [row.id for row in rows])
    return [Line(row.id, access.now, key_id=row.key_id, society=access.society) for row in rows]


def drop_notes(access: Access, lines: Sequence[Line]) -> None:
    """Drop the notes of `lines`, whose keys are destroyed."""
    query = select(PfifNote).where(col(PfifNote.id).in_([line.subject_id for line in lines]))
    for row in access.session.exec(query).all():
        access.session.delete(row)
    access.session.flush()
    access.note_page("pfif.notes_drop", [line.subject_id for line in lines])


def _hash(access: Access, what: str, text: str) -> str:
    return access.vault.hash(f"pfif note {what}", f"{access.society}|{text}")


def _rows_of(access: Access, hashes: Sequence[str]) -> list[PfifNote]:
    query = select(PfifNote).where(col(PfifNote.person_hash).in_(hashes), col(PfifNote.expires_at) > access.now)
    return list(access.session.exec(query.order_by(col(PfifNote.imported_at), col(PfifNote.id))).all())


def _add_note(access: Access, person_hash: str, mark: str, home: str, note: Note) -> PfifNote:
    note_id, (key_id, _) = new_id(), access.keys.fresh()
    row = PfifNote(
        society=access.society,
        id=note_id,
        person_hash=person_hash,
        mark=mark,
        home=home,
        key_id=key_id,
        details=_sealed_note(access, note_id, key_id, note),
        imported_at=access.now,
        imported_by=access.caller.account_id,
        expires_at=access.now + KEPT,
    )
    access.session.add(row)
    return row


def _opened_notes(access: Access, rows: Sequence[PfifNote]) -> dict[UUID, Note]:
    """Return what the rows hold; one whose key is gone, from a restored backup, holds nothing."""
    ciphers = access.keys.ciphers(row.key_id for row in rows)
    return {
        row.id: SealedNote.model_validate_json(unseal(ciphers[row.key_id], row.details, _place(access, row.id))).note
        for row in rows
        if row.key_id in ciphers
    }


def _sealed_note(access: Access, note_id: UUID, key_id: UUID, note: Note) -> bytes:
    return seal(access.keys.cipher(key_id), SealedNote.of(note).model_dump_json().encode(), _place(access, note_id))


def _place(access: Access, note_id: UUID) -> Place:
    return Place("pfif_note", "details", access.society, note_id)
