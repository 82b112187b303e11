"""No file costs the service more than a second or fifty megabytes; what does is refused as a whole."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.pfif.bombs import MOST_MEMORY, corpus, strong
from tests.pfif.files import person, pfif, zipped

ROOT = Path(__file__).parents[3]
SAMPLE = 6
"""Every so many bombs are read by the quick part of the suite; the slow part reads all of them."""


def measured(*words: str) -> dict[str, Any]:
    """Return what a fresh process measured over the whole corpus."""
    command = [sys.executable, "-m", "tests.pfif.bombs", *words]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return found


class TestBombs:
    def test_are_many(self) -> None:
        assert len(corpus()) >= 200

    @pytest.mark.parametrize(
        ("name", "make"), corpus()[::SAMPLE], ids=lambda part: part if isinstance(part, str) else ""
    )
    def test_are_refused(self, name: str, make: Callable[[], bytes]) -> None:
        assert strong(make())

    @pytest.mark.parametrize("content", [pfif(person()), zipped(pfif(person())), pfif()], ids=["xml", "zip", "empty"])
    def test_are_told_from_good_files(self, content: bytes) -> None:
        assert strong(content) == ""

    @pytest.mark.slow
    def test_cost_next_to_nothing(self) -> None:
        found = measured()
        assert (found["passed"], found["slow"]) == ([], [])
        assert found["grown"] <= MOST_MEMORY, found["by"]

    @pytest.mark.slow
    def test_are_too_much_for_a_reader_without_limits(self) -> None:
        found = measured("weak")
        assert len(found["passed"]) > 20
        assert found["grown"] > MOST_MEMORY
