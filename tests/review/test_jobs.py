"""The night as a job over HTTP: started, followed, stopped, one at a time."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw, run_night
from tests.support import Json, People, made, post
from tests.trails import entries
from tracing.gate.opening import Gate
from tracing.kit import clock
from tracing.kit.settings import Settings
from tracing.night import Night
from tracing.review import nights
from tracing.web import ticks

PATIENCE_S = 60.0


def start(desk: Desk, label: str = "supervisor") -> Any:
    return post(desk.client, "/match-runs", {}, desk.auth(label))


@pytest.fixture
def asked(desk: Desk) -> list[str]:
    """Tokens of the nights that were asked for; none is really started."""
    tokens: list[str] = []
    desk.client.app.state.start_night = lambda settings, token: tokens.append(token)  # type: ignore[attr-defined]  # not declared by the library
    return tokens


def age(gate: Gate, by: timedelta) -> None:
    """Let the last sign of life of every run lie that far back."""
    table = SQLModel.metadata.tables["match_run"]
    with raw(gate) as connection:
        connection.execute(table.update().values(alive_at=clock.now() - by))


class TestStart:
    def test_answers_at_once_and_says_where_to_look(self, desk: Desk, asked: list[str]) -> None:
        answer = start(desk)
        view = made(answer, 202)
        assert (view["state"], view["progress"]) == ("queued", 0)
        assert answer.headers["location"] == f"/v1/jobs/{view['id']}"
        assert made(desk.get(f"/jobs/{view['id']}", "supervisor"), 200) == view
        assert asked == [desk.people.token("supervisor")]

    def test_the_other_process_is_started_when_the_job_can_be_found(self, desk: Desk) -> None:
        found = []
        desk.client.app.state.start_night = lambda settings, token: found.append(  # type: ignore[attr-defined]  # not declared by the library
            len(made(desk.get("/match-runs"), 200))
        )
        made(start(desk), 202)
        assert found == [1]

    def test_one_at_a_time(self, desk: Desk, asked: list[str]) -> None:
        view = made(start(desk), 202)
        again = start(desk)
        assert (again.status_code, again.json()["code"]) == (409, "night-under-way")
        assert start(desk, "supervisor-2").status_code == 409
        age(desk.gate, nights.DEAD_AFTER)
        assert made(start(desk), 202)["id"] == view["id"]
        assert len(asked) == 2

    def test_another_society_is_no_hindrance(self, desk: Desk, asked: list[str]) -> None:
        made(start(desk), 202)
        made(post(desk.client, "/match-runs", {}, desk.auth("supervisor", "UG")), 202)

    def test_a_stopped_one_that_is_taken_up_is_under_way(self, desk: Desk, asked: list[str]) -> None:
        desk.seek()
        desk.report()
        view = made(start(desk), 202)
        made(post(desk.client, f"/jobs/{view['id']}/stop", {}, desk.auth("supervisor")), 202)
        report = desk.night()
        assert report.run is not None
        assert (report.run.state, str(report.run.id)) == ("stopped", view["id"])
        age(desk.gate, timedelta(days=1))
        taken_up = made(start(desk), 202)
        assert (taken_up["id"], taken_up["state"]) == (view["id"], "queued")
        assert start(desk).status_code == 409
        done = desk.night()
        assert done.run is not None
        assert (done.run.state, str(done.run.id)) == ("done", view["id"])
        assert start(desk).status_code == 202

    def test_a_night_with_nothing_to_do_is_done_all_the_same(self, desk: Desk, asked: list[str]) -> None:
        view = made(start(desk), 202)
        desk.night()
        assert made(desk.get(f"/jobs/{view['id']}"), 200)["state"] == "done"

    def test_is_for_supervisors(self, desk: Desk, asked: list[str]) -> None:
        for label in ("caseworker", "intake", "auditor", "partner"):
            assert start(desk, label).status_code == 403, label
        assert asked == []
        refused = [e.act for e in entries(desk.gate, desk.people) if e.outcome == "refused"]
        assert refused == ["night:run"] * 4


class TestFollow:
    def test_tells_the_end_and_keeps_no_connection(
        self, desk: Desk, asked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ticks, "INTERVAL_S", 0.01)
        desk.seek()
        desk.report()
        view = made(start(desk), 202)
        before = desk.gate.engine.pool.checkedout()  # type: ignore[attr-defined]  # a queue pool has it
        told: list[str] = []
        true = nights.show

        def show(access: Any, run_id: Any) -> Any:
            told.append("look")
            return true(access, run_id)

        monkeypatch.setattr(nights, "show", show)
        monkeypatch.setattr(ticks, "sleep", lambda _: _night_meanwhile(desk, told))
        answer = desk.get(f"/jobs/{view['id']}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        states = [json.loads(line[6:])["state"] for line in answer.text.splitlines() if line.startswith("data: ")]
        assert states == ["queued", "done"]
        assert (before, desk.gate.engine.pool.checkedout()) == (0, 0)  # type: ignore[attr-defined]  # not declared by the library

    def test_ends_when_the_token_stops(self, desk: Desk, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        view = made(start(desk), 202)
        table = SQLModel.metadata.tables["token"]

        async def revoke(_: float) -> None:
            with raw(desk.gate) as connection:
                connection.execute(table.update().values(revoked_at=clock.now()))

        monkeypatch.setattr(ticks, "sleep", revoke)
        assert desk.get(f"/jobs/{view['id']}/events").text.count("event: progress") == 1
        assert desk.gate.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # not declared by the library

    def test_of_another_society_or_nobody_is_absent(self, desk: Desk, asked: list[str]) -> None:
        view = made(start(desk), 202)
        for path in (f"/jobs/{view['id']}", f"/jobs/{view['id']}/events"):
            assert desk.get(path, society="UG").status_code == 404
            assert desk.get(path.replace(view["id"], "00000000-0000-4000-8000-000000000000")).status_code == 404
        assert desk.get("/match-runs", society="UG").json() == []


async def _night_meanwhile(desk: Desk, told: list[str]) -> None:
    if told.count("night") == 0:
        told.append("night")
        run_night(desk.gate, desk.people.token("supervisor"))


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """Serve the case base by a process of its own; lend a client of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (sys.executable, "-m", "uvicorn", "tracing.app:serve", "--factory", "--port", str(port))
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(Path("src").resolve())}
    server = subprocess.Popen(
        (*command, "--log-level", "error"),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            until = time.monotonic() + PATIENCE_S
            while time.monotonic() < until:
                try:
                    client.get("/livez")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


class TestRealServer:
    @pytest.mark.slow
    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_a_night_is_started_followed_to_its_end_and_then_another_may(
        self, settings: Settings, people: People, desk: Desk
    ) -> None:
        desk.seek()
        desk.report()
        auth = people.auth("supervisor")
        with served(settings) as server:
            view: Json = made(server.post("/v1/match-runs", headers=auth), 202)
            assert server.post("/v1/match-runs", headers=auth).status_code == 409
            states: list[str] = []
            with server.stream("GET", f"/v1/jobs/{view['id']}/events", headers=auth) as events:
                for line in events.iter_lines():
                    if line.startswith("data: "):
                        states.append(json.loads(line[6:])["state"])
            assert states[0] in ("queued", "running")
            assert states[-1] == "done"
            assert made(server.get(f"/v1/jobs/{view['id']}", headers=auth), 200)["progress"] == 1
            assert len(server.get("/v1/suggestions", headers=auth).json()["items"]) == 1
        assert Night(desk.gate, people.token("supervisor")).run().run is None
