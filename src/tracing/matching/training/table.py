"""A weights table as arrays, the counts of levels, and the order that bits keep."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Levels
from tracing.matching.model import Weights
from tracing.matching.training.pairs import Shape

Table = NDArray[np.float64]
"""[C, L]: a number per comparison and level; L is the most levels of any, the rest of a row is unused."""


def mask_of(shapes: Sequence[Shape]) -> NDArray[np.bool_]:
    """[C, L]: which places of a table are levels."""
    most = max(len(shape.levels) for shape in shapes)
    return np.array([[place < len(shape.levels) for place in range(most)] for shape in shapes])


def tables_of(weights: Weights, shapes: Sequence[Shape]) -> tuple[Table, Table]:
    """(bits, u) of a weights table; bits as the engine counts them, u 1 where there is no level."""
    mask = mask_of(shapes)
    bits, u = np.zeros(mask.shape), np.ones(mask.shape)
    for row, shape in enumerate(shapes):
        size = len(shape.levels)
        bits[row, :size] = weights.bits(shape.name, shape.levels, shape.agreeing)
        u[row, :size] = [weights.levels[shape.name][level][1] for level in shape.levels]
    return bits, u


class Places:
    """Where each pair's levels stand in a flat table, made once: sums and counts over pairs are then quick."""

    def __init__(self, levels: Levels, shapes: Sequence[Shape]) -> None:
        self.mask = mask_of(shapes)
        rows, width = self.mask.shape
        self._width = width + 1  # the first place of each row is silence
        self._flat = levels.astype(np.int64) + 1 + np.arange(rows) * self._width
        self.pairs = len(levels)

    def sums(self, table: Table) -> NDArray[np.float64]:
        """[P]: the sum over comparisons of what `table` has for each pair's levels; silence adds 0."""
        padded = np.zeros((len(table), self._width))
        padded[:, 1:] = table
        return np.asarray(padded.ravel()[self._flat].sum(axis=1), dtype=np.float64)

    def at(self, table: Table) -> NDArray[np.float64]:
        """[P, C]: what `table` has for each pair's levels; 0 for silence."""
        padded = np.zeros((len(table), self._width))
        padded[:, 1:] = table
        return np.asarray(padded.ravel()[self._flat], dtype=np.float64)

    def counts(self, shares: NDArray[np.floating[Any]] | None = None) -> Table:
        """[C, L]: how many pairs reach each level, each counted as its share [P] or [P, C]; 1 without shares."""
        rows = len(self.mask)
        if shares is None:
            weighed = None
        else:
            weighed = np.broadcast_to(shares[:, None] if shares.ndim == 1 else shares, self._flat.shape).ravel()
        found = np.bincount(self._flat.ravel(), weighed, minlength=rows * self._width)
        return np.asarray(found.reshape(rows, self._width)[:, 1:], dtype=np.float64)


def in_order(bits: Sequence[float], seen: Sequence[float], agreeing: int) -> list[float]:
    """The nearest bits that keep the order: agreement >= 0 and never rising, conflict <= 0.

    Neighbours out of order share their mean, weighed by the pairs `seen` (pool adjacent violators).
    """
    pools: list[list[float]] = []  # [mean, weight, size]
    for value, weight in zip(bits[:agreeing], seen[:agreeing], strict=True):
        pools.append([value, max(weight, 1e-9), 1])
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            mean, more, size = pools.pop()
            total = pools[-1][1] + more
            pools[-1] = [(pools[-1][0] * pools[-1][1] + mean * more) / total, total, pools[-1][2] + size]
    kept = [max(0.0, mean) for mean, _, size in pools for _ in range(int(size))]
    return kept + [min(0.0, value) for value in bits[agreeing:]]


def made(start: Weights, bits: Table, u: Table, seen: Table, shapes: Sequence[Shape]) -> Weights:
    """A weights table with these bits, put in order, and these u; comparisons it does not name stay.

    Its version is the start's and a digest of the new figures.
    """
    levels = dict(start.levels)
    for row, shape in enumerate(shapes):
        if not seen[row].any():
            continue
        size = len(shape.levels)
        ordered = in_order(bits[row, :size].tolist(), seen[row, :size].tolist(), shape.agreeing)
        levels[shape.name] = {
            level: _within(float(u[row, place]), ordered[place]) for place, level in enumerate(shape.levels)
        }
    return renamed(replace(start, levels=levels))


def renamed(weights: Weights, **changes: Any) -> Weights:
    """The table with `changes` and a version that tells it from any other: the start's, and a digest."""
    changed = replace(weights, **changes)
    version = weights.version.partition("+")[0]
    digest = hashlib.sha256(replace(changed, version=version).to_json().encode()).hexdigest()[:8]
    return replace(changed, version=f"{version}+{digest}")


def _within(u: float, bits: float) -> tuple[float, float]:
    """(m, u) with this ratio, both within (0, 1]."""
    m = u * 2.0**bits
    if m > 1.0:
        m, u = 1.0, 2.0**-bits
    return _rounded(max(m, 1e-12)), _rounded(max(min(u, 1.0), 1e-12))


def _rounded(value: float) -> float:
    return float(f"{value:.6g}") if math.isfinite(value) else 1.0
