"""Read a PFIF file: once to refuse it as a whole if anything of it is unsafe or damaged, then person by person."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracing.pfif.errors import overfull
from tracing.pfif.parsers import markup, rows
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.schemas import Note, Person

NOTES_MOST = 20_000
NOTES_SIZE_MOST = 1 << 23  # bytes


@dataclass
class Survey:
    """What a first reading found: notes that stand apart from their person, and how much was ignored."""

    apart: dict[str, list[Note]] = field(default_factory=lambda: defaultdict(list))
    notes: int = 0
    size: int = 0
    persons: int = 0
    ignored: int = 0

    def keep(self, note: Note) -> None:
        """Keep a note that stands apart.

        Raises:
            OverfullFile: there are more than can be kept until their persons come.
        """
        self.notes += 1
        self.size += len(note.raw)
        if self.notes > NOTES_MOST or self.size > NOTES_SIZE_MOST:
            raise overfull("notes-apart", f"more than {NOTES_MOST} notes, or {NOTES_SIZE_MOST} bytes, outside persons")
        self.apart[note.fields.get("person_record_id", "")].append(note)


def survey(staged: Staged, domain: str = "") -> Survey:
    """Read the whole file and keep nothing but the notes that stand apart.

    Raises:
        UnreadableFile, OverfullFile: it is damaged or unsafe somewhere; nothing of it is to be imported.
    """
    found = Survey()
    for one in _scan(staged, domain):
        if isinstance(one, int):
            found.ignored += one
        elif isinstance(one, Note):
            found.keep(one)
        else:
            found.persons += 1
    return found


def read(staged: Staged, found: Survey, domain: str = "") -> Iterator[Person]:
    """Yield every person with their notes, wherever these stand. What is left in `found.apart` is about nobody."""
    done = 0
    for one in _scan(staged, domain):
        if isinstance(one, Person):
            done += 1
            staged.share = done / found.persons
            apart = found.apart.pop(one.fields.get("person_record_id", ""), [])
            yield replace(one, notes=(*one.notes, *apart)) if apart else one


def _scan(staged: Staged, domain: str) -> Iterator[Person | Note | int]:
    with staged.opened() as stream:
        yield from markup.scan(stream) if _is_markup(staged) else rows.scan(stream, domain)


def _is_markup(staged: Staged) -> bool:
    """Return whether the file is XML: by its ending in a zip, else by its first character; wide ones are left to it."""
    if staged.member:
        return staged.member.lower().endswith(".xml")
    start = staged.content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"<", *markup.WIDE))
