"""The vault: sealed values open only where they stand, under keys outside the database."""

import base64
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.support import People, made, post, request_draft
from tracing.gate import keystore, sealing
from tracing.gate.ledger import Line
from tracing.gate.opening import Gate, open_gate
from tracing.gate.vault import Place, Unreadable, Vault, master_key, seal, unseal
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.errors import Unsafe
from tracing.kit.ids import new_id
from tracing.kit.settings import Settings
from tracing.requests.tables import TracingRequest

VAULT = Vault(bytes(range(32)))
KEY_ID = UUID(int=7)
WRAPPED = VAULT.new_record_key(KEY_ID)
CIPHER = VAULT.unwrap(KEY_ID, WRAPPED)
PLACE = Place("sighting", "details", "KE", UUID(int=1))
OTHER_PLACES = (
    replace(PLACE, table="sought_person"),
    replace(PLACE, column="notes"),
    replace(PLACE, society="UG"),
    replace(PLACE, record_id=UUID(int=2)),
)


def line(key_id: UUID) -> Line:
    """Return a ledger's line that destroys a key."""
    return Line(new_id(), clock.now(), key_id, "KE")


class TestSealing:
    @given(st.binary(max_size=300))
    def test_opens_to_what_was_sealed(self, plain: bytes) -> None:
        assert unseal(CIPHER, seal(CIPHER, plain, PLACE), PLACE) == plain

    @given(st.binary(min_size=8, max_size=60))
    def test_shows_nothing_of_it_and_never_the_same_twice(self, plain: bytes) -> None:
        one, two = seal(CIPHER, plain, PLACE), seal(CIPHER, plain, PLACE)
        assert plain not in one
        assert one != two

    @pytest.mark.parametrize("place", OTHER_PLACES, ids=["table", "column", "society", "record"])
    def test_opens_in_no_other_place(self, place: Place) -> None:
        sealed = seal(CIPHER, b"Amina", PLACE)
        with pytest.raises(Unreadable):
            unseal(CIPHER, sealed, place)

    def test_with_any_bit_flipped_or_byte_lost_it_does_not_open(self) -> None:
        sealed = seal(CIPHER, b"Amina Yusuf Warsame", PLACE)
        for bit in range(len(sealed) * 8):
            broken = bytearray(sealed)
            broken[bit // 8] ^= 1 << bit % 8
            with pytest.raises(Unreadable):
                unseal(CIPHER, bytes(broken), PLACE)
        for length in range(1, len(sealed)):
            with pytest.raises(Unreadable):
                unseal(CIPHER, sealed[:length], PLACE)

    def test_nothing_at_all_does_not_open(self) -> None:
        with pytest.raises(Unreadable):
            unseal(CIPHER, b"", PLACE)


class TestRecordKeys:
    def test_open_only_under_their_own_id_and_master_key(self) -> None:
        for vault, key_id in ((VAULT, UUID(int=8)), (Vault(bytes(32)), KEY_ID)):
            with pytest.raises(Unreadable):
                vault.unwrap(key_id, WRAPPED)

    def test_are_different_each_time(self) -> None:
        other = VAULT.unwrap(KEY_ID, VAULT.new_record_key(KEY_ID))
        with pytest.raises(Unreadable):
            unseal(other, seal(CIPHER, b"Amina", PLACE), PLACE)

    def test_destroyed_they_leave_a_value_that_nobody_can_read(self, gate: Gate) -> None:
        key_id, cipher = gate.keys.fresh()
        sealed = seal(cipher, b"Amina", PLACE)
        assert unseal(gate.keys.cipher(key_id), sealed, PLACE) == b"Amina"
        assert gate.keys.destroy([line(key_id)]) == 1
        with pytest.raises(Unreadable):
            gate.keys.cipher(key_id)
        assert gate.keys.destroy([line(key_id)]) == 0

    def test_that_never_were_are_unreadable(self, gate: Gate) -> None:
        with pytest.raises(Unreadable):
            gate.keys.cipher(new_id())

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # its files are looked at
    def test_a_destroyed_one_is_in_no_file_of_the_embedded_store(self, gate: Gate, settings: Settings) -> None:
        key_id, _ = gate.keys.fresh()
        with sqlite3.connect(settings.data_dir / "keys.db") as store:
            (wrapped,) = store.execute("select wrapped from record_key where id = ?", (key_id.hex,)).fetchone()
        kept = [path for path in settings.data_dir.iterdir() if wrapped in path.read_bytes()]
        assert kept, "the test looks for what is there"
        gate.keys.destroy([line(key_id)])
        assert not [path.name for path in kept if wrapped in path.read_bytes()]

    def test_destroyed_by_another_process_they_open_nothing_for_long(
        self, gate: Gate, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key_id, _ = gate.keys.fresh()
        other = open_gate(settings)
        other.keys.destroy([line(key_id)])
        other.close()
        assert gate.keys.ciphers([key_id]), "it is kept for a while"
        later = time.monotonic() + keystore.LIFE_S
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert gate.keys.ciphers([key_id]) == {}
        assert key_id not in gate.keys._known


class TestHashes:
    @given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["trail", "cursor"]))
    def test_are_stable_and_apart_by_use_and_key(self, text: str, use: str) -> None:
        assert VAULT.hash(use, text) == Vault(bytes(range(32))).hash(use, text)
        assert VAULT.hash(use, text) != VAULT.hash("blocking", text)
        assert VAULT.hash(use, text) != Vault(bytes(32)).hash(use, text)


