"""The engine beside its peers: same data, same run, one table per task and one per culture and script.

    python -m bench.quality --data ../shared/data [--only TASK,...] [--peers NAME,...] [--engine-only]

The data folder holds the development halves (`tasks/`, `names/`) and stays outside the project. Peers run in the
environment that `make .venv-bench/.installed` makes; what they answered is kept in `var/bench/quality/answers` and
read again as long as the files, the peer's version and its code are the same: their wall times are then those of
the day when they ran. Ranking takes the first `--queries` queries in a seeded order, the slow peers the first
`--slow-queries`. Writes `results.json` and `fragment.md` (ready for docs/measurements.md) into `var/bench/quality`.
"""

import argparse
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.quality import contenders, report
from bench.quality.contenders import PACKAGES, PEERS, ROOT, Contender, Engine, Peer
from bench.quality.judge import Result, judge
from bench.quality.tasks import TASKS, Task, chosen, sizes

FOLDER = ROOT / "var" / "bench" / "quality"
PYTHON = ROOT / ".venv-bench" / "bin" / "python"
REPEATS = 3
QUERIES = 300
SLOW_QUERIES = 100


def main() -> None:
    """Parse, measure, print, write."""
    parser = argparse.ArgumentParser(prog="bench.quality", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with tasks/ and names/")
    parser.add_argument("--only", default="", help=f"tasks by comma, tr for all seven; of {', '.join(TASKS)}")
    parser.add_argument("--peers", default=",".join(PEERS), help="peers by comma; all by default")
    parser.add_argument("--engine-only", action="store_true", help="no peers")
    parser.add_argument("--no-engine", action="store_true", help="peers alone, to fill their answers")
    parser.add_argument("--each-once", action="store_true", help="the engine takes each person of two lists once")
    parser.add_argument("--queries", type=int, default=QUERIES, help="queries of a ranking task, 0 for all")
    parser.add_argument("--slow-queries", type=int, default=SLOW_QUERIES, help="the same for slow peers")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where results and answers are kept")
    asked = parser.parse_args()
    try:
        names = chosen([word for word in asked.only.split(",") if word])
    except ValueError as error:
        parser.error(str(error))
    peers = [] if asked.engine_only else [name for name in asked.peers.split(",") if name]
    if unknown := [name for name in peers if name not in PEERS]:
        parser.error(f"no such peer: {', '.join(unknown)}; there are {', '.join(PEERS)}")
    started = time.perf_counter()
    run = measure(asked, names, peers)
    report.draw(run, Console(width=160))
    report.write(run, asked.folder)
    print(f"{time.perf_counter() - started:.0f} s; written: {asked.folder}/results.json, fragment.md")


def measure(asked: argparse.Namespace, names: list[str], peers: list[str]) -> report.Run:
    """Run every task with every contender that does its kind."""
    versions = contenders.versions(PYTHON) if peers else {}
    ready = {name: Peer(name, PYTHON, versions[PACKAGES[name]], asked.folder / "answers") for name in peers}
    engine = None if asked.no_engine else Engine(each_once=asked.each_once)
    results: list[Result] = []
    said: dict[str, str] = {}
    for name in names:
        if name == "febrl4" and not _has_febrl(asked.folder):
            _say("febrl4 needs the peers' environment: make bench-peers")
            continue
        task = TASKS[name](asked.data, asked.folder)
        said[name] = sizes(task)
        for contender in _of_kind(task, ready, engine):
            results.append(_one(task, contender, asked))
    return report.Run(_about(versions), _noise(asked) if not asked.no_engine else [], said, results)


def _has_febrl(folder: Path) -> bool:
    if PYTHON.exists():
        contenders.febrl(PYTHON, folder)
    return (folder / "febrl4_right.ndjson").exists()


def _of_kind(task: Task, ready: dict[str, Peer], engine: Engine | None) -> Iterator[Contender]:
    if engine is not None:
        yield engine
    yield from (peer for name, peer in ready.items() if task.kind in PEERS[name])


def _one(task: Task, contender: Contender, asked: argparse.Namespace) -> Result:
    sampled = task.sample(contenders.queries_for(contender.name, asked.queries, asked.slow_queries))
    result = judge(sampled, contender.name, contender.answer(sampled))
    first = next(iter(report.COLUMNS[task.kind].items()))
    value = report.shown(result.figures[first[0]])
    _say(f"{task.name}: {contender.name}: {first[1]} {value}, {result.seconds:.1f} s{' (kept)' if result.kept else ''}")
    return result


def _noise(asked: argparse.Namespace) -> list[float]:
    """Wall seconds of the engine on the hard pairs, several times: what the machine does to a timing."""
    task = TASKS["hard_pairs"](asked.data, asked.folder)
    return [round(Engine().answer(task).seconds, 3) for _ in range(REPEATS)]


def _about(versions: dict[str, str]) -> dict[str, str]:
    """What makes a figure repeatable. Paths are those given; no host is named."""
    load = os.getloadavg()[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": shlex.join(["python", "-m", "bench.quality", *sys.argv[1:]]),
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, {platform.python_implementation()} "
        f"{platform.python_version()}; load at the end {load:.1f}",
        "commit": commit.stdout.strip(),
        "peers": ", ".join(f"{name} {version}" for name, version in versions.items()) or "none in this run",
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
