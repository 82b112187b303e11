"""Figures of merit of scored pairs and ranked lists whose truth is known. Pure.

AUC, ECE and Brier are the engine's own (`tracing.matching.evaluation`); here F1 and recall count the true pairs
that were never compared as well, since blocking is part of linking two lists.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracing.matching.evaluation import auc, calibration_error

PRECISE = 0.99
DEPTHS = (1, 10, 50)


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a list of scored pairs is cut: pairs of at least `score` are taken."""

    f1: float
    precision: float
    recall: float
    score: float


def cuts(scores: Sequence[float], labels: Sequence[bool], total: int) -> tuple[Cut, Cut]:
    """The cut of the best F1, and the cut of the highest recall at a precision of .99 (recall 0 if there is none).

    `total` counts all true pairs, compared or not; equal scores are cut together.
    """
    best, precise = Cut(0.0, 0.0, 0.0, float("inf")), Cut(0.0, 0.0, 0.0, float("inf"))
    taken = hits = 0
    for score, tied in groupby(sorted(zip(scores, labels, strict=True), reverse=True), key=lambda pair: pair[0]):
        among = [label for _, label in tied]
        taken, hits = taken + len(among), hits + sum(among)
        cut = cut_at(hits, taken, total, score)
        best = cut if cut.f1 > best.f1 else best
        precise = cut if cut.precision >= PRECISE and cut.recall > precise.recall else precise
    return best, precise


def cut_at(hits: int, taken: int, total: int, score: float = 0.0) -> Cut:
    """F1, precision and recall of `hits` true pairs among `taken`, of `total` true ones; 0 where undefined."""
    precision = hits / taken if taken else 0.0
    recall = hits / total if total else 0.0
    return Cut(2 * precision * recall / (precision + recall) if hits else 0.0, precision, recall, score)


def pair_figures(
    scores: Sequence[float], probabilities: Sequence[float], labels: Sequence[bool]
) -> dict[str, float | None]:
    """AUC, best F1, recall at precision .99, ECE and Brier of labelled pairs; None where undefined."""
    positives = sum(labels)
    if not labels or not positives:
        return {"auc": None, "f1": None, "r_p99": None, "ece": None}
    best, precise = cuts(scores, labels, positives)
    return {
        "auc": auc(scores, labels) if positives < len(labels) else None,
        "f1": best.f1,
        "precision": best.precision,
        "recall": best.recall,
        "r_p99": precise.recall,
        "ece": calibration_error(probabilities, labels),
        "brier": sum((p - label) ** 2 for p, label in zip(probabilities, labels, strict=True)) / len(labels),
    }


def rank_figures(ranks: Sequence[int | None]) -> dict[str, float | None]:
    """Share of queries whose partner stands among the first 1, 10, 50, and the mean reciprocal rank.

    `ranks` holds the best rank of a true partner per query, from 1; None where it is not in the list.
    """
    n = len(ranks)
    found: dict[str, float | None] = {
        f"r{depth}": sum(rank is not None and rank <= depth for rank in ranks) / n if n else None for depth in DEPTHS
    }
    found["mrr"] = sum(1 / rank for rank in ranks if rank) / n if n else None
    return found


def nearest(pairs: Iterable[tuple[str, float, bool]], top: int = 20) -> tuple[list[float], list[bool]]:
    """Probabilities and labels of the `top` likeliest pairs of each left id: distant pairs would flatter an ECE."""
    by_left: dict[str, list[tuple[float, bool]]] = {}
    for left, probability, label in pairs:
        by_left.setdefault(left, []).append((probability, label))
    chosen = [pair for found in by_left.values() for pair in sorted(found, reverse=True)[:top]]
    return [probability for probability, _ in chosen], [label for _, label in chosen]


def link_figures(
    found: Mapping[tuple[str, str], tuple[float, float]], gold: Iterable[tuple[str, str]]
) -> tuple[dict[str, float | None], Cut]:
    """Figures of linked lists, and the cut of the best F1. `found` maps (left, right) to (weight, probability)."""
    truth = set(gold)
    scores, labels = [weight for weight, _ in found.values()], [pair in truth for pair in found]
    best, precise = cuts(scores, labels, len(truth))
    chances, near = nearest((pair[0], found[pair][1], label) for pair, label in zip(found, labels, strict=True))
    return {
        "f1": best.f1,
        "precision": best.precision,
        "recall": best.recall,
        "r_p99": precise.recall,
        "blocking": sum(labels) / len(truth) if truth else None,
        "ece": calibration_error(chances, near) if near else None,
        "candidates": float(len(found)),
    }, best
