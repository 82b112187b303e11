"""What the readers make of good lists, and that no bytes whatever bring them down."""

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.intake.lists import csv_of, ndjson_of, request_row, sheet, sighting_row, workbook
from tracing.intake.errors import OverfullFile, UnreadableFile, WrongHeader
from tracing.intake.parsers import delimited, ndjson, read
from tracing.intake.parsers import workbook as workbooks
from tracing.intake.parsers.columns import KNOWN
from tracing.intake.parsers.lines import Line, Source
from tracing.intake.parsers.units import Refusal, RequestUnit, SightingUnit
from tracing.intake.schemas import ListFormat, ListKind, Order

REQUESTS, SIGHTINGS = ListKind.REQUESTS, ListKind.SIGHTINGS


def sightings(content: bytes, form: ListFormat = ListFormat.CSV) -> list[SightingUnit]:
    found = list(read(Order(SIGHTINGS, form), Source(content)))
    assert [one for one in found if isinstance(one, Refusal)] == []
    return [one for one in found if isinstance(one, SightingUnit)]


def lines(content: bytes) -> list[Line]:
    return list(workbooks.lines(Source(content), SIGHTINGS))


class TestCsv:
    text = csv_of([sighting_row(1, names="Amina Yusuf|أمينة يوسف"), sighting_row(2)]).decode()

    @pytest.mark.parametrize(
        ("reason", "content"),
        [
            ("plain UTF-8", text.encode()),
            ("UTF-8 with a mark", text.encode("utf-8-sig")),
            ("UTF-16, as Excel's Unicode text", text.encode("utf-16")),
            ("UTF-16, big end first", b"\xfe\xff" + text.encode("utf-16-be")),
            ("line feeds alone", text.replace("\r\n", "\n").encode()),
            ("carriage returns alone", text.replace("\r\n", "\r").encode()),
            ("blank lines between", text.replace("\r\n", "\r\n\r\n").encode()),
            ("lines of nothing but delimiters", (text + ",,,,,,,\r\n").encode()),
            ("empty columns hung on", text.replace("\r\n", ",,\r\n").encode()),
            ("a header in capitals and spaces", text.replace("home_ref,names", "HOME_REF , Names").encode()),
        ],
    )
    def test_is_read_as_spreadsheets_write_it(self, reason: str, content: bytes) -> None:
        one, two = sightings(content)
        assert [n.full for n in one.draft().person.names] == ["Amina Yusuf", "أمينة يوسف"], reason
        assert two.draft().sighting_place == "Kakuma"

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("quoted", [False, True])
    def test_the_delimiter_is_told_by_the_header(self, delimiter: str, quoted: bool) -> None:
        content = csv_of([sighting_row(1, place="Kakuma, Turkana; Kenya")], delimiter)
        if quoted:
            first, rest = content.split(b"\r\n", 1)
            sign = delimiter.encode()
            content = sign.join(b'"' + name + b'"' for name in first.split(sign)) + b"\r\n" + rest
        assert sightings(content)[0].draft().sighting_place == "Kakuma, Turkana; Kenya"

    def test_line_numbers_are_those_of_an_editor(self) -> None:
        text = csv_of([sighting_row(1, names='Ali "the\nelder"'), sighting_row(2, sex="F")])
        found = [one for one in read(Order(SIGHTINGS, ListFormat.CSV), Source(text)) if isinstance(one, Refusal)]
        assert [one.line for one in found] == [2, 4]

    def test_rows_after_a_broken_one_are_read(self) -> None:
        text = csv_of([sighting_row(n) for n in range(1, 4)]).replace(b"2,Amina", b'2,"Ami"na')
        found = list(delimited.lines(Source(text), SIGHTINGS))
        assert [(one.number, bool(one.flaws)) for one in found] == [(2, False), (3, True), (4, False)]

    def test_a_cell_that_looks_like_a_formula_is_text(self) -> None:
        assert sightings(csv_of([sighting_row(1, place="=1+1")]))[0].draft().sighting_place == "=1+1"


class TestNdjson:
    def test_takes_names_with_script_and_silence_as_null(self) -> None:
        row = (
            '{"home_ref":"1","names":[{"full":"أمينة","script":"Arab"}],"sex":null,"age":30,"age_date":"2020",'
            '"basis":"self","lawful_basis":"consent"}'
        ).encode()
        (one,) = sightings(b"\xef\xbb\xbf" + row + b"\r\n\r\n", ListFormat.NDJSON)
        person = one.draft().person
        assert (person.names[0].script, person.sex, person.age) == ("Arab", "unknown", "30")

    def test_rows_after_a_line_without_end_are_read(self) -> None:
        good = ndjson_of([sighting_row(1)])
        found = list(ndjson.lines(Source(b"x" * 3_000_000 + b"\n" + good), SIGHTINGS))
        assert [(one.number, bool(one.flaws)) for one in found] == [(1, True), (2, False)]


