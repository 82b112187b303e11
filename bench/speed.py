"""How fast the engine reads and compares on one core, how soon a command starts, how much memory it holds.

    python bench/speed.py [--persons 20000] [--pairs 200000] [--json]

Persons come from the fictional case base. Reading is timed once with cold and once with warm caches of tokens;
pairs are those that the keys bring together, with full evidence as numbers (level and bits per comparison). All
timings are of one process; each is repeated three times, the middle one is shown with its spread.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from bench.quality.casebase import two_lists
from bench.quality.tasks import bare
from tracing.matching import Engine, Person
from tracing.matching.arrays import Longs
from tracing.matching.batch import BLOCK_CAP, Job
from tracing.matching.training.pairs import SLICE, candidate_pairs

T = TypeVar("T")
REPEATS = 3
PAIR = '{"left":{"id":"a","names":["Amina Yusuf"]},"right":{"id":"b","names":["أمينة يوسف"]}}'


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="speed and memory of the engine")
    parser.add_argument("--persons", type=int, default=20_000, help="persons on either side")
    parser.add_argument("--pairs", type=int, default=200_000, help="pairs to compare at most")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    asked = parser.parse_args()
    figures = measure(asked.persons, asked.pairs)
    if asked.json:
        print(json.dumps(figures))
        return
    table = Table(box=None, show_header=False)
    for name, value in figures.items():
        table.add_row(name, value)
    Console().print(table)


def measure(persons: int, pairs: int) -> dict[str, str]:
    """The figures, in words."""
    lists = two_lists(persons)
    left, right = ([Person.from_neutral(bare(row), []) for row in rows] for rows in (lists.left, lists.right))
    engine = Engine()
    before = _mib()
    cold, _ = _timed(lambda: [engine.read(person) for person in left])
    warm = [_timed(lambda: [engine.read(person) for person in left])[0] for _ in range(REPEATS)]
    job = Job.of(left, right, BLOCK_CAP, engine)
    one, other, _ = candidate_pairs(job, pairs)
    one, other = one[:pairs], other[:pairs]
    first, _ = _timed(lambda: _score(job, one, other))
    again = [_timed(lambda: _score(job, one, other))[0] for _ in range(REPEATS)]
    after = _mib()
    starts = [_start() for _ in range(REPEATS)]
    return {
        "persons read/s, cold": f"{persons / cold:,.0f}",
        "persons read/s, warm": _rate(persons, warm),
        "pairs/s, full evidence, first pass": f"{len(one) / first:,.0f} ({len(one):,} pairs)",
        "pairs/s, full evidence, warm": _rate(len(one), again),
        "start of tracing compare, wall s": f"{median(starts):.2f} ({min(starts):.2f}-{max(starts):.2f})",
        "memory, peak RSS MiB": f"{after:.0f} ({after - before:.0f} for {2 * persons:,} readings, caches and scores)",
    }


def _score(job: Job, left: Longs, right: Longs) -> None:
    for at in range(0, len(left), SLICE):
        job.score(left[at : at + SLICE], right[at : at + SLICE])


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    made = work()
    return time.perf_counter() - started, made


def _rate(count: int, seconds: list[float]) -> str:
    return f"{count / median(seconds):,.0f} ({count / max(seconds):,.0f}-{count / min(seconds):,.0f})"


def _start() -> float:
    """Wall seconds of `tracing compare` on one pair."""
    command = [sys.executable, "-m", "tracing", "compare", "-"]
    return _timed(lambda: subprocess.run(command, input=PAIR.encode(), capture_output=True, check=True))[0]


def _mib() -> float:
    """Peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