class TestMasterKey:
    def test_is_made_at_the_first_start_and_kept(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path / "new")
        first = master_key(settings)
        assert len(first) == 32
        assert master_key(settings) == first
        assert settings.master_key_path.stat().st_mode & 0o777 == 0o600
        assert settings.data_dir.stat().st_mode & 0o777 == 0o700

    def test_two_first_starts_at_once_agree(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path)
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(lambda _: master_key(settings), range(8)))
        assert len(keys) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["master.key"]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666])
    def test_that_others_may_read_is_refused(self, tmp_path: Path, mode: int) -> None:
        settings = Settings(data_dir=tmp_path)
        master_key(settings)
        settings.master_key_path.chmod(mode)
        with pytest.raises(Unsafe, match="0600"):
            master_key(settings)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "empty"),
            ("hello", "no base64"),
            (base64.b64encode(bytes(16)).decode(), "too short"),
            (base64.b64encode(bytes(33)).decode(), "too long"),
        ],
    )
    def test_of_another_form_is_refused_without_a_word_of_it(self, tmp_path: Path, text: str, reason: str) -> None:
        with pytest.raises(Unsafe) as refused:
            master_key(Settings(data_dir=tmp_path, master_key=text))
        assert not text or text not in str(refused.value), reason

    def test_as_a_setting_leaves_no_file(self, tmp_path: Path) -> None:
        text = base64.b64encode(bytes(32)).decode()
        assert master_key(Settings(data_dir=tmp_path, master_key=text)) == bytes(32)
        assert list(tmp_path.iterdir()) == []

    def test_a_start_that_found_the_disk_full_leaves_nothing_in_the_way(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        settings = Settings(data_dir=tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space"):
                master_key(settings)
        assert list(tmp_path.iterdir()) == []
        assert len(master_key(settings)) == 32


class TestInTheDatabase:
    def test_a_sealed_value_put_into_another_row_is_not_answered(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        views = [made(post(client, "/tracing-requests", request_draft(), people.auth())) for _ in range(2)]
        table = TracingRequest.__table__  # type: ignore[attr-defined]  # SQLModel
        with gate.engine.begin() as connection:
            if not gate.embedded:
                connection.execute(select(func.set_config("tracing.society", "KE", True)), execution_options=PASS)
            source = connection.execute(
                select(table.c.key_id, table.c.details).where(table.c.id == UUID(views[0]["id"])),
                execution_options=PASS,
            ).one()
            connection.execute(
                update(table).where(table.c.id == UUID(views[1]["id"])).values(**source._asdict()),
                execution_options=PASS,
            )
        answer = client.get(f"/v1/tracing-requests/{views[1]['id']}", headers=people.auth())
        assert (answer.status_code, answer.json()["code"]) == (500, "unreadable")
        assert "Warsame" not in answer.text

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # its files are looked at
    def test_no_name_stands_readable_anywhere(self, client: TestClient, gate: Gate, people: People) -> None:
        made(post(client, "/tracing-requests", request_draft(), people.auth()))
        words = [w.encode(code) for w in ("Warsame", "Halima", "555 0101") for code in ("utf-8", "utf-16-le")]
        files = [path for path in gate.settings.data_dir.iterdir() if path.is_file()]
        assert any(path.name.startswith("tracing.db") for path in files)
        assert not [(word, path.name) for path in files for word in words if word in path.read_bytes()]

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # its files are looked at
    def test_without_sealing_the_same_search_finds_them(
        self, client: TestClient, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault of the search above."""
        monkeypatch.setattr(sealing, "seal", lambda cipher, plain, place: plain)
        monkeypatch.setattr(sealing, "unseal", lambda cipher, sealed, place: sealed)
        made(post(client, "/tracing-requests", request_draft(), people.auth()))
        files = [path for path in gate.settings.data_dir.iterdir() if path.is_file()]
        assert any(b"Warsame" in path.read_bytes() for path in files)
