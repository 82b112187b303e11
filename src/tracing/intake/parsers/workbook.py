"""XLSX: the first sheet, as a stream. Formulas are never evaluated, and their stored results not taken."""

import math
import re
import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from tracing.intake.parsers.cells import line_of
from tracing.intake.parsers.columns import MOST, Header, read_header
from tracing.intake.parsers.lines import Line, Source, unreadable
from tracing.intake.parsers.package import attribute, open_package, walk
from tracing.intake.parsers.parts import Book, read_book
from tracing.intake.schemas import ListKind
from tracing.kit.errors import Flaw, TracingError

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
TEXT_MOST = 40_000  # characters of one cell; Excel's own limit is 32,767
EXACT = 10**15  # Excel keeps 15 digits of a number
REFERENCE = re.compile(r"([A-Z]{1,3})[1-9][0-9]{0,6}")

Cell = str | Flaw
FORMULA = Flaw("", "formula", "a formula is not evaluated; put its value there")
BROKEN = Flaw("", "error-value", "the cell holds a spreadsheet's error value")
TOO_LONG = Flaw("", "cell-too-long", f"a cell holds at most {TEXT_MOST} characters")
ROUNDED = Flaw("", "number-rounded", "a number this long was rounded by the spreadsheet; enter it as text")
NO_DATE = Flaw("", "impossible-date", "the number stands for no date")


def lines(source: Source, kind: ListKind) -> Iterator[Line]:
    """Yield the rows of the first sheet.

    Raises:
        UnreadableFile: no workbook, encrypted, with macros, damaged, or with rows on further sheets.
        OverfullFile: it unpacks beyond every measure.
        WrongHeader: the first row does not name the columns.
    """
    with open_package(source) as package:
        book = read_book(package)
        if not book.sheets:
            raise unreadable("not-a-workbook", "the workbook has no sheet")
        for sheet in book.sheets[1:]:
            if next(_rows(package, book, sheet), None) is not None:
                raise unreadable("several-sheets", "only the first sheet is read, and another one is not empty")
        rows = _rows(package, book, book.sheets[0], source)
        number, cells = next(rows, (0, []))
        if not cells:
            raise unreadable("empty-file", "the first sheet is empty")
        if len(cells) > MOST:
            raise unreadable("header", "the first row is no header")
        header = read_header(["" if isinstance(cell, Flaw) else cell for cell in cells], kind)
        yield from _lines(rows, header, number)


def _lines(rows: Iterator[tuple[int, list[Cell]]], header: Header, number: int) -> Iterator[Line]:
    try:
        for number, cells in rows:
            while len(cells) < len(header.names):
                cells.append("")
            line = line_of(number, header, cells)
            if line is not None:
                yield line
    except TracingError as error:  # earlier rows may be kept already: what follows is lost, and said
        flaw = error.flaws[0]
        yield Line(number + 1, None, (Flaw("", flaw.code, f"{flaw.detail}; nothing is read from this row on"),))


def _rows(
    package: zipfile.ZipFile, book: Book, sheet: str, source: Source | None = None
) -> Iterator[tuple[int, list[Cell]]]:
    """Yield (number, cells) of the rows that are not empty, cells up to the last that holds something."""
    tags = Rows(book)
    try:
        for share in walk(package, sheet, tags):
            if source is not None:
                source.share = share
            while tags.ready:
                yield tags.ready.popleft()
    except TracingError:
        yield from tags.ready  # what stands before the damage is whole
        raise


@dataclass
class Rows:
    """Gathers the rows of a sheet from its tags."""

    book: Book
    ready: deque[tuple[int, list[Cell]]] = field(default_factory=deque)
    number: int = 0
    column: int = 0
    cells: dict[int, Cell] = field(default_factory=dict)
    kind: str = ""
    style: str = ""
    pieces: list[str] = field(default_factory=list)
    size: int = 0
    has_formula: bool = False
    collecting: bool = False
    guides: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take up a row, a cell, or a value inside one."""
        if name == "row":
            self._start_row(attribute(attributes, "r"))
        elif name == "c":
            self._start_cell(attributes)
        elif name == "f":
            self.has_formula = True
        elif name == "rPh":
            self.guides += 1
        elif name in ("v", "t"):
            self.collecting = not self.guides

    def end(self, name: str) -> None:
        """Finish what was taken up."""
        if name in ("v", "t"):
            self.collecting = False
        elif name == "rPh":
            self.guides -= 1
        elif name == "c":
            value = self._value()
            if value != "":
                self.cells[self.column] = value
        elif name == "row" and self.cells:
            width = max(self.cells)
            self.ready.append((self.number, [self.cells.get(column, "") for column in range(1, width + 1)]))

    def text(self, text: str) -> None:
        """Keep characters of a value, up to what a cell can hold."""
        if self.collecting:
            self.size += len(text)
            if self.size <= TEXT_MOST:
                self.pieces.append(text)

    def _start_row(self, given: str) -> None:
        number = int(given) if given.isdecimal() and len(given) <= 7 else self.number + 1 if not given else 0
        if not self.number < number <= LAST_ROW:
            raise unreadable("not-a-workbook", "the rows of the sheet are out of order")
        self.number, self.column, self.cells = number, 0, {}

    def _start_cell(self, attributes: dict[str, str]) -> None:
        given = attribute(attributes, "r")
        place = REFERENCE.fullmatch(given)
        column = _column(place[1]) if place else self.column + 1 if not given else 0
        if not self.column < column <= LAST_COLUMN:
            raise unreadable("not-a-workbook", "the cells of a row are out of order")
        self.column, self.kind, self.style = column, attribute(attributes, "t"), attribute(attributes, "s")
        self.pieces, self.size, self.has_formula = [], 0, False

    def _value(self) -> Cell:
        if self.has_formula:
            return FORMULA
        if self.size > TEXT_MOST:
            return TOO_LONG
        text = "".join(self.pieces)
        if self.kind in ("inlineStr", "str") or not text:
            return text
        if self.kind == "s":
            return self._shared(text)
        if self.kind == "e":
            return BROKEN
        if self.kind == "b":
            return {"1": "true", "0": "false"}.get(text, BROKEN)
        if self.kind == "d":
            return text[:10]
        return self._number(text)

    def _shared(self, text: str) -> Cell:
        if text.isdecimal() and len(text) <= 7 and int(text) < len(self.book.strings):
            return self.book.strings[int(text)]
        raise unreadable("not-a-workbook", "a cell refers to a text that is not there")

    def _number(self, text: str) -> Cell:
        try:
            value = float(text)
        except ValueError:
            return BROKEN
        if self.style in self.book.dates:
            return _date(value, self.book.since_1904)
        if not math.isfinite(value):
            return BROKEN
        if abs(value) >= EXACT:
            return ROUNDED
        return str(int(value)) if value.is_integer() else repr(value)


def _date(value: float, since_1904: bool) -> Cell:
    try:
        found = from_excel(value, MAC_EPOCH if since_1904 else WINDOWS_EPOCH)
    except (ValueError, OverflowError):
        return NO_DATE
    if isinstance(found, datetime):
        found = found.date()
    return found.isoformat() if isinstance(found, date) else NO_DATE


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
