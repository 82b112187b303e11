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

    __slots__ = ("_known",)

    def __init__(self, pairs: Pairs, known: tuple[Longs, NameOutcomes] | None = None) -> None:
        """Compare the names of all pairs at once, unless `known` tells (codes, outcomes) of more pairs than these."""
        super().__init__(pairs.roster, pairs.left, pairs.right, pairs.frequencies)
        self._known = self._compared() if known is None else known

    def of(self, at: NDArray[Any] | slice) -> KnownPairs:
        """Some of these pairs, by their places; they know as much as these."""
        return KnownPairs(Pairs(self.roster, self.left[at], self.right[at], self.frequencies), self._known)

    def names(self, left: Ints, right: Ints) -> NameOutcomes:
        """Outcomes of pairs of names, rows of the roster's book."""
        codes, (known, found) = self._code(left, right), self._known
        at = np.searchsorted(known, codes)
        if len(known) and (known[np.minimum(at, len(known) - 1)] == codes).all():
            return found.of(at)
        return super().names(left, right)

    def _compared(self) -> tuple[Longs, NameOutcomes]:
        lefts, rights = [], []
        for given in (self.roster.own, self.roster.kin):
            _, one, other = combinations(given, self.left, given, self.right)
            lefts.append(given.items[one])
            rights.append(given.items[other])
        left, right = np.concatenate(lefts), np.concatenate(rights)
        codes, first = np.unique(self._code(left, right), return_index=True)
        return codes, super().names(left[first], right[first])

    def _code(self, left: Ints, right: Ints) -> Longs:
        """One number per pair of rows of the book."""
        return left.astype(np.int64) * len(self.roster.book.names) + right
