"""Notes wherever they came from: each once, the newest last word of its author."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from tracing.pfif.dates import moment
from tracing.pfif.schemas import Note, Status

EARLIEST = datetime.min.replace(tzinfo=UTC)
TRUE = {"true": True, "1": True, "false": False, "0": False}
"""How `author_made_contact` is written; anything else says nothing."""


def status_of(note: Note) -> Status | None:
    """Return what a note says of the person, None for nothing that PFIF knows."""
    said = note.fields.get("status", "")
    return Status(said) if said in set(Status) else None


def dated(note: Note) -> datetime | None:
    """Return when its author wrote a note, else when the file had it."""
    return moment(note.fields.get("source_date", "") or note.fields.get("entry_date", ""))


def contact_of(note: Note) -> bool | None:
    """Return whether its author has spoken to the person; None where that is not said."""
    return TRUE.get(note.fields.get("author_made_contact", "").lower())


def newest(notes: Sequence[Note]) -> list[Note]:
    """Return notes, the newest first; of equal or unknown date in the reverse order of the file."""
    order = sorted(enumerate(notes), key=lambda one: (dated(one[1]) or EARLIEST, one[0]))
    return [note for _, note in reversed(order)]


def mark_of(note: Note) -> str:
    """Return by what a note is known again: its own id, else all that it says."""
    return note.fields.get("note_record_id") or json.dumps(dict(sorted(note.fields.items())))


def merged(known: Iterable[Note], more: Iterable[Note]) -> tuple[Note, ...]:
    """Return every note once; of two with the same id the newer one, of equal age the one that was known."""
    found: dict[str, Note] = {}
    for note in (*known, *more):
        before = found.get(mark_of(note))
        if before is None or (dated(note) or EARLIEST) > (dated(before) or EARLIEST):
            found[mark_of(note)] = note
    return tuple(found.values())
