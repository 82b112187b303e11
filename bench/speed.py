"""How fast the engine reads and compares on one core, how soon a command starts, how much memory it holds.

    python bench/speed.py [--persons 20000] [--pairs 200000] [--json]

Persons come from the fictional case base. They are read cold, then once more; then others of whose names every word is
known. Pairs are those that the keys bring together, with full evidence as numbers (level and bits per
comparison). The transliteration model hears pairs of distinct Arabic and Latin tokens. All speeds are in processor
time of one process; what can be repeated is timed three times, the middle one is shown with its spread. Beside them
stand, from the same minutes, WRatio of rapidfuzz on the same pairs, and how long an empty loop takes: on a machine
that others use, a ratio to them says more than a speed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from statistics import median
from typing import TypeVar

from rapidfuzz.fuzz import WRatio
from rapidfuzz.process import cpdist
from rich.console import Console
from rich.table import Table

from bench.quality.casebase import two_lists
from bench.quality.tasks import bare
from tracing.matching import Engine, Person
from tracing.matching.arrays import Longs
from tracing.matching.batch import BLOCK_CAP, Job
from tracing.matching.names import read_name, transliteration
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
    left, right = _persons(persons)
    loop = [_timed(_loop)[0] for _ in range(REPEATS)]
    engine, before = Engine(), _mib()
    found = _reading(engine, left, right)
    job = Job.of(left, right, BLOCK_CAP, engine)
    one, other, _ = candidate_pairs(job, pairs)
    one, other = one[:pairs], other[:pairs]
    first, _ = _timed(lambda: _score(job, one, other))
    again = [_timed(lambda: _score(job, one, other))[0] for _ in range(REPEATS)]
    after = _mib()
    peer = [_timed(lambda: _wratio(left, right, job, one, other))[0] for _ in range(REPEATS)]
    starts = [_start() for _ in range(REPEATS)]
    walls, cpus = [wall for wall, _ in starts], [cpu for _, cpu in starts]
    return {
        **found,
        "pairs/s, full evidence, first pass": f"{len(one) / first:,.0f} ({len(one):,} pairs)",
        "pairs/s, full evidence, again": _rate(len(one), again),
        "pairs/s, WRatio on the first names": _rate(len(one), peer),
        "first pass to WRatio": f"{median(peer) / first:.2f}",
        "pairs/s, transliteration, new tokens": _transliteration(),
        "start of tracing compare, wall s": f"{median(walls):.2f} ({min(walls):.2f}-{max(walls):.2f})",
        "start of tracing compare, processor s": f"{median(cpus):.2f} ({min(cpus):.2f}-{max(cpus):.2f})",
        "memory, peak RSS MiB": f"{after:.0f} ({after - before:.0f} for {2 * persons:,} persons, caches and scores)",
        "empty loop of a million, ms": f"{1000 * median(loop):.0f}",
    }


def _persons(size: int) -> tuple[list[Person], list[Person]]:
    """Both lists; the rows that they are made of are gone before anything is measured."""
    lists = two_lists(size)
    left, right = ([Person.from_neutral(bare(row), []) for row in rows] for rows in (lists.left, lists.right))
    return left, right


def _reading(engine: Engine, known: list[Person], new: list[Person]) -> dict[str, str]:
    """Persons read per second: with nothing known, new ones whose words are known, and the first ones once more."""
    engine.read(known[0])

    def read(persons: list[Person]) -> float:
        def work() -> None:
            for person in persons:
                engine.read(person)

        return _timed(work)[0]

    cold = read(known)
    again = [read(known) for _ in range(REPEATS)]
    for word in {word for person in new for name in _texts(person) for word in name.split()}:
        read_name(word)
    size = len(new) // REPEATS
    words = [read(new[size * part : size * (part + 1)]) for part in range(REPEATS)]
    return {
        "persons read/s, cold": f"{len(known) / cold:,.0f}",
        "persons read/s, new ones of known words": _rate(size, words),
        "persons read/s, once more": _rate(len(known), again),
    }


def _texts(person: Person) -> list[str]:
    names = [name.full for name in person.names]
    return [*names, *person.father, *person.mother, *(relative.name for relative in person.relatives)]


def _loop() -> None:
    for _ in range(1_000_000):
        pass


def _wratio(left: list[Person], right: list[Person], job: Job, one: Longs, other: Longs) -> None:
    """The peer: its best score of a name, of the first names of the same pairs."""
    first = job.right_first
    names = [left[place].names[0].full for place in one.tolist()]
    cpdist(names, [right[place - first].names[0].full for place in other.tolist()], scorer=WRatio)


def _transliteration() -> str:
    """Pairs of tokens, none of which stands in two pairs."""
    natives = map("".join, product("محسعبقفرن", "ايولدرمه", ("يم", "مد", "ان", "ين", "ال", "ور", "اد"), "تكنبسلرمدف"))
    latins = map("".join, product("mhsabqfrn", "aiuoeylr", ("im", "med", "an", "in", "al", "ur", "ad"), "tknbslrmdf"))
    one, other = list(natives), list(latins)
    transliteration.similarity("Arab", one[:1], other[:1])
    return _rate(len(one), [_timed(lambda: transliteration.similarity("Arab", one, other))[0] for _ in range(REPEATS)])


def _score(job: Job, left: Longs, right: Longs) -> None:
    for at in range(0, len(left), SLICE):
        job.score(left[at : at + SLICE], right[at : at + SLICE])


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """(processor seconds, what the work made)."""
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def _rate(count: int, seconds: list[float]) -> str:
    return f"{count / median(seconds):,.0f} ({count / max(seconds):,.0f}-{count / min(seconds):,.0f})"


def _start() -> tuple[float, float]:
    """(wall, processor) seconds of `tracing compare` on one pair."""
    command = [sys.executable, "-m", "tracing", "compare", "-"]
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=PAIR.encode(), capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _mib() -> float:
    """Peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
