"""Sex, where both sides state it."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Reached, Told
from tracing.matching.reading import Reading

LEVELS = ("same", "different")
_SAME, _DIFFERENT = (Reached(level, 0.0) for level in range(2))


def compare(left: Reading, right: Reading, _context: Context) -> Reached:
    if left.sex is None or right.sex is None:
        return SILENCE
    return _SAME if left.sex == right.sex else _DIFFERENT


def tell(left: Reading, right: Reading, level: int, _context: Context) -> Told:
    reason = (
        "Both are recorded with the same sex." if level == 0 else "They are recorded with different sexes."
    )
    return Told(left.sex or "", right.sex or "", reason)


SEX = Comparer("sex", LEVELS, 1, "Recorded sex (female, male, other).", compare, tell)
