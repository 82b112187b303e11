"""Bad lists, each with what is said of it; nothing of what they hold is ever repeated."""

import io
import json
import time
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook, load_workbook

from tests.intake.lists import NDJSON, XLSX, Row, csv_of, neutral, request_row, sheet, sighting_row, workbook
from tests.support import People
from tracing.intake.parsers import read
from tracing.intake.parsers.lines import Source
from tracing.intake.parsers.units import Refusal
from tracing.intake.schemas import ListFormat, ListKind, Order
from tracing.kit.errors import TracingError

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

BAD: tuple[Bad, ...] = (
    # the file as a whole
    ("empty file", REQUESTS, CSV, b"", "file", "empty-file"),
    ("blank file", SIGHTINGS, LINES, b" \n\n", "file", "empty-file"),
    ("Latin-1", REQUESTS, CSV, req(names="Zubaydah Müller").decode().encode("latin-1"), "file", "encoding"),
    ("UTF-16 cut in a character", SIGHTINGS, CSV, see().decode().encode("utf-16")[:-1], "file", "encoding"),
    ("UTF-32", SIGHTINGS, CSV, see().decode().encode("utf-32"), "file", "encoding"),
    ("half of a surrogate pair in UTF-8", SIGHTINGS, CSV, see() + b"\xed\xa0\x80", "file", "encoding"),
    ("bytes of an image", SIGHTINGS, CSV, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "file", "encoding"),
    ("no header at all", SIGHTINGS, CSV, b",,,\n1,2,3,4\n", "file", "header"),
    ("200 columns", SIGHTINGS, CSV, b"a," * 200, "file", "header"),
    # header
    (
        "unknown column",
        SIGHTINGS,
        CSV,
        csv_text(f"home_ref,names,{SECRET},basis,lawful_basis", "1"),
        "column 3",
        "unknown-column",
    ),
    (
        "a row where the header belongs",
        SIGHTINGS,
        CSV,
        csv_text(f"1,{SECRET},female", "x"),
        "column 1",
        "unknown-column",
    ),
    (
        "column twice",
        SIGHTINGS,
        CSV,
        csv_text("home_ref,names,names,basis,lawful_basis", "1"),
        "names",
        "duplicate-column",
    ),
    ("wrong delimiter", SIGHTINGS, CSV, see().replace(b",", b"/"), "column 1", "unknown-column"),
    ("no names", SIGHTINGS, CSV, without("names", sighting_row()), "names", "missing-column"),
    ("no row id", SIGHTINGS, CSV, without("home_ref", sighting_row()), "home_ref", "missing-column"),
    (
        "no enquirer",
        REQUESTS,
        CSV,
        without("enquirer_name", request_row()),
        "enquirer_name",
        "missing-column",
    ),
    (
        "no basis in law",
        REQUESTS,
        CSV,
        without("lawful_basis", request_row()),
        "lawful_basis",
        "missing-column",
    ),
    ("sightings sent as requests", REQUESTS, CSV, see(), "basis", "unknown-column"),
    (
        "wrong header in a workbook",
        SIGHTINGS,
        SHEET,
        sheet([["home_ref", SECRET]]),
        "column 2",
        "unknown-column",
    ),
    # broken CSV
    (
        "quote never closed",
        SIGHTINGS,
        CSV,
        see().replace(SECRET.encode(), b'"' + SECRET.encode()),
        "",
        "unclosed-quote",
    ),
    ("quote inside a cell", SIGHTINGS, CSV, see().replace(SECRET.encode(), b'"Z"ub'), "", "broken-quotes"),
    ("too few cells", SIGHTINGS, CSV, see().rsplit(b",", 1)[0] + b"\n", "", "cell-count"),
    ("too many cells", SIGHTINGS, CSV, see().rstrip() + b",more\n", "", "cell-count"),
    ("a cell without end", SIGHTINGS, CSV, see(names="Z" * 140_000), "", "cell-too-long"),
    # broken NDJSON
    ("not JSON", SIGHTINGS, LINES, b'{"names": ["' + SECRET.encode(), "", "not-json"),
    ("a list", SIGHTINGS, LINES, b'["Zubaydah"]', "", "not-an-object"),
    ("a key twice", SIGHTINGS, LINES, b'{"names": ["a"], "names": ["b"]}', "", "not-json"),
    ("NaN", SIGHTINGS, LINES, b'{"age": NaN}', "", "not-json"),
    ("beyond a number's range", SIGHTINGS, LINES, b'{"age": 1e999}', "", "not-json"),
    ("half of a surrogate pair", SIGHTINGS, LINES, b'{"names": ["\\ud800"]}', "", "not-json"),
    ("nested without end", SIGHTINGS, LINES, b'{"names": ' + b"[" * 100_000, "", "not-json"),
    ("a line without end", SIGHTINGS, LINES, obj(names=["Z" * 1_100_000]), "", "line-too-long"),
    ("unknown key", SIGHTINGS, LINES, obj(**{SECRET: 1}), "column 9", "unknown-column"),
    (
        "unknown key in a name",
        SIGHTINGS,
        LINES,
        obj(names=[{"full": "A", SECRET: 1}]),
        "names",
        "unknown-field",
    ),
    ("a number for a name", SIGHTINGS, LINES, obj(names=[7]), "names", "model-type"),
    ("a text for a list", SIGHTINGS, LINES, obj(names=SECRET), "names", "list-type"),
    ("an object for a text", SIGHTINGS, LINES, obj(birth={"year": 1990}), "birth", "string-type"),
    ("a true age", SIGHTINGS, LINES, obj(age=True, age_date="2020"), "age", "string-type"),
    # texts
    ("NUL", SIGHTINGS, CSV, see(names=f"{SECRET}\0"), "names", "nul-character"),
    ("bidi override", SIGHTINGS, CSV, see(names=f"\u202e{SECRET}"), "names", "bidi-control"),
    ("zero width", SIGHTINGS, CSV, see(names=f"{SECRET}\u200b"), "names", "zero-width"),
    ("line break in a name", SIGHTINGS, CSV, see(names=f"{SECRET}\nAli"), "names", "control-character"),
    ("5,000 characters", SIGHTINGS, CSV, see(names=SECRET * 625), "names", "string-too-long"),
    ("no name in the cell", SIGHTINGS, CSV, see(names=" | "), "names", "too-short"),
    ("thirty names", SIGHTINGS, CSV, see(names="|".join([SECRET] * 30)), "names", "too-long"),
    ("NUL in the row id", SIGHTINGS, CSV, see(home_ref="a\0b"), "home_ref", "nul-character"),
    ("row id of 5,000 characters", SIGHTINGS, CSV, see(home_ref="7" * 5_000), "home_ref", "string-too-long"),
    ("no row id in the cell", SIGHTINGS, CSV, see(home_ref=" "), "home_ref", "missing"),
    # rules
    ("31 February", REQUESTS, CSV, req(birth="1990-02-31"), "birth", "impossible-date"),
    ("reversed interval", SIGHTINGS, CSV, see(birth="1999/1990"), "birth", "impossible-date"),
    ("a date as people write it", SIGHTINGS, CSV, see(birth="12/05/1990"), "birth", "impossible-date"),
    (
        "30 Esfand of a common year",
        SIGHTINGS,
        CSV,
        see(birth="1370-13-01", birth_calendar="solar_hijri"),
        "birth",
        "impossible-date",
    ),
    ("unknown calendar", SIGHTINGS, CSV, see(birth_calendar="mayan"), "birth_calendar", "enum"),
    (
        "impossible date of the sighting",
        SIGHTINGS,
        CSV,
        see(seen_date="2026-13"),
        "seen_date",
        "impossible-date",
    ),
    ("an age without its date", SIGHTINGS, CSV, see(age="34"), "age", "age-without-date"),
    ("an age in words", SIGHTINGS, CSV, see(age="old", age_date="2020"), "age", "impossible-age"),
    ("unknown sex", SIGHTINGS, CSV, see(sex=SECRET), "sex", "enum"),
    ("no country", SIGHTINGS, CSV, see(nationalities="Somalia"), "nationalities", "string-pattern-mismatch"),
    ("a relative without relation", SIGHTINGS, CSV, see(relatives=SECRET), "relatives", "not-a-pair"),
    ("unknown relation", SIGHTINGS, CSV, see(relatives=f"boss={SECRET}"), "relatives", "enum"),
    (
        "unknown identifier",
        SIGHTINGS,
        CSV,
        see(identifiers=f"library={SECRET}"),
        "identifiers",
        "literal-error",
    ),
    ("no basis in law in the cell", SIGHTINGS, CSV, see(lawful_basis=""), "lawful_basis", "missing-consent"),
    ("unknown basis in law", REQUESTS, CSV, req(lawful_basis="curiosity"), "lawful_basis", "enum"),
    ("unknown purpose", REQUESTS, CSV, req(purposes="register|gossip"), "purposes", "enum"),
    ("unknown relationship", REQUESTS, CSV, req(relationship="boss"), "relationship", "enum"),
    ("no relationship", REQUESTS, CSV, req(relationship=""), "relationship", "missing"),
    ("no enquirer in the cell", REQUESTS, CSV, req(enquirer_name=""), "enquirer_name", "missing"),
    (
        "safe perhaps",
        REQUESTS,
        CSV,
        req(enquirer_contact_safe="maybe"),
        "enquirer_contact_safe",
        "literal-error",
    ),
    (
        "a sought person who was seen",
        REQUESTS,
        CSV,
        req(seen_place=SECRET),
        "seen_place",
        "not-for-this-kind",
    ),
    ("unknown basis", SIGHTINGS, CSV, see(basis="dreamt"), "basis", "enum"),
    (
        "self, but a sighting",
        SIGHTINGS,
        CSV,
        see(basis="self", kind="sighting"),
        "basis",
        "basis-of-another-kind",
    ),
    ("two places", SIGHTINGS, CSV, see(seen_place=SECRET), "seen_place", "given-twice"),
    # rows among rows
    (
        "row id twice",
        SIGHTINGS,
        CSV,
        csv_of([sighting_row(1), sighting_row(1)]),
        "home_ref",
        "duplicate-home-ref",
    ),
    (
        "rows of a request apart",
        REQUESTS,
        CSV,
        csv_of([request_row(n, enquirer_ref=ref) for n, ref in enumerate("ABA")]),
        "enquirer_ref",
        "rows-apart",
    ),
    (
        "two enquirers under one reference",
        REQUESTS,
        CSV,
        csv_of([request_row(1, enquirer_ref="A"), request_row(2, enquirer_ref="A", enquirer_name=SECRET)]),
        "enquirer_ref",
        "another-enquirer",
    ),
    (
        "51 sought persons",
        REQUESTS,
        CSV,
        csv_of([request_row(n, enquirer_ref="A") for n in range(51)]),
        "enquirer_ref",
        "too-many",
    ),
    # workbooks
    (
        "formula",
        SIGHTINGS,
        SHEET,
        cell('=HYPERLINK("http://x.example","Zubaydah")', "names"),
        "names",
        "formula",
    ),
    (
        "formula with a stored result",
        SIGHTINGS,
        SHEET,
        in_sheet(BORN, b'<c r="D2"><f>1989+1</f><v>1990</v>'),
        "birth",
        "formula",
    ),
    (
        "error value",
        SIGHTINGS,
        SHEET,
        in_sheet(BORN, b'<c r="D2" t="e"><v>#REF!</v>'),
        "birth",
        "error-value",
    ),
    (
        "a number too long to be exact",
        SIGHTINGS,
        SHEET,
        cell(12345678901234567, "names"),
        "names",
        "number-rounded",
    ),
    (
        "a time instead of a date",
        SIGHTINGS,
        SHEET,
        cell(0.5, "birth", "yyyy-mm-dd"),
        "birth",
        "impossible-date",
    ),
    (
        "a date before all dates",
        SIGHTINGS,
        SHEET,
        cell(-5_000_000, "birth", "yyyy-mm-dd"),
        "birth",
        "impossible-date",
    ),
    (
        "a cell outside the header",
        SIGHTINGS,
        SHEET,
        sheet([list(sighting_row()), [*sighting_row().values(), SECRET]]),
        "",
        "cell-count",
    ),
    (
        "rows on a second sheet",
        SIGHTINGS,
        SHEET,
        sheet([list(sighting_row())], further=[[SECRET]]),
        "file",
        "several-sheets",
    ),
    ("an empty sheet", SIGHTINGS, SHEET, sheet([]), "file", "empty-file"),
    ("no package", SIGHTINGS, SHEET, see(), "file", "not-a-workbook"),
    ("parts over each other", SIGHTINGS, SHEET, lying_over_each_other(), "file", "zip-bomb"),
    ("a cut package", SIGHTINGS, SHEET, workbook([sighting_row()])[:-200], "file", "not-a-workbook"),
    ("a password", SIGHTINGS, SHEET, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file", "encrypted"),
    ("macros", SIGHTINGS, SHEET, repacked(same, **{"xl__vbaProject.bin": b"x"}), "file", "macros"),
    ("controls", SIGHTINGS, SHEET, repacked(same, **{"xl__activeX__activeX1.xml": b"x"}), "file", "macros"),
    ("1,200 members", SIGHTINGS, SHEET, many_members(), "file", "zip-bomb"),
    (
        "a member packed 1:1000",
        SIGHTINGS,
        SHEET,
        repacked(same, **{"xl__media__a.png": bytes(4 << 20)}),
        "file",
        "zip-bomb",
    ),
    (
        "a document type",
        SIGHTINGS,
        SHEET,
        in_sheet(b"<worksheet", DOCTYPE + b"<worksheet"),
        "file",
        "document-type",
    ),
    (
        "tags without end",
        SIGHTINGS,
        SHEET,
        in_sheet(b"<sheetData>", b"<sheetData>" + DEEP),
        "file",
        "xml-too-deep",
    ),
    (
        "a row beyond the last",
        SIGHTINGS,
        SHEET,
        in_sheet(b'<row r="2"', b'<row r="99999999999"'),
        "",
        "not-a-workbook",
    ),
    ("rows out of order", SIGHTINGS, SHEET, in_sheet(b'<row r="2"', b'<row r="1"'), "", "not-a-workbook"),
    (
        "a text that is not there",
        SIGHTINGS,
        SHEET,
        in_sheet(BORN, b'<c r="D2" t="s"><v>99</v>'),
        "",
        "not-a-workbook",
    ),
    (
        "no workbook part",
        SIGHTINGS,
        SHEET,
        repacked(lambda n, c: None if n == "xl/workbook.xml" else c),
        "file",
        "not-a-workbook",
    ),
    (
        "no relations",
        SIGHTINGS,
        SHEET,
        repacked(lambda n, c: None if n == "_rels/.rels" else c),
        "file",
        "not-a-workbook",
    ),
)


def said(kind: ListKind, form: ListFormat, content: bytes) -> list[tuple[str, str, str]]:
    """Everything that is said of a list, as (field, code, detail)."""
    try:
        found = list(read(Order(kind, form), Source(content)))
    except TracingError as error:
        return [(flaw.pointer, flaw.code, flaw.detail) for flaw in error.flaws]
    return [(f.pointer, f.code, f.detail) for one in found if isinstance(one, Refusal) for f in one.flaws]


@pytest.mark.parametrize(
    ("kind", "form", "content", "field", "code"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
class TestBadLists:
    def test_are_refused_with_place_and_reason(
        self, kind: ListKind, form: ListFormat, content: bytes, field: str, code: str
    ) -> None:
        started = time.perf_counter()
        found = said(kind, form, content)
        assert (field, code) in {(pointer, word) for pointer, word, _ in found}, found
        assert time.perf_counter() - started < 1.0
        assert SECRET not in str(found)
        assert "ZZZ" not in str(found)


MEDIA = {CSV: "text/csv", LINES: NDJSON, SHEET: XLSX}


class TestOverHttp:
    def test_each_is_a_4xx_or_a_listed_row_on_both_databases(self, client: TestClient, people: People) -> None:
        for reason, kind, form, content, _, code in BAD:
            answer = client.post(
                f"/v1/imports?kind={kind}",
                content=content,
                headers=people.auth() | {"Content-Type": MEDIA[form]},
            )
            body = answer.json()
            listed = {e["code"] for e in body["errors"]}
            assert answer.status_code == 200 or 400 <= answer.status_code < 500, (reason, answer.text)
            assert code in listed, (reason, answer.text)
            assert SECRET not in answer.text, reason
            if answer.status_code == 200:
                assert body["imported"] > 0, reason
        stored = client.get("/v1/sightings?limit=200", headers=people.auth()).json()["items"]
        assert len(stored) == 1  # the first of two rows with one id


def test_the_table_holds_what_it_says() -> None:
    assert len(BAD) >= 40
    assert len({case[0] for case in BAD}) == len(BAD)
    assert load_workbook(io.BytesIO(workbook([sighting_row(1)]))).active is not None
