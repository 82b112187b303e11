"""Backup and restore, on both databases: what comes back, who does not, and what is refused."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import SQLModel, select

from tests.cli.calls import call, done, refused
from tests.conftest import DATABASES, stage
from tests.postgres import server
from tests.review.desk import raw, tables
from tests.rights.desk import Officer
from tests.support import People, sought_draft
from tracing.app import create_app
from tracing.gate import archive, drill, founding, ledger, restoring
from tracing.gate import backup as gate_backup
from tracing.gate.admit import entered_by_operator
from tracing.gate.archive import Manifest
from tracing.gate.opening import Gate, open_gate
from tracing.gate.purposes import Use
from tracing.gate.schema import is_current, revision, upgrade
from tracing.gate.sealing import open_details
from tracing.gate.vault import Unreadable
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings
from tracing.requests.tables import TracingRequest

T = SQLModel.metadata.tables


def quiet(*_: object) -> None:
    """Hear of progress and say nothing."""


@dataclass
class Base:
    """A case base with a backup from before one erasure: of a sought person, kin and all."""

    settings: Settings
    people: People
    folder: Path
    before: dict[str, list[str]]
    erased: str
    request: str
    kept: str


@pytest.fixture(scope="module", params=DATABASES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """Made once per database; tests restore it elsewhere and leave it alone."""
    folder = tmp_path_factory.mktemp("base")
    known = stage(request.param, True)
    shutil.copytree(known.folder, folder / "var")
    url = None if request.param == "sqlite" else server().fresh(template="hired True")
    settings = Settings(data_dir=folder / "var", database_url=url and SecretStr(url))
    gate = open_gate(settings)
    assert known.people is not None
    with TestClient(create_app(settings, gate)) as client:
        desk = Officer(client, known.people, gate)
        view = desk.open(sought_draft("Amina Yusuf Warsame"), sought_draft("Hodan Yusuf Warsame", birth="1994"))
        erased, kept = view["sought"][0]["id"], desk.register()
        desk.report()
        desk.night()
        before = tables(gate, without=frozenset())
        with pytest.MonkeyPatch.context() as patch:
            of(settings, patch)
            done("backup", str(folder / "backup"))
        desk.erase(erased)
    gate.close()
    yield Base(settings, known.people, folder / "backup", before, erased, view["id"], kept)
    if url is not None:
        server().drop(url)


def of(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Let the commands find a case base by the environment."""
    for name, value in settings.environment().items():
        patch.setenv(name, value)
    if settings.database_url is None:
        patch.delenv("TRACING_DATABASE_URL", raising=False)


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


def restored(base: Base, *words: str) -> str:
    return done("restore", str(base.folder), "--ledger", str(base.settings.ledger_path), *words)


def without_restore(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: rows for name, rows in found.items() if name not in {"trail_entry", "trail_head"}}


