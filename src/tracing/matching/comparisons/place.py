"""Places: where born, and where last known or seen."""

import numpy as np

from tracing.matching.arrays import Ints, Levels, combinations
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.evidence import SILENT
from tracing.matching.places import likeness
from tracing.matching.reading import Reading
from tracing.matching.roster import Roster

LEVELS = ("same", "most", "part", "different")
_SAME = 0.999
_MOST = 0.6
_PART = 0.3


def compare_birth_place(pairs: Pairs) -> Reached:
    one, two = pairs.roster.birth_place[pairs.left], pairs.roster.birth_place[pairs.right]
    levels = pairs.silence()
    at = np.flatnonzero((one >= 0) & (two >= 0))
    levels[at] = _levels(pairs.roster, one[at], two[at])
    return Reached(levels)


def compare_place(pairs: Pairs) -> Reached:
    """The best of all combinations."""
    places = pairs.roster.places
    pair, one, other = combinations(places, pairs.left, places, pairs.right)
    found = _levels(pairs.roster, places.items[one], places.items[other])
    best = np.full(len(pairs), len(LEVELS), np.int8)
    np.minimum.at(best, pair, np.where(found == SILENT, np.int8(len(LEVELS)), found))
    return Reached(np.where(best < len(LEVELS), best, pairs.silence()))


def _levels(roster: Roster, one: Ints, other: Ints) -> Levels:
    """Levels of distinct places, each pair of texts looked at once; `SILENT` where they cannot be compared."""
    texts = roster.place_texts
    size = max(len(texts), 1)
    codes, places = np.unique(one.astype(np.int64) * size + other, return_inverse=True)
    found = np.array([_level(roster, *divmod(code, size)) for code in codes.tolist()], np.int8)
    return found[places]


def _level(roster: Roster, one: int, other: int) -> int:
    known = likeness(roster.place_texts[one], roster.place_texts[other])
    if known is None:
        return SILENT
    of_long, of_short = known
    if of_long >= _SAME:
        return 0
    if of_long >= _MOST:
        return 1
    return 2 if of_long >= _PART or of_short >= 0.97 else 3


def tell_birth_place(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    assert left.birth_place is not None
    assert right.birth_place is not None
    return Told(left.birth_place.text, right.birth_place.text)


def tell_place(left: Reading, right: Reading, level: int, pairs: Pairs) -> Told:
    """The first two places that reach the level."""
    roster = pairs.roster
    places = roster.places
    _, one, other = combinations(places, pairs.left, places, pairs.right)
    found = _levels(roster, places.items[one], places.items[other])
    here, there = divmod(int(np.argmax(found == level)), len(right.places))
    return Told(left.places[here].text, right.places[there].text)


_FOUND = (
    "the same place.",
    "nearly the same words.",
    "some words in common, or one lies within the other.",
    "different places.",
)

BIRTH_PLACE = Comparer(
    "birth_place",
    LEVELS,
    tuple(f"Birth places: {found}" for found in _FOUND),
    3,
    "Place of birth.",
    compare_birth_place,
    tell_birth_place,
)
PLACE = Comparer(
    "place",
    LEVELS,
    tuple(f"Last known or seen: {found}" for found in _FOUND),
    3,
    "Last known place and place of the sighting, each against each.",
    compare_place,
    tell_place,
)
