"""What every test may ask for: a case base on SQLite and on PostgreSQL, people with tokens, a client."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fastapi.testclient import TestClient

from tests.postgres import server
from tests.support import People, hire
from tracing.app import create_app
from tracing.gate.opening import Gate, open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings

DATABASES = ("sqlite", "postgresql")


@cache
def sqlite_template() -> Path:
    """Return a folder with a migrated, empty case base, made once per test process."""
    folder = Path(mkdtemp(prefix="tracing-template-"))
    upgrade(Settings(data_dir=folder))
    return folder


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a migrated, empty case base of this test's own."""
    data_dir = tmp_path / "var"
    if request.param == "sqlite":
        shutil.copytree(sqlite_template(), data_dir)
        yield Settings(data_dir=data_dir)
        return
    postgres = server()
    url = postgres.fresh(template=postgres.template("head", lambda url: upgrade(Settings(data_dir=data_dir, database_url=url))))
    yield Settings(data_dir=data_dir, database_url=url)  # type: ignore[arg-type]  # pydantic makes it secret
    postgres.drop(url)


@pytest.fixture
def gate(settings: Settings) -> Iterator[Gate]:
    """An open gate over an empty case base."""
    settings.data_dir.mkdir(exist_ok=True)
    gate = open_gate(settings)
    yield gate
    gate.close()


@pytest.fixture
def people(gate: Gate) -> People:
    """Two founded societies, KE and UG, with one account of each role; `people.token("caseworker")`."""
    return hire(gate)


@pytest.fixture
def client(settings: Settings, gate: Gate, people: People) -> Iterator[TestClient]:
    """The service over the case base, errors answered as problems instead of raised."""
    with TestClient(create_app(settings, gate), raise_server_exceptions=False) as client:
        yield client
