"""Weights from pairs that people decided: logistic regression on comparison levels that leans on a table."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Levels
from tracing.matching.model import Weights
from tracing.matching.training.pairs import SHAPES, Extra, Shape
from tracing.matching.training.table import Places, Table, made, tables_of
from tracing.matching.training.weights import LN2, PSEUDO, Trained, logistic

_SLACK = 1e-6
_REST = 1e-9
_LOOSE, _TIGHT = 0.25, 1e12
"""Inverse variance (nats) of the common factor on the prior's odds: within e^2 either way, or none at all."""


def from_decisions(
    levels: Levels,
    extra: Extra,
    labels: Sequence[float],
    start: Weights,
    *,
    prior: float | NDArray[np.float64] = 0.5,
    free_prior: bool = False,
    shapes: Sequence[Shape] = SHAPES,
    pseudo: float = PSEUDO,
    most_steps: int = 100,
) -> Trained:
    """Learn bits from pairs that people decided; u stays that of `start`.

    Decided pairs are chosen pairs: strong ones, look-alikes. Counting levels among them would mistake the choice
    for the world. So each level's count among true pairs is held against the count expected from the table as it
    stands: bits move until (expected + pseudo * factor) = (seen + pseudo), which is logistic regression on levels
    with a gamma prior of `pseudo` sightings on each factor. The choice of pairs by their evidence then does no
    harm, and comparisons that go together share their bits.

    Args:
        levels: [P, C] of decided pairs.
        extra: [P, C] bits of term frequency; left as they are.
        labels: [P] whether the pair is one person; also how probable that is, 0 to 1 (`for_candidates`).
        start: the table to begin with and to lean on.
        prior: of each pair, or of all.
        free_prior: whether the odds of the prior may be off by one common factor, which is found too (`offset`).
        shapes: the comparisons, in the order of the columns.
        pseudo: sightings that each level of `start` is worth.
        most_steps: Newton steps at most.
    """
    places = Places(levels, shapes)
    bits, u = tables_of(start, shapes)
    truth = np.asarray(labels, dtype=np.float64)
    seen = places.counts()
    known = start.slope * LN2 * extra.sum(axis=1, dtype=np.float64) + np.log(prior / (1.0 - np.asarray(prior)))
    pools = [
        Pool(row, (place,), place < shape.agreeing)
        for row, shape in enumerate(shapes)
        for place in range(len(shape.levels))
        if seen[row, place]
    ]
    moved = bits
    while True:
        base = _pooled(bits, seen, pools)
        design = _design(levels, pools)
        offset = known + start.slope * LN2 * places.sums(base)
        fit = _Regression(design, offset, truth, pseudo, _LOOSE if free_prior else _TIGHT)
        free = [pool for pool in pools if not pool.is_zero]
        reached = _pooled(moved, seen, pools) - base
        fit.factors[1:] = [reached[pool.row, pool.places[0]] * LN2 * start.slope for pool in free]
        history, converged = fit.run(most_steps)
        moved = base.copy()
        for pool, factor in zip(free, fit.factors[1:], strict=True):
            moved[pool.row, list(pool.places)] += factor / (LN2 * start.slope)
        before, pools = pools, ordered(pools, moved)
        if pools == before:
            break
    return Trained(
        weights=made(start, moved, u, seen, shapes),
        seen=seen,
        prior=float(truth.mean()),
        history=tuple(history),
        converged=converged,
        probabilities=fit.fitted(),
        offset=float(fit.factors[0]) / LN2,
    )


def for_candidates(trained: Trained, levels: Levels, extra: Extra, prior: float, *, pseudo: float = PSEUDO) -> Weights:
    """The table that tells true candidates from relatives best, out of what was learned without labels.

    u says how often strangers agree; but relatives share parents, places and family names, and a sum of bits
    cannot hold both kinds of false pairs. So the bits are fitted to the probabilities that the model of all three
    kinds gives to the candidates [P, C], at the prior of a pair.
    """
    return from_decisions(
        levels, extra, trained.probabilities.tolist(), trained.weights, prior=prior, pseudo=pseudo
    ).weights


