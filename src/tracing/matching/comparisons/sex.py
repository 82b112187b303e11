"""Sex, where both sides state it."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("same", "different")
_SAME, _DIFFERENT = (Reached(level, 0.0) for level in range(2))


def compare(left: Reading, right: Reading, _context: Context) -> Reached:
    if left.sex is None or right.sex is None:
        return SILENCE
    return _SAME if left.sex == right.sex else _DIFFERENT


def tell(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    return Told(left.sex or "", right.sex or "")


REASONS = ("Both are recorded with the same sex.", "They are recorded with different sexes.")
SEX = Comparer("sex", LEVELS, REASONS, 1, "Recorded sex (female, male, other).", compare, tell)
