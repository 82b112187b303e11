"""Files that are bad in one thing: CSV, lines of JSON, workbooks."""

import io
import json
import zipfile
from collections.abc import Callable

from openpyxl import Workbook

from tests.intake.lists import Row, csv_of, neutral, request_row, sighting_row, workbook
from tracing.intake.schemas import ListFormat, ListKind

SECRET = "Zubaydah"
REQUESTS, SIGHTINGS = ListKind.REQUESTS, ListKind.SIGHTINGS
CSV, LINES, SHEET = ListFormat.CSV, ListFormat.NDJSON, ListFormat.XLSX
Bad = tuple[str, ListKind, ListFormat, bytes, str, str]


def req(**given: str) -> bytes:
    """One row of a list of requests, in CSV, that is bad only in `given`."""
    return csv_of([request_row(1, **({"names": SECRET} | given))])


def see(**given: str) -> bytes:
    return csv_of([sighting_row(1, **({"names": SECRET} | given))])


def obj(**given: object) -> bytes:
    """One NDJSON line of a sighting that is bad only in `given`."""
    return json.dumps(neutral(sighting_row(1, names=SECRET)) | given).encode()


def csv_text(header: str, row: str) -> bytes:
    return f"{header}\n{row}\n".encode()


def without(column: str, row: Row) -> bytes:
    return csv_of([{name: cell for name, cell in row.items() if name != column}])


def cell(value: object, column: str = "birth", style: str | None = None) -> bytes:
    """A workbook of one sighting with `value` in a column, unchanged."""
    row: dict[str, object] = {**sighting_row(1, names=SECRET), column: value}
    book = Workbook()
    first = book.active
    assert first is not None
    first.append(list(row))
    first.append(list(row.values()))
    if style is not None:
        first.cell(2, list(row).index(column) + 1).number_format = style
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(change: Callable[[str, bytes], bytes | None], **further: bytes) -> bytes:
    """A good workbook whose members went through `change` (None leaves one out), with further members."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([sighting_row(1, names=SECRET)]))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in further.items():
            new.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def same(_: str, content: bytes) -> bytes:
    return content


def in_sheet(old: bytes, new: bytes) -> bytes:
    def change(name: str, content: bytes) -> bytes:
        if "sheet1.xml" not in name or name.endswith(".rels"):
            return content
        assert old in content
        return content.replace(old, new, 1)

    return repacked(change)


def many_members() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for number in range(1_200):
            package.writestr(f"xl/{number}.xml", b"")
    return stream.getvalue()


def lying_over_each_other() -> bytes:
    """Entries of the directory that point at the same bytes, so that they unpack more than the file holds."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
        package.writestr("a", b"x" * 5_000)
        first = package.infolist()[0]
        for name in ("b", "c"):
            twin = zipfile.ZipInfo(name)
            twin.header_offset, twin.CRC = first.header_offset, first.CRC
            twin.file_size, twin.compress_size = first.file_size, first.compress_size
            package.filelist.append(twin)
            package.NameToInfo[name] = twin
        package._didModify = True  # type: ignore[attr-defined]  # so that the directory is written
    return stream.getvalue()


BORN = b'<c r="D2" t="inlineStr"><is><t>1990</t></is>'
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
DEEP = b"<row><x>" * 20_000
