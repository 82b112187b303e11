"""List against list without a database: keys, capped blocks, processes over shards of the left list.

A block too large is left out for everybody and reported; a person all of whose blocks are too large keeps the
smallest of them, cut at the cap.
"""

from __future__ import annotations

import gc
import multiprocessing
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import TypeVar

import numpy as np

from tracing.matching.arrays import Flags, Longs
from tracing.matching.engine import Engine
from tracing.matching.evidence import Scores
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.keys import blocking_keys
from tracing.matching.person import Person
from tracing.matching.reading import Reading
from tracing.matching.roster import Roster

BLOCK_CAP = 200
"""Right-hand persons of one block; larger blocks are common names and add hardly any true pair."""
RANK_CAP = 1_000
"""The same for ranking, where each query must find somebody."""
SHARD = 250
"""Left-hand persons per shard: small enough that progress moves, large enough that processes do not wait."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What the cap left out: `blocks` of how many `members` together."""

    blocks: int
    members: int


class Keys:
    """Blocking keys of many persons as numbers that hold within this process and its forks."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._starts = array("q", [0])

    def add(self, reading: Reading) -> None:
        """Add the next person's keys, lone names included."""
        self._numbers.extend(map(hash, blocking_keys(reading, lone_names=True)))
        self._starts.append(len(self._numbers))

    def arrays(self) -> tuple[Longs, Longs]:
        """(starts, numbers): person `p` has ``numbers[starts[p]:starts[p + 1]]``."""
        return np.frombuffer(self._starts, np.int64), np.frombuffer(self._numbers, np.int64)