class TestWorkbook:
    @pytest.mark.parametrize(
        ("value", "style", "read_as"),
        [
            (1990, "General", "1990"),
            (1990.0, "0.00", "1990"),
            (252615550101, "0", "252615550101"),
            (0.5, "General", "0.5"),
            (True, "General", "true"),
            (dt.date(1990, 5, 17), "dd/mm/yyyy", "1990-05-17"),
            (dt.datetime(1990, 5, 17, 13, 30), "yyyy-mm-dd hh:mm", "1990-05-17"),  # noqa: DTZ001  # a sheet knows no zone
            (dt.date(1900, 2, 1), "yyyy-mm-dd", "1900-02-01"),
            ("'1990", "@", "'1990"),
        ],
    )
    def test_a_cell_is_read_as_it_is_shown(self, value: Any, style: str, read_as: str) -> None:
        book = Workbook()
        first = book.active
        assert first is not None
        first.append(["home_ref", "names", "basis", "lawful_basis", "birth"])
        first.append(["1", "Ali", "self", "consent", value])
        first.cell(2, 5).number_format = style
        stream = io.BytesIO()
        book.save(stream)
        (line,) = lines(stream.getvalue())
        assert line.record is not None
        assert line.record["birth"] == read_as

    def test_blank_rows_and_short_rows_are_no_fault(self) -> None:
        row = sighting_row(1)
        (line,) = lines(sheet([list(row), [], [""], [*row.values(), None, ""]]))
        assert (line.number, line.flaws) == (4, ())

    def test_a_second_sheet_that_is_empty_is_no_fault(self) -> None:
        row = sighting_row(1)
        assert len(lines(sheet([list(row), list(row.values())], further=[[None]]))) == 1

    def test_shared_strings_as_excel_writes_them(self) -> None:
        columns = ["home_ref", "names", "basis", "lawful_basis"]
        texts = [*columns, "7", "<r><t>Am</t></r><r><t>ina</t></r><rPh><t>guide</t></rPh>", "self", "consent"]
        shared = "".join(f"<x:si>{t if '<' in t else f'<t>{t}</t>'}</x:si>" for t in texts)
        cells = "".join(f'<c r="{letter}1" t="s"><v>{n}</v></c>' for n, letter in enumerate("ABCD"))
        second = "".join(f'<c t="s"><v>{n}</v></c>' for n in range(4, 8))
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        bond = "<Relationship Id='{}' Type='{}/{}' Target='{}'/>"
        parts = {
            "_rels/.rels": [bond.format("a", kind, "officeDocument", "/xl/workbook.xml")],
            "xl/workbook.xml": [f"<sheets xmlns:r='{kind}'>", "<sheet name='1' r:id='s'/></sheets>"],
            "xl/_rels/workbook.xml.rels": [
                bond.format("s", kind, "worksheet", "worksheets/a.xml"),
                bond.format("t", kind, "sharedStrings", "sharedStrings.xml"),
            ],
            "xl/sharedStrings.xml": [shared],
            "xl/worksheets/a.xml": [f"<row>{cells}</row>", f"<row r='2'>{second}</row>"],
        }
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as package:
            for name, content in parts.items():
                package.writestr(name, f"<all xmlns:x='n'>{''.join(content)}</all>")
        (line,) = lines(stream.getvalue())
        assert line.record == {
            "home_ref": "7",
            "names": ["Amina"],
            "basis": "self",
            "lawful_basis": "consent",
        }

    def test_a_damaged_end_costs_only_what_follows(self) -> None:
        rows = [sighting_row(n) for n in range(1, 4)]
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(workbook(rows))) as old, zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content.replace(b'<row r="4"', b"<row < ") if "sheet1.xml" in name else content)
        *good, bad = lines(stream.getvalue())
        assert [one.number for one in good] == [2, 3]
        assert (bad.number, bad.flaws[0].code) == (4, "not-a-workbook")


