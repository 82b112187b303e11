"""The contract reads well: what a linter of OpenAPI files would ask, without one."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.house.doors import OPEN
from tracing.app import create_app
from tracing.cli.openapi import FILE
from tracing.gate.opening import Gate
from tracing.web import openapi
from tracing.web.fields import names_of
from tracing.web.problems import Problem

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
# Bodies that people write by hand; the others are one or two fields.
SHOWN = (
    "RequestDraft",
    "SightingDraft",
    "MatchDraft",
    "DecisionDraft",
    "DecisionsDraft",
    "WithdrawalDraft",
    "AccountDraft",
    "EventDraft",
    "TriageDraft",
    "ScreenDraft",
    "GlassDraft",
    "InterviewDraft",
    "ResultDraft",
    "ApprovalDraft",
)


@pytest.fixture(scope="module")
def contract() -> Json:
    made: Json = json.loads((ROOT / FILE).read_text(encoding="utf-8"))  # test_openapi: it has not drifted
    return made


def operations(contract: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def findings(contract: Json) -> list[str]:
    """Return everything that a reader or a program would stumble over, as `operation: what`."""
    found = []
    seen: set[str] = set()
    for name, operation in operations(contract):
        told = list(_lint(name, operation))
        if operation["operationId"] in seen:
            told.append("its operationId is another's, too")
        seen.add(operation["operationId"])
        found += [f"{name}: {what}" for what in told]
    return found


def _lint(name: str, operation: Json) -> Iterator[str]:
    path = name.split()[1]
    shut = path not in OPEN or path == "/metrics"  # open to callers on this machine where a setting says so
    if not re.fullmatch(r"[a-z][a-z_]+", operation.get("operationId", "")):
        yield "its operationId is no plain word"
    if len(operation.get("tags", ())) != 1:
        yield "it has not one tag"
    if len(operation.get("description", "")) < 20:
        yield "it has no description"
    if bool(operation.get("security")) != shut:
        yield "its security is not that of its door"
    answers = operation["responses"]
    needed = {"400", "401", "403", "503"} if shut else set()
    needed |= {"413", "415", "422"} if "requestBody" in operation else set()
    needed |= {"422"} if operation.get("parameters") else set()
    needed |= {"404"} if "{" in path else set()
    if missing := needed - answers.keys():
        yield f"it does not tell of {sorted(missing)}"
    for status, answer in answers.items():
        if not answer.get("description"):
            yield f"{status} has no description"
        if status >= "400" and answer.get("content") != PROBLEM:
            yield f"{status} is no problem"
        if status == "200" and "content" not in answer:
            yield "what it answers is not told"
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "path" and not parameter.get("description"):
            yield f"{parameter['name']} has no description"


def names(node: Any) -> Iterator[str]:
    """Yield the names of all fields and parameters that a contract tells."""
    if isinstance(node, list):
        for inner in node:
            yield from names(inner)
    elif isinstance(node, dict):
        if isinstance(fields := node.get("properties"), dict):
            yield from fields
        if "in" in node and isinstance(name := node.get("name"), str):
            yield name
        for inner in node.values():
            yield from names(inner)


class TestContract:
    def test_has_nothing_to_stumble_over(self, contract: Json) -> None:
        assert findings(contract) == []

    def test_has_every_route(self, contract: Json) -> None:
        assert len(list(operations(contract))) > 40

    def test_says_whose_it_is(self, contract: Json) -> None:
        assert contract["openapi"].startswith("3.1")
        assert contract["info"]["license"]["identifier"] == "Apache-2.0"
        assert contract["servers"]
        assert contract["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
        assert {tag["name"] for tag in contract["tags"]} == {
            operation["tags"][0] for _, operation in operations(contract)
        }
        assert all(tag["description"] for tag in contract["tags"])

    def test_knows_no_error_but_problems(self, contract: Json) -> None:
        assert not {"HTTPValidationError", "ValidationError"} & contract["components"]["schemas"].keys()
        assert "HTTPValidationError" not in json.dumps(contract)

    @pytest.mark.parametrize("shape", SHOWN)
    def test_shows_an_example_of_each_body(self, contract: Json, shape: str) -> None:
        schema = contract["components"]["schemas"][shape]
        examples = schema.get("examples") or [
            {name: field["examples"][0] for name, field in schema["properties"].items() if "examples" in field}
        ]
        assert set(schema["required"]) <= examples[0].keys()

    def test_a_route_without_manual_tag_or_errors_is_found(self) -> None:
        app = FastAPI(generate_unique_id_function=openapi.operation_id)
        app.add_api_route("/v1/mute/{mute_id}", lambda mute_id: None, methods=["POST"], name="Mute2")
        openapi.install(app)
        told = {line.split(": ", 1)[1] for line in findings(app.openapi())}
        assert told >= {
            "its operationId is no plain word",
            "it has not one tag",
            "it has no description",
            "its security is not that of its door",
            "it does not tell of ['400', '401', '403', '404', '422', '503']",
        }


class TestNames:
    def test_are_those_that_a_refusal_may_tell(self, contract: Json, gate: Gate) -> None:
        signature = {contract["components"]["securitySchemes"]["HTTPMessageSignature"]["name"]}
        assert names_of(create_app(gate.settings, gate).routes, Problem) == set(names(contract)) - signature

    def test_of_forms_and_files_are_among_them(self, contract: Json) -> None:
        assert {"file", "grant_type", "If-Match", "names", "pointer"} <= set(names(contract))


class TestExamples:
    @pytest.mark.parametrize(
        ("shape", "path"),
        [
            ("RequestDraft", "/v1/tracing-requests"),
            ("SightingDraft", "/v1/sightings"),
            ("MatchDraft", "/v1/match"),
        ],
    )
    def test_work(self, client: TestClient, people: Any, contract: Json, shape: str, path: str) -> None:
        for example in contract["components"]["schemas"][shape]["examples"]:
            answer = client.post(path, json=example, headers=people.auth())
            assert answer.status_code < 300, answer.text
