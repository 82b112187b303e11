"""Figures of merit of scored pairs whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

_PRECISE = 0.99
_BINS = 10


@dataclass(frozen=True, slots=True)
class Merit:
    """Quality over labelled pairs. None where it is undefined: no pair, or pairs of one kind only.

    Attributes:
        auc: chance that a true pair outweighs a false one, ties counting half.
        f1, precision, recall: at the weight where F1 is best.
        recall_at_p99: highest recall at a weight where precision is .99 or more, 0 when there is none.
        ece: expected calibration error over ten bins of equal width; brier: mean squared error.
    """

    n: int
    auc: float | None
    f1: float | None
    precision: float | None
    recall: float | None
    recall_at_p99: float | None
    ece: float | None
    brier: float | None


def merit(weights: Sequence[float], probabilities: Sequence[float], labels: Sequence[bool]) -> Merit:
    """Measure scored pairs against their labels; all three sequences run in step."""
    n, positives = len(labels), sum(labels)
    if not n:
        return Merit(0, None, None, None, None, None, None, None)
    brier = sum((p - label) ** 2 for p, label in zip(probabilities, labels, strict=True)) / n
    ece = calibration_error(probabilities, labels)
    if not positives:
        return Merit(n, None, None, None, None, None, ece, brier)
    f1, precision, recall, precise = _thresholds(weights, labels, positives)
    area = auc(weights, labels) if positives < n else None
    return Merit(n, area, f1, precision, recall, precise, ece, brier)


def auc(weights: Sequence[float], labels: Sequence[bool]) -> float:
    """Area under the ROC curve by rank sums; there must be pairs of both kinds."""
    positives = sum(labels)
    ranked = sorted(zip(weights, labels, strict=True))
    total, place = 0.0, 0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        among = [label for _, label in tied]
        total += sum(among) * (place + (len(among) + 1) / 2)
        place += len(among)
    return (total - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def calibration_error(probabilities: Sequence[float], labels: Sequence[bool]) -> float:
    """Mean gap between stated probability and observed share over bins of equal width, weighted by size."""
    gaps = [0.0] * _BINS
    for p, label in zip(probabilities, labels, strict=True):
        gaps[min(int(p * _BINS), _BINS - 1)] += p - label
    return sum(map(abs, gaps)) / len(labels)


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of one range of stated probability.

    Attributes:
        low, high: the range, `high` excluded but in the last one.
        pairs: how many; `stated` and `observed`, the mean probability and the share of true pairs, are None
            when there is none.
        least, most: the share of true pairs lies between them in 95 of 100 cases (Wilson's interval).
    """

    low: float
    high: float
    pairs: int
    stated: float | None
    observed: float | None
    least: float
    most: float


def reliability(probabilities: Sequence[float], labels: Sequence[bool], bins: int = _BINS) -> tuple[Bin, ...]:
    """Stated against observed, over `bins` ranges of equal width."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for p, label in zip(probabilities, labels, strict=True):
        held[min(int(p * bins), bins - 1)].append((p, label))
    made = []
    for place, pairs in enumerate(held):
        n, true = len(pairs), sum(label for _, label in pairs)
        stated, observed = (sum(p for p, _ in pairs) / n, true / n) if n else (None, None)
        made.append(Bin(place / bins, (place + 1) / bins, n, stated, observed, *wilson(true, n)))
    return tuple(made)


def wilson(true: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share seen as `true` of `n`; (0, 1) of none."""
    if not n:
        return 0.0, 1.0
    z2 = 1.96**2
    middle = (true + z2 / 2) / (n + z2)
    half = (z2 * (true * (n - true) / n + z2 / 4)) ** 0.5 / (n + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


def _thresholds(weights: Sequence[float], labels: Sequence[bool], positives: int) -> tuple[float, float, float, float]:
    """(best F1, its precision, its recall, best recall at high precision), over all cuts."""
    ranked = sorted(zip(weights, labels, strict=True), key=lambda pair: -pair[0])
    best = (0.0, 0.0, 0.0)
    precise = 0.0
    taken = hits = 0
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        among = [label for _, label in tied]
        taken += len(among)
        hits += sum(among)
        precision, recall = hits / taken, hits / positives
        if hits:
            best = max(best, (2 * precision * recall / (precision + recall), precision, recall))
        if precision >= _PRECISE:
            precise = max(precise, recall)
    return *best, precise
