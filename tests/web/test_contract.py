"""The service answers as its contract says, whatever is sent: calls made up from it, on both databases.

An operation's calls are made up after its schema and against it. After it, ids and entity tags are mostly
those of records that exist, so that the calls get past 404 and 412.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import schemathesis
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from tests.badinput.world import World, opened
from tests.conftest import DATABASES, stage
from tests.house import matrix
from tests.house.doors import ID, Door, doors
from tests.postgres import server
from tests.review.desk import Desk, run_night
from tests.support import People
from tests.web.reaching import Reaching, names_in, peopled, reachable
from tracing.app import create_app
from tracing.gate.opening import open_gate
from tracing.kit.errors import NotFound

AFTER, AGAINST = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
ANSWERED = [check for check in CHECKS if check is not checks.negative_data_rejection]
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
# the generator's forms hold numbers for files; tests/intake and tests/exchange send real ones
# They end what others need, so they come last.
LAST = ("/withdrawal", "/data-subject/", "/disable", "/revoke")
FEW, SOME, MANY = 4, 6, 20
"""How many calls to an operation; some are enough for PostgreSQL, since the service above it is the same."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("sqlite", marks=pytest.mark.xdist_group("contract sqlite")),
        pytest.param("postgresql", marks=[pytest.mark.slow, pytest.mark.xdist_group("contract postgresql")]),
    ],
)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A case base with a request, a sighting and the night's suggestions in it, kept for the module."""
    with opened(request.param, tmp_path_factory.mktemp("contract") / "var") as world:
        gate = world.client.app.state.gate  # type: ignore[attr-defined]  # Starlette's client names no state
        run_night(gate, world.people.token("operator"))
        world.suggestion_id = world.send("GET", "/suggestions").json()["items"][0]["id"]
        yield world


def operations(world: "World | Desk") -> list[Any]:
    """Return the operations of the contract, those that end something last."""
    document = world.client.get("/openapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)  # the token is ours to send; who lacks one is test_door's subject
            content = operation.get("requestBody", {"content": {}})["content"]
            for form in FORMS:
                content.pop(form, None)
            if not content:
                operation.pop("requestBody", None)
    found = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok), result
        found.append(result.ok())
    return sorted(found, key=lambda operation: any(part in operation.path for part in LAST))


class Caller:
    """Sends made-up calls as somebody who may do what is asked, checks the answers and counts them."""

    def __init__(self, world: World, mode: GenerationMode) -> None:
        self.world = world
        self.mode = mode
        self.dice = random.Random(7)
        self.statuses: Counter[int] = Counter()
        self.known = {
            "request_id": world.request["id"],
            "sought_id": world.sought_id,
            "sighting_id": world.sighting["id"],
            "suggestion_id": world.suggestion_id,
            "record_id": world.sighting["id"],
        }

    def every(self, operation: Any, examples: int) -> None:
        """Send so many calls to an operation; raise what was wrong with an answer."""

        @seed(20261123)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=self.mode))
        def send(case: Case[Any]) -> None:
            self.send(case)

        send()

    def send(self, case: Case[Any]) -> None:
        headers = self._identity(case)
        if self.mode is AFTER and self.dice.random() < 0.6:
            case.path_parameters = {**case.path_parameters, **self._existing(case.path_parameters)}
            headers |= self._tag(case)
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent["headers"] = {**(sent.get("headers") or {}), **headers}
        sent["content"] = sent.pop("data", None)
        sent.pop("cookies", None)
        answer = self.world.client.request(**sent)
        self.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    def _existing(self, asked: dict[str, Any]) -> dict[str, str]:
        return {name: self.known[name] for name in asked if name in self.known}

    def _tag(self, case: Case[Any]) -> dict[str, str]:
        if case.method not in ("PATCH", "POST") or not case.path_parameters:
            return {}
        path = case.formatted_path
        for record in (path, path.rpartition("/")[0]):
            answer = self.world.client.get(record, headers=self.world.people.auth("supervisor"))
            if "ETag" in answer.headers:
                return {"If-Match": answer.headers["ETag"]}
        return {}

    def _identity(self, case: Case[Any]) -> dict[str, str]:
        accounts = "account" in case.path or "token" in case.path
        return self.world.people.auth("operator" if accounts else "supervisor")


def _is_breakable(operation: Any) -> bool:
    """Return whether a call can go against the schema: any word will do for a path's part that is a plain string."""
    schemas = [part.definition["schema"] for part in operation.path_parameters]
    narrow = any(schema["type"] != "string" or schema.keys() - {"type", "title"} for schema in schemas)
    return bool(operation.body or operation.query or narrow)


def deviations(
    world: World, mode: GenerationMode, examples: int, every: int = 1
) -> tuple[dict[str, str], dict[str, Caller]]:
    """Return what went against the contract by operation, and what was counted, at every so many operations."""
    wrong, callers = {}, {}
    for operation in operations(world)[::every]:
        callers[operation.label] = caller = Caller(world, mode)
        if mode is AGAINST and not _is_breakable(operation):
            continue
        try:
            caller.every(operation, examples)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # whatever it is, it is told
            inner = getattr(error, "exceptions", (error,))
            wrong[operation.label] = "\n".join(f"{type(e).__name__}: {e}" for e in inner)
    return wrong, callers


