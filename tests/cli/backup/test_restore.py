"""What a restore brings back, and what the drill says of it."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from tests.cli.backup.cases import Base, of, quiet, restored, without_restore
from tests.cli.calls import call, done
from tests.review.desk import raw, tables
from tests.rights.desk import Officer
from tracing.app import create_app
from tracing.gate import founding, ledger
from tracing.gate.admit import entered_by_operator
from tracing.gate.backups import drill, restoring
from tracing.gate.opening import open_gate
from tracing.gate.purposes import Use
from tracing.gate.sealing import open_details
from tracing.gate.vault import Unreadable
from tracing.kit.settings import Settings
from tracing.requests.tables import TracingRequest

T = SQLModel.metadata.tables


class TestRestore:
    def test_brings_every_row_back(self, base: Base, fresh: Settings) -> None:
        """Digests and rows are those of before, when nothing was erased since."""
        gate = open_gate(fresh)
        made = restoring.check(base.folder, gate.vault, quiet)
        restoring.load(gate, made, None, quiet)
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
            (request,) = access.session.exec(
                select(TracingRequest).where(TracingRequest.id == UUID(base.request))
            ).all()
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

    @pytest.mark.parametrize("base", ["sqlite"], indirect=True)  # its key store is a file of its own
    def test_over_a_key_store_that_stands_needs_no_keys_and_no_copy_of_the_ledger(
        self, base: Base, fresh: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
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
