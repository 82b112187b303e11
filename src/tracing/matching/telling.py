"""Pairs about which names have been compared already, so that telling them in words one by one costs little."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Ints, Longs, combinations
from tracing.matching.comparisons.base import Pairs
from tracing.matching.names import NameOutcomes


class KnownPairs(Pairs):
    """Pairs of a roster that look up what their own names and those of their kin make of each other.

    Names that were not compared when these pairs were made are compared when they are asked for.
    """

    __slots__ = ("_codes", "_found")

    def __init__(self, pairs: Pairs) -> None:
        """Compare the names of all pairs at once."""
        super().__init__(pairs.roster, pairs.left, pairs.right, pairs.frequencies)
        lefts, rights = [], []
        for given in (self.roster.own, self.roster.kin):
            _, one, other = combinations(given, self.left, given, self.right)
            lefts.append(given.items[one])
            rights.append(given.items[other])
        left, right = np.concatenate(lefts), np.concatenate(rights)
        self._codes, first = np.unique(self._code(left, right), return_index=True)
        self._found = super().names(left[first], right[first])

    def of(self, at: NDArray[Any] | slice) -> KnownPairs:
        """Some of these pairs, by their places; they know as much as these."""
        made = KnownPairs.__new__(KnownPairs)
        Pairs.__init__(made, self.roster, self.left[at], self.right[at], self.frequencies)
        made._codes, made._found = self._codes, self._found
        return made

    def names(self, left: Ints, right: Ints) -> NameOutcomes:
        """Outcomes of pairs of names, rows of the roster's book."""
        codes = self._code(left, right)
        at = np.searchsorted(self._codes, codes)
        known = len(self._codes) > 0 and bool((self._codes[np.minimum(at, len(self._codes) - 1)] == codes).all())
        return self._found.of(at) if known else super().names(left, right)

    def _code(self, left: Ints, right: Ints) -> Longs:
        return left.astype(np.int64) * len(self.roster.book.names) + right