class TestContract:
    @pytest.mark.parametrize("mode", [AFTER, AGAINST], ids=["after", "against"])
    def test_holds_for_a_few_calls(self, world: World, mode: GenerationMode) -> None:
        wrong, callers = deviations(world, mode, FEW, every=20)
        assert wrong == {}
        assert sum(sum(caller.statuses.values()) for caller in callers.values()) > 15

    @pytest.mark.slow
    @pytest.mark.parametrize("mode", [AFTER, AGAINST], ids=["after", "against"])
    def test_holds_for_many_calls(self, world: World, mode: GenerationMode) -> None:
        wrong, callers = deviations(world, mode, MANY if world.settings.embedded else SOME)
        assert wrong == {}
        reached = {label for label, caller in callers.items() if any(s < 300 for s in caller.statuses)}
        assert mode is AGAINST or len(reached) > 25, sorted(callers.keys() - reached)

    def test_sees_a_route_that_answers_otherwise(self, world: World) -> None:
        router = APIRouter()

        @router.get("/planted")
        def planted(limit: int = 1) -> dict[str, int]:
            return {"half": 1 // limit}

        app: Any = world.client.app
        app.include_router(router)
        app.openapi_schema = None
        found = [operation for operation in operations(world) if operation.path == "/planted"]
        with pytest.raises(BaseException, match=r"Server error|Undocumented"):
            Caller(world, AFTER).every(found[0], 40)


def _checks_of(answer: Response) -> list[Any]:
    """Return what an answer is held against; the schema of a stream is that of all of it, and is read per event."""
    streams = answer.headers.get("Content-Type", "").startswith("text/event-stream")
    return [check for check in ANSWERED if not (streams and check is checks.response_schema_conformance)]


def unreached(reaching: Reaching, operations: dict[str, Any], doors: Sequence[Door]) -> dict[str, str]:
    """Return the operations that no call of good faith reached, each with the last answer, or that answered otherwise.

    Reached is an operation whose answer is a success, and as the contract says.
    """
    lacking = {}
    for door in doors:
        lacking[label := f"{door.method} {door.path}"] = "nobody could try"
        for answer in reaching.tries(door):
            lacking[label] = f"{answer.status_code} {answer.text[:200]}"
            if answer.is_success:
                try:
                    case = operations[label].Case(path_parameters=dict.fromkeys(names_in(door.path), ID))
                    case.validate_response(answer, checks=_checks_of(answer))
                    del lacking[label]
                except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # whatever it is, it is told
                    inner = getattr(error, "exceptions", (error,))
                    lacking[label] = "\n".join(f"{type(e).__name__}: {e}" for e in inner)
                break
    return lacking


@pytest.fixture(
    scope="module", params=[pytest.param(d, marks=pytest.mark.xdist_group(f"reach {d}")) for d in DATABASES]
)
def reaching(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reaching]:
    folder = tmp_path_factory.mktemp("reach") / "var"
    with matrix.opened(request.param, folder, stage, server) as (settings, people):
        settings = settings.model_copy(update={"pfif_domain": "ke.example.org"})
        gate = open_gate(settings)
        app = create_app(settings, gate)
        app.state.start_night = lambda settings, token: None  # no process of its own
        with TestClient(app, raise_server_exceptions=False) as client:
            assert isinstance(people, People)
            yield peopled(Desk(client, people, gate))
        gate.close()


@pytest.mark.slow
class TestReach:
    """Every operation is reached with success at least once, by somebody who may, about something that is there."""

    def test_is_whole(self, reaching: Reaching, record_property: Callable[[str, object], None]) -> None:
        known = {operation.label: operation for operation in operations(reaching.desk)}
        wanted = reachable(doors(reaching.desk.client.app))  # type: ignore[arg-type]  # Starlette's client names no FastAPI
        lacking = unreached(reaching, known, wanted)
        record_property("reached", len(wanted) - len(lacking))
        assert lacking == {}
        assert {f"{door.method} {door.path}" for door in wanted} <= known.keys()
        assert len(wanted) > 120

    def test_sees_an_operation_that_nobody_reaches_and_one_that_answers_otherwise(self, reaching: Reaching) -> None:
        router = APIRouter()

        @router.get("/v1/planted")
        def planted() -> dict[str, int]:
            raise NotFound("no such thing")

        @router.get("/v1/planted-too")
        def planted_too() -> dict[str, int]:
            return JSONResponse({"half": "a half"})  # type: ignore[return-value]  # the fault

        app: Any = reaching.desk.client.app
        app.include_router(router)
        app.openapi_schema = None
        known = {operation.label: operation for operation in operations(reaching.desk)}
        found = unreached(
            reaching, known, [door for door in doors(app) if "planted" in door.path and door.method == "GET"]
        )
        assert found["GET /v1/planted"].startswith("404")
        assert "half" in found["GET /v1/planted-too"]
