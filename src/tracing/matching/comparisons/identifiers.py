"""Identifiers: document numbers, telephone numbers, case numbers; compared only within one type."""

from rapidfuzz.distance import OSA

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("same", "one_character_off", "different")
_REACHED = tuple(Reached(level, 0.0) for level in range(3))
_PHONES = frozenset({"phone", "telephone", "mobile", "tel"})
_NATIONAL_PART = 8
"""Last digits of a telephone number that are compared: country code and trunk zero are written or not."""
_LONG_ENOUGH = 6


def compare(left: Reading, right: Reading, _context: Context) -> Reached:
    best = len(LEVELS)
    for kind, value in left.identifiers:
        for other_kind, other in right.identifiers:
            if kind == other_kind:
                best = min(best, _level(kind, value, other))
    return _REACHED[best] if best < len(LEVELS) else SILENCE


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


def tell(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    return Told(_shown(left), _shown(right))


def _shown(reading: Reading) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in reading.identifiers)


IDENTIFIERS = Comparer(
    "identifiers", LEVELS, REASONS, 2, "Document, telephone and case numbers of the same type.", compare, tell
)
