"""What a backup is, before anybody restores it."""

from pathlib import Path

import pytest

from tests.cli.backup.cases import Base, of, quiet
from tests.cli.calls import refused
from tracing.gate.backups import archive, restoring
from tracing.gate.backups import backup as gate_backup
from tracing.gate.opening import open_gate


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