class TestRequests:
    def test_the_enquirer_is_read_with_contacts_and_grounds(self) -> None:
        row = request_row(1, enquirer_contact="a@mail.example|Lviv, vul. 1|social=@abdi", enquirer_basis="consent")
        (unit,) = read(Order(REQUESTS, ListFormat.CSV), Source(csv_of([row])))
        assert isinstance(unit, RequestUnit)
        enquirer = unit.enquirer
        assert [(c.kind, c.value, c.safe) for c in enquirer.contacts] == [
            ("email", "a@mail.example", "yes"),
            ("address", "Lviv, vul. 1", "yes"),
            ("social", "@abdi", "yes"),
        ]
        assert {c.lawful_basis for c in enquirer.consents} == {"consent"}
        assert {(b.lawful_basis, b.obtained) for b in unit.sought[0][1].sought.basis} == {
            ("public_interest", "not_asked")
        }

    def test_purposes_are_those_that_are_named(self) -> None:
        (unit,) = read(Order(REQUESTS, ListFormat.CSV), Source(csv_of([request_row(1, purposes="register")])))
        assert isinstance(unit, RequestUnit)
        assert [b.purpose for b in unit.sought[0][1].sought.basis] == ["register"]

    def test_no_contact_is_no_safe_contact(self) -> None:
        (unit,) = read(Order(REQUESTS, ListFormat.CSV), Source(csv_of([request_row(1, enquirer_contact="")])))
        assert isinstance(unit, RequestUnit)
        assert unit.enquirer.no_safe_contact


def drained(kind: ListKind, form: ListFormat, content: bytes) -> int:
    """Read whatever it is and return how many rows were told of, or, below zero, how many flaws the file has.

    Anything else than a deliberate refusal comes out of here.
    """
    try:
        return len(list(read(Order(kind, form, start=True), Source(content))))
    except (UnreadableFile, OverfullFile, WrongHeader) as error:
        return -len(error.flaws)


CELLS = st.text(max_size=12) | st.sampled_from(['"', "|", "=", "self", "1990", "consent", "\0", "\n", "sister"])
HEADERS = st.lists(st.sampled_from(sorted(KNOWN[SIGHTINGS])), max_size=8).map(
    lambda more: list(dict.fromkeys(["home_ref", "names", "basis", "lawful_basis", *more]))
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=8,
)
GOOD_WORKBOOK = workbook([sighting_row(n) for n in range(1, 4)])
FORMS = st.sampled_from(list(ListFormat))
KINDS = st.sampled_from(list(ListKind))


class TestAnyBytes:
    @given(KINDS, FORMS, st.binary(max_size=400))
    def test_noise(self, kind: ListKind, form: ListFormat, content: bytes) -> None:
        assert drained(kind, form, content) != 0 or form is not ListFormat.XLSX

    @given(HEADERS, st.lists(st.lists(CELLS, max_size=10), max_size=5), st.sampled_from(",;\t"))
    def test_a_header_with_anything_below(self, header: list[str], rows: list[list[str]], sign: str) -> None:
        text = "\n".join(sign.join(cells) for cells in [header, *rows])
        drained(SIGHTINGS, ListFormat.CSV, text.encode("utf-8", "replace"))

    @given(
        KINDS,
        st.lists(st.dictionaries(st.sampled_from(sorted(KNOWN[REQUESTS])), JSON, max_size=8), max_size=3),
    )
    def test_any_values_under_known_keys(self, kind: ListKind, rows: list[dict[str, Any]]) -> None:
        drained(kind, ListFormat.NDJSON, "\n".join(map(json.dumps, rows)).encode())

    @pytest.mark.slow
    @settings(max_examples=300)
    @given(st.data())
    def test_a_workbook_with_some_bytes_changed(self, data: st.DataObject) -> None:
        content = bytearray(GOOD_WORKBOOK)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        drained(SIGHTINGS, ListFormat.XLSX, bytes(content))

    @pytest.mark.slow
    @settings(max_examples=200)
    @given(st.data())
    def test_a_workbook_with_its_parts_changed(self, data: st.DataObject) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(GOOD_WORKBOOK)) as old, zipfile.ZipFile(stream, "w") as new:
            name = data.draw(st.sampled_from([n for n in old.namelist() if not n.startswith("docProps")]))
            for each in old.namelist():
                content = old.read(each)
                if each == name:
                    start = data.draw(st.integers(0, len(content)))
                    end = data.draw(st.integers(start, min(len(content), start + 40)))
                    put = data.draw(st.binary(max_size=8) | st.sampled_from([b"<v>", b"</c>", b'r="1"', b'"', b"<f/>"]))
                    content = content[:start] + put + content[end:]
                new.writestr(each, content)
        drained(SIGHTINGS, ListFormat.XLSX, stream.getvalue())
