"""Whatever erases or backs up knows every table: in a process of its own, only what it imports is known."""

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "tracing"
FILES = sorted(path.relative_to(PACKAGE).with_suffix("") for path in PACKAGE.rglob("*tables.py"))
EVERY = ", ".join(f"tracing.{'.'.join(path.parts)}" for path in FILES)
COUNT = "from sqlmodel import SQLModel; print(*sorted(SQLModel.metadata.tables))"


def known_to(module: str) -> list[str]:
    """Return the tables that a process knows which imports `module`, or several parted by commas, and nothing else."""
    command = [sys.executable, "-c", f"import {module}; {COUNT}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


class TestTables:
    @pytest.mark.slow
    @pytest.mark.parametrize("module", ["tracing.night", "tracing.cli.backup", "tracing.app"])
    def test_of_every_room_are_all_known(self, module: str) -> None:
        assert known_to(module) == known_to(EVERY)

    @pytest.mark.slow
    def test_of_one_room_are_not_all(self) -> None:
        assert set(known_to("tracing.requests.store")) < set(known_to(EVERY))
