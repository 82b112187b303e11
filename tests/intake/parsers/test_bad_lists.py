"""Bad lists are refused with place and reason; nothing of what they hold is ever repeated."""

import io
import time

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from tests.intake.lists import NDJSON, XLSX, sighting_row, workbook
from tests.intake.parsers.bad_files import (
    CSV,
    LINES,
    SECRET,
    SHEET,
)
from tests.intake.parsers.bad_lists import BAD
from tests.support import People
from tracing.intake.parsers import read
from tracing.intake.parsers.lines import Source
from tracing.intake.parsers.units import Refusal
from tracing.intake.schemas import ListFormat, ListKind, Order
from tracing.kit.errors import TracingError


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
