"""What every test may ask for: a case base on SQLite and on PostgreSQL, people with tokens, a client."""

import atexit
import gc
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr

from tests import engines
from tests.postgres import server
from tests.support import People, hire
from tracing.app import Nights, create_app
from tracing.gate.opening import Gate, open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings
from tracing.review import suggest

# No test is timed: a busy machine must not turn one red.
hypothesis_settings.register_profile("house", deadline=None, max_examples=50)
hypothesis_settings.load_profile("house")
engines.install()


ON_BOTH = re.compile(
    r"tests/gate/test_(admit|bulk|erasing|guard\w*|leases|ledger|rls|rooms|trail|vault)\.py"
    r"|/test_\w*races\.py|tests/web/test_(health|overload)\.py"
)
"""Where the database itself matters; everything else runs on PostgreSQL in the slow part of the suite."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the rooms on PostgreSQL to the slow part: there it is the same service over another gate."""
    for item in items:
        known = getattr(item, "callspec", None)
        if known is not None and "postgresql" in known.params.values() and not ON_BOTH.search(item.nodeid):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays: thousands of tests make a full collection take a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


DATABASES = ("sqlite", "postgresql")
SERVICE: list[FastAPI] = []


@dataclass(frozen=True)
class Stage:
    """A case base made once per test process and copied for each test: its folder, and whom it employs."""

    folder: Path
    hired: People | None

    @property
    def people(self) -> People | None:
        """Whom it employs, anew for each who asks: whoever hires more of them does so for themselves."""
        return None if self.hired is None else People(dict(self.hired.tokens))


@cache
def stage(database: str, hired: bool) -> Stage:
    """Return a migrated case base, empty or with the people of `hire` in it; its connections are closed."""
    folder = Path(mkdtemp(prefix="tracing-stage-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if database == "sqlite":
        return Stage(folder, fill(Settings(data_dir=folder), hired))
    found: list[People | None] = []
    server().template(
        f"hired {hired}",
        lambda url: found.append(fill(Settings(data_dir=folder, database_url=SecretStr(url)), hired)),
    )
    return Stage(folder, found[0])


def fill(settings: Settings, hired: bool) -> People | None:
    """Bring an empty database to the schema, and found two societies with their people if `hired`."""
    upgrade(settings)
    if not hired:
        return None
    gate = open_gate(settings)
    people = hire(gate)
    gate.close()
    return people


def serving(gate: Gate) -> FastAPI:
    """Return the service over `gate`: one for this test process, since its routes take long to make."""
    if not SERVICE:
        SERVICE.append(create_app(gate.settings, gate))
    state = SERVICE[0].state
    state.gate, state.start_night = gate, Nights()
    return SERVICE[0]


def beside(gate: Gate) -> FastAPI:
    """Return a service over `gate` alone, for whoever keeps it open while others come and go."""
    return create_app(gate.settings, gate)


@contextmanager
def peopled(folder: Path) -> Iterator[tuple[Gate, People]]:
    """Open a case base on SQLite with the people of `hire` in it, for a module whose trials are undone."""
    known = stage("sqlite", True)
    shutil.copytree(known.folder, folder, dirs_exist_ok=True)
    gate = open_gate(Settings(data_dir=folder))
    yield gate, hired_by(known)
    gate.close()


def hired_by(known: Stage) -> People:
    """Return whom a case base employs."""
    people = known.people
    assert people is not None
    return people


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a migrated case base of this test's own; people are in it when the test asks for them."""
    hired = "people" in request.fixturenames
    data_dir = tmp_path / "var"
    shutil.copytree(stage(request.param, hired).folder, data_dir)
    suggest._counted.clear()  # what was counted of a case base is kept by its URL, which others may have had before
    if request.param == "sqlite":
        yield Settings(data_dir=data_dir)
        return
    url = server().fresh(template=f"hired {hired}")
    yield Settings(data_dir=data_dir, database_url=SecretStr(url))
    server().give_back(url)


@pytest.fixture
def gate(settings: Settings) -> Iterator[Gate]:
    """An open gate over the test's case base."""
    gate = open_gate(settings)
    yield gate
    gate.close()


@pytest.fixture
def people(settings: Settings) -> People:
    """Two founded societies, KE and UG, with one account of each role; `people.token("caseworker")`."""
    return hired_by(stage("sqlite" if settings.embedded else "postgresql", True))


@pytest.fixture
def client(gate: Gate, people: People) -> Iterator[TestClient]:
    """The service over the case base, errors answered as problems instead of raised."""
    with TestClient(serving(gate), raise_server_exceptions=False) as client:
        yield client
