"""Groups of tests, each for one process: what takes long to make is made once and not once per process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GROUPED = """
import os, time
import pytest

@pytest.mark.parametrize("number", range(12))
{mark}
def test_where(number, request):
    time.sleep(0.05)
    (request.config.rootpath / f"{{os.getpid()}}").touch()
"""


def processes(folder: Path, mark: str) -> int:
    """Return how many processes twelve tests ran in, spread over two as `make test-slow` does."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_grouped.py").write_text(GROUPED.format(mark=mark))
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup")
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=folder, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return sum(path.name.isdecimal() for path in folder.iterdir())


@pytest.mark.slow
class TestGroups:
    def test_run_in_one_process(self, tmp_path: Path) -> None:
        assert processes(tmp_path, '@pytest.mark.xdist_group("together")') == 1

    def test_are_needed_for_that(self, tmp_path: Path) -> None:
        assert processes(tmp_path, "") == 2
