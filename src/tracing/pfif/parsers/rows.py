"""Person Finder's CSV: a preamble that may give the time zone, then one person, one note, or both per row."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO

from tracing.pfif.errors import overfull, unreadable
from tracing.pfif.parsers.fields import note_field, person_field, whole
from tracing.pfif.parsers.markup import TEXT_MOST
from tracing.pfif.schemas import Note, Person

LINE_MOST = 1 << 18  # characters
COLUMNS_MOST = 200
PREAMBLE_MOST = 20  # rows before the header
OFFSET_MOST = 14  # hours from UTC
OF_BOTH = frozenset(
    {"person_record_id", "entry_date", "author_name", "author_email", "author_phone", "source_date", "photo_url"}
)
"""Columns that a person and a note have in common; in a row that holds both they are of both."""
OF_NOTE = frozenset({"note_record_id", "status", "author_made_contact", "last_known_location", "text"})
"""Columns of which any makes the row hold a note."""
LOCAL = re.compile(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


def scan(stream: IO[bytes], domain: str) -> Iterator[Person | Note | int]:
    """Yield persons, each with the note of their row, and notes of rows without a person, in the order of the file.

    Args:
        stream: UTF-8, with or without a byte order mark.
        domain: home of the rows whose ids name none; "" leaves such ids as they are.

    Raises:
        UnreadableFile: another encoding, broken quotes, no header, or a time zone that is none.
        OverfullFile: a line, a cell or a header beyond every measure.
    """
    pieces: list[str] = []
    text = io.TextIOWrapper(io.BufferedReader(_Readable(stream)), encoding="utf-8-sig", newline="")
    rows = csv.reader(_lines(text, pieces))
    try:
        names, offset = _header(rows)
        pieces.clear()
        yield sum(_field(name) is None for name in names)
        line = rows.line_num + 1
        for cells in rows:
            raw = "".join(pieces).encode()
            pieces.clear()
            yield from _records(line, dict(zip(names, cells, strict=False)), raw, domain, offset)
            line = rows.line_num + 1
    except UnicodeDecodeError:
        raise unreadable("encoding", f"the file is not UTF-8 from about line {rows.line_num + 1} on") from None
    except csv.Error:
        raise unreadable("broken-quotes", f"the rows cannot be told apart at line {rows.line_num}") from None
    finally:
        text.detach()


class _Readable(io.RawIOBase):
    """A stream that outlives the text read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # io hands over a buffer
        piece = self._stream.read(len(view))
        view[: len(piece)] = piece
        return len(piece)


def _lines(text: io.TextIOWrapper, pieces: list[str]) -> Iterator[str]:
    while line := text.readline(LINE_MOST + 1):
        if len(line) > LINE_MOST:
            raise overfull("line-too-long", f"a line has more than {LINE_MOST} characters")
        if "\0" in line:
            raise unreadable("nul-character", "the file holds NUL characters and is no CSV")
        pieces.append(line)
        yield line


def _header(rows: Iterator[list[str]]) -> tuple[list[str], float]:
    """Return the names of the columns and the hours that local times are ahead of UTC."""
    above: list[str] = []
    settings: dict[str, str] = {}
    for _ in range(PREAMBLE_MOST + 1):
        row = [cell.strip().lower() for cell in next(rows, [])]
        if len(row) > COLUMNS_MOST:
            raise overfull("columns", f"a row has more than {COLUMNS_MOST} columns")
        if "person_record_id" in row:
            return row, _offset(settings.get("time_zone_offset", ""))
        settings |= dict(zip(above, row, strict=False))
        above = row
    raise unreadable("header", "no line names the column person_record_id")


def _offset(text: str) -> float:
    try:
        offset = float(text or "0")
    except ValueError:
        offset = OFFSET_MOST + 1.0
    if not abs(offset) <= OFFSET_MOST:
        raise unreadable("time-zone", f"time_zone_offset is no number of hours from -{OFFSET_MOST} to {OFFSET_MOST}")
    return offset


def _field(name: str) -> str | None:
    return person_field(name) or note_field(name)


def _records(line: int, row: dict[str, str], raw: bytes, domain: str, offset: float) -> Iterator[Person | Note | int]:
    """Yield what one row holds; nothing for a blank one."""
    if any(len(cell) > TEXT_MOST for cell in row.values()):
        raise overfull("element-too-long", f"a cell has more than {TEXT_MOST} characters")
    person: dict[str, str] = {}
    note: dict[str, str] = {}
    for name, cell in row.items():
        value = _at_home(cell.strip(), domain) if name.endswith("_record_id") else cell.strip()
        value = in_utc(value, offset) if name.endswith("_date") else value
        if not value:
            continue
        if (known := note_field(name)) is not None:
            note[known] = value
        if (known := person_field(name)) is not None:
            person[known] = value
    person = {name: value for name, value in person.items() if name not in OF_NOTE}
    has_note = bool(note.keys() & OF_NOTE)
    if has_note and not person.keys() - OF_BOTH:
        yield Note(line, note, raw)
    elif person:
        yield Person(line, whole(person), raw, (Note(line, note, raw),) if has_note else ())


def _at_home(record_id: str, domain: str) -> str:
    return f"{domain}/{record_id}" if domain and record_id and "/" not in record_id else record_id


def in_utc(text: str, offset: float) -> str:
    """Return a local time as PFIF writes it; any other text as it is, so that it is refused with its field."""
    found = LOCAL.fullmatch(text)
    if found is None:
        return text
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return f"{local - timedelta(hours=offset):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError):
        return text
