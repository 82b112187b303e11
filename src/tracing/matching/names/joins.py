"""Find names that one side writes joined and the other apart: Nurmohammad and Nur Mohammad, Benali and Ben
Ali.
"""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import Indel

from tracing.matching.names.reading import NameReading
from tracing.matching.names.sounds import skeletons

_LEAST: Final = 650
"""Similarity (thousandths) of a joined name: this, and up to 970 with the likeness of the spelling."""

_CLOSE: Final = 0.7


def joined_places(
    one: NameReading, other: NameReading, free: list[bool], other_free: list[bool]
) -> list[tuple[int, int, int]]:
    """Places joined; marks what is used in ``free`` and ``other_free``. The first half stands for both."""
    found = _halves(one, other, free, other_free)
    return found + [(i, j, similarity) for j, i, similarity in _halves(other, one, other_free, free)]


def _halves(
    whole: NameReading, apart: NameReading, free: list[bool], apart_free: list[bool]
) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    joins, starts = apart.joins, apart.join_starts
    if not starts:
        return found
    for i, is_free in enumerate(free):
        if not is_free or not whole.names[i].latin:
            continue
        text = whole.names[i].latin[0]
        first = text[0]
        if first not in starts:
            continue
        for j, size, halves in joins:
            if halves[0] == first and all(apart_free[j : j + size]) and (ratio := _likeness(text, halves)):
                free[i] = False
                for used in range(j, j + size):
                    apart_free[used] = False
                found.append((i, j, _LEAST + int((970 - _LEAST) * ratio)))
                break
    return found


def _likeness(text: str, halves: str) -> float:
    """How alike a word and its joined halves are spelled, 0 when they are no one name."""
    if abs(len(text) - len(halves)) > 4:
        return 0.0
    ratio = Indel.normalized_similarity(text, halves)
    if ratio >= 0.9 or (ratio >= _CLOSE and not set(skeletons(text)).isdisjoint(skeletons(halves))):
        return ratio
    return 0.0
