"""Groups of three letters: what two names have in common whatever became of their tokens.

Parts of a name that no rule takes for one token, shortened, joined or misheard, still share groups of letters; each
group counts by how rare it is among names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from math import log2
from typing import Final

import numpy as np

from tracing.matching.arrays import Floats, Ints, Ragged
from tracing.matching.names.lists import rows

_AT_ONCE: Final = 1 << 12
"""Pairs of names of like length held against each other at once."""


class Grams:
    """Groups of three letters over the names of a book.

    Attributes:
        held: distinct groups per name, as numbers of this book.
        worth: squared bits of rarity per entry of `held`, in whole sixteenths, so that sums do not hang on their order.
        length: per name, the root of the sum of its groups' worth.
    """

    def __init__(self, names: Iterable[Sequence[str]]) -> None:
        """Take the words of each name, in Latin letters where there are any."""
        numbers: dict[str, int] = {}

        @cache
        def of(word: str) -> tuple[int, ...]:
            return tuple([numbers.setdefault(gram, len(numbers)) for gram in _grams(word)])

        self.held = Ragged.of(list(dict.fromkeys(chain.from_iterable(map(of, words)))) for words in names)
        bits = np.array([_bits(gram) for gram in numbers], np.float32)
        self.worth: Floats = np.rint(bits[self.held.items] ** 2 * 16) if numbers else np.zeros(0, np.float32)
        self.length: Floats = np.sqrt(self.held.sums(self.worth)).astype(np.float32)

    def likeness(self, left: Ints, right: Ints) -> tuple[Floats, Floats]:
        """(cosine of both names' groups, share of the shorter name's that the other has too), 0 … 1; symmetric."""
        common = np.zeros(len(left), np.float32)
        counts = self.held.counts
        order = np.argsort(counts[left] + counts[right], kind="stable")
        for first in range(0, len(left), _AT_ONCE):
            part = order[first : first + _AT_ONCE]
            common[part] = self._common(left[part], right[part])
        ones, others = self.length[left], self.length[right]
        cosine: Floats = common / np.maximum(ones * others, np.float32(1e-6))
        share: Floats = common / np.maximum(np.minimum(ones, others) ** 2, np.float32(1e-6))
        return np.minimum(cosine, 1), np.minimum(share, 1)

    def _common(self, left: Ints, right: Ints) -> Floats:
        """Worth of the groups in common; group by group, which keeps all of it in the processor's cache."""
        counts = self.held.counts
        width, other_width = (int(counts[side].max(initial=0)) for side in (left, right))
        ones, others = self.held.padded(left, width), self.held.padded(right, other_width)
        others = np.where(others < 0, np.int32(-2), others).T.copy()
        shared = np.zeros(ones.shape, np.bool_)
        for group in others:
            shared |= ones == group[:, None]
        where = np.minimum(self.held.starts[left][:, None] + np.arange(width), max(len(self.worth) - 1, 0))
        out: Floats = np.where(shared, self.worth[where] if len(self.worth) else 0, np.float32(0)).sum(axis=1)
        return out


def _grams(word: str) -> dict[str, None]:
    padded = f"  {word} "
    return dict.fromkeys([padded[at : at + 3] for at in range(len(padded) - 2)])


def _bits(gram: str) -> float:
    counts, names = _counted()
    return log2((names + 1) / (counts[gram] + 1)) + 1


@cache
def _counted() -> tuple[Counter[str], int]:
    """In how many of the listed names each group stands, and how many names there are."""
    listed = {str(name) for name, *_ in (*rows("surnames.tsv"), *rows("forenames.tsv"))}
    return Counter(gram for name in listed for gram in _grams(name)), len(listed)