class TestRestore:
    def test_brings_every_row_back(self, base: Base, fresh: Settings) -> None:
        """Digests and rows are those of before, when nothing was erased since."""
        gate = open_gate(fresh)
        made = restoring.check(base.folder, gate.vault, quiet)
        restoring.load(gate, made, [], quiet)
        assert drill.unequal(gate, made) == []
        found = without_restore(tables(gate, without=frozenset()))
        assert found == without_restore(base.before)
        assert sum(map(len, found.values())) > 100
        gate.close()

    def test_leaves_the_erased_erased(self, base: Base, fresh: Settings) -> None:
        assert "1 erased again" in restored(base)
        gate = open_gate(fresh)
        with raw(gate) as connection:
            record = connection.execute(T["record"].select().where(T["record"].c.id == UUID(base.erased))).one()
            keys = connection.execute(select(T["match_key"].c.record_id)).scalars().all()
            suppressed = connection.execute(select(T["suppression"].c.hash)).scalars().all()
        assert record.forgotten_at is not None
        with pytest.raises(Unreadable):
            gate.keys.cipher(record.key_id)
        assert UUID(base.erased) not in keys
        assert len(suppressed) >= 1
        assert drill.back_again(gate) == 0
        with entered_by_operator(gate, "KE", Use.FORGET) as access:
            access.note("tests.look")
            (request,) = access.session.exec(select(TracingRequest)).all()
            assert b"Amina" not in open_details(access, [request])[0]
        with TestClient(create_app(fresh, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/sought-persons/{base.erased}").status_code == 404
            sought = desk.get(f"/tracing-requests/{base.request}").json()["sought"]
            assert [s["person"]["names"][0]["full"] for s in sought] == ["Hodan Yusuf Warsame"]
            assert desk.get(f"/sightings/{base.kept}").status_code == 200
        gate.close()

    def test_stands_on_a_trail_that_is_whole(self, base: Base, fresh: Settings) -> None:
        restored(base)
        gate = open_gate(fresh)
        assert drill.broken_trails(gate) == []
        for society in founding.societies(gate):
            with raw(gate, society) as connection:
                rows = connection.execute(select(T["trail_entry"].c.act).where(T["trail_entry"].c.society == society))
                assert "backups.restore" in rows.scalars().all()
        gate.close()

    def test_cut_off_before_its_end_is_finished_by_the_next_night(
        self, base: Base, fresh: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gate = open_gate(fresh)
        made = restoring.check(base.folder, gate.vault, quiet)
        lines = ledger.erased(ledger.read(base.settings.ledger_path, gate.vault))
        restoring.load(gate, made, lines, quiet)
        with TestClient(create_app(fresh, gate)) as client:
            desk = Officer(client, base.people, gate)
            assert desk.get(f"/sought-persons/{base.erased}").status_code == 404
            assert desk.night().forgotten == 1
        with raw(gate) as connection:
            assert len(connection.execute(select(T["suppression"].c.hash)).all()) == len(lines[0].hashes)
        assert drill.back_again(gate) == 0
        gate.close()

    def test_over_a_key_store_that_stands_needs_no_keys_and_no_copy_of_the_ledger(
        self, base: Base, fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if not base.settings.embedded:
            pytest.skip("the key store is a file of its own on the embedded database")
        shutil.copytree(base.folder, tmp_path / "old", ignore=shutil.ignore_patterns("keys"))
        shutil.copy(base.settings.data_dir / "keys.db", fresh.data_dir)
        assert "1 erased again" in done("restore", str(tmp_path / "old"))
        gate = open_gate(fresh)
        assert drill.sample(gate).lost == 0
        gate.close()


class TestDrill:
    def test_looks_at_everything_and_leaves_nothing(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        gate = open_gate(base.settings)
        before = tables(gate)
        printed = done("restore", str(base.folder), "--drill").splitlines()
        told = {line[:36].strip(): line[36:] for line in printed}
        assert told["digests equal"] == "all"
        assert told["trail whole"] == "of every society"
        assert told["erased since"] == "1 forgotten again"
        assert told["erased persons that would come back"] == "0"
        assert told["sample of details"].endswith("0 lost")
        assert int(told["rows"].split()[0]) > 100
        assert tables(gate) == before
        gate.close()

    def test_fails_when_an_erased_person_would_come_back(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        monkeypatch.setattr("tracing.cli.backup.rights.replay", lambda access, lines: [])
        result = call("restore", str(base.folder), "--drill")
        assert result.exit_code == 1
        assert [line for line in result.stdout.splitlines() if "would come back" in line and line.endswith(" 1")]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def edit(path: Path) -> None:
    path.write_text(path.read_text().replace('"rows": 2', '"rows": 3', 1))


def other_keys(path: Path) -> None:
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"backup_id": "00000000-0000-4000-8000-000000000000"}))


FAULTS: tuple[tuple[str, str, Callable[[Path], object], str], ...] = (
    ("a flipped byte of a table", "cases/record.ndjson.gz", flip, "was cut off or altered"),
    ("a flipped byte of the keys", "keys/record_key.ndjson.gz", flip, "was cut off or altered"),
    ("a file that was cut off", "cases/consent.ndjson.gz", cut, "was cut off or altered"),
    ("a missing table", "cases/trail_entry.ndjson.gz", Path.unlink, "is missing"),
    ("a missing manifest", "cases/manifest.json", Path.unlink, "is missing"),
    ("an edited manifest", "cases/manifest.json", edit, "was altered, or made under another master key"),
    ("a manifest that was cut off", "cases/manifest.json", cut, "cannot be read"),
    ("the keys of another backup", "keys/manifest.json", other_keys, "was altered, or made under another"),
    ("another folder", "cases", shutil.rmtree, "is missing"),
)


class TestRefused:
    @pytest.mark.parametrize(("what", "name", "fault", "words"), FAULTS, ids=[row[0] for row in FAULTS])
    def test_is_a_backup_with(
        self,
        base: Base,
        fresh: Settings,
        tmp_path: Path,
        what: str,
        name: str,
        fault: Callable[[Path], object],
        words: str,
    ) -> None:
        folder = tmp_path / "copy"
        shutil.copytree(base.folder, folder)
        fault(folder / name)
        assert words in refused("restore", str(folder), "--ledger", str(base.settings.ledger_path))
        gate = open_gate(fresh)
        assert revision(gate) is None, "nothing was touched"
        gate.close()

    def test_is_one_of_which_a_row_is_none_and_nothing_is_kept(
        self, base: Base, fresh: Settings, tmp_path: Path
    ) -> None:
        """Whoever holds the master key can prove a bad file; it is still all or nothing."""
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        known = Manifest.read(folder / "cases", gate.vault)
        path = folder / "cases" / "match_run.ndjson.gz"
        with gzip.open(path, "ab") as file:
            file.write(b'["no row"]\n')
        part = next(p for p in known.parts if p.table == "match_run")
        bad = archive.Part(part.table, part.rows + 1, archive.sha256_of(path), part.digest)
        again(folder, replace(known, parts=tuple(bad if p is part else p for p in known.parts)), gate)
        assert "cannot be read" in refused("restore", str(folder), "--without-later-erasures")
        assert founding.societies(gate) == []
        gate.close()

    def test_is_another_master_key(self, base: Base, fresh: Settings) -> None:
        fresh.master_key_path.unlink()
        line = refused("restore", str(base.folder))
        assert "is missing: put the backup's master key there first" in line
        assert not fresh.master_key_path.exists()

    def test_is_a_case_base_in_which_somebody_lives(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        assert "stands here already" in refused("restore", str(base.folder))

    def test_is_a_restore_without_a_later_ledger(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        assert "--without-later-erasures" in refused("restore", str(base.folder))
        older = tmp_path / "older.ndjson"
        older.write_text("")
        assert "--without-later-erasures" in refused("restore", str(base.folder), "--ledger", str(older))
        altered = tmp_path / "altered.ndjson"
        altered.write_text(base.settings.ledger_path.read_text().replace('"KE"', '"UG"'))
        assert "was altered" in refused("restore", str(base.folder), "--ledger", str(altered))
        assert "0 erased again" in done("restore", str(base.folder), "--without-later-erasures")

    def test_is_a_backup_into_a_folder_that_is_there(self, base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
        of(base.settings, monkeypatch)
        assert "is there already" in refused("backup", str(base.folder))

    def test_is_a_backup_of_a_table_that_nobody_knows(self, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
        with gate_backup.reading(gate) as connection:
            assert len(gate_backup.known_tables(connection)) > 20
            monkeypatch.setattr(gate_backup, "BESIDE", frozenset({"erasure", "record_key"}))
            with pytest.raises(Unsafe, match="other tables than this version knows"):
                gate_backup.known_tables(connection)


class TestOlderSchema:
    def test_is_brought_to_this_versions(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        """The same rows as an archive of the first migration's tables would hold them."""
        first = tmp_path / "first"
        first.mkdir()
        old = Settings(data_dir=first, database_url=SecretStr(f"sqlite:///{first}/tracing.db"))
        upgrade(old, "2026_11_23_first")
        with sqlite3.connect(first / "tracing.db") as connection:
            names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        known = Manifest.read(folder / "cases", gate.vault)
        parts = tuple(part for part in known.parts if part.table in names)
        assert len(parts) < len(known.parts)
        again(folder, replace(known, revision="2026_11_23_first", parts=parts), gate)
        restored(replace(base, folder=folder))
        assert is_current(gate)
        assert {part.table: part.rows for part in parts if part.table == "consent"} == {
            "consent": len(tables(gate)["consent"])
        }
        gate.close()

    def test_that_is_newer_is_refused(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        again(folder, replace(Manifest.read(folder / "cases", gate.vault), revision="2031_01_01_later"), gate)
        assert "of a newer version than this one" in refused("restore", str(folder))
        gate.close()


def again(folder: Path, manifest: Manifest, gate: Gate) -> None:
    """Write another manifest of the case base, as whoever holds the master key could."""
    (folder / "cases" / "manifest.json").unlink()
    manifest.write(folder / "cases", gate.vault)


class TestBackup:
    def test_that_fails_leaves_nothing_behind(
        self, base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        of(base.settings, monkeypatch)

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(gate_backup, "_write_keys", fail)
        assert "No space left" in refused("backup", str(tmp_path / "new" / "backup"))
        assert list((tmp_path / "new").iterdir()) == []

    def test_can_be_read_by_its_owner_alone(self, base: Base) -> None:
        paths = [base.folder, *base.folder.rglob("*")]
        assert len(paths) > 20
        assert {oct(path.stat().st_mode & 0o077) for path in paths} == {"0o0"}

    def test_stands_on_the_trail_of_every_society_first(self, base: Base) -> None:
        gate = open_gate(base.settings)
        made = restoring.check(base.folder, gate.vault, quiet)
        part = next(p for p in made.cases.parts if p.table == "trail_entry")
        columns, rows = archive.read_part(base.folder / "cases", part)
        names = [name for name, _ in columns]
        last: dict[str, str] = {}
        for row in rows:
            known = dict(zip(names, row, strict=True))
            last[known["society"]] = known["act"]
        assert last == {"KE": "backups.make", "UG": "backups.make"}
        gate.close()
