"""Align the tokens of two names: best pairs first, conflicts where both sides keep a token without partner.

Token pairs are compared once per process and remembered as thousandths: 1000 the same name, 0 nothing in common.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tracing.matching.names.joins import joined_places
from tracing.matching.names.reading import NameReading
from tracing.matching.names.similarity import token_similarity
from tracing.matching.names.systems import EAST_ASIAN
from tracing.matching.names.tokens import Token

if TYPE_CHECKING:
    from tracing.matching.frequencies import TermFrequencies

MOST_PAIRS: Final = 400_000
"""Distinct token pairs remembered per process (about 100 bytes each); all are dropped when it is full."""

ACCEPTED: Final = 500
"""Tokens less alike than this are no pair."""

MISSING: Final = 0.25
"""A token that only one side has counts against by this share of its weight."""

CONFLICT: Final = 150.0
"""Thousandths off for each token that both sides keep without partner, on top of its weight."""

FIRST_CONFLICT: Final = 60.0
"""Thousandths off when the first names of both sides are in conflict: brothers and sisters share the rest."""

_known: dict[int, int] = {}


class Alignment(NamedTuple):
    """``similarity`` in thousandths before the order is looked at; ``places`` are (left, right, thousandths), sorted."""

    similarity: float
    places: list[tuple[int, int, int]]


def pair_similarity(left: Token, right: Token, syllables: bool) -> int:
    """Similarity of two tokens; ``syllables`` compares them as words of one syllable, where every letter tells."""
    low, high = (left, right) if left.number < right.number else (right, left)
    key = low.number << 33 | high.number << 1 | syllables
    known = _known.get(key)
    if known is None:
        if len(_known) >= MOST_PAIRS:
            _known.clear()
        known = _known[key] = token_similarity(low, high, syllables)
    return known


def align(one: NameReading, other: NameReading, frequencies: TermFrequencies) -> Alignment:
    """Align two readings that both have names."""
    ones, others = one.names, other.names
    syllables = one.system == EAST_ASIAN and other.system == EAST_ASIAN
    candidates = []
    for i, left in enumerate(ones):
        for j, right in enumerate(others):
            similarity = 1000 if left is right else pair_similarity(left, right, syllables)
            if similarity >= ACCEPTED:
                candidates.append((similarity * 16 - abs(i - j), i, j, similarity))
    candidates.sort(key=_best_first)
    free, other_free = [True] * len(ones), [True] * len(others)
    places = []
    for _, i, j, similarity in candidates:
        if free[i] and other_free[j]:
            free[i] = other_free[j] = False
            places.append((i, j, similarity))
    places.sort()
    if len(places) < len(ones) and len(places) < len(others):
        places.extend(joined_places(one, other, free, other_free))
    return Alignment(_similarity(one, other, places, free, other_free, frequencies), places)


def _best_first(candidate: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """Best pair first; ties by the sum of places, so that both directions choose alike."""
    score, i, j, _ = candidate
    return (-score, i + j, abs(i - j))


def _similarity(
    one: NameReading,
    other: NameReading,
    places: list[tuple[int, int, int]],
    free: list[bool],
    other_free: list[bool],
    frequencies: TermFrequencies,
) -> float:
    weigh = frequencies.bits
    ones, others = one.names, other.names
    agreed = total = 0.0
    for i, j, similarity in places:
        left, right = ones[i], others[j]
        if left.kind == "initial" or right.kind == "initial":
            weight = 5.0
        else:
            weight = 6.0 + min(weigh(left), weigh(right))
        total += weight
        agreed += weight * (similarity if similarity >= 880 else 880 - 1.7 * (880 - similarity))
    lone = [6.0 + weigh(ones[i]) if ones[i].kind != "initial" else 5.0 for i, is_free in enumerate(free) if is_free]
    other_lone = [
        6.0 + weigh(others[j]) if others[j].kind != "initial" else 5.0 for j, is_free in enumerate(other_free) if is_free
    ]
    conflicts = min(len(lone), len(other_lone))
    if not conflicts:
        return agreed / (total + MISSING * (sum(lone) + sum(other_lone)))
    lone.sort(reverse=True)
    other_lone.sort(reverse=True)
    against = sum(max(pair) for pair in zip(lone, other_lone, strict=False))
    missing = sum(lone[conflicts:]) + sum(other_lone[conflicts:])
    penalty = CONFLICT * conflicts + (FIRST_CONFLICT if free[0] and other_free[0] else 0.0)
    return max(0.0, agreed / (total + against + MISSING * missing) - penalty)
