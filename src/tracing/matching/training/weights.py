"""Weights without labels: u from random pairs, m by expectation maximisation over candidates.

The model is Fellegi and Sunter's (1969) with Winkler's adjustments (1988, 2006): u comes from random pairs, m
and the share of true pairs from candidates without labels. Candidates met by a key, so persons who are two agree
more often among them than at random: their own frequencies (`among`) are estimated too and thrown away.

A level's start is worth `pseudo` sightings: its frequency is (seen + pseudo) / (pairs + pseudo / expected), the
mean of a gamma posterior. A rare level keeps sane bits, a common one follows the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Levels
from tracing.matching.model import Weights
from tracing.matching.training.pairs import SHAPES, Extra, Shape
from tracing.matching.training.table import Places, Table, made, renamed, tables_of

PSEUDO = 2.0
"""Sightings that a level of the starting table is worth in m: its bits are trusted to about one and a half."""
PSEUDO_U = 1.0
"""The same in u, where pairs are many."""
LN2 = float(np.log(2.0))
_SCARCE = 1e-9
_SHARED_BY_KIN = frozenset({"father", "mother", "father_in_name", "relatives", "birth_place"})
_LEAST_SHARE, _MOST_SHARE = 0.01, 50.0


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained table and how it came about.

    Attributes:
        weights: the table; its comparisons keep the engine's order of levels (settled.md 22).
        seen: [C, L] pairs at each level among those learned from.
        prior: share of true pairs among them; estimated where there were no labels.
        history: log-likelihood in nats after each step, penalty of the pseudo-counts included; never falls.
        converged: whether the last step changed it by less than the tolerance.
        probabilities: [P] of being one person, by the trained model, for each pair learned from.
        offset: bits by which the prior of decided pairs was off, where it was free.
    """

    weights: Weights
    seen: Table
    prior: float
    history: tuple[float, ...]
    converged: bool
    probabilities: NDArray[np.float64]
    offset: float = 0.0


def estimate_u(
    levels_of_random_pairs: Levels,
    start: Weights,
    *,
    shapes: Sequence[Shape] = SHAPES,
    pseudo: float = PSEUDO_U,
) -> Table:
    """Frequencies u [C, L]: how often pairs of two persons reach each level when both sides speak.

    Args:
        levels_of_random_pairs: [P, C]; hardly any of them is one person.
        start: gives u where too few pairs spoke.
        shapes: the comparisons, in the order of the columns.
        pseudo: sightings that each level of `start` is worth.
    """
    places = Places(levels_of_random_pairs, shapes)
    expected = tables_of(start, shapes)[1]
    seen = places.counts()
    return _posterior(seen, seen.sum(axis=1, keepdims=True), expected, pseudo, places.mask)


def _posterior(seen: Table, pairs: Table, expected: Table, pseudo: float | Table, mask: NDArray[np.bool_]) -> Table:
    found = (seen + pseudo) / (pairs + pseudo / np.maximum(expected, _SCARCE))
    return np.asarray(np.where(mask, found, 1.0), dtype=np.float64)


def expectation_maximisation(
    levels: Levels,
    extra: Extra,
    start: Weights,
    *,
    u: Table | None = None,
    among_is_u: bool = False,
    shapes: Sequence[Shape] = SHAPES,
    pseudo: float = PSEUDO,
    most_steps: int = 300,
    tolerance: float = 1e-7,
) -> Trained:
    """Learn m from candidate pairs without labels.

    Args:
        levels: [P, C] of candidate pairs.
        extra: [P, C] bits of term frequency.
        start: the table to begin with and to lean on.
        u: [C, L] as `estimate_u` gives it; without it, that of `start`.
        among_is_u: the pairs were drawn at random, not met by a key: those of two persons agree as often as `u`.
        shapes: the comparisons, in the order of the columns.
        pseudo: sightings that each level of `start` is worth.
        most_steps: steps at most.
        tolerance: ends when a step raises the log-likelihood by less than this share of it.
    """
    model = _Mixture(levels, extra, start, u, among_is_u, shapes, pseudo)
    history: list[float] = []
    converged = False
    for _ in range(most_steps):
        history.append(model.step())
        if len(history) > 1 and history[-1] - history[-2] <= tolerance * abs(history[-1]):
            converged = True
            break
    return Trained(model.weights(start), model.seen, model.prior, tuple(history), converged, model.posterior)


