"""Emission tables: what a source symbol emits between its neighbours, smoothed from fine to coarse contexts.

A row of level 0 is a symbol, of level 1 a symbol with its more telling neighbour, of level 2 one with both. Each row
falls back on the row of the level above it: (counts + weight x parent) / (total + weight).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
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


class Table:
    """Emission ratios of one direction, made row by row when first asked for: names meet a part of all contexts.

    Attributes:
        ratios: [rows made, chunks + 1] P(chunk | context) / background(chunk); row 0 is padding, the last column
            impossible (0). It grows: to be taken after ``rows``.
        size: symbols, padding included.
    """

    def __init__(self, levels: Sequence[Counts], chunks: Chunks, letters: NDArray[np.float64],
                 first: NDArray[np.bool_]) -> None:  # fmt: skip
        """Take counts from coarse to fine; ``first``: per symbol, whether the next is its more telling neighbour."""
        self.size, self._levels, self._first = len(first), levels, first
        self._starts = np.cumsum([1, *(len(level.keys) for level in levels)])
        self._cells = [np.searchsorted(level.row, np.arange(len(level.keys) + 1)) for level in levels]
        self._base = np.append(prior(chunks, letters), 0.0).astype(np.float32)
        self._background = background(chunks, letters).astype(np.float32)
        keys = np.concatenate([np.zeros(1, np.int64), *(level.keys for level in levels)])
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._row = np.full(len(keys), -1, np.int64)
        self._row[0] = 0
        self._growing = Lock()
        self._room: Floats = _padding(1, chunks.size + 1)
        self.ratios = self._room

    def rows(self, before: Ints, own: Ints, after: Ints) -> Ints:
        """Row of the finest context known for each place (arrays of any one shape)."""
        codes = (before * self.size + own) * self.size + after
        known, back = np.unique(codes, return_inverse=True)
        found = finest(self._keys, self._order, known, self._first, 2)
        if (self._row[found] < 0).any():
            with self._growing:
                self._make(np.unique(found[self._row[found] < 0]))
        return self._row[found][back].reshape(codes.shape)

    def _make(self, contexts: Ints) -> None:
        """Add the rows of contexts that have none; earlier rows stay where they are, for whoever reads meanwhile."""
        made = self._shares(contexts)
        made[:, :-1] /= self._background
        begin, stop = len(self.ratios), len(self.ratios) + len(made)
        if stop > len(self._room):
            room = np.empty((stop + stop // 4, made.shape[1]), np.float32)
            room[:begin] = self.ratios
            self._room = room
        self._room[begin:stop] = made
        self.ratios = self._room[:stop]
        self._row[contexts] = np.arange(begin, stop)

    def _shares(self, contexts: Ints) -> Floats:
        """P(chunk | context): counts, smoothed by those of the context a level above; of padding the first chunk."""
        out = _padding(len(contexts), len(self._base))
        for depth, level in enumerate(self._levels):
            at = np.flatnonzero((contexts >= self._starts[depth]) & (contexts < self._starts[depth + 1]))
            if len(at):
                out[at] = self._smoothed(depth, level, contexts[at] - self._starts[depth])
        return out

    def _smoothed(self, depth: int, level: Counts, rows: Ints) -> Floats:
        begin, stop = self._cells[depth][rows], self._cells[depth][rows + 1]
        out = np.zeros((len(rows), len(self._base)), np.float32)
        for row, cells in enumerate(map(slice, begin.tolist(), stop.tolist())):
            out[row, level.chunk[cells]] = level.count[cells]
        parent = self._base[None, :]
        if depth:
            coarse = coarser(level.keys[rows], self._first, depth)
            above, back = np.unique(
                finest(self._keys, self._order, coarse, self._first, depth - 1), return_inverse=True
            )
            parent = self._shares(above)[back]
        out += STRENGTHS[depth] * parent
        out /= (level.total[rows] + STRENGTHS[depth])[:, None]
        return out


def _padding(rows: int, width: int) -> Floats:
    out = np.zeros((rows, width), np.float32)
    out[:, 0] = 1.0
    return out


def coarser(keys: Ints, first: NDArray[np.bool_], depth: int) -> Ints:
    """Context codes one level up: without the less telling neighbour (from level 2), without any (from level 1)."""
    size = len(first)
    before, own, after = keys // (size * size), keys // size % size, keys % size
    if depth == 1:
        return own * size
    return np.where(first[own], own * size + after, (before * size + own) * size)


def finest(keys: Ints, order: Ints, wanted: Ints, first: NDArray[np.bool_], depth: int) -> Ints:
    """Number of each wanted context of level ``depth``, or of the finest one above it that is listed, else 0."""
    found = np.zeros(len(wanted), dtype=np.int64)
    missing = np.ones(len(wanted), dtype=bool)
    for level in range(depth, -1, -1):
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        hit = missing & (keys[place] == wanted)
        found[hit] = order[place[hit]]
        missing &= ~hit
        if level:
            wanted = coarser(wanted, first, level)
    return found
