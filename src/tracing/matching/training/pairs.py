"""Pairs as arrays: which pairs to learn from, and what each comparison says about them.

Evidence of P pairs over C comparisons is two arrays: `levels`, int8 [P, C], the index of the comparison level
or -1 for silence; and `extra`, float32 [P, C], bits of term frequency on top of an agreement level, >= 0.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.batch import BLOCK_CAP, Index
from tracing.matching.engine import _COMPARERS, Engine
from tracing.matching.evidence import SILENT
from tracing.matching.reading import Reading

Levels = NDArray[np.int8]
Extra = NDArray[np.float32]
Pairs = Sequence[tuple[int, int]]
Told = Callable[[int, int], None]
_TOLD_EVERY = 5_000


class Shape(NamedTuple):
    """One comparison: its name, its levels from agreement to conflict, and how many of them are agreement."""

    name: str
    levels: tuple[str, ...]
    agreeing: int


SHAPES: tuple[Shape, ...] = tuple(Shape(c.name, c.levels, c.agreeing) for c in _COMPARERS)
"""The engine's comparisons, in the order of the columns of `levels` and `extra`."""


def levels_of(
    engine: Engine,
    lefts: Sequence[Reading],
    rights: Sequence[Reading],
    pairs: Pairs,
    told: Told = lambda _done, _total: None,
) -> tuple[Levels, Extra]:
    """Score `pairs` of positions in `lefts` and `rights`: (levels, extra).

    `told` hears how many of how many pairs are done.
    """
    levels = np.full((len(pairs), len(SHAPES)), SILENT, dtype=np.int8)
    bits = np.zeros((len(pairs), len(SHAPES)), dtype=np.float32)
    for row, (left, right) in enumerate(pairs):
        score = engine.score(lefts[left], rights[right])
        levels[row], bits[row] = score.levels, score.bits
        if row % _TOLD_EVERY == 0:
            told(row, len(pairs))
    told(len(pairs), len(pairs))
    return levels, extra_of(engine, levels, bits)


def extra_of(engine: Engine, levels: Levels, bits: NDArray[np.floating]) -> Extra:
    """What stands in `bits` [P, C] on top of the bits of the levels; 0 on conflict levels and in silence."""
    extra = np.zeros(bits.shape, dtype=np.float32)
    for column, shape in enumerate(SHAPES):
        table = np.array([*engine.level_bits(shape.name), 0.0])
        reached = levels[:, column]
        agrees = (reached != SILENT) & (reached < shape.agreeing)
        extra[:, column] = np.where(agrees, np.maximum(bits[:, column] - table[reached], 0.0), 0.0)
    return extra


def above_least(levels: Levels, bits: NDArray[np.floating]) -> Extra:
    """The same where the table is not known: what stands on top of the least bits [P, C] met at each level."""
    extra = np.zeros(bits.shape, dtype=np.float32)
    for column, shape in enumerate(SHAPES):
        for place in range(shape.agreeing):
            here = levels[:, column] == place
            if here.any():
                extra[here, column] = bits[here, column] - bits[here, column].min()
    return extra


def candidate_pairs(
    lefts: Sequence[Reading], rights: Sequence[Reading], same: bool, most: int
) -> tuple[list[tuple[int, int]], int]:
    """(pairs that share a key, as match-lists compares them; how many left persons they are of).

    All of every person met, about `most` in all, of persons spread over the list. `same` says that the lists are
    one: each unordered pair once, never a person with itself.
    """
    index = Index.of(rights, BLOCK_CAP)
    found: list[tuple[int, int]] = []
    met = 0
    for position in _spread(len(lefts)):
        others, _ = index.candidates(lefts[position])
        found.extend((position, other) for other in others if not same or other > position)
        met += 1
        if len(found) >= most:
            break
    return found, met


def _spread(size: int) -> Sequence[int]:
    """All positions in an order that goes over the whole list before it fills the gaps; the same each time."""
    return [int(position) for position in np.random.default_rng(0).permutation(size)]


def random_pairs(lefts: int, rights: int, same: bool, most: int) -> list[tuple[int, int]]:
    """Pairs drawn evenly from `lefts` x `rights` positions: at most `most`, the same ones each time, no repeats."""
    total = lefts * (lefts - 1) // 2 if same else lefts * rights
    if total <= most:
        return [(i, j) for i in range(lefts) for j in range(i + 1 if same else 0, lefts if same else rights)]
    draw = np.random.default_rng(0)
    found: dict[tuple[int, int], None] = {}
    while len(found) < most:
        ones = draw.integers(0, lefts, most)
        others = draw.integers(0, lefts if same else rights, most)
        for one, other in zip(ones.tolist(), others.tolist(), strict=True):
            if same and one == other:
                continue
            found[(min(one, other), max(one, other)) if same else (one, other)] = None
            if len(found) >= most:
                break
    return list(found)
