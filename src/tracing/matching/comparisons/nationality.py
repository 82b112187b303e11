"""Nationality: whether any is shared. People may hold several, or none that an office accepts."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("shared", "none_shared")
_SHARED, _NONE = (Reached(level, 0.0) for level in range(2))


def compare(left: Reading, right: Reading, _context: Context) -> Reached:
    if not left.nationalities or not right.nationalities:
        return SILENCE
    return _NONE if left.nationalities.isdisjoint(right.nationalities) else _SHARED


def tell(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    return Told(", ".join(sorted(left.nationalities)), ", ".join(sorted(right.nationalities)))


REASONS = ("They share a nationality.", "They share no recorded nationality.")
NATIONALITY = Comparer(
    "nationality", LEVELS, REASONS, 1, "Nationalities (ISO 3166-1 alpha-2): any in common.", compare, tell
)
