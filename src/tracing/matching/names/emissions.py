"""Emission tables: what a source symbol emits between its neighbours, smoothed from fine to coarse contexts.

A row of level 0 is a symbol, of level 1 a symbol with its more telling neighbour, of level 2 one with both. Each row
falls back on the row of the level above it: (counts + weight x parent) / (total + weight).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.names.channel import Chunks, Floats, Ints

STRENGTHS: Final = (2.0, 4.0, 8.0)
"""Pseudo-counts of the parent row per level; tried over 1 … 20 on held-out names."""
LENGTHS: Final = (0.2, 0.6, 0.15, 0.05)
"""Prior share of chunks of 0, 1, 2, 3 symbols."""


@dataclass(frozen=True)
class Counts:
    """Expected counts of one level: how often the context ``row`` emitted ``chunk``."""

    keys: Ints
    """Context code of every row, ascending: (previous, own, next) as digits in base ``size``; 0 where open."""
    row: NDArray[np.int32]
    chunk: NDArray[np.int32]
    count: Floats
    total: Floats
    """Per row, with what was too rare to be listed."""


def background(chunks: Chunks, letters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of each chunk if target symbols came independently with the probabilities ``letters``."""
    product = np.ones(chunks.size)
    rest = chunks.codes.copy()
    while rest.any():
        digit = rest % chunks.base
        product *= np.where(digit > 0, letters[digit], 1.0)
        rest //= chunks.base
    return product


def lengths(chunks: Chunks) -> Ints:
    """Symbols per chunk."""
    return (
        (chunks.codes > 0).astype(np.int64) + (chunks.codes >= chunks.base) + (chunks.codes >= chunks.base**2)
    ).astype(np.int64)


def prior(chunks: Chunks, letters: NDArray[np.float64]) -> NDArray[np.float64]:
    """What any symbol may emit: shares by length, within a length by the background."""
    product, size = background(chunks, letters), lengths(chunks)
    totals = np.bincount(size, weights=product, minlength=len(LENGTHS))
    return np.array(LENGTHS)[size] * product / totals[size]


@dataclass(frozen=True)
class Table:
    """Emission ratios ready for use."""

    ratios: Floats
    """Rows × chunks + 1: P(chunk | context) / background(chunk); row 0 is padding, the last column impossible (0)."""
    keys: Ints
    """Context codes, ascending."""
    order: Ints
    """Row of each of ``keys``."""
    size: int
    first: NDArray[np.bool_]
    """Per symbol, whether the next symbol is its more telling neighbour."""

    def rows(self, before: Ints, own: Ints, after: Ints) -> Ints:
        """Row of the finest context known for each place (arrays of any one shape)."""
        codes = (before * self.size + own) * self.size + after
        known, back = np.unique(codes, return_inverse=True)
        found = finest(self.keys, self.order, known, self.size, self.first, 2)
        return found[back].reshape(codes.shape)


def build(levels: Sequence[Counts], chunks: Chunks, letters: NDArray[np.float64], size: int,
          first: NDArray[np.bool_]) -> Table:  # fmt: skip
    """Smooth counts into ratios, level by level."""
    starts = np.cumsum([1, *(len(level.keys) for level in levels)])
    table = np.zeros((int(starts[-1]), chunks.size + 1), dtype=np.float32)
    table[0, 0] = 1.0
    base = np.append(prior(chunks, letters), 0.0).astype(np.float32)
    keys = np.concatenate([np.zeros(1, np.int64), *(level.keys for level in levels)])
    for depth, level in enumerate(levels):
        begin, stop = int(starts[depth]), int(starts[depth + 1])
        part = table[begin:stop]
        part[level.row, level.chunk] = level.count
        parent = base[None, :]
        if depth:
            order = np.argsort(keys[:begin], kind="stable")
            coarse = coarser(level.keys, size, first, depth)
            parent = table[finest(keys[order], order, coarse, size, first, depth - 1)]
        part += STRENGTHS[depth] * parent
        part /= (level.total + STRENGTHS[depth])[:, None]
    table[1:, :-1] /= background(chunks, letters).astype(np.float32)
    order = np.argsort(keys, kind="stable")
    return Table(table, keys[order], order, size, first)


def coarser(keys: Ints, size: int, first: NDArray[np.bool_], depth: int) -> Ints:
    """Context codes one level up: without the less telling neighbour (from level 2), without any (from level 1)."""
    before, own, after = keys // (size * size), keys // size % size, keys % size
    if depth == 1:
        return own * size
    return np.where(first[own], own * size + after, (before * size + own) * size)


def finest(keys: Ints, order: Ints, wanted: Ints, size: int, first: NDArray[np.bool_], depth: int) -> Ints:
    """Row of each wanted context of level ``depth``, or of the finest one above it that is listed, else row 0."""
    found = np.zeros(len(wanted), dtype=np.int64)
    missing = np.ones(len(wanted), dtype=bool)
    for level in range(depth, -1, -1):
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = missing & (keys[place] == wanted)
        found[hit] = order[place[hit]]
        missing &= ~hit
        if level:
            wanted = coarser(wanted, size, first, level)
    return found
