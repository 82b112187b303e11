"""One case base per database for a whole module: bad input must leave it as it was."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.badinput.drafts import SIGHTING, request_of_everything
from tests.badinput.world import World, rows
from tests.conftest import DATABASES, sqlite_template
from tests.postgres import server
from tests.support import hire, made
from tracing.app import create_app
from tracing.gate.opening import open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings


@pytest.fixture(scope="module", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A case base with a request and a sighting in it, kept for the module."""
    folder: Path = tmp_path_factory.mktemp("world") / "var"
    if request.param == "sqlite":
        shutil.copytree(sqlite_template(), folder)
        settings, url = Settings(data_dir=folder), None
    else:
        postgres = server()
        template = postgres.template("head", lambda url: upgrade(Settings(data_dir=folder, database_url=url)))
        url = postgres.fresh(template=template)
        folder.mkdir(exist_ok=True)
        settings = Settings(data_dir=folder, database_url=url)  # type: ignore[arg-type]  # pydantic makes it secret
    gate = open_gate(settings)
    app = create_app(settings, gate)
    app.state.start_night = lambda settings, token: None
    with TestClient(app, raise_server_exceptions=False) as client:
        people = hire(gate)
        opened = made(
            client.post("/v1/tracing-requests", json=request_of_everything(), headers=people.auth())
        )
        seen = made(client.post("/v1/sightings", json=SIGHTING, headers=people.auth()))
        world = World(client, people, settings, opened, seen)
        for path in (
            f"/tracing-requests/{opened['id']}",
            f"/sought-persons/{world.sought_id}",
            f"/sightings/{seen['id']}",
        ):
            world.tags[path] = world.send("GET", path).headers["ETag"]
        yield world
    gate.close()
    if url is not None:
        server().drop(url)


@pytest.fixture
def unchanged(world: World) -> Iterator[None]:
    """Nothing that a test sends may leave a trace but on the trail."""
    before = rows(world.settings)
    yield
    after = rows(world.settings)
    assert {name for name in after if after[name] != before.get(name)} == set()
