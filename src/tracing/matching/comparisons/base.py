"""The shape that every comparison has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Ints, Levels, Ragged, best_of, combinations
from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import NameOutcomes, compare_names, most_rarity
from tracing.matching.reading import Reading
from tracing.matching.roster import Roster

_AT_ONCE: Final = 1 << 15
"""Pairs of names compared at once: what is known of each letter by letter takes some 2 KB meanwhile."""


class Reached(NamedTuple):
    """What a comparison found for P pairs.

    Attributes:
        levels: index of each level, `SILENT` where a side says nothing.
        rarity: bits by which what agrees is rarer than usual, >= 0 and on agreement only; the weights table says
            what share of them counts on top of the level; None: none anywhere.
        inside: place within the level, 0 … 1, that is, how near to the bits of the next better one; None: 0.
    """

    levels: Levels
    rarity: Floats | None = None
    inside: Floats | None = None


class Told(NamedTuple):
    """Both values compared, as given; `detail` is a sentence that says more than the level's, or ""."""

    left: str
    right: str
    detail: str = ""


class Pairs:
    """P pairs of persons of one roster: places `left[p]` and `right[p]`, and how common names are."""

    __slots__ = ("_own", "frequencies", "left", "right", "roster")

    def __init__(self, roster: Roster, left: NDArray[Any], right: NDArray[Any], frequencies: TermFrequencies) -> None:
        self.roster = roster
        self.left = left
        self.right = right
        self.frequencies = frequencies
        self._own: NameOutcomes | None = None

    def __len__(self) -> int:
        return len(self.left)

    def of(self, at: NDArray[Any]) -> Pairs:
        """Some of these pairs, by their places."""
        some = Pairs(self.roster, self.left[at], self.right[at], self.frequencies)
        if self._own is not None:
            some._own = self._own.of(at)
        return some

    def own_names(self) -> NameOutcomes:
        """The best outcome of the persons' own names per pair, `SILENT` where a side has none; made once."""
        if self._own is None:
            own = self.roster.own
            pair, one, other = combinations(own, self.left, own, self.right)
            found = self.names(own.items[one], own.items[other])
            best = best_of(pair, -found.level, found.inside + found.rarity)
            made = NameOutcomes.silent(len(self))
            who = pair[best]
            made.level[who], made.inside[who] = found.level[best], found.inside[best]
            made.rarity[who], made.score[who] = found.rarity[best], found.score[best]
            made.given[who], made.apart[who] = found.given[best], found.apart[best]
            self._own = made
        return self._own

    def silence(self) -> Levels:
        """Levels of a comparison to which nobody says anything."""
        return np.full(len(self), SILENT, np.int8)

    def speaking(self, told: Flags) -> Levels:
        """The best level where `told`, one flag per person of the roster, holds of both sides; else silence."""
        return np.where(told[self.left] & told[self.right], np.int8(0), np.int8(SILENT))

    def kept_rarity(self, what: str, make: Callable[[], Floats]) -> Floats:
        """The lesser one of both sides' bits: `make` gives them per person, once under the name `what`."""
        bits = self.roster.kept(what, self.frequencies, make)
        out: Floats = np.minimum(bits[self.left], bits[self.right])
        return out

    def name_rarity(self, what: str, names: Ragged) -> Floats:
        """Bits of rarity that no two names of both sides exceed; `names` are rows of the book per person."""

        def make() -> Floats:
            book = self.roster.book
            per_name = self.roster.kept(
                "names", self.frequencies, lambda: most_rarity(book, self.roster.rarities(self.frequencies))
            )
            return names.greatest(per_name[names.items])

        return self.kept_rarity(what, make)

    def names(self, left: Ints, right: Ints) -> NameOutcomes:
        """Outcomes of pairs of names, rows of the roster's book; each distinct pair is compared once."""
        codes = left.astype(np.int64) * len(self.roster.book.names) + right
        distinct, places = np.unique(codes, return_inverse=True)
        ones, others = (rows.astype(np.int32) for rows in np.divmod(distinct, max(len(self.roster.book.names), 1)))
        rarities = self.roster.rarities(self.frequencies)
        found = NameOutcomes.joined(
            [
                compare_names(self.roster.book, ones[at : at + _AT_ONCE], others[at : at + _AT_ONCE], rarities)
                for at in range(0, len(distinct), _AT_ONCE)
            ]
        )
        return found.of(places)


@dataclass(frozen=True, slots=True)
class Comparer:
    """One comparison.

    Attributes:
        name: as in evidence, the weights table and the API.
        levels: names of its levels, from the strongest agreement to the strongest conflict.
        reasons: one plain sentence per level.
        agreeing: how many levels, from the first, are agreement (0 bits or more).
        description: what it compares, for the reader of `GET /v1/engine`.
        compare: pairs -> Reached; symmetric.
        tell: (left, right, level, the pair alone) -> Told, for a level that `compare` gave.
        at_best: pairs -> what `compare` cannot surpass, told without a look at the values: a level (silence, too)
            that is never weaker in bits, and no less rarity and place within the level.
    """

    name: str
    levels: tuple[str, ...]
    reasons: tuple[str, ...]
    agreeing: int
    description: str
    compare: Callable[[Pairs], Reached]
    tell: Callable[[Reading, Reading, int, Pairs], Told]
    at_best: Callable[[Pairs], Reached]
