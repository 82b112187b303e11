"""Align the tokens of two names: best pairs first, conflicts where both sides keep a token without partner.

Token pairs are compared once per process and remembered as thousandths: 1000 the same name, 0 nothing in
common.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tracing.matching.names.joins import joined_places
from tracing.matching.names.rarity import Rarity
from tracing.matching.names.reading import NameReading
from tracing.matching.names.similarity import token_similarity
from tracing.matching.names.systems import SYLLABIC
from tracing.matching.names.tokens import Token

MOST_PAIRS: Final = 400_000
"""Distinct token pairs remembered per process (about 100 bytes each); all are dropped when it is full."""

ACCEPTED: Final = 500
"""Tokens less alike than this are no pair."""

NEAR: Final = 120
"""Tokens less alike than this have nothing in common; between the two they are a conflict, but a milder one.
"""

MISSING: Final = 0.25
"""A token that only one side has counts against by this share of its weight."""

CONFLICT: Final = 320.0
"""Thousandths off for each pair of tokens in conflict that have nothing in common, on top of their weight."""

FIRST_CONFLICT: Final = 60.0
"""Thousandths off when the first names of both sides are in conflict: brothers and sisters share the rest."""

_known: dict[int, int] = {}


Place = tuple[int, int, int]
"""Left place, right place, thousandths."""


class Alignment(NamedTuple):
    """``similarity`` in thousandths before the order is looked at; ``places`` are (left, right,
    thousandths), sorted.
    """

    similarity: float
    places: list[Place]


def pair_similarity(left: Token, right: Token, syllables: bool) -> int:
    """Similarity of two tokens; ``syllables`` compares them as words of one syllable, where every letter
    tells.
    """
    if left is right:
        return 1000
    low, high = (left, right) if left.number < right.number else (right, left)
    key = low.number << 33 | high.number << 1 | syllables
    known = _known.get(key)
    if known is None:
        if len(_known) >= MOST_PAIRS:
            _known.clear()
        known = _known[key] = token_similarity(low, high, syllables)
    return known


def align(one: NameReading, other: NameReading, frequencies: Rarity) -> Alignment:
    """Align two readings that both have names."""
    candidates = _candidates(one, other)
    if not candidates:
        return _similarity_without_places(one, other, frequencies)
    size, other_size = len(one.names), len(other.names)
    free, other_free = [True] * size, [True] * other_size
    places: list[Place] = []
    near: list[Place] = []
    for _, _, i, j, similarity in candidates:
        if free[i] and other_free[j]:
            free[i] = other_free[j] = False
            (places if similarity >= ACCEPTED else near).append((i, j, similarity))
    for i, j, _ in near:
        free[i] = other_free[j] = True
    if one.initials or other.initials:
        places = _without_rescue(one, other, places, free, other_free)
    if len(places) < size or len(places) < other_size:
        places = _with_joins(one, other, places, free, other_free)
    if len(places) > 1:
        places.sort()
    reached = _similarity(one, other, places, near, free, other_free, frequencies)
    if places and all(one.names[i].kind == "initial" or other.names[j].kind == "initial" for i, j, _ in places):
        reached = min(reached, _INITIALS_ONLY)
    return Alignment(reached, places)


def _candidates(one: NameReading, other: NameReading) -> list[tuple[int, int, int, int, int]]:
    """Token pairs that are at least near, best first; ties by the sum of places, so that both directions
    agree.

    The look-up of ``pair_similarity`` stands here a second time: it is the innermost loop of the engine.
    """
    syllables = one.system in SYLLABIC and other.system in SYLLABIC
    found = []
    get = _known.get
    others = other.keyed
    for i, (number, left) in enumerate(one.keyed):
        for j, (other_number, right) in enumerate(others):
            if number < other_number:
                similarity = get(number << 33 | other_number << 1 | syllables)
            elif number == other_number:
                similarity = 1000
            else:
                similarity = get(other_number << 33 | number << 1 | syllables)
            if similarity is None:
                similarity = pair_similarity(left, right, syllables)
            if similarity >= NEAR:
                found.append((abs(i - j) - similarity * 16, i + j, i, j, similarity))
    if len(found) > 1:
        found.sort()
    return found


def _with_joins(
    one: NameReading, other: NameReading, places: list[Place], free: list[bool], other_free: list[bool]
) -> list[Place]:
    """Names written apart on one side; a pair that is only somewhat alike gives way (Nurmohammad and
    Mohammad).
    """
    loose = [place for place in places if place[2] < _LOOSE] if len(free) != len(other_free) else []
    for i, j, _ in loose:
        free[i] = other_free[j] = True
    if True not in free or True not in other_free:
        return places
    found = joined_places(one, other, free, other_free)
    kept = [place for place in places if place[2] >= _LOOSE or not loose]
    for i, j, similarity in loose:
        if free[i] and other_free[j]:
            free[i] = other_free[j] = False
            kept.append((i, j, similarity))
    return kept + found


_LOOSE: Final = 720


def _without_rescue(
    one: NameReading, other: NameReading, places: list[Place], free: list[bool], other_free: list[bool]
) -> list[Place]:
    """An initial does not answer for a name while its own side keeps a whole name without partner."""
    lone = any(is_free and name.kind != "initial" for is_free, name in zip(free, one.names, strict=True))
    other_lone = any(is_free and name.kind != "initial" for is_free, name in zip(other_free, other.names, strict=True))
    kept = []
    for i, j, similarity in places:
        left, right = one.names[i].kind == "initial", other.names[j].kind == "initial"
        if left != right and ((left and lone) or (right and other_lone)):
            free[i] = other_free[j] = True
        else:
            kept.append((i, j, similarity))
    return kept


def _similarity_without_places(one: NameReading, other: NameReading, frequencies: Rarity) -> Alignment:
    """No token is even near another one: only a name joined on one side can save the pair."""
    if len(one.names) == len(other.names):
        return _NOTHING
    free, other_free = [True] * len(one.names), [True] * len(other.names)
    places = sorted(joined_places(one, other, free, other_free))
    if not places:
        return _NOTHING
    return Alignment(_similarity(one, other, places, [], free, other_free, frequencies), places)


_NOTHING: Final = Alignment(-1000.0, [])


_ONE_NAME: Final = 580.0
_ONE_NAME_PER_BIT: Final = 16.0
"""One name that agrees with part of a longer one is worth at most this, by its rarity."""

_INITIALS_ONLY: Final = 400.0
"""At most this when nothing but initials agrees."""

_INITIAL_WEIGHT: Final = 5.0
_NAME_WEIGHT: Final = 6.0


def _similarity(
    one: NameReading,
    other: NameReading,
    places: list[Place],
    near: list[Place],
    free: list[bool],
    other_free: list[bool],
    frequencies: Rarity,
) -> float:
    bits = frequencies.bits
    weights = [_NAME_WEIGHT + bits(name) if name.kind != "initial" else _INITIAL_WEIGHT for name in one.names]
    other_weights = [_NAME_WEIGHT + bits(name) if name.kind != "initial" else _INITIAL_WEIGHT for name in other.names]
    agreed = total = 0.0
    for i, j, similarity in places:
        weight = weights[i] if weights[i] < other_weights[j] else other_weights[j]
        total += weight
        agreed += weight * (similarity if similarity >= 880 else 880 - 1.7 * (880 - similarity))
    lone = sorted([weight for weight, is_free in zip(weights, free, strict=True) if is_free], reverse=True)
    other_lone = sorted(
        [weight for weight, is_free in zip(other_weights, other_free, strict=True) if is_free], reverse=True
    )
    if not lone and not other_lone:
        return agreed / total
    conflicts = min(len(lone), len(other_lone))
    if not conflicts:
        worth = agreed / (total + MISSING * (sum(lone) + sum(other_lone))) if total else 0.0
        return min(worth, _ONE_NAME + _ONE_NAME_PER_BIT * (total - _NAME_WEIGHT)) if len(places) == 1 else worth
    against = sum(max(pair) for pair in zip(lone, other_lone, strict=False))
    missing = sum(lone[conflicts:]) + sum(other_lone[conflicts:])
    softened = sum(similarity for i, j, similarity in near if free[i] and other_free[j]) / 1000
    penalty = CONFLICT * max(0.0, conflicts - 1.2 * softened)
    if free[0] and other_free[0]:
        penalty += FIRST_CONFLICT
    worth = (agreed + 400.0 * softened * _NAME_WEIGHT) / (total + against + MISSING * missing)
    return worth - penalty
