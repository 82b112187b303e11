"""The small parts of a workbook: where its sheets are, its shared strings, which styles are dates."""

import posixpath
import zipfile
from dataclasses import dataclass, field

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from tracing.intake.errors import OverfullFile
from tracing.intake.parsers.lines import unreadable
from tracing.intake.parsers.package import attribute, walk
from tracing.kit.errors import Flaw

MOST_STRINGS = 2_000_000
MOST_CHARACTERS = 32_000_000
MOST_SMALL = 100_000  # entries of the other parts: sheets, relations, styles


@dataclass
class Relations:
    """Where the parts are that another part refers to: id → (type's last word, path)."""

    base: str
    found: dict[str, tuple[str, str]] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attribute(attributes, "TargetMode") != "External":
            kind = attribute(attributes, "Type").rpartition("/")[2]
            path = posixpath.normpath(posixpath.join("/", self.base, attribute(attributes, "Target")))
            self.found[attribute(attributes, "Id")] = kind, path.lstrip("/")
            _refuse_crowds(len(self.found))

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass

    def first(self, kind: str) -> str | None:
        """Return the path of the first part of a kind, or None."""
        return next((path for known, path in self.found.values() if known == kind), None)


@dataclass
class Sheets:
    """Relation ids of the workbook's sheets, in their order, and from which day it counts dates."""

    ids: list[str] = field(default_factory=list)
    since_1904: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.ids.append(attribute({k: v for k, v in attributes.items() if ":" in k}, "id"))
            _refuse_crowds(len(self.ids))
        elif name == "workbookPr":
            self.since_1904 = attribute(attributes, "date1904") in ("1", "true")

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


@dataclass
class Styles:
    """Which cell styles show a number as a date."""

    formats: dict[str, str] = field(default_factory=dict)
    styles: list[str] = field(default_factory=list)
    inside: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self.formats[attribute(attributes, "numFmtId")] = attribute(attributes, "formatCode")[:255]
        elif name == "cellXfs":
            self.inside = True
        elif name == "xf" and self.inside:
            self.styles.append(attribute(attributes, "numFmtId"))
        _refuse_crowds(len(self.formats) + len(self.styles))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self.inside = False

    def text(self, text: str) -> None:
        pass

    def dates(self) -> frozenset[str]:
        """Return the numbers of the styles that show dates, as they stand in a cell's `s`."""
        known = {str(number): form for number, form in BUILTIN_FORMATS.items()} | self.formats
        return frozenset(str(place) for place, form in enumerate(self.styles) if is_date_format(known.get(form)))


@dataclass
class Strings:
    """The strings that cells share; phonetic guides beside them are no part of the text."""

    found: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    collecting: bool = False
    guides: int = 0
    characters: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.pieces = []
        elif name == "rPh":
            self.guides += 1
        elif name == "t":
            self.collecting = not self.guides

    def end(self, name: str) -> None:
        if name == "t":
            self.collecting = False
        elif name == "rPh":
            self.guides -= 1
        elif name == "si":
            self.found.append("".join(self.pieces))
            if len(self.found) > MOST_STRINGS:
                raise crowded()

    def text(self, text: str) -> None:
        if self.collecting:
            self.pieces.append(text)
            self.characters += len(text)
            if self.characters > MOST_CHARACTERS:
                raise crowded()


@dataclass(frozen=True, slots=True)
class Book:
    """What is needed to read a workbook's sheets.

    Attributes:
        sheets: paths of the worksheets, in their order.
        dates: styles that show dates.
    """

    sheets: tuple[str, ...]
    strings: list[str]
    dates: frozenset[str]
    since_1904: bool


def read_book(package: zipfile.ZipFile) -> Book:
    """Read everything but the sheets.

    Raises:
        UnreadableFile: a part is absent, damaged or unsafe.
        OverfullFile: more strings than a list can have.
    """
    root = _relations(package, "")
    path = root.first("officeDocument")
    if path is None:
        raise unreadable("not-a-workbook", "the file is no XLSX workbook")
    around = _relations(package, path)
    book, styles, strings = Sheets(), Styles(), Strings()
    for part, tags in (
        (path, book),
        (around.first("styles"), styles),
        (around.first("sharedStrings"), strings),
    ):
        if part is not None:
            for _ in walk(package, part, tags):
                pass
    sheets = [around.found.get(sheet, ("", "")) for sheet in book.ids]
    return Book(tuple(p for kind, p in sheets if kind == "worksheet"), strings.found, styles.dates(), book.since_1904)


def _relations(package: zipfile.ZipFile, path: str) -> Relations:
    folder, name = posixpath.split(path)
    relations = Relations(folder)
    for _ in walk(package, posixpath.join(folder, "_rels", f"{name}.rels"), relations):
        pass
    return relations


def crowded() -> OverfullFile:
    """Return the error of a workbook that holds more text than any list."""
    detail = "the workbook holds more text than a list can have"
    return OverfullFile(detail, [Flaw("file", "zip-bomb", detail)])


def _refuse_crowds(entries: int) -> None:
    if entries > MOST_SMALL:
        raise crowded()
