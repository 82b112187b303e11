"""`tracing import`: exit codes, what is printed where, stopping and going on."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.intake.lists import csv_of, ndjson_of, request_row, sighting_row
from tests.support import People
from tracing.cli.imports import ENDINGS
from tracing.cli.main import app
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.intake import service
from tracing.kit.settings import Settings
from tracing.sightings import service as sightings

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"


@pytest.fixture
def call(settings: Settings, people: People, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call `tracing import` as a caseworker, unless the environment says otherwise."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(settings.data_dir))
    if settings.database_url is not None:
        monkeypatch.setenv("TRACING_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("TRACING_TOKEN", people.token("caseworker"))

    def run(*args: object) -> Result:
        return CliRunner().invoke(app, ["import", *map(str, args)])

    return run


def stored(gate: Gate, people: People) -> int:
    with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
        return len(sightings.page_of_sightings(access, limit=200, after=None))


class TestImport:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [("requests", "requests.csv"), ("sightings", "sightings.ndjson"), ("sightings", "sightings.xlsx")],
    )
    def test_takes_the_samples(self, call: Any, kind: str, name: str) -> None:
        tried = call(kind, SAMPLES / name, "--dry-run", "--json")
        done = call(kind, SAMPLES / name, "--json")
        assert (tried.exit_code, done.exit_code) == (0, 0)
        report = json.loads(done.stdout)
        assert report == json.loads(tried.stdout) | {"dry_run": False}
        assert report["imported"] == report["rows"] > 3
        assert json.loads(call(kind, SAMPLES / name, "--json").stdout)["already_there"] == report["rows"]

    def test_refused_rows_are_listed_and_the_others_kept(
        self, call: Any, tmp_path: Path, gate: Gate, people: People
    ) -> None:
        file = tmp_path / "list.csv"
        file.write_bytes(csv_of([sighting_row(1), sighting_row(2, sex="Zubaydah"), sighting_row(3)]))
        result = call("sightings", file)
        assert result.exit_code == 1
        assert result.stdout == "3 rows: 2 imported, 0 already there, 1 refused.\n"
        assert f"{file}: line 3: sex: " in result.stderr
        assert "Zubaydah" not in result.output
        assert stored(gate, people) == 2

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("list.pdf", b"x", ", ".join(ENDINGS)),
            ("list.csv", b"home_ref,Zubaydah\n", "column 2"),
            ("list.csv", b"\xff\xfe\xff", "UTF-16"),
            ("list.xlsx", b"x", "no XLSX workbook"),
            ("absent.csv", None, "No such file"),
        ],
    )
    def test_what_cannot_be_imported_at_all_ends_in_2(
        self, call: Any, tmp_path: Path, name: str, content: bytes | None, said: str
    ) -> None:
        if content is not None:
            (tmp_path / name).write_bytes(content)
        result = call("sightings", tmp_path / name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr
        assert "Zubaydah" not in result.output

    def test_a_file_over_the_limit_ends_in_2(self, call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRACING_MAX_IMPORT_BYTES", "1024")
        (tmp_path / "list.csv").write_bytes(b"x" * 1025)
        assert call("sightings", tmp_path / "list.csv").exit_code == 2

    def test_another_society_is_refused(self, call: Any, gate: Gate, people: People) -> None:
        assert call("sightings", SAMPLES / "sightings.ndjson", "--society", "UG").exit_code == 1
        assert stored(gate, people) == 0
        assert call("sightings", SAMPLES / "sightings.ndjson", "--society", "KE").exit_code == 0

    def test_start_brings_searches_under_way_where_the_guards_hold(self, call: Any, tmp_path: Path) -> None:
        file = tmp_path / "list.ndjson"
        rows = [request_row(1), request_row(2, information_notice_version=""), request_row(3)]
        file.write_bytes(ndjson_of(rows))
        report = json.loads(call("requests", file, "--start", "--json").stdout)
        assert (report["imported"], [e["line"] for e in report["errors"]]) == (2, [2])


class TestStopping:
    def test_keeps_what_was_imported_and_a_rerun_goes_on(
        self, call: Any, tmp_path: Path, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "BATCH", 2)
        file = tmp_path / "list.csv"
        file.write_bytes(csv_of([sighting_row(n) for n in range(1, 8)]))
        calls = 0
        opened = sightings.open_sightings

        def interrupted(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            made = opened(*args)
            if calls == 3:
                raise KeyboardInterrupt  # in the middle of a transaction
            return made

        monkeypatch.setattr(sightings, "open_sightings", interrupted)
        result = call("sightings", file, "--json")
        assert result.exit_code == 130
        assert json.loads(result.stdout)["imported"] == stored(gate, people) == 4
        again = json.loads(call("sightings", file, "--json").stdout)
        assert (again["imported"], again["already_there"]) == (3, 4)
        assert stored(gate, people) == 7
