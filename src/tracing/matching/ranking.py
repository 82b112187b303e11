"""Ranking: the best of many scored candidates, in an order that never depends on chance."""

from collections.abc import Iterable
from heapq import nsmallest

from tracing.matching.evidence import Score
from tracing.matching.reading import Reading


def best_first(scored: Iterable[tuple[Score, Reading]], top: int) -> list[tuple[Score, Reading]]:
    """The `top` pairs of highest weight, best first, ties by the candidate's id."""
    return nsmallest(top, scored, key=lambda pair: (-pair[0].weight, pair[1].id))
