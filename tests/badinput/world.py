"""A case base with something in it, and what every refusal of bad input must look like."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from fastapi.testclient import TestClient
from httpx import Response
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from tests.badinput.drafts import REQUEST, SIGHTING
from tests.conftest import beside, stage
from tests.postgres import server
from tests.support import Json, People, made
from tracing.gate.opening import open_gate
from tracing.kit.settings import Settings

CANARY = "Zqxjkvwy"
"""Stands in every value and key that is sent; it is no part of any word that we write."""

# Refusals are put on the trail, identifying somebody is not a write, and spare keys are minted in batches.
GROW = frozenset({"trail_entry", "trail_head", "record_key", "alembic_version"})


@dataclass
class World:
    """The service over one database, with a request and a sighting of KE's."""

    client: TestClient
    people: People
    settings: Settings
    request: Json
    sighting: Json
    tags: dict[str, str] = field(default_factory=dict)
    suggestion_id: str = ""

    @property
    def sought_id(self) -> str:
        return str(self.request["sought"][0]["id"])

    def send(self, method: str, path: str, *, label: str = "caseworker", society: str = "KE", **more: Any) -> Response:
        given = self.people.auth(label, society) | more.pop("headers", {})
        headers = {name: value if isinstance(value, bytes) else value.encode() for name, value in given.items()}
        known = path.replace("{sought}", self.sought_id)
        answer: Response = self.client.request(method, f"/v1{known}", headers=headers, **more)
        return answer

    def raw(self, method: str, path: str, content: bytes, **headers: str) -> Response:
        known = {"Content-Type": "application/json", "If-Match": self.tags.get(path, '"x"')} | headers
        label = "supervisor" if path.startswith("/data-subject/") else "caseworker"
        return self.send(method, path, label=label, content=content, headers=known)

    def refused(self, method: str, path: str, body: Any, **headers: str) -> Json:
        return problem(self.raw(method, path, json.dumps(body).encode(), **headers))


@contextmanager
def opened(database: str, folder: Path) -> Iterator[World]:
    """Open a case base of our own with a request and a sighting in it."""
    known = stage(database, True)
    shutil.copytree(known.folder, folder)
    url = None if database == "sqlite" else server().fresh(template="hired True")
    settings = Settings(data_dir=folder, database_url=url and SecretStr(url))
    gate = open_gate(settings)
    app = beside(gate)
    app.state.start_night = lambda settings, token: None  # no process of its own
    with TestClient(app, raise_server_exceptions=False) as client:
        people = known.people
        assert people is not None
        request = made(client.post("/v1/tracing-requests", json=REQUEST, headers=people.auth()))
        sighting = made(client.post("/v1/sightings", json=SIGHTING, headers=people.auth()))
        world = World(client, people, settings, request, sighting)
        for path in (f"/tracing-requests/{request['id']}", f"/sought-persons/{world.sought_id}"):
            world.tags[path] = world.send("GET", path).headers["ETag"]
        path = f"/sightings/{sighting['id']}"
        world.tags[path] = world.send("GET", path).headers["ETag"]
        yield world
    gate.close()
    if url is not None:
        server().drop(url)


def problem(answer: Response, status: int | None = None, code: str | None = None) -> Json:
    """Return a problem's body after checking that it is one, is ours, and says nothing of what was sent."""
    assert 400 <= answer.status_code < 500, answer.text
    body: Json = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert body["type"] == f"/problems/{body['code']}"
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["X-Request-Id"]
    for flaw in body["errors"]:
        assert set(flaw) == {"pointer", "code", "detail"}
    assert CANARY.casefold() not in (answer.text + str(answer.headers)).casefold()
    if status is not None:
        assert (answer.status_code, body["code"]) == (status, code or body["code"]), answer.text
    return body


def rows(settings: Settings) -> dict[str, str]:
    """Return a digest of each table's rows, those left out that grow by a refusal itself."""
    return {name: _digest(found) for name, found in tables(settings) if name not in GROW}


def tables(settings: Settings) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yield each table of the case base and of the key store with its rows, past every lock."""
    if settings.embedded:
        for path in (settings.main_url, settings.key_store_url):
            yield from _sqlite_tables(Path(path.removeprefix("sqlite:///")))
        return
    admin = make_url(server().admin_url(settings.main_url)).set(drivername="postgresql")
    with psycopg.connect(admin.render_as_string(hide_password=False)) as connection:
        query = "select schemaname, tablename from pg_tables"
        for schema, name in connection.execute(query).fetchall():
            if schema in ("pg_catalog", "information_schema"):
                continue
            listed = psycopg.sql.SQL("select * from {}").format(psycopg.sql.Identifier(schema, name))
            yield name, connection.execute(listed).fetchall()


def _sqlite_tables(path: Path) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        names = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (name,) in names:
            if not name.startswith("sqlite_"):
                yield name, connection.execute(f'select * from "{name}"').fetchall()  # noqa: S608  # our own names
    finally:
        connection.close()


def _digest(found: list[tuple[Any, ...]]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, found))).encode()).hexdigest()
