"""Errors as problems: one shape, and no word of what was sent or of what went wrong inside."""

import logging

import pytest
from fastapi.testclient import TestClient

from tests.badinput.world import CANARY
from tests.support import People, post
from tracing.app import create_app
from tracing.gate.opening import Gate
from tracing.kit import errors
from tracing.kit.errors import Busy, Flaw, Invalid, TooMany, TracingError
from tracing.web.problems import MOST_FLAWS, answer, flaws_of, pointer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
KNOWN = frozenset({"person", "names", "full", "birth_place", "limit", "If-Match"})


class TestAccident:
    @pytest.fixture
    def broken(self, gate: Gate) -> TestClient:
        def break_down() -> None:
            raise ValueError(f"no such person: {CANARY}")

        app = create_app(gate.settings, gate)
        app.add_api_route("/broken", break_down)
        return TestClient(app, raise_server_exceptions=False)

    def test_is_a_problem_without_its_text(self, broken: TestClient) -> None:
        told = broken.get("/broken", headers={"X-Request-Id": TRACE})
        assert told.status_code == 500
        assert told.headers["Content-Type"] == "application/problem+json"
        assert told.headers["X-Request-Id"] == told.json()["request_id"] == TRACE
        assert CANARY not in told.text

    def test_is_logged_by_its_kind_and_request_only(self, broken: TestClient, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "tracing")
        broken.get("/broken", headers={"X-Request-Id": TRACE})
        told = [vars(record)["tracing"] for record in caplog.records if record.name == "tracing"]
        assert {"event": "accident", "error": "ValueError", "request_id": TRACE} in told
        assert CANARY not in str(told)

    def test_is_counted(self, broken: TestClient, people: People) -> None:
        broken.get("/broken")
        line = 'tracing_requests_total{method="GET",route="/broken",status="500"} 1.0'
        assert line in broken.get("/metrics", headers=people.auth("operator")).text


class TestAnswer:
    @pytest.mark.parametrize(
        "kind",
        [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TracingError)],
    )
    def test_has_the_facts_of_its_class(self, kind: type[TracingError]) -> None:
        told = answer(kind("what", [Flaw("/a", "b", "c")]), "7")
        assert told.status_code == kind.status
        assert told.media_type == "application/problem+json"
        assert told.headers["X-Request-Id"] == "7"

    @pytest.mark.parametrize("kind", [Busy, TooMany])
    def test_says_when_to_try_again(self, kind: type[TracingError]) -> None:
        assert int(answer(kind("later"), "7").headers["Retry-After"]) > 0

    def test_lists_no_more_than_a_hundred_flaws(self) -> None:
        told = answer(Invalid("much", [Flaw("/a", "b", "c")] * 5000), "7")
        assert bytes(told.body).count(b'"pointer"') == MOST_FLAWS


class TestPointer:
    @pytest.mark.parametrize(
        ("place", "told"),
        [
            (("body", "person", "names", 0, "full"), "/person/names/0/full"),
            (("body", CANARY), "/…"),
            (("body", "person", CANARY.lower(), "full"), "/person/…/full"),
            (("body", "queries", "q1", "person"), "/…/q1/person"),
            (("body", "q12345"), "/…"),
            (("body",), ""),
            ((), ""),
            (("query", "limit"), "query:limit"),
            (("query", CANARY), "query:…"),
            (("header", "If-Match"), "header:If-Match"),
            (("path", "function-after[check(), str]"), "path:…"),
        ],
    )
    def test_tells_names_of_fields_only(self, place: tuple[str | int, ...], told: str) -> None:
        assert pointer(place, KNOWN) == told


class TestFlaw:
    def test_suggests_the_field_that_was_meant(self) -> None:
        error = {"type": "extra_forbidden", "loc": ("body", "brith_place"), "msg": CANARY}
        assert flaws_of([error], KNOWN) == [Flaw("/…", "unknown-field", "no such field; did you mean `birth_place`?")]

    def test_suggests_nothing_for_somebodys_name(self) -> None:
        error = {"type": "extra_forbidden", "loc": ("body", CANARY), "msg": CANARY}
        assert flaws_of([error], KNOWN) == [Flaw("/…", "unknown-field", "no such field")]

    @pytest.mark.parametrize("kind", ["value_error", "uuid_parsing", "int_parsing", "json_invalid", "assertion_error"])
    def test_repeats_no_message_that_may_quote(self, kind: str) -> None:
        assert CANARY not in str(flaws_of([{"type": kind, "loc": ("body",), "msg": CANARY}], KNOWN))


class TestRefusal:
    def test_knows_the_fields_without_writing_the_contract(self, gate: Gate, people: People) -> None:
        app = create_app(gate.settings, gate)
        told = post(TestClient(app), "/sightings", {"persom": {}}, people.auth())
        assert told.status_code == 422
        assert "did you mean `person`?" in told.text
        assert app.openapi_schema is None


class TestAllow:
    def test_names_every_method_of_the_path(self, client: TestClient, people: People) -> None:
        told = client.put("/v1/sightings/00000000-0000-4000-8000-000000000000", headers=people.auth())
        assert (told.status_code, told.headers["Allow"]) == (405, "GET, PATCH")
