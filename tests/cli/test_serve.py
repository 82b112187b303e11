"""`serve` as a process of its own: from nothing to answers, and no start with an unsafe setting."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.cli.calls import done, refused
from tests.postgres import server
from tests.support import answers
from tracing.cli.serve import LOOPBACK
from tracing.kit.settings import Settings

START_LIMIT_S = 120


def environment(folder: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_")}
    named = {f"TRACING_{name.upper()}": value for name, value in settings.items()}
    return kept | {"TRACING_DATA_DIR": str(folder), "TRACING_SOCIETY": "KE"} | named


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """Run the service and yield its address once it is ready; stop it as a supervisor would."""
    port = free_port()
    command = [sys.executable, "-m", "tracing", "serve", "--port", port]
    log = folder.with_suffix(".log")
    with log.open("w") as out:
        child = subprocess.Popen(command, env=environment(folder, **settings), stdout=out, stderr=out)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_LIMIT_S
        while not answers(f"{address}/readyz"):
            assert child.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        child.terminate()
        code = child.wait(START_LIMIT_S)
    assert code in (0, -15), log.read_text()


def accounts(address: str, folder: Path) -> list[str]:
    """Return the labels of the accounts that the kept operator's token may list."""
    token = (folder / "operator.token").read_text().strip()
    answer = httpx.get(f"{address}/v1/accounts", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    return [row["label"] for row in answer.json()["items"]]


class TestServe:
    def test_from_nothing_to_answers(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        with serving(folder) as address:
            assert accounts(address, folder) == ["operator"]
        assert {path.name for path in folder.iterdir()} >= {
            "tracing.db",
            "keys.db",
            "master.key",
            "operator.token",
        }
        assert [p.name for p in folder.iterdir() if p.stat().st_mode & 0o077 and "token" in p.name] == []

        lines = folder.with_suffix(".log").read_text().splitlines()
        routes = {json.loads(line).get("route", "") for line in lines if line.startswith("{")}
        assert any(route.endswith("/accounts") for route in routes)
        secret = (folder / "operator.token").read_text().strip().split("_", 2)[2]
        assert not [line for line in lines if secret in line]

    @pytest.mark.slow
    def test_again_over_what_stands_there(self, tmp_path: Path) -> None:
        for _ in range(2):
            with serving(tmp_path / "var") as address:
                assert accounts(address, tmp_path / "var") == ["operator"]

    @pytest.mark.slow
    def test_several_workers_on_postgresql(self, tmp_path: Path) -> None:
        url = server().fresh()
        with serving(tmp_path / "var", database_url=url, workers="2") as address:
            for _ in range(8):
                assert accounts(address, tmp_path / "var") == ["operator"]
        server().drop(url)

    def test_listens_on_this_machine_unless_told_otherwise(self) -> None:
        assert Settings.model_fields["host"].default in LOOPBACK


@pytest.mark.usefixtures("no_server")
class TestRefusesToStart:
    @pytest.fixture
    def no_server(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A data folder of this test's own, and no server that would start after all."""
        monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path / "var"))
        monkeypatch.setenv("TRACING_PORT", free_port())
        monkeypatch.setattr("uvicorn.run", lambda *_, **__: pytest.fail("it started"))

    def test_several_workers_on_the_embedded_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRACING_WORKERS", "2")
        assert "one worker" in refused("serve")

    @pytest.mark.parametrize("name", ["master.key", "operator.token", "operator.UG.token"])
    def test_a_secret_that_others_may_read(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "var").mkdir(mode=0o700)
        (tmp_path / "var" / name).write_text("AAAA")
        (tmp_path / "var" / name).chmod(0o644)
        assert "0600" in refused("serve")

    def test_a_folder_that_others_may_write(self, tmp_path: Path) -> None:
        (tmp_path / "var").mkdir()
        (tmp_path / "var").chmod(0o777)
        assert "0700" in refused("serve")

    def test_a_role_that_row_level_security_does_not_bind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        url = server().fresh()
        monkeypatch.setenv("TRACING_DATABASE_URL", server().admin_url(url))
        assert "row-level security" in refused("serve")
        server().drop(url)

    def test_a_schema_of_another_version_on_a_server(self, monkeypatch: pytest.MonkeyPatch) -> None:
        url = server().fresh()
        monkeypatch.setenv("TRACING_DATABASE_URL", url)
        done("migrate")
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("update alembic_version set version_num = 'older'")
        assert "tracing migrate" in refused("serve")
        server().drop(url)

    def test_a_database_that_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRACING_DATABASE_URL", "postgresql+psycopg://x:secret@127.0.0.1:1/x")
        assert "secret" not in refused("serve")

    def test_a_weights_table_that_is_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "w.json").write_text("{}")
        monkeypatch.setenv("TRACING_WEIGHTS", str(tmp_path / "w.json"))
        assert "TRACING_WEIGHTS" in refused("serve")
        assert not (tmp_path / "var").exists()
        done("setup")
        assert "TRACING_WEIGHTS" in refused("night")

    def test_a_port_that_is_taken(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            assert f":{port}: Address already in use" in refused("serve", "--port", str(port))
        assert not (tmp_path / "var").exists()

    @pytest.mark.slow
    def test_as_a_process_it_is_one_line_too(self, tmp_path: Path) -> None:
        said = subprocess.run(
            [sys.executable, "-m", "tracing", "serve"],
            env=environment(tmp_path / "var", port="Amina"),
            capture_output=True,
            text=True,
            timeout=START_LIMIT_S,
            check=False,
        )
        assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1)
        assert said.stderr.startswith("Error: TRACING_PORT: ")
        assert "Amina" not in said.stderr
