"""Fictional lists for tests, in every format."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = ("names", "father", "mother", "nationalities", "purposes")

Row = dict[str, str]


def request_row(number: int = 1, **given: str) -> Row:
    """Return a row of a list of requests that may start at once; all cells are text."""
    return {
        "home_ref": str(number),
        "names": "Amina Yusuf Warsame",
        "sex": "female",
        "birth": "1990-05",
        "father": "Yusuf Warsame",
        "relatives": "sibling=Omar Yusuf|child=Hodan",
        "enquirer_ref": "",
        "enquirer_name": "Abdi Yusuf Warsame",
        "enquirer_contact": "+252 61 555 0101",
        "enquirer_contact_safe": "yes",
        "relationship": "sister",
        "lawful_basis": "public_interest",
        "information_notice_version": "2026-1",
    } | given


def sighting_row(number: int = 1, **given: str) -> Row:
    """Return a row of a list of sightings in which no triage rule finds anything."""
    return {
        "home_ref": str(number),
        "names": "Amina Warsame",
        "sex": "female",
        "birth": "1990",
        "basis": "institution_record",
        "place": "Kakuma",
        "seen_date": "2026-05",
        "lawful_basis": "vital_interest",
    } | given


def csv_of(rows: Sequence[Row], delimiter: str = ",") -> bytes:
    """Return rows as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def neutral(row: Row) -> dict[str, Any]:
    """Return a row of cells as the object of an NDJSON line."""
    made: dict[str, Any] = {}
    for column, cell in row.items():
        if not cell:
            continue
        if column in LISTS:
            made[column] = cell.split("|")
        elif column == "relatives":
            pairs = (part.split("=", 1) for part in cell.split("|"))
            made[column] = [{"relation": relation, "name": name} for relation, name in pairs]
        else:
            made[column] = cell
    return made


def ndjson_of(rows: Sequence[Row]) -> bytes:
    """Return rows as NDJSON."""
    return "".join(json.dumps(neutral(row), ensure_ascii=False) + "\n" for row in rows).encode()


def workbook(rows: Sequence[Row]) -> bytes:
    """Return rows as an XLSX workbook of text cells."""
    return sheet([list(rows[0]), *(list(row.values()) for row in rows)])


def sheet(rows: Sequence[Sequence[Any]], *, further: Sequence[Sequence[Any]] | None = None) -> bytes:
    """Return cells as an XLSX workbook; with `further`, on a second sheet."""
    book = Workbook()
    first = book.active
    assert first is not None
    for row in rows:
        first.append(list(row))
    if further is not None:
        second = book.create_sheet("second")
        for row in further:
            second.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
