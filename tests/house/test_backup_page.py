"""What the page on backups shows is what happens: its commands are run one after the other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_readme import MARK, blocks, missing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "back-up-and-restore.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_its_commands_print_what_is_shown(tmp_path: Path) -> None:
    story = blocks(PAGE)
    assert len(story) == 3
    script = "".join(f"echo '{MARK}'\n{block.commands}" for block in story)
    script = script.replace('PATH="$PWD/.venv/bin:$PATH"', f'PATH="{Path(sys.executable).parent}:$PATH"')
    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        env={k: v for k, v in os.environ.items() if not k.startswith("TRACING_")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(f"{MARK}\n")[1:]
    lacking = [missing(block.shown, out) for block, out in zip(story, printed, strict=True)]
    assert lacking == [[], [], []], done.stdout + done.stderr
    assert done.stderr == ""
