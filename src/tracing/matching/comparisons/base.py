"""The shape that every comparison has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import NameOutcome, NameReading, compare_names
from tracing.matching.reading import Reading

_CACHED = 100_000
"""Outcomes kept for distinct pairs of relatives' names: about 30 MB at most, per process."""

Names = tuple[NameReading, ...]


class Reached(NamedTuple):
    """What a comparison found: the index of the level, and bits of rarity on top (>= 0, agreement only)."""

    level: int
    rarity: float


SILENCE = Reached(SILENT, 0.0)


class Told(NamedTuple):
    """Both values compared, as given; `detail` is a sentence that says more than the level's, or ""."""

    left: str
    right: str
    detail: str = ""


class Context:
    """What comparisons share within one engine: how common names are, and outcomes met before."""

    __slots__ = ("_met", "frequencies")

    def __init__(self, frequencies: TermFrequencies) -> None:
        self.frequencies = frequencies
        self._met: dict[tuple[str, str], NameOutcome | None] = {}

    def name(self, left: NameReading, right: NameReading) -> NameOutcome | None:
        """Outcome of two relatives' names; kept, as the same ones are met again and again."""
        key = (left.full, right.full)
        try:
            return self._met[key]
        except KeyError:
            if len(self._met) >= _CACHED:
                self._met.clear()
            outcome = self._met[key] = compare_names((left,), (right,), self.frequencies)
            return outcome


@dataclass(frozen=True, slots=True)
class Comparer:
    """One comparison.

    Attributes:
        name: as in evidence, the weights table and the API.
        levels: names of its levels, from the strongest agreement to the strongest conflict.
        reasons: one plain sentence per level.
        agreeing: how many levels, from the first, are agreement (0 bits or more).
        description: what it compares, for the reader of `GET /v1/engine`.
        compare: (left, right, context) -> Reached; symmetric; SILENCE when a side says nothing.
        tell: (left, right, level, context) -> Told, for a level that `compare` gave.
    """

    name: str
    levels: tuple[str, ...]
    reasons: tuple[str, ...]
    agreeing: int
    description: str
    compare: Callable[[Reading, Reading, Context], Reached]
    tell: Callable[[Reading, Reading, int, Context], Told]
