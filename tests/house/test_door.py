"""Lock 3: every route passes a door, and each role gets exactly what the grants table says."""

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from tests.house.doors import OPEN, SIGNED, doors, unguarded
from tests.support import People
from tests.trails import entries
from tracing.app import ROUTERS, create_app
from tracing.gate.opening import Gate
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.kit.settings import Settings
from tracing.web.door import RequestReader


def written(router: APIRouter) -> int:
    """Count the routes of a feature as its file declares them."""
    return len(router.routes)


def nothing() -> None:
    """Answer without asking who asks."""


def refused(status: int) -> bool:
    return status == 403


class TestEveryRoute:
    def test_is_seen_by_the_walk(self, client: TestClient) -> None:
        found = doors(client.app)  # type: ignore[arg-type]  # Starlette's client names no FastAPI
        assert len(found) == sum(map(written, ROUTERS)) + len(OPEN) + 1  # the document answers HEAD as well
        assert len(found) > 40

    def test_passes_a_door_but_for_four(self, client: TestClient) -> None:
        found = doors(client.app)  # type: ignore[arg-type]  # as above
        assert unguarded(found) == []
        assert {door.path for door in found if not door.asks} == OPEN

    def test_without_a_door_is_found_wherever_it_stands(self, settings: Settings, gate: Gate) -> None:
        app = create_app(settings, gate)
        inner, outer = APIRouter(), APIRouter()
        inner.add_api_route("/forgotten", nothing, methods=["GET"])
        outer.include_router(inner, prefix="/deep")
        app.include_router(outer, prefix="/v1")
        app.add_api_route("/beside", nothing, methods=["POST"])
        assert unguarded(doors(app)) == ["/beside", "/v1/deep/forgotten"]

    def test_is_not_guarded_by_a_dependency_that_is_no_door(self) -> None:
        def looks_like_one() -> None: ...

        looks_like_one.permission = "requests:read"  # type: ignore[attr-defined]  # a word, not a permission

        def guarded(access: RequestReader) -> None: ...

        app = FastAPI(openapi_url=None)
        app.add_api_route("/guarded", guarded, methods=["GET"])
        app.add_api_route("/ajar", nothing, methods=["GET"], dependencies=[Depends(looks_like_one)])
        assert unguarded(doors(app)) == ["/ajar"]


class TestNobody:
    @pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", "Basic dHJhY2luZzp4"])
    def test_gets_401_everywhere(self, client: TestClient, token: str) -> None:
        headers = {"Authorization": token} if token else {}
        for door in doors(client.app):  # type: ignore[arg-type]  # as above
            if door.path in OPEN:
                continue
            answer = client.request(door.method, door.url(), headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unidentified"), door
            assert answer.headers["WWW-Authenticate"] == "Bearer"


class TestEachRole:
    """Role by route, without a body: refused where the table has no grant, let in where it has one."""

    @pytest.mark.slow
    @pytest.mark.parametrize("role", Role)
    def test_is_refused_exactly_where_the_table_says_no(
        self, client: TestClient, gate: Gate, people: People, role: Role
    ) -> None:
        client.app.state.start_night = lambda settings, token: None  # type: ignore[attr-defined]  # no process
        expected: list[Permission] = []
        for door in doors(client.app):  # type: ignore[arg-type]  # as above
            if door.path in OPEN:
                continue
            answer = client.request(door.method, door.url(), headers=people.auth(role))
            if door.path in SIGNED:
                assert answer.status_code == 401, door
                continue
            lacks = [asked for asked in door.asks if asked not in GRANTS[role]]
            assert answer.status_code < 500, (door, answer.text)
            assert refused(answer.status_code) == bool(lacks), (door, answer.text)
            assert answer.status_code != 401, door
            expected += lacks[:1]
        rows = [entry.act for entry in entries(gate, people) if entry.outcome == "refused"]
        assert rows == expected

    def test_the_table_leaves_no_permission_that_nobody_holds(self) -> None:
        assert set().union(*GRANTS.values()) == set(Permission)
