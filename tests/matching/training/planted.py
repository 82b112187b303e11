"""Evidence drawn from a known truth, so that training can be held against it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Levels
from tracing.matching.model import Weights
from tracing.matching.training.pairs import Extra, Shape
from tracing.matching.training.table import Table

SHAPES = (
    Shape("names", ("same", "alike", "part", "different"), 3),
    Shape("birth", ("day", "year", "near", "far"), 2),
    Shape("sex", ("same", "different"), 1),
    Shape("father", ("same", "alike", "different"), 2),
    Shape("place", ("same", "near", "different"), 2),
)
M = ((0.55, 0.25, 0.15, 0.05), (0.5, 0.3, 0.15, 0.05), (0.96, 0.04), (0.6, 0.25, 0.15), (0.5, 0.2, 0.3))
U = ((0.01, 0.03, 0.06, 0.9), (0.005, 0.045, 0.15, 0.8), (0.5, 0.5), (0.02, 0.05, 0.93), (0.05, 0.1, 0.85))
AMONG = ((0.2, 0.3, 0.3, 0.2), (0.02, 0.2, 0.28, 0.5), (0.55, 0.45), (0.05, 0.1, 0.85), (0.1, 0.2, 0.7))
"""Levels of two persons who share a key: names and birth years agree far more often than at random."""
GUESS = ((0.4, 0.3, 0.2, 0.1), (0.4, 0.3, 0.2, 0.1), (0.9, 0.1), (0.5, 0.3, 0.2), (0.4, 0.3, 0.3))
GUESS_U = ((0.02, 0.05, 0.1, 0.83), (0.01, 0.09, 0.2, 0.7), (0.5, 0.5), (0.05, 0.1, 0.85), (0.1, 0.15, 0.75))


def weights(m: tuple[tuple[float, ...], ...] = GUESS, u: tuple[tuple[float, ...], ...] = GUESS_U) -> Weights:
    """A table over `SHAPES`; by default a poor guess."""
    levels = {
        shape.name: dict(zip(shape.levels, zip(ms, us, strict=True), strict=True))
        for shape, ms, us in zip(SHAPES, m, u, strict=True)
    }
    return Weights("planted", levels, (0.95, 0.75, 0.2), 0.5, 1.0, 1.0, {})


@dataclass(frozen=True)
class Planted:
    """Pairs with their truth."""

    levels: Levels
    extra: Extra
    labels: NDArray[np.bool_]


def draw(
    pairs: int,
    prior: float,
    *,
    of_two: tuple[tuple[float, ...], ...] = U,
    silence: float = 0.3,
    seed: int = 0,
) -> Planted:
    """Draw pairs: `prior` of one person with levels by `M`, the others by `of_two`; a share is silent."""
    rng = np.random.default_rng(seed)
    labels = rng.random(pairs) < prior
    levels = np.full((pairs, len(SHAPES)), -1, dtype=np.int8)
    for column, shape in enumerate(SHAPES):
        size = len(shape.levels)
        one, two = (rng.choice(size, pairs, p=table[column]) for table in (M, of_two))
        spoke = rng.random(pairs) >= silence
        levels[:, column] = np.where(spoke, np.where(labels, one, two), -1)
    return Planted(levels, np.zeros(levels.shape, dtype=np.float32), labels)


def padded(rows: tuple[tuple[float, ...], ...]) -> Table:
    """Rows of unequal length as a table, 1 where there is no level."""
    most = max(map(len, rows))
    return np.array([[*row, *[1.0] * (most - len(row))] for row in rows])
