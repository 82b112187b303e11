"""What the README shows is what happens: its story is run against a real server, its demo is made."""

import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MARK = "=== block"


@dataclass(frozen=True)
class Block:
    """Commands, and the lines that the README shows below them."""

    commands: str
    shown: list[str]


def blocks(text: str) -> list[Block]:
    """Return each `sh` block with the `text` block that follows it."""
    found = re.findall(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", text, re.MULTILINE | re.DOTALL)
    return [Block(commands, shown.splitlines()) for commands, shown in found]


def missing(shown: list[str], printed: str) -> list[str]:
    """Return the shown lines that were not printed in this order; `…` stands for anything."""
    rest = printed.splitlines()
    lacking = []
    for line in shown:
        if line.strip() == "…":
            continue
        pattern = ".*".join(re.escape(part) for part in line.strip().split("…"))
        place = next((i for i, real in enumerate(rest) if re.fullmatch(pattern, real.strip())), None)
        if place is None:
            lacking.append(line)
        else:
            rest = rest[place + 1 :]
    return lacking


def test_a_line_that_is_not_printed_is_found() -> None:
    assert missing(["a", "b…d"], "a\nbcd") == []
    assert missing(["b", "a"], "a\nb") == ["a"]


def test_its_first_sentence_says_what_it_is_for() -> None:
    assert "find people" in README.split("\n\n")[1]


def test_its_two_commands_are_targets() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", README, re.MULTILINE)) <= targets


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_its_story_happens_as_told(tmp_path: Path) -> None:
    story = blocks(README)
    assert len(story) >= 8
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    script = "".join(f"echo '{MARK}'\n{block.commands}" for block in story)
    script = script.replace("var/tour", str(tmp_path / "tour")).replace("localhost:8000", f"127.0.0.1:{port}")
    script = script.replace('PATH="$PWD/.venv/bin:$PATH"', f'PATH="{Path(sys.executable).parent}:$PATH"')
    done = subprocess.run(
        ["bash", "-u"],
        input=f"trap 'kill $(jobs -p)' EXIT\n{script}",
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("TRACING_")},
            "TRACING_PORT": port,
            "TRACING_LOG_LEVEL": "error",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout.split(f"{MARK}\n")[1:]
    assert len(printed) == len(story), done.stderr
    lacking = {
        i: gone
        for i, (block, out) in enumerate(zip(story, printed, strict=True))
        if (gone := missing(block.shown, out))
    }
    assert lacking == {}, done.stdout + done.stderr


@pytest.mark.slow
def test_its_demo_prints_what_is_shown(tmp_path: Path) -> None:
    shown = re.search(r"<!-- demo -->\n```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    done = subprocess.run(
        [sys.executable, "-m", "tracing", "demo", "--folder", str(tmp_path / "demo")],
        env={k: v for k, v in os.environ.items() if not k.startswith("TRACING_")},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    lines = shown.group(1).splitlines()
    assert len(lines) > 5
    assert missing(lines, done.stdout) == [], done.stdout
