"""Pairs of names compared, for tests: a book of few names and what the comparison says of two of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tracing.matching.comparisons.base import Pairs
from tracing.matching.comparisons.names import NAMES
from tracing.matching.evidence import SILENT
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import NameOutcomes, compare_names, read_name
from tracing.matching.names.namebook import NameBook
from tracing.matching.person import Name, Person
from tracing.matching.reading import read
from tracing.matching.roster import Roster

COMMON = TermFrequencies()


class Outcome(NamedTuple):
    """One pair's: as in `NameOutcomes`."""

    level: int
    inside: float
    rarity: float
    score: float


def outcomes(pairs: Sequence[tuple[str, str]], frequencies: TermFrequencies = COMMON) -> NameOutcomes:
    """All pairs of full names compared at once."""
    book = NameBook()
    left, right = (np.array([book.row(read_name(pair[side])) for pair in pairs], np.int32) for side in (0, 1))
    return compare_names(book, left, right, book.vocabulary.rarities(frequencies))


def outcome(one: str, other: str, frequencies: TermFrequencies = COMMON) -> Outcome | None:
    """One pair of full names; None when a side has no name."""
    found = outcomes([(one, other)], frequencies)
    if found.level[0] == SILENT:
        return None
    return Outcome(int(found.level[0]), float(found.inside[0]), float(found.rarity[0]), float(found.score[0]))


def compared(one: str, other: str, frequencies: TermFrequencies = COMMON) -> Outcome:
    """One pair of full names that both have a name."""
    found = outcome(one, other, frequencies)
    assert found is not None
    return found


def best_of_all(ones: Sequence[str], others: Sequence[str]) -> tuple[int, float, float]:
    """(level, inside, rarity) of two persons with these names; level `SILENT` when one has none."""
    roster = Roster(read(Person(side, tuple(map(Name, names)))) for side, names in (("a", ones), ("b", others)))
    found = NAMES.compare(Pairs(roster, np.array([0]), np.array([1]), COMMON))
    assert found.inside is not None
    assert found.rarity is not None
    return int(found.levels[0]), float(found.inside[0]), float(found.rarity[0])
