"""Who is measured: the engine through its own command, each peer through `bench.quality.peers`.

A contender runs as a process of its own and speaks the neutral commands; only files pass between the two. What
a peer wrote is kept, by the hash of the task's files, of the peer's code and of its packages' versions.
"""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.memory import Peak
from bench.quality.tasks import Row, Task

ROOT = Path(__file__).parents[2]
ENGINE = "engine"
TOP = 50
_LEAST = {"link": "0.01", "dedupe": "0"}
_PEER_LEAST = {"link": "0.0001", "dedupe": "0.0001"}
_PEERS = Path(__file__).parent / "peers"
_MODULES = {"logic-v2": "logic.py", "splink": "splink_lists.py", "recordlinkage": "linkage.py"}
_NAMES = ("wratio", "token_set", "jaro_winkler", "pg_trgm", "tfidf", "metaphone", "soundex", "nysiis")
_SLOW = ("logic-v2",)

PEERS: dict[str, tuple[str, ...]] = {
    "splink": ("link", "dedupe"),
    "recordlinkage": ("link", "dedupe"),
    "logic-v2": ("pairs", "rank"),
    **dict.fromkeys(_NAMES, ("pairs", "rank")),
}
"""Peers and the kinds of tasks that they do."""

PACKAGES = {"splink": "splink", "recordlinkage": "recordlinkage", "logic-v2": "nomenklatura", "tfidf": "scikit-learn"}
PACKAGES |= {"wratio": "rapidfuzz", "token_set": "rapidfuzz", "jaro_winkler": "rapidfuzz", "pg_trgm": "anyascii"}
PACKAGES |= dict.fromkeys(("metaphone", "soundex", "nysiis"), "jellyfish")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a contender wrote: lines, wall seconds from start to end, peak MiB of all its processes."""

    lines: list[Row]
    seconds: float
    mib: float
    kept: bool = False


def queries_for(name: str, wanted: int, slow: int) -> int:
    """How many queries of a rank task a contender gets; 0 means all."""
    if name in _SLOW:
        return min(slow, wanted) if wanted else slow
    return wanted


def versions(python: Path) -> dict[str, str]:
    """Versions of the peers' packages in their environment."""
    run = subprocess.run(
        [python, "-m", "bench.quality.peers", "versions"], cwd=ROOT, env=_peers_env(), capture_output=True, check=True
    )
    found: dict[str, str] = json.loads(run.stdout)
    return found


def febrl(python: Path, folder: Path) -> None:
    """Write FEBRL 4 into `folder` unless it is there."""
    if not (folder / "febrl4_right.ndjson").exists():
        command = [str(python), "-m", "bench.quality.peers", "febrl", str(folder.resolve())]
        subprocess.run(command, cwd=ROOT, env=_peers_env(), check=True, stderr=subprocess.DEVNULL)


@dataclass(frozen=True, slots=True)
class Engine:
    """The project's own command, in the Python that runs this. `each_once`: two lists that hold nobody twice."""

    name: str = ENGINE
    each_once: bool = False

    def answer(self, task: Task) -> Answer:
        further = ["--each-once"] if self.each_once and task.kind == "link" else []
        return _run([sys.executable, "-m", "tracing"], dict(os.environ), task, _LEAST, further)

    def evidence(self, pairs: Iterable[Row]) -> list[Row]:
        """Lines of `compare` with their evidence, for pairs `{left, right}`."""
        run = subprocess.run(
            [sys.executable, "-m", "tracing", "compare", "-"],
            input=_text(pairs).encode(),
            capture_output=True,
            check=True,
        )
        return [json.loads(line) for line in run.stdout.splitlines()]


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer in the environment of `python`; answers are kept in `cache`."""

    name: str
    python: Path
    version: str
    cache: Path

    def answer(self, task: Task) -> Answer:
        kept = self.cache / f"{task.name}-{self.name}-{self._key(task)}.json.gz"
        if kept.exists():
            with gzip.open(kept, "rt", encoding="utf-8") as file:
                found = json.load(file)
            return Answer(found["lines"], found["seconds"], found["mib"], kept=True)
        made = _run([self.python, "-m", "bench.quality.peers", self.name], _peers_env(), task, _PEER_LEAST)
        self.cache.mkdir(parents=True, exist_ok=True)
        with gzip.open(kept, "wt", encoding="utf-8") as file:
            json.dump({"lines": made.lines, "seconds": made.seconds, "mib": made.mib}, file)
        return made

    def _key(self, task: Task) -> str:
        digest = hashlib.sha256(
            f"{self.name} {self.version} {task.kind} {TOP}{_PEER_LEAST.get(task.kind, '')}".encode()
        )
        for module in ("common.py", "lists.py", _MODULES.get(self.name, "names.py")):
            digest.update((_PEERS / module).read_bytes())
        for rows in (task.left, task.right):
            digest.update(_text(rows).encode())
        return digest.hexdigest()[:16]


Contender = Engine | Peer


def _peers_env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _text(rows: Iterable[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _run(
    command: Sequence[str | Path],
    environment: dict[str, str],
    task: Task,
    least: dict[str, str],
    further: Sequence[str] = (),
) -> Answer:
    """Write the task's files, run the neutral command, read what it wrote."""
    with tempfile.TemporaryDirectory(prefix="tracing-quality-") as name:
        folder = Path(name)
        left, right, out = folder / "left.ndjson", folder / "right.ndjson", folder / "out.ndjson"
        left.write_text(_text(task.left), encoding="utf-8")
        right.write_text(_text(task.right), encoding="utf-8")
        arguments: list[str | Path] = ["match-lists", left, right, "--output", out]
        if task.kind == "pairs":
            arguments = ["compare", left]
        elif task.kind == "rank":
            arguments = ["rank", left, right, "--top", str(TOP)]
        elif task.kind == "dedupe":
            arguments = ["match-lists", left, left, "--same", "--output", out]
        if task.kind in least:
            arguments += ["--min-probability", least[task.kind]]
        arguments += further
        with (folder / "printed").open("wb") as printed, (folder / "said").open("wb") as said:
            started = time.perf_counter()
            process = subprocess.Popen([*command, *arguments], cwd=ROOT, env=environment, stdout=printed, stderr=said)
            peak = Peak(process)
            code = process.wait()
            seconds = time.perf_counter() - started
        if code:
            words = (folder / "said").read_text(errors="replace").strip()[-400:]
            raise RuntimeError(f"{command[-1]} {arguments[0]} on {task.name} ended with {code}: {words}")
        return Answer(_lines(out if out.exists() else folder / "printed"), seconds, peak.join())


def _lines(path: Path) -> list[Row]:
    """Lines without the sentences, which take most of the room."""
    found: list[dict[str, Any]] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row.pop("evidence", None)
            row.pop("reasons", None)
            found.append(row)
    return found
