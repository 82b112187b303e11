"""How common names and places are: counted from the readings of one case base, with country lists as the prior."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from math import log2
from typing import Final

from tracing.matching.names.lists import rows
from tracing.matching.names.tokens import Token
from tracing.matching.names.variants import NO_CLASS, classes_of
from tracing.matching.reading import Reading

PRIOR_PERSONS: Final = 100_000
"""Persons that the shipped lists speak for."""

PRIOR_WEIGHT: Final = 2_000
"""The lists count as much as so many readings of the case base."""

RAREST_BITS: Final = 14.0
"""log2 of one over the smallest share that is believed: 1 in 16,384."""

YEAR_SHARE: Final = 1 / 100
"""Expected share of persons of whom a birth year is told that were born in one year."""
TOWN_SHARE: Final = 1 / 100
WORD_SHARE: Final = 1 / 2_000
"""Expected share of persons of whom a place is told that has this town of the hand table, or this other word."""


class TermFrequencies:
    """Counts per name (a variant class counts as one name), word of places and birth year. Picklable."""

    __slots__ = ("_bits", "_born", "_counts", "_place_bits", "_placed", "_places", "_readings", "_years")

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._readings = 0
        self._places: Counter[str] = Counter()
        self._placed = 0
        self._years: Counter[int] = Counter()
        self._born = 0
        self._bits: dict[int, float] = {}
        self._place_bits: dict[str, float] = {}

    @classmethod
    def counted(cls, readings: Iterable[Reading]) -> TermFrequencies:
        """Count all ``readings``."""
        made = cls()
        for reading in readings:
            made.add(reading)
        return made

    @property
    def readings(self) -> int:
        """Names counted so far, without the prior."""
        return self._readings

    def add(self, reading: Reading) -> None:
        """Count one person: each of the names, in which a name that occurs twice counts once, and the places' words."""
        for name in reading.names:
            self._counts.update({term(token) for token in name.names})
            self._readings += 1
        told = [place for place in (reading.birth_place, *reading.places) if place is not None]
        if told:
            self._places.update({word for place in told for word in place.tokens})
            self._placed += 1
        if reading.birth is not None and reading.birth.years:
            self._years[reading.birth.years[0]] += 1
            self._born += 1
        self._bits.clear()
        self._place_bits.clear()

    def merge(self, other: TermFrequencies) -> None:
        """Add the counts of ``other``, for example of another shard."""
        self._counts.update(other._counts)
        self._readings += other._readings
        self._places.update(other._places)
        self._placed += other._placed
        self._years.update(other._years)
        self._born += other._born
        self._bits.clear()
        self._place_bits.clear()

    def place_bits(self, word: str) -> float:
        """Rarity of a word of places in bits, 0 … ``RAREST_BITS``; ``@name`` is a town of the hand table."""
        known = self._place_bits.get(word)
        if known is None:
            prior = PRIOR_WEIGHT * (TOWN_SHARE if word.startswith("@") else WORD_SHARE)
            share = (self._places[word] + prior) / (self._placed + PRIOR_WEIGHT)
            known = self._place_bits[word] = max(0.0, min(RAREST_BITS, -log2(share)))
        return known

    def year_bits(self, year: int) -> float:
        """Rarity of a birth year in bits, 0 … ``RAREST_BITS``."""
        share = (self._years[year] + PRIOR_WEIGHT * YEAR_SHARE) / (self._born + PRIOR_WEIGHT)
        return min(RAREST_BITS, -log2(share))

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

    def __getstate__(self) -> tuple[dict[str, int], int, dict[str, int], int, dict[int, int], int]:
        return dict(self._counts), self._readings, dict(self._places), self._placed, dict(self._years), self._born

    def __setstate__(self, state: tuple[dict[str, int], int, dict[str, int], int, dict[int, int], int]) -> None:
        self._counts, self._readings = Counter(state[0]), state[1]
        self._places, self._placed = Counter(state[2]), state[3]
        self._years, self._born = Counter(state[4]), state[5]
        self._bits, self._place_bits = {}, {}


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
