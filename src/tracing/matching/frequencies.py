"""How common each name is: counted from the readings of one case base, with country lists as the prior."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from math import log2
from typing import Final

from tracing.matching.names.lists import rows
from tracing.matching.names.reading import NameReading
from tracing.matching.names.tokens import Token
from tracing.matching.names.variants import NO_CLASS, classes_of

PRIOR_PERSONS: Final = 100_000
"""Persons that the shipped lists speak for."""

PRIOR_WEIGHT: Final = 2_000
"""The lists count as much as so many readings of the case base."""

RAREST_BITS: Final = 14.0
"""log2 of one over the smallest share that is believed: 1 in 16,384."""


class TermFrequencies:
    """Counts per name (a variant class counts as one name). Picklable; ``merge`` adds another count."""

    __slots__ = ("_bits", "_counts", "_readings")

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._readings = 0
        self._bits: dict[int, float] = {}

    @classmethod
    def counted(cls, readings: Iterable[NameReading]) -> TermFrequencies:
        """Count the names of all ``readings``."""
        made = cls()
        for reading in readings:
            made.add(reading)
        return made

    @property
    def readings(self) -> int:
        """Readings counted so far, without the prior."""
        return self._readings

    def add(self, reading: NameReading) -> None:
        """Count one reading; a name that it holds twice counts once."""
        self._counts.update({term(name) for name in reading.names})
        self._readings += 1
        self._bits.clear()

    def merge(self, other: TermFrequencies) -> None:
        """Add the counts of ``other``, for example of another shard."""
        self._counts.update(other._counts)
        self._readings += other._readings
        self._bits.clear()

    def share(self, token: Token) -> float:
        """Expected share of readings that hold this name, above 0 and at most 1."""
        key = term(token)
        prior = PRIOR_WEIGHT * _listed().get(key, 1) / PRIOR_PERSONS
        return min(1.0, (self._counts[key] + prior) / (self._readings + PRIOR_WEIGHT))

    def bits(self, token: Token) -> float:
        """Rarity in bits, 0 (everybody) … ``RAREST_BITS``."""
        known = self._bits.get(token.number)
        if known is None:
            known = self._bits[token.number] = min(RAREST_BITS, -log2(self.share(token)))
        return known

    def __getstate__(self) -> tuple[dict[str, int], int]:
        return dict(self._counts), self._readings

    def __setstate__(self, state: tuple[dict[str, int], int]) -> None:
        self._counts, self._readings, self._bits = Counter(state[0]), state[1], {}


def term(token: Token) -> str:
    """What counts as one name: the variant class, or else the folded spelling."""
    return f"#{token.variant}" if token.variant != NO_CLASS else token.folded


@cache
def _listed() -> dict[str, int]:
    """Term → expected bearers among ``PRIOR_PERSONS``, from the shipped forename and surname lists."""
    listed: dict[str, int] = {}
    for name, *_, bearers in (*rows("surnames.tsv"), *rows("forenames.tsv")):
        classes = classes_of(name)
        key = f"#{classes[0]}" if classes else name
        listed[key] = max(listed.get(key, 0), int(bearers))
    return listed
