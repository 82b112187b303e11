"""The person's own names: any of one side against any of the other."""

import numpy as np

from tracing.matching.arrays import best_of, combinations
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.names import AGREEING, LEVELS, sentence
from tracing.matching.reading import Reading


def compare(pairs: Pairs) -> Reached:
    """The best of all combinations of names counts."""
    found = pairs.own_names()
    return Reached(found.level, found.rarity, found.inside)


def at_best(pairs: Pairs) -> Reached:
    own = pairs.roster.own
    return Reached(pairs.speaking(own.counts > 0), pairs.name_rarity("own", own), np.ones(len(pairs), np.float32))


def tell(left: Reading, right: Reading, _level: int, pairs: Pairs) -> Told:
    own = pairs.roster.own
    pair, one, other = combinations(own, pairs.left, own, pairs.right)
    rows = own.items[one], own.items[other]
    found = pairs.names(*rows)
    best = int(best_of(pair, -found.level, found.inside + found.rarity)[0])
    here, there = divmod(best, len(right.names))
    detail = sentence(pairs.roster.book, int(rows[0][best]), int(rows[1][best]), int(found.level[best]))
    return Told(left.names[here].full, right.names[there].full, detail)


REASONS = (
    "The names are the same.",
    "The names are the same in another spelling.",
    "The names are much alike.",
    "The names agree in most parts.",
    "The names agree in part.",
    "The names agree in part, but parts differ.",
    "The names share a part, but other parts conflict.",
    "The names differ.",
)

NAMES = Comparer(
    "names",
    LEVELS,
    REASONS,
    AGREEING,
    "The person's own names in any script, best of all against all: parts aligned, order, variants, rarity.",
    compare,
    tell,
    at_best,
)
