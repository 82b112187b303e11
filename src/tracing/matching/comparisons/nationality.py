"""Nationality: whether any is shared. People may hold several, or none that an office accepts."""

import numpy as np

from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("shared", "none_shared")


def compare(pairs: Pairs) -> Reached:
    """Distinct sets are few: each pair of them is looked at once."""
    roster = pairs.roster
    one, two = roster.nationality[pairs.left], roster.nationality[pairs.right]
    levels = pairs.silence()
    at = np.flatnonzero((one >= 0) & (two >= 0))
    sets = roster.nationalities
    codes, places = np.unique(one[at].astype(np.int64) * len(sets) + two[at], return_inverse=True)
    apart = [sets[code // len(sets)].isdisjoint(sets[code % len(sets)]) for code in codes.tolist()]
    levels[at] = np.array(apart, np.int8)[places]
    return Reached(levels)


def at_best(pairs: Pairs) -> Reached:
    return Reached(pairs.speaking(pairs.roster.nationality >= 0))


def tell(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(", ".join(sorted(left.nationalities)), ", ".join(sorted(right.nationalities)))


REASONS = ("They share a nationality.", "They share no recorded nationality.")
NATIONALITY = Comparer(
    "nationality", LEVELS, REASONS, 1, "Nationalities (ISO 3166-1 alpha-2): any in common.", compare, tell, at_best
)
