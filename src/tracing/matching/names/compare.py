"""Compare two names: align their tokens, count conflicts, look at the order, weigh by rarity.

The comparison levels go from ``exact`` down to ``different``; within a level ``adjust`` gives further bits,
all of
them at least 0: up to one bit for the place inside the level, and on agreement the rarity of what agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracing.matching.names.align import Alignment, align
from tracing.matching.names.order import order_penalty
from tracing.matching.names.rarity import Rarity
from tracing.matching.names.reading import NameReading
from tracing.matching.names.tokens import Token

LEVELS: Final[tuple[str, ...]] = (
    "exact", "equivalent", "similar", "likely", "partial", "doubtful", "conflicting", "different",
)  # fmt: skip
"""Comparison levels, best first; ``partial`` is the last one that speaks for one person."""

AGREEING: Final = LEVELS.index("partial") + 1
"""How many levels, from the first, are agreement."""

_FLOORS: Final = (990, 920, 840, 740, 620, 450, 180, -10_000)
"""Lowest similarity (thousandths) of each level."""

COMMON_BITS: Final = 5.0
"""A name rarer than 1 in 32 adds to the weight where it agrees."""

RARITY_FACTOR: Final = 0.45
"""Share of a name's rarity that counts: names of one person are not independent."""

MOST_RARITY: Final = 12.0
"""Bits that rarity may add at most."""


@dataclass(frozen=True, slots=True)
class NameOutcome:
    """The best comparison of two persons' names. ``similarity`` 0 … 1; ``pairs`` are the aligned tokens
    (left, right,
    thousandths); ``left`` and ``right`` say which of each side's names were compared.
    """

    level: int
    adjust: float
    similarity: float
    pairs: tuple[tuple[Token, Token, int], ...]
    left: int = 0
    right: int = 0


def compare_names(left: Sequence[NameReading], right: Sequence[NameReading], frequencies: Rarity) -> NameOutcome | None:
    """Best outcome over all pairs of names; None when one side has no name-bearing token. Symmetric."""
    best: tuple[float, int, int, Alignment] | None = None
    for here, one in enumerate(left):
        if not one.names:
            continue
        for there, other in enumerate(right):
            if not other.names:
                continue
            found = align(one, other, frequencies)
            score = found.similarity - order_penalty(one, other, found.places)
            if best is None or score > best[0]:
                best = (score, here, there, found)
            elif score == best[0] and found.places:
                rival = (score, here, there, found)
                best = max(best, rival, key=lambda tied: _outcome(tied, left, right, frequencies).adjust)
    if best is None:
        return None
    return _outcome(best, left, right, frequencies) if best[0] > -1000 else _NOTHING_ALIKE


MOST_ADJUST: Final = 1.0 + MOST_RARITY
"""The most that ``adjust`` can be: a bit for the place inside the level, and the cap on rarity."""

_NOTHING_ALIKE: Final = NameOutcome(len(LEVELS) - 1, 0.0, 0.0, ())


def _outcome(
    best: tuple[float, int, int, Alignment],
    left: Sequence[NameReading],
    right: Sequence[NameReading],
    frequencies: Rarity,
) -> NameOutcome:
    score, here, there, found = best
    level = 0
    while score < _FLOORS[level]:
        level += 1
    thousandths = max(0.0, score)
    if level == len(_FLOORS) - 1:
        adjust = 2 ** ((score - _FLOORS[-2]) / 250)
    else:
        adjust = (score - _FLOORS[level]) / ((1000 if level == 0 else _FLOORS[level - 1]) - _FLOORS[level])
    ones, others = left[here].names, right[there].names
    pairs = tuple((ones[i], others[j], similarity) for i, j, similarity in found.places)
    if level < AGREEING:
        adjust += _rarity(pairs, frequencies) * thousandths / 1000
    return NameOutcome(level, adjust, thousandths / 1000, pairs, here, there)


def _rarity(pairs: Sequence[tuple[Token, Token, int]], frequencies: Rarity) -> float:
    """Bits for agreeing on rare names; the commoner side of each pair counts."""
    bits = 0.0
    for one, other, similarity in pairs:
        if similarity >= 850 and one.kind != "initial" and other.kind != "initial":
            rarer = min(frequencies.bits(one), frequencies.bits(other)) - COMMON_BITS
            if rarer > 0:
                bits += rarer * RARITY_FACTOR * similarity / 1000
    return min(bits, MOST_RARITY)
