"""The erasure ledger: written before a key goes, proved line by line, readable after a crash."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from tracing.gate import ledger
from tracing.gate.keystore import KeyStore
from tracing.gate.ledger import LedgerAltered, Line
from tracing.gate.opening import Gate
from tracing.gate.vault import Vault
from tracing.kit.ids import new_id
from tracing.kit.settings import Settings

VAULT = Vault(bytes(range(32)))
AT = datetime(2026, 3, 1, 12, 30, 15, 7, UTC)
LINE = Line(UUID(int=1), AT, UUID(int=2), "KE", ("ab", "cd"))


class TestLine:
    @given(
        st.builds(
            Line,
            st.uuids(),
            st.datetimes(timezones=st.just(UTC)),
            st.none() | st.uuids(),
            st.sampled_from(["", "KE"]),
            st.lists(st.text("0123456789abcdef", min_size=1), max_size=4).map(tuple),
        )
    )
    def test_is_read_as_it_was_written(self, line: Line) -> None:
        assert ledger.read_line(VAULT, line.write(VAULT)) == line

    def test_that_was_altered_anywhere_is_refused(self) -> None:
        text = LINE.write(VAULT)
        for place in range(len(text)):
            with pytest.raises(LedgerAltered):
                ledger.read_line(VAULT, text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :])

    def test_of_another_master_key_is_refused(self) -> None:
        with pytest.raises(LedgerAltered):
            ledger.read_line(Vault(bytes(32)), LINE.write(VAULT))

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"key_id": null}', "7"])
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(LedgerAltered):
            ledger.read_line(VAULT, text)


class TestFile:
    def test_is_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "erasures.ndjson"
        ledger.append(path, VAULT, [LINE])
        assert path.stat().st_mode & 0o777 == 0o600

    def test_grows_by_whole_lines_after_a_crash_in_the_middle_of_one(self, tmp_path: Path) -> None:
        path = tmp_path / "erasures.ndjson"
        for cut in range(1, len(LINE.write(VAULT)), 7):
            path.unlink(missing_ok=True)
            ledger.append(path, VAULT, [LINE, replace(LINE, key_id=UUID(int=3))])
            path.write_bytes(path.read_bytes()[: -cut - 1])
            ledger.append(path, VAULT, [replace(LINE, key_id=UUID(int=4))])
            assert [known.key_id for known in ledger.read(path, VAULT)] == [UUID(int=2), UUID(int=4)]

    def test_in_which_a_whole_line_was_altered_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "erasures.ndjson"
        ledger.append(path, VAULT, [LINE])
        path.write_text(path.read_text().replace('"KE"', '"UG"'))
        with pytest.raises(LedgerAltered):
            ledger.read(path, VAULT)


class TestKeyStore:
    def test_keeps_the_same_lines_in_table_and_file(self, gate: Gate, settings: Settings) -> None:
        lines = [replace(LINE, key_id=gate.keys.fresh()[0], subject_id=new_id()) for _ in range(3)]
        assert gate.keys.destroy(lines) == 3
        gate.keys.note_backup(backup := Line(new_id(), AT))
        assert gate.keys.lines() == [*lines, backup]
        assert ledger.read(settings.ledger_path, gate.vault) == [*lines, backup]
        assert ledger.erased(gate.keys.lines()) == lines

    def test_names_a_key_once(self, gate: Gate, settings: Settings) -> None:
        line = replace(LINE, key_id=gate.keys.fresh()[0])
        assert [gate.keys.destroy([line]), gate.keys.destroy([line])] == [1, 0]
        assert gate.keys.lines() == ledger.read(settings.ledger_path, gate.vault) == [line]

    def test_writes_the_file_before_the_first_key_goes(self, gate: Gate, settings: Settings) -> None:
        line, known = replace(LINE, key_id=gate.keys.fresh()[0]), []

        def deleting(*args: object) -> None:
            if str(args[2]).lower().startswith("delete"):
                known.append(ledger.read(settings.ledger_path, gate.vault))

        event.listen(gate.keys._engine, "before_cursor_execute", deleting)
        gate.keys.destroy([line])
        assert known == [[line]]

    def test_leaves_the_key_when_the_file_cannot_be_written(self, gate: Gate, settings: Settings) -> None:
        line = replace(LINE, key_id=gate.keys.fresh()[0])
        blocked = KeyStore(gate.keys._engine, gate.vault, settings.data_dir / "master.key" / "nowhere")
        with pytest.raises(OSError, match="master"):
            blocked.destroy([line])
        assert gate.keys.lines() == []
        assert line.key_id in gate.keys.ciphers([line.key_id or UUID(int=0)])
