"""The night forgets: keys first told of, then destroyed; nobody comes back."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from sqlmodel import SQLModel, select

from tests.night.casebase import crash
from tests.review.desk import Desk, raw
from tests.support import made, post
from tests.trails import acts
from tracing.gate import erasing
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.vault import Unreadable
from tracing.kit import clock
from tracing.kit.settings import Settings
from tracing.sightings import service as sightings


class TestForgetting:
    @pytest.fixture
    def gone(self, desk: Desk) -> dict[str, UUID]:
        """A sighting whose registration was withdrawn longer ago than the undo window, and one that stays."""
        found = {"gone": UUID(desk.report()), "stays": UUID(desk.register()), "sought": UUID(desk.seek())}
        desk.night()
        desk.withdraw(str(found["gone"]), "register", "match_within_society")
        hidden_for(desk.gate, found["gone"], timedelta(days=31))
        return found

    def test_destroys_the_key_and_drops_what_finds_the_record(self, desk: Desk, gone: dict[str, UUID]) -> None:
        keys = key_ids(desk.gate)
        before = desk.gate.keys.count()
        assert desk.night().forgotten == 1
        assert desk.gate.keys.count() == before - 1
        with pytest.raises(Unreadable):
            desk.gate.keys.cipher(keys[gone["gone"]])
        with raw(desk.gate) as connection:
            held = connection.execute(select(SQLModel.metadata.tables["match_key"].c.record_id)).scalars().all()
        assert gone["gone"] not in held
        assert gone["stays"] in held
        assert desk.get(f"/sightings/{gone['gone']}").status_code == 404
        assert desk.get(f"/sightings/{gone['stays']}").status_code == 200
        door = f"/data-subject/records/{gone['gone']}/consents"
        assert desk.get(door, "supervisor").status_code == 404
        assert desk.night().forgotten == 0

    def test_waits_for_the_undo_window(self, desk: Desk, gone: dict[str, UUID]) -> None:
        hidden_for(desk.gate, gone["gone"], timedelta(days=29))
        assert desk.night().forgotten == 0
        decisions = {"decisions": [{"purpose": "register"}]}
        door = f"/data-subject/records/{gone['gone']}/consents"
        made(post(desk.client, door, decisions, desk.auth("supervisor")))
        assert desk.get(f"/sightings/{gone['gone']}").status_code == 200

    def test_stands_on_the_trail_before_the_first_key_is_destroyed(
        self, desk: Desk, gone: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(desk.gate.keys), "destroy", crash)
        told = len(acts(desk.gate, desk.people))
        with pytest.raises(KeyboardInterrupt):
            desk.night()
        assert [a for a, _ in acts(desk.gate, desk.people)[told:]] == ["trail.read", "night.forget"]

    def test_that_was_cut_off_is_finished_by_the_next_night(
        self, desk: Desk, gone: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(erasing, "forget", crash)
            with pytest.raises(KeyboardInterrupt):
                desk.night()
        assert forgotten_at(desk.gate, gone["gone"]) is None
        keys = desk.gate.keys.count()
        assert desk.night().forgotten == 1
        assert forgotten_at(desk.gate, gone["gone"]) is not None
        assert desk.gate.keys.count() == keys

    def test_takes_the_sought_with_their_request(self, desk: Desk) -> None:
        view = desk.open()
        ids = [UUID(view["id"]), UUID(view["sought"][0]["id"])]
        desk.withdraw(view["id"], "register", "match_within_society")
        for record_id in ids:
            hidden_for(desk.gate, record_id, timedelta(days=31))
        assert desk.night().forgotten == 2
        assert None not in [forgotten_at(desk.gate, record_id) for record_id in ids]

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_reaches_older_copies_of_the_case_base(self, desk: Desk, settings: Settings, tmp_path: Path) -> None:
        gone, stays = desk.report(), desk.register()
        older = tmp_path / "older"
        backup(settings.data_dir / "tracing.db", older)
        assert restored(settings, older, desk, gone) == "readable"
        desk.withdraw(gone, "register", "match_within_society")
        hidden_for(desk.gate, UUID(gone), timedelta(days=31))
        assert desk.night().forgotten == 1
        assert restored(settings, older, desk, gone) == "unreadable"
        assert restored(settings, older, desk, stays) == "readable"


RECORD = SQLModel.metadata.tables["record"]


def hidden_for(gate: Gate, record_id: UUID, age: timedelta) -> None:
    with raw(gate) as connection:
        connection.execute(RECORD.update().where(RECORD.c.id == record_id).values(hidden_at=clock.now() - age))


def key_ids(gate: Gate) -> dict[UUID, UUID]:
    with raw(gate) as connection:
        return {row.id: row.key_id for row in connection.execute(select(RECORD.c.id, RECORD.c.key_id))}


def forgotten_at(gate: Gate, record_id: UUID) -> object:
    with raw(gate) as connection:
        return connection.execute(select(RECORD.c.forgotten_at).where(RECORD.c.id == record_id)).scalar_one()


def backup(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as two:
        one.backup(two)


def restored(settings: Settings, older: Path, desk: Desk, sighting_id: str) -> str:
    """Read a sighting from an older copy of the case base, with the key store as it is now."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        backup(older, folder / "tracing.db")
        backup(settings.data_dir / "keys.db", folder / "keys.db")
        shutil.copy(settings.data_dir / "master.key", folder)
        gate = open_gate(Settings(data_dir=folder))
        try:
            with admitted(gate, desk.people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
                sightings.show_sighting(access, UUID(sighting_id))
        except Unreadable:
            return "unreadable"
        finally:
            gate.close()
        return "readable"
