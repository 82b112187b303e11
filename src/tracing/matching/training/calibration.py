"""Calibration from labels: how far the weight may be trusted (slope), and where bands begin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Levels
from tracing.matching.evaluation import auc, calibration_error
from tracing.matching.model import Weights
from tracing.matching.training.decisions import from_decisions
from tracing.matching.training.pairs import SHAPES, Extra, Shape
from tracing.matching.training.table import Places, tables_of
from tracing.matching.training.weights import LN2, PSEUDO

FLATTEST, STEEPEST = 0.2, 1.5
"""Range of a fitted slope: outside it the labels are too few or too odd to be believed."""
_TRUST = 0.25
"""Standard deviation of the slope around the start's, before any label is seen."""
_LEAST_FOR_BANDS = 200
"""Labelled pairs below which bands stay where they are."""
_BAND_RANGES = ((0.9, 0.995), (0.6, 0.9), (0.1, 0.4))
"""Where the least probability of strong, probable and possible may stand."""
_FREE = 3.0
"""Standard deviation of a free prior's offset in bits."""
_FIXED = 1e12
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Calibration:
    """How weight becomes probability: log2 odds = slope * weight + the prior's + offset, all in bits.

    A weight below 0 counts `against` times, as in `Weights`.
    """

    slope: float
    offset: float
    against: float


@dataclass(frozen=True, slots=True)
class Check:
    """Merit on labelled pairs before and after training, each pair judged by a table that never saw it.

    `ece` is the expected calibration error, `auc` None when the labels are of one kind; (before, after).
    """

    pairs: int
    true: int
    ece: tuple[float, float]
    auc: tuple[float, float] | None


def fit(
    weights: NDArray[np.float64],
    labels: Sequence[bool],
    start: Weights,
    prior: float | NDArray[np.float64] = 0.5,
    *,
    free_prior: bool = False,
    fixed_slope: bool = False,
) -> Calibration:
    """Fit the slope to weights in bits and labels, leaning on the start's slope; logistic, by Newton.

    `prior` is that of each pair or of all; `free_prior` fits an offset to it too, `fixed_slope` keeps the slope.
    """
    truth = np.asarray(labels, dtype=np.float64)
    x = np.column_stack([np.ones(len(truth)), _counted(weights, start.against)]) * LN2
    known = np.log(prior / (1.0 - np.asarray(prior)))
    centre = np.array([0.0, start.slope])
    trust = np.diag([1 / _FREE**2 if free_prior else _FIXED, _FIXED if fixed_slope else 1 / _TRUST**2])
    found = centre.copy()

    def reached(tried: NDArray[np.float64]) -> float:
        odds = x @ tried + known
        away = tried - centre
        return float((truth * odds - np.logaddexp(0.0, odds)).sum() - 0.5 * away @ trust @ away)

    for _ in range(100):
        p = 0.5 * (1.0 + np.tanh(0.5 * (x @ found + known)))
        bend = (x * (p * (1.0 - p))[:, None]).T @ x + trust
        move = np.linalg.solve(bend, x.T @ (truth - p) - trust @ (found - centre))
        before = reached(found)
        while reached(found + move) < before and float(np.abs(move).max()) > 1e-12:
            move = move / 2.0
        found = found + move
        if float(np.abs(move).max()) < 1e-9:
            break
    return Calibration(float(min(max(found[1], FLATTEST), STEEPEST)), float(found[0]), start.against)


def probabilities(
    weights: NDArray[np.float64], calibration: Calibration, prior: float | NDArray[np.float64] = 0.5
) -> NDArray[np.float64]:
    """Probabilities of weights in bits."""
    counted = calibration.slope * _counted(weights, calibration.against)
    odds = LN2 * (counted + calibration.offset) + np.log(prior / (1.0 - np.asarray(prior)))
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)))


def _counted(weights: NDArray[np.float64], against: float) -> NDArray[np.float64]:
    return np.where(weights < 0.0, weights * against, weights)


def fit_bands(
    probability: NDArray[np.float64], labels: Sequence[bool], start: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Least probabilities at which the observed share of true pairs reaches what `start` promises.

    The observed share is smoothed so that it never falls as the probability rises; bands stay as they are below
    200 labelled pairs, and within sensible ranges always.
    """
    if len(labels) < _LEAST_FOR_BANDS:
        return start
    order = np.argsort(probability, kind="stable")
    share = _rising(np.asarray(labels, dtype=np.float64)[order])
    sorted_p = probability[order]
    found = []
    for promised, (low, high) in zip(start, _BAND_RANGES, strict=True):
        reached = np.flatnonzero(share >= promised)
        cut = float(sorted_p[reached[0]]) if len(reached) else high
        found.append(round(min(max(cut, low), high), 3))
    return found[0], found[1], found[2]


def _rising(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values.tolist():
        total, size = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            more, other = pools.pop()
            total, size = total + more, size + other
        pools.append((total, size))
    return np.repeat([total / size for total, size in pools], [size for _, size in pools])


def weights_of(levels: Levels, extra: Extra, table: Weights, shapes: Sequence[Shape] = SHAPES) -> NDArray[np.float64]:
    """Weights in bits [P] of pairs by a table."""
    bits, _ = tables_of(table, shapes)
    return np.asarray(Places(levels, shapes).sums(bits) + extra.sum(axis=1, dtype=np.float64))


def check(
    levels: Levels,
    extra: Extra,
    labels: Sequence[bool],
    start: Weights,
    trained: Weights | None = None,
    *,
    prior: float | NDArray[np.float64] = 0.5,
    free_prior: bool = False,
    shapes: Sequence[Shape] = SHAPES,
    pseudo: float = PSEUDO,
) -> Check:
    """Merit of `start` and of a trained table on labelled pairs.

    Before: `start` as it is. After: `trained`, or without it a table from decisions, with its slope fitted.
    Whatever is fitted comes from the other four fifths of the pairs.
    """
    truth = np.asarray(labels, dtype=bool)
    priors = np.broadcast_to(np.asarray(prior, dtype=np.float64), truth.shape)
    before = weights_of(levels, extra, start, shapes)
    after, stated = np.zeros(len(truth)), np.zeros(len(truth))
    for fold in range(FOLDS):
        out = np.arange(len(truth)) % FOLDS == fold
        kept = ~out
        table = trained
        if table is None:
            part = levels[kept], extra[kept], truth[kept].tolist()
            table = from_decisions(
                *part, start, prior=priors[kept], free_prior=free_prior, shapes=shapes, pseudo=pseudo
            ).weights
        after[out] = weights_of(levels[out], extra[out], table, shapes)
        known = weights_of(levels[kept], extra[kept], table, shapes)
        fitted = fit(known, truth[kept].tolist(), start, priors[kept], free_prior=free_prior)
        stated[out] = probabilities(after[out], fitted, priors[out])
    answers = truth.tolist()
    as_it_is = probabilities(before, Calibration(start.slope, 0.0, start.against), priors)
    both = 0 < sum(answers) < len(answers)
    return Check(
        pairs=len(answers),
        true=sum(answers),
        ece=(calibration_error(as_it_is.tolist(), answers), calibration_error(stated.tolist(), answers)),
        auc=(auc(before.tolist(), answers), auc(after.tolist(), answers)) if both else None,
    )
