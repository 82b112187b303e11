"""Nights that are killed at random moments."""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.night.casebase import fill, unmatched
from tests.review.desk import suggested
from tests.support import People
from tracing.gate import audit
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.kit.settings import Settings


@pytest.mark.slow
class TestKilled:
    """SIGKILL at random moments; what the last night finds is what an undisturbed one does."""

    @pytest.mark.parametrize(("settings", "kills"), [("sqlite", 24), ("postgresql", 5)], indirect=["settings"])
    def test_and_run_again_finds_the_same(self, gate: Gate, people: People, token: str, kills: int) -> None:
        fill(gate, people, families=60, seed=11)
        began = time.monotonic()
        night_process(gate.settings, token).wait(PATIENCE_S)
        whole = time.monotonic() - began
        undisturbed = suggested(gate)
        assert len(undisturbed) > 50
        rng, hits = Random(17), 0
        while hits < kills:
            unmatched(gate)
            for _ in range(4):  # several kills in a row before it may finish
                night = night_process(gate.settings, token)
                time.sleep(rng.uniform(0.45, 1.0) * whole)
                hits += night.poll() is None
                night.kill()
                night.wait(PATIENCE_S)
            assert night_process(gate.settings, token).wait(PATIENCE_S) == 0, f"after {hits} kills"
            assert suggested(gate) == undisturbed
        with admitted(gate, people.token("auditor"), Permission.TRAIL_VERIFY) as access:
            assert audit.verify(access, gate).reason == "whole"

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_leaves_no_worker_behind(self, gate: Gate, people: People, token: str) -> None:
        fill(gate, people, families=150, seed=11)
        night = night_process(gate.settings, token)
        until = time.monotonic() + PATIENCE_S
        while not (workers := children(night.pid)) and time.monotonic() < until:
            time.sleep(0.005)
        night.kill()
        night.wait(PATIENCE_S)
        while any(alive(pid) for pid in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert workers
        assert not any(alive(pid) for pid in workers)


PATIENCE_S = 60.0


def night_process(settings: Settings, token: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        **settings.environment(),
        "TRACING_TOKEN": token,
        "TRACING_NIGHT_WORKERS": "2",
    }
    command = (sys.executable, "-m", "tracing", "night", "--json")
    return subprocess.Popen(
        command,
        env=environment | {"PYTHONPATH": str(Path("src").resolve())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
