"""List against list without a database: keys, capped blocks, processes over shards of the left list.

Blocks are taken rarest first. A block too large is left out for everybody and reported; a person all of
whose blocks are too large keeps the smallest of them, cut at the cap.
"""

import gc
import multiprocessing
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple, TypeVar

from tracing.matching.engine import Engine
from tracing.matching.evidence import Score
from tracing.matching.keys import blocking_keys
from tracing.matching.reading import Reading

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


class Scored(NamedTuple):
    """One compared pair: positions in the left and right list, and the evidence as numbers."""

    left: int
    right: int
    score: Score


@dataclass(slots=True)
class Index:
    """Keys of the right list. `blocks` holds positions in list order."""

    size: int
    cap: int = BLOCK_CAP
    blocks: "dict[str, array[int]]" = field(default_factory=dict)

    @classmethod
    def of(cls, readings: Sequence[Reading], cap: int = BLOCK_CAP) -> "Index":
        """Index a list by all its keys, lone names included."""
        index = cls(len(readings), cap)
        blocks = index.blocks
        for position, reading in enumerate(readings):
            for key in key_texts(reading):
                block = blocks.get(key)
                if block is None:
                    blocks[key] = array("I", (position,))
                else:
                    block.append(position)
        return index

    def candidates(self, reading: Reading) -> tuple[list[int], bool]:
        """Positions that share a key with `reading`, in order, and whether only a cut block was left."""
        met = sorted((block for key in key_texts(reading) if (block := self.blocks.get(key)) is not None), key=len)
        if met and len(met[0]) > self.cap:
            return list(met[0][: self.cap]), True
        found: set[int] = set()
        for block in met:
            if len(block) > self.cap:
                break
            found.update(block)
        return sorted(found), False

    def trimmed(self) -> Trimmed:
        """What the cap leaves out."""
        large = [len(block) for block in self.blocks.values() if len(block) > self.cap]
        return Trimmed(len(large), sum(large))


def key_texts(reading: Reading) -> tuple[str, ...]:
    """Keys as single texts."""
    return tuple(f"{family} {text}" for family, text in blocking_keys(reading, lone_names=True))


@dataclass(frozen=True, slots=True)
class Job:
    """Two lists to be matched, and what the processes share.

    `same` says that right is left: each unordered pair is then compared once, never a row with itself.
    """

    engine: Engine
    left: Sequence[Reading]
    right: Sequence[Reading]
    index: Index
    same: bool = False

    def prior(self) -> float:
        """Prior of one pair: the pool is the other side."""
        return self.engine.prior(max(1, len(self.right) - self.same))

    def shards(self) -> list[range]:
        """Ranges of left positions, in order."""
        return [range(at, min(at + SHARD, len(self.left))) for at in range(0, len(self.left), SHARD)]

    def scored(self, position: int) -> tuple[list[Scored], bool]:
        """Every candidate pair of one left person, scored, and whether its blocks were cut."""
        reading = self.left[position]
        candidates, is_cut = self.index.candidates(reading)
        score, right = self.engine.score, self.right
        return [
            Scored(position, other, score(reading, right[other]))
            for other in candidates
            if not self.same or other > position
        ], is_cut

    def scan(self, position: int) -> list[Scored]:
        """Every right-hand person scored, keys or not."""
        reading, score = self.left[position], self.engine.score
        return [Scored(position, other, score(reading, one)) for other, one in enumerate(self.right)]


def run(job: Job, work: Callable[[Job, range], T], workers: int) -> Iterator[T]:
    """Yield `work(job, shard)` for every shard, in order of the shards, from `workers` processes.

    The processes are forked where the system can, so that they share the readings; `work` is a function of a
    module. A worker that dies raises in the caller.
    """
    shards = job.shards()
    if workers <= 1 or len(shards) <= 1:
        yield from map(work, repeat(job), shards)
        return
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    gc.collect()
    gc.freeze()
    try:
        with multiprocessing.get_context(method).Pool(workers, _begin, (job, work)) as pool:
            yield from pool.imap(_work, shards)
    finally:
        gc.unfreeze()


_task: list[tuple[Job, Callable[[Job, range], object]]] = []


def _begin(job: Job, work: Callable[[Job, range], object]) -> None:
    """Runs once in each process: keeps the job, so that shards travel as two numbers."""
    _task[:] = [(job, work)]


def _work(shard: range) -> object:
    job, work = _task[0]
    return work(job, shard)