class Blocks:
    """Which persons of a list share a key: `members` in list order, block `b` from ``starts[b]`` on."""

    def __init__(self, starts: Longs, numbers: Longs, first: int, last: int, cap: int) -> None:
        """Index the persons from `first` to before `last`; places count from `first`."""
        self.cap = cap
        self._persons = last - first
        held = numbers[starts[first] : starts[last]]
        owners = np.repeat(np.arange(last - first), np.diff(starts[first : last + 1]))
        order = np.lexsort((owners, held))
        self.keys, begin = np.unique(held[order], return_index=True)
        self.members = owners[order].astype(np.int32)
        self.starts = np.append(begin, len(order)).astype(np.int64)

    @property
    def sizes(self) -> Longs:
        """Persons of each block."""
        return np.diff(self.starts)

    def trimmed(self) -> Trimmed:
        """What the cap leaves out."""
        large = self.sizes[self.sizes > self.cap]
        return Trimmed(len(large), int(large.sum()))

    def meet(self, owners: Longs, keys: Longs) -> tuple[Longs, Longs, Flags]:
        """Pairs (owner, place) that share a key, each once and in order; and per owner whether a block was cut.

        Args:
            owners: whose each key is, numbers from 0.
            keys: numbers as in the index.
        """
        at = np.searchsorted(self.keys, keys)
        known = at < len(self.keys)
        known[known] = self.keys[at[known]] == keys[known]
        owners, at = owners[known], at[known]
        sizes = self.sizes[at]
        cut = np.zeros(int(owners.max(initial=-1)) + 1, np.bool_)
        fits = sizes <= self.cap
        smallest = np.full(len(cut), np.iinfo(np.int64).max)
        np.minimum.at(smallest, owners, sizes)
        cut[smallest > self.cap] = True
        cut[np.bincount(owners, minlength=len(cut)) == 0] = False
        kept = np.flatnonzero(fits)
        rescued = np.flatnonzero(cut[owners] & (sizes == smallest[owners]))
        _, first = np.unique(owners[rescued], return_index=True)
        kept = np.concatenate((kept, rescued[first]))
        found = self._pairs(owners[kept], at[kept], np.minimum(sizes[kept], self.cap))
        return *found, cut

    def _pairs(self, owners: Longs, blocks: Longs, sizes: Longs) -> tuple[Longs, Longs]:
        left = np.repeat(owners, sizes)
        within = np.arange(len(left)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        right = self.members[np.repeat(self.starts[blocks], sizes) + within]
        width = max(self._persons, 1)
        codes = np.unique(left * width + right)
        lefts, rights = np.divmod(codes, width)
        return lefts, rights


@dataclass(slots=True)
class Job:
    """Two lists to be matched, and what the processes share.

    Attributes:
        roster: the left persons, then the right ones; the left ones alone when `same`.
        left_size: how many are left ones.
        same: right is left: each unordered pair is then compared once, never a row with itself.
    """

    engine: Engine
    roster: Roster
    starts: Longs
    numbers: Longs
    left_size: int
    blocks: Blocks
    same: bool = False

    @classmethod
    def of(cls, left: Iterable[Person], right: Iterable[Person] | None, cap: int, engine: Engine | None = None) -> Job:
        """Read both lists; None matches the left one with itself. Names are as rare as they are in the lists."""
        reader = Engine() if engine is None else engine
        frequencies, keys = TermFrequencies(), Keys()
        size = 0

        def readings() -> Iterator[Reading]:
            nonlocal size
            for place, person in enumerate(left, 1):
                size = place
                yield reading_of(person)
            for person in right or ():
                yield reading_of(person)

        def reading_of(person: Person) -> Reading:
            reading = reader.read(person)
            keys.add(reading)
            frequencies.add(reading)
            return reading

        with _uncollected():
            roster = Roster(readings())
        starts, numbers = keys.arrays()
        first = 0 if right is None else size
        blocks = Blocks(starts, numbers, first, len(roster), cap)
        return cls(reader.with_frequencies(frequencies), roster, starts, numbers, size, blocks, right is None)

    @property
    def right_first(self) -> int:
        """Place of the first right person in the roster."""
        return 0 if self.same else self.left_size

    @property
    def right_size(self) -> int:
        """How many right persons there are."""
        return len(self.roster) - self.right_first

    def prior(self) -> float:
        """Prior of one pair: the pool is the other side."""
        return self.engine.prior(max(1, self.right_size - self.same))

    def shards(self) -> list[range]:
        """Ranges of left places, in order."""
        return [range(at, min(at + SHARD, self.left_size)) for at in range(0, self.left_size, SHARD)]

    def candidates(self, shard: range) -> tuple[Longs, Longs, int]:
        """(left places, right places, persons whose blocks were cut) of all pairs that share a key.

        Both are places in the roster, pairs in order.
        """
        left, right, _, cut = self._met(np.arange(shard.start, shard.stop))
        return left, right, cut

    def meet(self, lefts: Longs) -> tuple[Longs, Longs, Longs]:
        """(left places, right places, place in `lefts`) of all pairs that persons `lefts` share a key in."""
        return self._met(lefts)[:3]

    def _met(self, lefts: Longs) -> tuple[Longs, Longs, Longs, int]:
        counts = np.diff(self.starts)[lefts]
        owners = np.repeat(np.arange(len(lefts)), counts)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        keys = self.numbers[np.repeat(self.starts[lefts], counts) + within]
        owners, right, cut = self.blocks.meet(owners, keys)
        left, right = lefts[owners], right + self.right_first
        if self.same:
            later = right > left
            left, right, owners = left[later], right[later], owners[later]
        return left, right, owners, int(cut.sum())

    def score(self, left: Longs, right: Longs) -> Scores:
        """The evidence of pairs of places in the roster."""
        return self.engine.score_pairs(self.roster, left, right)


def run(job: Job, work: Callable[[Job, range], T], workers: int) -> Iterator[T]:
    """Yield `work(job, shard)` for every shard, in order of the shards, from `workers` processes.

    The processes are forked where the system can, so that they share the columns; `work` is a function of a
    module. A worker that dies raises in the caller.
    """
    shards = job.shards()
    if workers <= 1 or len(shards) <= 1:
        yield from map(work, repeat(job), shards)
        return
    with _uncollected():
        job.engine.prepare(job.roster)
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    gc.collect()
    gc.freeze()
    try:
        with multiprocessing.get_context(method).Pool(workers, _begin, (job, work)) as pool:
            yield from pool.imap(_work, shards)
    finally:
        gc.unfreeze()


@contextmanager
def _uncollected() -> Iterator[None]:
    """No collection of cycles meanwhile: readings hold none, and looking for some takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_task: list[tuple[Job, Callable[[Job, range], object]]] = []


def _begin(job: Job, work: Callable[[Job, range], object]) -> None:
    """Runs once in each process: keeps the job, so that shards travel as two numbers."""
    _task[:] = [(job, work)]


def _work(shard: range) -> object:
    job, work = _task[0]
    return work(job, shard)
