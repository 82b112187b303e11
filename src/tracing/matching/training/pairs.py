"""Pairs as arrays: which pairs to learn from, and what each comparison says about them.

Evidence of P pairs over C comparisons is two arrays: `levels`, int8 [P, C], the index of the comparison level
or -1 for silence; and `extra`, float32 [P, C], bits on top of the level's, >= 0: for rarity, and for how near the
pair comes to the next better level.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Floats, Levels, Longs
from tracing.matching.batch import SHARD, Job
from tracing.matching.engine import COMPARISONS, Engine
from tracing.matching.evidence import SILENT
from tracing.matching.roster import Roster

Extra = Floats
Told = Callable[[int, int], None]
SLICE = 50_000
"""Pairs scored at once; progress is told after each slice."""


class Shape(NamedTuple):
    """One comparison: its name, its levels from agreement to conflict, and how many of them are agreement."""

    name: str
    levels: tuple[str, ...]
    agreeing: int


SHAPES: tuple[Shape, ...] = tuple(Shape(c.name, c.levels, c.agreeing) for c in COMPARISONS)
"""The engine's comparisons, in the order of the columns of `levels` and `extra`."""


def levels_of(
    engine: Engine, roster: Roster, left: Longs, right: Longs, told: Told = lambda _done, _total: None
) -> tuple[Levels, Extra]:
    """Score the pairs of places `left[p]` and `right[p]` of a roster: (levels, extra).

    `told` hears how many of how many pairs are done.
    """
    levels = np.full((len(left), len(SHAPES)), SILENT, dtype=np.int8)
    bits = np.zeros((len(left), len(SHAPES)), dtype=np.float32)
    for first in range(0, len(left), SLICE):
        part = slice(first, first + SLICE)
        scores = engine.score_pairs(roster, left[part], right[part])
        levels[part], bits[part] = scores.levels, scores.bits
        told(min(first + SLICE, len(left)), len(left))
    return levels, extra_of(engine, levels, bits)


def extra_of(engine: Engine, levels: Levels, bits: NDArray[np.floating]) -> Extra:
    """What stands in `bits` [P, C] on top of the bits of the levels; 0 in silence."""
    extra = np.zeros(bits.shape, dtype=np.float32)
    for column, shape in enumerate(SHAPES):
        table = np.array([*engine.level_bits(shape.name), 0.0])
        reached = levels[:, column]
        extra[:, column] = np.where(reached != SILENT, np.maximum(bits[:, column] - table[reached], 0.0), 0.0)
    return extra


def above_least(levels: Levels, bits: NDArray[np.floating]) -> Extra:
    """The same where the table is not known: what stands on top of the least bits [P, C] met at each level."""
    extra = np.zeros(bits.shape, dtype=np.float32)
    for column, shape in enumerate(SHAPES):
        for place in range(len(shape.levels)):
            here = levels[:, column] == place
            if here.any():
                extra[here, column] = bits[here, column] - bits[here, column].min()
    return extra


def candidate_pairs(job: Job, most: int) -> tuple[Longs, Longs, int]:
    """(left places, right places, how many left persons they are of) of pairs that share a key.

    All that `match-lists` compares of every person met, about `most` in all, of persons spread over the list.
    Places are those of the job's roster.
    """
    order = _spread(job.left_size)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    met = 0
    while met < len(order) and most > 0:
        part = order[met : met + SHARD]
        left, right, owners = job.meet(part)
        filled = int(np.searchsorted(np.cumsum(np.bincount(owners, minlength=len(part))), most))
        part = part[: filled + 1]
        kept = owners < len(part)
        lefts.append(left[kept])
        rights.append(right[kept])
        met += len(part)
        most -= int(kept.sum())
    return np.concatenate(lefts), np.concatenate(rights), met


def _spread(size: int) -> Longs:
    """All positions in an order that goes over the whole list before it fills the gaps; the same each time."""
    return np.random.default_rng(0).permutation(size)


def random_pairs(lefts: int, rights: int, same: bool, most: int) -> tuple[Longs, Longs]:
    """Pairs drawn evenly from `lefts` x `rights` positions: at most `most`, the same ones each time, no repeats.

    `same` says that the lists are one: each unordered pair once, the lower position first, none with itself.
    """
    total = lefts * (lefts - 1) // 2 if same else lefts * rights
    if total <= most:
        if same:
            return np.triu_indices(lefts, 1)
        return np.divmod(np.arange(total), max(rights, 1))
    draw = np.random.default_rng(0)
    found = np.empty(0, np.int64)
    width = lefts if same else rights
    while len(found) < most:
        ones, others = draw.integers(0, lefts, most), draw.integers(0, width, most)
        if same:
            apart = ones != others
            ones, others = np.minimum(ones, others)[apart], np.maximum(ones, others)[apart]
        codes = np.concatenate((found, ones * width + others))
        found = codes[np.sort(np.unique(codes, return_index=True)[1])][:most]
    return np.divmod(found, width)
