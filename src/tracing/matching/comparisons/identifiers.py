"""Identifiers: document numbers, telephone numbers, case numbers; compared only within one type."""

import numpy as np
from rapidfuzz.distance import OSA

from tracing.matching.arrays import combinations
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("same", "one_character_off", "different")
_PHONES = frozenset({"phone", "telephone", "mobile", "tel"})
_NATIONAL_PART = 8
"""Last digits of a telephone number that are compared: country code and trunk zero are written or not."""
_LONG_ENOUGH = 6


def compare(pairs: Pairs) -> Reached:
    """The best of all combinations of one type; each distinct pair of values is looked at once."""
    roster = pairs.roster
    given = roster.identifier_kind
    pair, one, other = combinations(given, pairs.left, given, pairs.right)
    same_kind = given.items[one] == given.items[other]
    pair, one, other = pair[same_kind], one[same_kind], other[same_kind]
    kinds, values = given.items[one].astype(np.int64), roster.identifier_value
    size = max(len(roster.identifier_texts), 1)
    codes, places = np.unique((kinds * size + values[one]) * size + values[other], return_inverse=True)
    texts = roster.identifier_texts
    found = [
        _level(roster.identifier_kinds[code // size // size], texts[code // size % size], texts[code % size])
        for code in codes.tolist()
    ]
    best = np.full(len(pairs), len(LEVELS), np.int8)
    np.minimum.at(best, pair, np.array(found, np.int8)[places])
    return Reached(np.where(best < len(LEVELS), best, pairs.silence()))


def _level(kind: str, value: str, other: str) -> int:
    if kind in _PHONES:
        value, other = value[-_NATIONAL_PART:], other[-_NATIONAL_PART:]
    if value == other:
        return 0
    if min(len(value), len(other)) >= _LONG_ENOUGH and OSA.distance(value, other, score_cutoff=1) <= 1:
        return 1
    return 2


REASONS = (
    "They share an identifier.",
    "Two identifiers of one type differ by one character.",
    "Identifiers of one type are different.",
)


def at_best(pairs: Pairs) -> Reached:
    return Reached(pairs.speaking(pairs.roster.identifier_kind.counts > 0))


def tell(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(_shown(left), _shown(right))


def _shown(reading: Reading) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in reading.identifiers)


IDENTIFIERS = Comparer(
    "identifiers", LEVELS, REASONS, 2, "Document, telephone and case numbers of the same type.", compare, tell, at_best
)
