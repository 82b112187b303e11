"""CSV: comma, semicolon or tab, told by the header; quotes as in RFC 4180, strictly."""

import csv
import io
from collections.abc import Iterator

from tracing.intake.parsers.cells import line_of
from tracing.intake.parsers.columns import MOST, WORDS, Header, plain, read_header
from tracing.intake.parsers.lines import Line, Source, text_of, unreadable
from tracing.intake.schemas import ListKind
from tracing.kit.errors import Flaw

DELIMITERS = (",", ";", "\t")
HEADER_LONGEST = 20_000


def lines(source: Source, kind: ListKind) -> Iterator[Line]:
    """Yield the rows of a CSV file.

    Raises:
        UnreadableFile: empty, of another encoding, or without a readable first line.
        WrongHeader: the first line does not name the columns.
    """
    text = text_of(source)
    try:
        yield from _lines(text, source, kind)
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper, source: Source, kind: ListKind) -> Iterator[Line]:
    first = text.readline(HEADER_LONGEST)
    delimiter = sniff(first)
    header = read_header(_cells(first, delimiter), kind)
    rows = csv.reader(_followed(text, source), delimiter=delimiter, strict=True)
    while True:
        number = rows.line_num + 2  # the header was read beside the reader
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, None, (_flaw(str(error), number, rows.line_num + 1),))
            continue
        line = line_of(number, header, _bounded(cells, header))
        if line is not None:
            yield line


def _followed(text: io.TextIOWrapper, source: Source) -> Iterator[str]:
    for piece in text:
        source.follow()
        yield piece


def sniff(first: str) -> str:
    """Return the delimiter under which a header line names most columns; a comma in doubt."""
    return max(DELIMITERS, key=lambda d: sum(plain(cell) in WORDS for cell in _split(first, d)))


def _split(first: str, delimiter: str) -> list[str]:
    """Return the cells of a header line; none when its quotes do not fit the delimiter."""
    try:
        return next(csv.reader([first], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _cells(first: str, delimiter: str) -> list[str]:
    cells = _split(first, delimiter)
    if len(cells) > MOST or not any(cell.strip() for cell in cells):
        raise unreadable("header", "the first line cannot be read as a header")
    return cells


def _bounded(cells: list[str], header: Header) -> list[str | Flaw]:
    """Leave out what a spreadsheet hangs on: empty cells to the right of the last column."""
    while len(cells) > len(header.names) and not cells[-1].strip():
        cells.pop()
    return list(cells)


def _flaw(reason: str, first: int, last: int) -> Flaw:
    """Return what is wrong; `reason` is the csv module's own word, which never quotes the file."""
    swallowed = f", read as far as line {last}" if last > first else ""
    if reason.startswith("unexpected end"):
        return Flaw("", "unclosed-quote", f"a quote is opened and never closed{swallowed}")
    if reason.startswith("field larger"):
        return Flaw("", "cell-too-long", f"a cell is longer than any list has, or a quote is not closed{swallowed}")
    return Flaw("", "broken-quotes", f"a quote stands where none may stand{swallowed}")
