"""Sex, where both sides state it."""

import numpy as np

from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.evidence import SILENT
from tracing.matching.reading import Reading

LEVELS = ("same", "different")
DIFFERENT = LEVELS.index("different")


def compare(pairs: Pairs) -> Reached:
    one, two = pairs.roster.sex[pairs.left], pairs.roster.sex[pairs.right]
    told = (one > 0) & (two > 0)
    return Reached(np.where(told, (one != two).astype(np.int8), np.int8(SILENT)))


def at_best(pairs: Pairs) -> Reached:
    return Reached(pairs.speaking(pairs.roster.sex > 0))


def tell(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(left.sex or "", right.sex or "")


REASONS = ("Both are recorded with the same sex.", "They are recorded with different sexes.")
SEX = Comparer("sex", LEVELS, REASONS, 1, "Recorded sex (female, male, other).", compare, tell, at_best)
