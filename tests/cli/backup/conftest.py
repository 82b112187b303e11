"""A backup, and a new machine to restore it on, on both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from tests.cli.backup.cases import Base, alive, end, of
from tests.cli.calls import done
from tests.conftest import DATABASES, stage
from tests.postgres import server
from tests.review.desk import tables
from tests.rights.desk import Officer
from tests.support import sought_draft
from tracing.app import create_app
from tracing.gate.opening import open_gate
from tracing.kit.settings import Settings


@pytest.fixture(scope="session", params=DATABASES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """Made once per database; tests restore it elsewhere and leave it alone."""
    folder = tmp_path_factory.mktemp("base")
    known = stage(request.param, True)
    people = known.people
    assert people is not None
    shutil.copytree(known.folder, folder / "var")
    url = None if request.param == "sqlite" else server().fresh(template="hired True")
    settings = Settings(data_dir=folder / "var", database_url=url and SecretStr(url))
    gate = open_gate(settings)
    with TestClient(create_app(settings, gate)) as client:
        desk = Officer(client, people, gate)
        view = desk.open(sought_draft("Amina Yusuf Warsame"), sought_draft("Hodan Yusuf Warsame", birth="1994"))
        erased, kept = view["sought"][0]["id"], desk.register()
        desk.report()
        desk.night()
        ended = alive(desk)
        before = tables(gate, without=frozenset())
        with pytest.MonkeyPatch.context() as patch:
            of(settings, patch)
            done("backup", str(folder / "backup"))
        desk.erase(erased)
        end(desk, ended)
    gate.close()
    yield Base(settings, people, folder / "backup", before, erased, view["id"], kept, ended)
    if url is not None:
        server().drop(url)


@pytest.fixture
def fresh(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A new machine: the master key, an empty database, nothing else."""
    folder = tmp_path / "fresh"
    folder.mkdir(mode=0o700)
    shutil.copy(base.settings.master_key_path, folder)
    url = None if base.settings.embedded else server().fresh()
    settings = Settings(data_dir=folder, database_url=url and SecretStr(url))
    of(settings, monkeypatch)
    yield settings
    if url is not None:
        server().drop(url)
