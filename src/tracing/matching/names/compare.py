"""Compare names: align their tokens, count conflicts, look at the order, weigh by rarity.

All of it on arrays of pairs of names. A trained score says how far two names are one; the comparison levels cut
it from ``exact`` down to ``different``, and on agreement the rarity of what agrees comes on top.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Ints, Levels, Longs, combinations
from tracing.matching.names.align import Alignment, align, drop_rescues
from tracing.matching.names.features import AGREED, COMMON_BITS, Features, features
from tracing.matching.names.joins import find_joined
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.score import name_score

LEVELS: Final[tuple[str, ...]] = (
    "exact", "equivalent", "similar", "likely", "partial", "doubtful", "conflicting", "different",
)  # fmt: skip
"""Comparison levels, best first; ``partial`` is the last one that speaks for one person."""

AGREEING: Final = LEVELS.index("partial") + 1
"""How many levels, from the first, are agreement."""

_FLOORS: Final = np.array((6.0, 5.0, 3.5, 2.0, 0.7, -1.0, -4.0, -9.0), np.float32)
"""Lowest score (bits) of each level; ``exact`` asks for the same names in the same order besides, and below the last
floor names differ by little more (``TAIL``)."""

_DOUBTFUL: Final = LEVELS.index("doubtful")

_CEILINGS: Final = np.array((14.0, 14.0, 5.0, 3.5, 2.0, 0.7, -1.0, -4.0), np.float32)

TAIL: Final = np.float32(0.05)
"""Share of the last level, from its bottom, that belongs to scores from ``_LOWEST`` to its floor."""

_LOWEST: Final = np.float32(-24.0)

MOST_RARITY: Final = 27.0
"""Bits of rarity at most."""

_WIDTHS: Final = (1, 2, 3, 4, 5, 6, 8, 12)
"""Names are compared in groups by the longer one's number of tokens, rounded up to one of these."""


@dataclass(slots=True)
class NameOutcomes:
    """Comparisons of P pairs of names.

    Attributes:
        level: index in ``LEVELS``; -1 when a side has no name.
        inside: place within the level, 0 (its floor) … 1.
        rarity: bits by which the names that agree are rare (``Features.agreed_rare``), at most ``MOST_RARITY``.
        score: bits as the trained score gives them.
        given: thousandths of the two first tokens where they stand for each other, else 0.
        apart: neither first token stands for any token of the other name.
    """

    level: Levels
    inside: Floats
    rarity: Floats
    score: Floats
    given: Floats
    apart: Flags

    @classmethod
    def silent(cls, size: int) -> NameOutcomes:
        """As many outcomes, none of which says anything."""
        inside, rarity, score, given = np.zeros((4, size), np.float32)
        return cls(np.full(size, -1, np.int8), inside, rarity, score, given, np.zeros(size, np.bool_))

    @classmethod
    def joined(cls, parts: Sequence[NameOutcomes]) -> NameOutcomes:
        """One after the other."""
        if not parts:
            return cls.silent(0)
        names = cls.__slots__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def of(self, at: NDArray[Any]) -> NameOutcomes:
        """Some of them, by their places."""
        return NameOutcomes(
            self.level[at], self.inside[at], self.rarity[at], self.score[at], self.given[at], self.apart[at]
        )


def compare_names(book: NameBook, left: Ints, right: Ints, rarities: Floats) -> NameOutcomes:
    """Compare the names ``left[p]`` and ``right[p]`` of a book, for every p. Symmetric.

    `book` holds both; `rarities` are bits per token, as ``Vocabulary.rarities`` gives them.
    """
    made = NameOutcomes.silent(len(left))
    for at, seen in seen_by_width(book, left, right, rarities):
        _fill(made, at, seen)
    _leave_sound_alone(book, left, right, made)
    _hold_other_surnames(book, left, right, made)
    return made


def _hold_other_surnames(book: NameBook, left: Ints, right: Ints, made: NameOutcomes) -> None:
    """Two names in characters under two surnames agree in part at most, however rare what stands behind them."""
    columns = book.columns
    told = columns.characters & ~columns.foreign & (columns.size > 1)
    at = np.flatnonzero(told[left] & told[right] & (made.given < AGREED) & (made.level >= 0) & (made.level < _DOUBTFUL))
    made.level[at], made.inside[at], made.rarity[at] = _DOUBTFUL, 1, 0


def _leave_sound_alone(book: NameBook, left: Ints, right: Ints, made: NameOutcomes) -> None:
    """Two names in characters are compared by characters: their sound as one word is for other scripts."""
    columns = book.columns
    by_sound = (columns.foreign[left] | columns.foreign[right]) & columns.characters[left] & columns.characters[right]
    at = np.flatnonzero(by_sound & (left != right) & (made.level >= 0))
    made.level[at], made.inside[at], made.rarity[at] = len(LEVELS) - 1, 0, 0
    made.score[at], made.given[at], made.apart[at] = _LOWEST, 0, False


