"""Which backups are refused, and of which older versions one is not."""

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.cli.backup.cases import (
    Base,
    again,
    of,
    restored,
)
from tests.cli.calls import done, refused
from tests.review.desk import tables
from tracing.gate import founding
from tracing.gate.backups import archive
from tracing.gate.backups import backup as gate_backup
from tracing.gate.backups.archive import Manifest
from tracing.gate.opening import Gate, open_gate
from tracing.gate.schema import is_current, revision, upgrade
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings


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
        """The same rows as an archive of the first migration's tables and columns would hold them."""
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        known = Manifest.read(folder / "cases", gate.vault)
        old = first_schema(tmp_path / "first")
        parts = tuple(narrowed(folder / "cases", part, old[part.table]) for part in known.parts if part.table in old)
        assert len(parts) < len(known.parts)
        again(folder, replace(known, revision="2026_11_23_first", parts=parts), gate)
        restored(replace(base, folder=folder))
        assert is_current(gate)
        assert {part.table: part.rows for part in parts if part.table == "consent"} == {
            "consent": len(tables(gate)["consent"]) - 7  # withdrawn, or given for a shorter time, after the backup
        }
        gate.close()

    def test_that_is_newer_is_refused(self, base: Base, fresh: Settings, tmp_path: Path) -> None:
        folder, gate = tmp_path / "copy", open_gate(fresh)
        shutil.copytree(base.folder, folder)
        again(folder, replace(Manifest.read(folder / "cases", gate.vault), revision="2031_01_01_later"), gate)
        assert "of a newer version than this one" in refused("restore", str(folder))
        gate.close()


def first_schema(folder: Path) -> dict[str, set[str]]:
    """Return the tables of the first migration with their columns."""
    folder.mkdir()
    path = folder / "tracing.db"
    upgrade(Settings(data_dir=folder, database_url=SecretStr(f"sqlite:///{path}")), "2026_11_23_first")
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name: {row[1] for row in connection.execute(f"pragma table_info({name})")} for name in names}


def narrowed(folder: Path, part: archive.Part, kept: set[str]) -> archive.Part:
    """Write a part anew with some of its columns."""
    columns, rows = archive.read_part(folder, part)
    places = [place for place, (name, _) in enumerate(columns) if name in kept]
    found = [[row[place] for place in places] for row in rows]
    (folder / part.name).unlink()
    return archive.write_part(folder, part.table, tuple(columns[place] for place in places), found, "postgresql")