class Pool(NamedTuple):
    """Neighbouring levels of one comparison that share their bits; `is_zero` when those are held at 0."""

    row: int
    places: tuple[int, ...]
    agrees: bool
    is_zero: bool = False


def ordered(pools: list[Pool], bits: Table) -> list[Pool]:
    """The same pools, those that break the order put together: agreement never rises, nothing crosses 0.

    Pools only grow, and a pool at 0 stays there, so repeating this ends.
    """
    found: list[Pool] = []
    for pool in pools:
        value = bits[pool.row, pool.places[0]]
        last = found[-1] if found else None
        if pool.agrees and last is not None and (last.row, last.agrees) == (pool.row, True):
            above = bits[last.row, last.places[0]]
            if last.is_zero or value > above + _SLACK:
                zero = last.is_zero or pool.is_zero
                found[-1] = Pool(pool.row, (*last.places, *pool.places), True, zero)
                continue
        crosses = value < -_SLACK if pool.agrees else value > _SLACK
        found.append(pool._replace(is_zero=pool.is_zero or bool(crosses)))
    return found


def _pooled(bits: Table, seen: Table, pools: list[Pool]) -> Table:
    """Bits with every pool at its mean, weighed by the pairs seen, or at 0."""
    found = bits.copy()
    for row, places, _, is_zero in pools:
        at = list(places)
        found[row, at] = 0.0 if is_zero else np.average(bits[row, at], weights=seen[row, at])
    return found


def _design(levels: Levels, pools: list[Pool]) -> NDArray[np.float64]:
    """[P, 1 + free pools]: an intercept, and whether each pair is in each pool."""
    columns = [np.isin(levels[:, pool.row], pool.places) for pool in pools if not pool.is_zero]
    return np.column_stack([np.ones(len(levels)), *(column.astype(np.float64) for column in columns)])


class _Regression:
    """Logistic regression with a known offset; the first column is the intercept, all others lean on factor 1."""

    def __init__(
        self,
        design: NDArray[np.float64],
        offset: NDArray[np.float64],
        truth: NDArray[np.float64],
        pseudo: float,
        tightness: float,
    ) -> None:
        self.design, self.offset, self.truth, self.pseudo = design, offset, truth, pseudo
        self.tightness = tightness
        self.factors = np.zeros(design.shape[1])

    def fitted(self, factors: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        return logistic(self.offset + self.design @ (self.factors if factors is None else factors))

    def reached(self, factors: NDArray[np.float64] | None = None) -> float:
        """Log-likelihood with the prior's penalty, 0 at most."""
        tried = self.factors if factors is None else factors
        odds = self.offset + self.design @ tried
        fit = float((self.truth * odds - np.logaddexp(0.0, odds)).sum())
        leaning = tried[1:]
        return (
            fit + float(self.pseudo * (leaning - np.expm1(leaning)).sum()) - 0.5 * self.tightness * float(tried[0] ** 2)
        )

    def run(self, most_steps: int) -> tuple[list[float], bool]:
        """Step until nothing is gained: (what was reached after each step, whether it came to rest)."""
        history = [self.reached()]
        for _ in range(most_steps):
            self.step()
            history.append(self.reached())
            if history[-1] - history[-2] <= _REST * (1.0 + abs(history[-1])):
                return history, True
        return history, False

    def step(self) -> None:
        """A Newton step, halved until it does not lower what is reached."""
        p = self.fitted()
        leaning = np.exp(self.factors[1:])
        slope = self.design.T @ (self.truth - p)
        slope[1:] += self.pseudo * (1.0 - leaning)
        slope[0] -= self.tightness * self.factors[0]
        bend = (self.design * (p * (1.0 - p))[:, None]).T @ self.design
        bend[np.diag_indices_from(bend)] += np.concatenate([[self.tightness], self.pseudo * leaning])
        move = np.linalg.solve(bend, slope)
        before = self.reached()
        for _ in range(40):
            if self.reached(self.factors + move) >= before:
                self.factors = self.factors + move
                return
            move = move / 2.0
