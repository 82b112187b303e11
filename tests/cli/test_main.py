"""The root of the command line: late imports, one line per error, exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import call, refused
from tracing.cli import main
from tracing.cli.main import COMMANDS, app, reason
from tracing.kit.errors import Flaw, Invalid, Unsafe

GROUPS = ("accounts", "tokens", "audit", "import", "export", "tasks", "partners", "exchange", "webhooks")
SERVICE = ("fastapi", "sqlalchemy", "sqlmodel", "alembic", "uvicorn", "pydantic_settings", "cryptography")


class TestCommands:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_each_has_a_manual(self, name: str) -> None:
        result = call(name, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith(f"Usage: root {name}")

    def test_are_listed_with_what_they_do(self) -> None:
        said = call("--help").stdout
        assert [name for name in COMMANDS if f"\n  {name} " not in said] == []

    @pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS), ("partners", "keys")])
    def test_say_in_one_whole_line_what_they_do(self, group: tuple[str, ...]) -> None:
        listed = call(*group, "--help").stdout.partition("Commands:\n")[2].splitlines()
        assert listed
        assert [line for line in listed if line.endswith("...") or len(line.split()) < 3] == []

    def test_the_neutral_ones_start_without_the_service(self) -> None:
        asked = (
            "import sys; from tracing.__main__ import app; from typer.testing import CliRunner;"
            "assert CliRunner().invoke(app, ['compare', '--help']).exit_code == 0;"
            f"print([name for name in {SERVICE!r} if name in sys.modules])"
        )
        said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == "[]"


class TestErrors:
    @pytest.mark.parametrize(
        ("args", "what"),
        [
            (("nothing",), "no such command"),
            (("serve", "--nothing"), "no such option"),
            (("tokens", "issue"), "an argument is missing"),
            (("tokens", "revoke", "x"), "no id"),
            (("accounts", "create", "x-1", "--team", "y-1"), "one of a list is missing"),
            (("accounts", "create", "x-1", "--role", "god", "--team", "y-1"), "no such role"),
            (("audit", "verify", "--checkpoint", "7"), "no checkpoint"),
        ],
    )
    def test_a_wrong_call_is_one_line_and_exit_code_2(self, args: tuple[str, ...], what: str) -> None:
        refused(*args, code=2)

    @pytest.mark.parametrize("args", [(), ("accounts",), ("tokens",), ("audit",)])
    def test_without_a_command_the_manual_is_shown(self, args: tuple[str, ...]) -> None:
        result = call(*args)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Commands:" in result.stderr

    def test_an_accident_shows_its_class_and_place_but_not_its_text(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path))

        def fail(*_: object, **__: object) -> None:
            raise ValueError("Amina Yusuf Warsame")

        monkeypatch.setattr("tracing.cli.door.settings", fail)
        line = refused("migrate")
        assert "ValueError in test_main.py:" in line
        assert "Amina" not in line

    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (Unsafe("the key may be read by others"), "the key may be read by others"),
            (
                Invalid("a rule is broken", [Flaw("/birth", "x", "impossible")]),
                "a rule is broken (birth: impossible)",
            ),
            (FileNotFoundError(2, "No such file or directory", "a.csv"), "a.csv: No such file or directory"),
        ],
    )
    def test_a_deliberate_error_speaks_for_itself(self, error: Exception, line: str) -> None:
        assert reason(error) == line

    def test_a_database_error_does_not_quote_the_statement(self) -> None:
        from sqlalchemy.exc import OperationalError  # noqa: PLC0415  # only this test needs it

        line = reason(OperationalError("insert into record values ('Amina')", {}, Exception("Amina")))
        assert line == "the database refused or is away (OperationalError)"

    def test_an_interruption_is_exit_code_130(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def stop(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("tracing.cli.door.settings", stop)
        assert call("migrate").exit_code == main.INTERRUPTED

    @pytest.mark.parametrize(
        ("name", "value"),
        [("PORT", "Amina"), ("LOG_LEVEL", "Amina"), ("SOCIETY", "Amina"), ("MASTER_KEY", "Amina")],
    )
    def test_a_setting_out_of_range_is_named_without_its_value(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
    ) -> None:
        monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path))
        monkeypatch.setenv(f"TRACING_{name}", value)
        line = refused("migrate")
        assert "Amina" not in line
        assert name == "MASTER_KEY" or f"TRACING_{name}" in line

    def test_a_database_that_is_away_is_one_line(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("TRACING_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("TRACING_DATABASE_URL", "postgresql+psycopg://x:secret@127.0.0.1:1/x")
        assert "secret" not in refused("migrate")
        assert "secret" not in refused("accounts", "list", token="x")


class TestProcess:
    def test_a_reader_that_goes_away_is_no_accident(self, tmp_path: Path) -> None:
        pairs = tmp_path / "pairs"
        pair = '{"left": {"id": "a", "names": ["Amina"]}, "right": {"id": "b", "names": ["Amina"]}}\n'
        pairs.write_text(pair * 2000)
        command = [sys.executable, "-m", "tracing", "compare", str(pairs)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            child.stdout.readline()
            child.stdout.close()
            said = child.stderr.read()
        assert (child.returncode, said) == (1, b"")

    def test_the_module_is_the_command(self) -> None:
        said = subprocess.run(
            [sys.executable, "-m", "tracing", "nothing"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": "src"},
        )
        assert (said.returncode, said.stderr) == (2, "Error: No such command 'nothing'.\n")

    def test_the_root_is_an_application(self) -> None:
        assert app.info.cls is main.Root