def most_rarity(book: NameBook, rarities: Floats) -> Floats:
    """Bits of rarity, per name of a book, that no comparison with it exceeds: that of all its tokens together."""
    tokens = book.columns.tokens
    over = np.maximum(rarities[tokens.items] - np.float32(COMMON_BITS), 0)
    return np.minimum(tokens.sums(over), MOST_RARITY).astype(np.float32)


def alignment(book: NameBook, left: int, right: int) -> Alignment:
    """How two names of a book, both with tokens, are aligned: for sentences."""
    one, other = np.array([left], np.int32), np.array([right], np.int32)
    width = int(max(book.columns.size[left], book.columns.size[right]))
    return _aligned(book, one, other, _Tokens(book, one, other).grid(np.zeros(1, np.int64), width))[0]


def _fill(made: NameOutcomes, at: Longs, seen: Features) -> None:
    trained = name_score()
    score = trained.bits(seen)
    score = np.where(seen.whole, np.maximum(score, _FLOORS[0]), score)
    level = np.where(seen.whole, 0, (score[:, None] < _FLOORS[1:-1]).sum(axis=1) + 1)
    made.level[at] = level
    made.inside[at] = _inside(score, level)
    made.score[at], made.given[at], made.apart[at] = score, seen.given, seen.apart
    made.rarity[at] = np.where(level < AGREEING, np.minimum(seen.agreed_rare, MOST_RARITY), 0)


def _inside(score: Floats, level: Levels) -> Floats:
    """Place within each level; the last one has a tail, so that a ranking still tells poor names from hopeless ones."""
    inside = np.clip((score - _FLOORS[level]) / (_CEILINGS[level] - _FLOORS[level]), 0, 1)
    tail = np.clip((score - _LOWEST) / (_FLOORS[-1] - _LOWEST), 0, 1)
    out: Floats = np.where(level == len(LEVELS) - 1, TAIL * tail + (1 - TAIL) * inside, inside)
    return out


class _Tokens:
    """How alike every token of one name is to every token of the other, over pairs of names: all looked at together."""

    def __init__(self, book: NameBook, left: Ints, right: Ints) -> None:
        columns = book.columns
        pair, one, other = combinations(columns.tokens, left, columns.tokens, right)
        syllables = (columns.syllabic[left] & columns.syllabic[right])[pair]
        items = columns.tokens.items
        self._alike = book.vocabulary.similarities(items[one], items[other], syllables)
        self._ones, self._others = columns.size[left].astype(np.int64), columns.size[right].astype(np.int64)
        sizes = self._ones * self._others
        self._starts = np.cumsum(sizes) - sizes

    def grid(self, at: Longs, width: int) -> Floats:
        """[pairs, width, width] thousandths of the pairs at some places; 0 where a name has no token."""
        places = np.arange(width)
        ones, others = self._ones[at][:, None, None], self._others[at][:, None, None]
        inside = (places[:, None] < ones) & (places < others)
        where = self._starts[at][:, None, None] + places[:, None] * others + places
        return np.where(inside, self._alike[np.where(inside, where, 0)], np.float32(0))


def _aligned(book: NameBook, left: Ints, right: Ints, similarities: Floats) -> tuple[Alignment, Ints, Ints]:
    width = similarities.shape[1]
    columns, vocabulary = book.columns, book.vocabulary
    ones, others = columns.token_grid[left, :width], columns.token_grid[right, :width]
    found = align(similarities, columns.size[left], columns.size[right])
    if (columns.initials[left] | columns.initials[right]).any():
        initial = vocabulary.columns.initial
        drop_rescues(found, initial[ones] & (ones >= 0), initial[others] & (others >= 0))
    find_joined(book, left, right, found)
    return found, ones, others


def seen_by_width(book: NameBook, left: Ints, right: Ints, rarities: Floats) -> Iterator[tuple[Longs, Features]]:
    """Features of the pairs of names that both have tokens, in groups: (their places, features)."""
    sizes, other_sizes = book.columns.size[left], book.columns.size[right]
    longest, shortest = np.maximum(sizes, other_sizes), np.minimum(sizes, other_sizes)
    tokens = _Tokens(book, left, right)
    below = 0
    for width in _WIDTHS:
        at = np.flatnonzero((longest > below) & (longest <= width) & (shortest > 0))
        below = width
        if len(at):
            found, ones, others = _aligned(book, left[at], right[at], tokens.grid(at, width))
            yield at, features(book, left[at], right[at], found, ones, others, rarities)
