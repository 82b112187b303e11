"""What the page on partners shows is what happens: two shells, two real servers, and a voice between them."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.test_readme import missing

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "connect-a-partner.md").read_text(encoding="utf-8")
MARK = "=== done"
CARDS = {"KE": "kampala-card", "UG": "nairobi-card"}


@dataclass(frozen=True)
class Step:
    """Commands in one society's terminal, and the lines that the page shows below them."""

    society: str
    commands: str
    shown: list[str]


def steps(text: str) -> list[Step]:
    found = re.findall(r"^<!-- (KE|UG) -->\n```sh\n(.*?)^```\n```text\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL)
    return [Step(society, commands, shown.splitlines()) for society, commands, shown in found]


@dataclass
class Terminal:
    """A shell that stays open."""

    shell: subprocess.Popen[str]

    def run(self, commands: str) -> str:
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{commands}\necho '{MARK}'\n")
        self.shell.stdin.flush()
        lines: list[str] = []
        for line in self.shell.stdout:
            if line.strip() == MARK:
                return "".join(lines)
            lines.append(line)
        raise AssertionError("".join(lines))


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    shell = subprocess.Popen(
        ["bash", "-u"],
        env={k: v for k, v in os.environ.items() if not k.startswith("TRACING_")},
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Terminal(shell)
    finally:
        shell.communicate("kill $(jobs -p)\nwait\n", timeout=60)


def free_ports() -> list[str]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return [str(probe.getsockname()[1]) for probe in (one, other)]


def heard(printed: str) -> str:
    """Return what is typed of the fingerprints that the other side reads out: the first and last three groups."""
    said = [line.split()[1:] for line in printed.splitlines() if re.match(r"(signing|bundle) +[0-9a-f]{4} ", line)]
    assert len(said) == 2
    return "".join(f"{' '.join(part)}\n" for groups in said for part in (groups[:3], groups[-3:]))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_its_commands_print_what_is_shown(tmp_path: Path) -> None:
    ports = dict(zip(("8001", "8002"), free_ports(), strict=True))
    (tmp_path / "var").mkdir()
    story = steps(PAGE)
    assert len(story) == PAGE.count("```sh") == 13
    printed: list[tuple[Step, str]] = []
    with terminal(tmp_path) as nairobi, terminal(tmp_path) as kampala:
        for step in story:
            commands = step.commands.replace(
                'PATH="$PWD/.venv/bin:$PATH"', f'PATH="{Path(sys.executable).parent}:$PATH"'
            )
            for port, free in ports.items():
                commands = commands.replace(port, free)
            if "partners add" in commands:
                out = next(
                    out for past, out in printed if past.society != step.society and "-card.json" in past.commands
                )
                (tmp_path / "heard").write_text(heard(out))
                commands = commands.rstrip() + " < heard\n"
            out = (nairobi if step.society == "KE" else kampala).run(commands)
            assert missing(step.shown, out) == [], f"{step.commands}\n{out}"
            printed.append((step, out))