class _Mixture:
    """Kinds of pairs: one person, relatives, strangers; levels are independent within a kind.

    The density of a comparison that spoke is f[level] * exp(1 - sum of f): it equals f[level] when f sums to 1,
    is never more than a density, and makes the posterior mean above the exact maximum of each step.
    """

    def __init__(
        self,
        levels: Levels,
        extra: Extra,
        start: Weights,
        u: Table | None,
        among_is_u: bool,
        shapes: Sequence[Shape],
        pseudo: float,
    ) -> None:
        self.places = places = Places(levels, shapes)
        self.shapes, self.pseudo, self.mask, self.among_is_u = shapes, pseudo, places.mask, among_is_u
        bits, start_u = tables_of(start, shapes)
        self.u = start_u if u is None else u
        self.seen = places.counts()
        share = self.seen / np.maximum(_spoken(self.seen), 1.0)
        self.usual = np.where(self.mask, np.maximum(share, _SCARCE), 1.0)
        true = self._true_at_first(start, bits, extra)
        kin = np.zeros(len(true)) if among_is_u else self._kin_at_first(bits)
        self.kinds = np.stack([true, (1.0 - true) * kin, (1.0 - true) * (1.0 - kin)])
        self._centre(extra, np.where(self.mask, 2.0**bits, 1.0))
        self._update()

    @property
    def posterior(self) -> NDArray[np.float64]:
        return np.asarray(self.kinds[0])

    @property
    def prior(self) -> float:
        return float(self.shares[0])

    def _true_at_first(self, start: Weights, bits: Table, extra: Extra) -> NDArray[np.float64]:
        """Probabilities by the starting table, its prior fitted to these pairs."""
        odds = start.slope * LN2 * (self.places.sums(bits) + extra.sum(axis=1, dtype=np.float64))
        prior = 0.1
        found = np.zeros(len(odds))
        for _ in range(50):
            found = logistic(odds + np.log(prior / (1.0 - prior)))
            prior = float((found.sum() + 0.5) / (len(odds) + 1.0))
        return found

    def _kin_at_first(self, bits: Table) -> NDArray[np.float64]:
        """Two persons are relatives at first sight as far as parents and place of birth agree."""
        shared = np.array([shape.name in _SHARED_BY_KIN for shape in self.shapes])
        return logistic(LN2 * self.places.sums(np.where(shared[:, None], bits, 0.0)) - 2.0)

    def _centre(self, extra: Extra, ratio: Table) -> None:
        """Bits of rarity stand on top of a level that already holds their mean: take that out of the level."""
        weighed = self.places.counts(self.posterior[:, None] * np.exp2(-extra.astype(np.float64)))
        plain = self.places.counts(self.posterior)
        self.centre = np.where(self.mask, (weighed + self.pseudo) / (plain + self.pseudo), 1.0)
        self.expected = np.where(self.mask, np.clip(self.u * ratio / self.centre, _SCARCE, 1.0), 1.0)
        mean = self.places.sums(np.where(self.mask, np.log(self.centre), 0.0))
        self.extra = extra.sum(axis=1, dtype=np.float64) * LN2 + mean

    def _update(self) -> None:
        """The most likely parameters, given each pair's probabilities."""
        counts = [self.places.counts(kind) for kind in self.kinds]
        self.m = _posterior(counts[0], _spoken(counts[0]), self.expected, self.pseudo, self.mask)
        if self.among_is_u:
            self.among = [self.u, self.u]
        else:
            self.among = [_posterior(one, _spoken(one), self.usual, 1.0, self.mask) for one in counts[1:]]
        self.shares = (self.kinds.sum(axis=1) + 0.5) / (self.places.pairs + 1.5)

    def step(self) -> float:
        """One step; returns the penalised log-likelihood of the parameters that it began with."""
        logs = [self.places.sums(self._logs(table)) for table in (self.m, *self.among)]
        densities = np.stack(logs) + np.log(self.shares)[:, None]
        densities[1:] -= self.extra
        total = np.logaddexp.reduce(densities, axis=0)
        reached = float(total.sum()) + self._penalty()
        self.kinds = np.exp(densities - total)
        self._update()
        return reached

    def _logs(self, table: Table) -> Table:
        total = np.where(self.mask, table, 0.0).sum(axis=1, keepdims=True)
        return np.asarray(np.where(self.mask, np.log(table) + 1.0 - total, 0.0))

    def _penalty(self) -> float:
        found = self.pseudo * np.where(self.mask, np.log(self.m) - self.m / np.maximum(self.expected, _SCARCE), 0.0)
        if not self.among_is_u:
            for table in self.among:
                found = found + np.where(self.mask, np.log(table) - table / self.usual, 0.0)
        return float(found.sum() + 0.5 * np.log(self.shares).sum())

    def weights(self, start: Weights) -> Weights:
        """The table: m with the mean of rarity taken out, against u at random."""
        bits = np.log2(self.m * self.centre / self.u)
        return made(start, bits, self.u, self.seen, self.shapes)


def _spoken(counts: Table) -> Table:
    return np.asarray(counts.sum(axis=1, keepdims=True))


def with_share(trained: Trained, persons: int, same: bool) -> Weights:
    """The table with `share`, the expected true partners of a person, from the candidates of `persons` persons.

    `same` says that the lists were one: each pair stands under one of its persons, and counts for both.
    """
    share = float(trained.probabilities.sum()) * (2 if same else 1) / max(persons, 1)
    return renamed(trained.weights, share=float(f"{min(max(share, _LEAST_SHARE), _MOST_SHARE):.3g}"))


def with_offset(weights: Weights, offset: float) -> Weights:
    """The table with `share` moved by `offset` bits: how often a person of the pool has a partner."""
    share = weights.share * 2.0 ** (offset / weights.slope)
    return renamed(weights, share=float(f"{min(max(share, _LEAST_SHARE), _MOST_SHARE):.3g}"))


def strangers(levels: Levels, extra: Extra, start: Weights, pool: int) -> NDArray[np.bool_]:
    """[P]: which random pairs are two persons: those that `start` does not call one more likely than not.

    In short lists true pairs among random ones would spoil the rarest u. `pool` is the size of the other side.
    """
    bits, _ = tables_of(start, SHAPES)
    weight = Places(levels, SHAPES).sums(bits) + extra.sum(axis=1, dtype=np.float64)
    return np.asarray(weight < start.least_weight(0.5, start.prior(pool)))


def logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of odds in nats."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)))
