"""A token that may file and not read learns the id of what it filed, the first time and each time again."""

from typing import Any

import pytest

from tests.review.desk import Desk
from tests.sightings.reports import report
from tests.support import Json, made, post, request_draft
from tracing.gate.permissions import Permission as P

KEY = {"Idempotency-Key": "once-and-again-0001"}
WAYS: dict[str, tuple[P, P, Json, dict[str, Any]]] = {
    "/sightings": (P.SIGHTINGS_WRITE, P.SIGHTINGS_READ, report(), {"narrative": "Canary: the shelter."}),
    "/tracing-requests": (
        P.REQUESTS_WRITE,
        P.REQUESTS_READ,
        {**request_draft(), "start": False},
        {"already_tried": "Canary: an uncle."},
    ),
}


@pytest.fixture
def desk(client: Any, people: Any, gate: Any) -> Desk:
    return Desk(client, people, gate)


@pytest.mark.parametrize("path", WAYS)
def test_a_token_that_only_writes_is_told_the_id_and_nothing_else(desk: Desk, path: str) -> None:
    write, _, draft, change = WAYS[path]
    writer = desk.scoped("caseworker", [write])
    first = post(desk.client, path, draft, writer, **KEY)
    record_id = made(first)["id"]
    assert first.headers["location"] == f"/v1{path}/{record_id}"
    assert "etag" not in first.headers
    desk.change(f"{path}/{record_id}", **change)
    assert desk.client.get(f"/v1{path}/{record_id}", headers=writer).status_code == 403
    again = post(desk.client, path, draft, writer, **KEY)
    assert made(first) == made(again) == {"id": record_id}


@pytest.mark.parametrize("path", WAYS)
def test_a_token_that_reads_too_is_shown_what_stands_there_now(desk: Desk, path: str) -> None:
    write, read, draft, change = WAYS[path]
    both = desk.scoped("caseworker", [write, read])
    record_id = made(post(desk.client, path, draft, both, **KEY))["id"]
    desk.change(f"{path}/{record_id}", **change)
    again = made(post(desk.client, path, draft, both, **KEY))
    assert "Canary" in str(again)
