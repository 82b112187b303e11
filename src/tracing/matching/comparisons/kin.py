"""Kin: parents and other relatives, held against each other and against the other person's own names."""

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Ints, Levels, Longs, Ragged, best_of, combinations
from tracing.matching.comparisons.base import Comparer, Pairs, Reached, Told
from tracing.matching.comparisons.birth import APART
from tracing.matching.comparisons.birth import compare as compare_births
from tracing.matching.comparisons.sex import DIFFERENT as DIFFERENT_SEX
from tracing.matching.comparisons.sex import compare as compare_sexes
from tracing.matching.evidence import SILENT
from tracing.matching.names import LEVELS as LEVELS_OF_NAMES
from tracing.matching.names import NameOutcomes, NameReading
from tracing.matching.names.compare import TAIL
from tracing.matching.reading import Reading
from tracing.matching.roster import OTHER, RELATIONS

LEVELS = ("same", "alike", "part", "other_name", "as_siblings", "doubtful", "conflicting", "different", "unlike")
_ALIKE, _PART = 1, 2
_OTHER_NAME = 3
"""The parent's names agree, but the persons' own names do so in part at most."""
_AS_SIBLINGS = 4
"""The parent's names agree, but given names, sexes or births are two: brothers and sisters share their parents."""
_DOUBTFUL = 5
_AGREEING = 6
_KIN_LEVELS = np.array((0, 0, 1, 1, 2, 5, 6, 7), np.int8)
"""Level for each level of names: a clerk writes relatives down by ear, and often the given name alone."""
_DIFFERENT_KIN, _UNLIKE = 7, 8
_LITTLE = TAIL + (1 - TAIL) / 3
"""Place within ``different`` below which names have nothing in common; above, one may be the other misheard."""
_OWN_DOUBTFUL = LEVELS_OF_NAMES.index("doubtful")
_DIFFERENT = LEVELS_OF_NAMES.index("different")
_ONE_NAME = 850.0
"""Thousandths from which two tokens are taken for one name."""
_RARE_LEVELS = 2
"""Levels, from the first, on which rarity counts."""
_MOST_RARITY = 12.0
"""Bits of a parent's rarity at most: beyond, it is the same family for certain, and the person no more certain."""
Names = tuple[NameReading, ...]


def _name_levels(pairs: Pairs, left: Ints, right: Ints, found: NameOutcomes, given_alone: int) -> Levels:
    """Levels of kin's names, rows `left` and `right` of the book.

    Where one side writes one word down, it is the given name: agreement with the other's first name is `given_alone` at
    least, and agreement with another of its names decides nothing.
    """
    levels = _KIN_LEVELS[found.level]
    levels[(found.level == _DIFFERENT) & (found.inside < _LITTLE)] = _UNLIKE
    sizes, other_sizes = pairs.roster.book.columns.size[left], pairs.roster.book.columns.size[right]
    lone, both = np.minimum(sizes, other_sizes) == 1, np.maximum(sizes, other_sizes) == 1
    given = found.given >= _ONE_NAME
    levels = np.where(lone & given, np.minimum(levels, np.where(both, _ALIKE, given_alone)), levels)
    levels = np.where(lone & ~both & ~given, np.maximum(levels, _DOUBTFUL), levels)
    return np.where(found.level == SILENT, np.int8(SILENT), levels).astype(np.int8)


def _parents(pairs: Pairs, given: Ragged) -> Reached:
    """The best of all combinations by level, then by rarity: a second name may only add."""
    pair, one, other = combinations(given, pairs.left, given, pairs.right)
    rows = given.items[one], given.items[other]
    found = pairs.names(*rows)
    level = _name_levels(pairs, *rows, found, _PART)
    told = np.where((level >= 0) & (level < _RARE_LEVELS), np.minimum(found.rarity, _MOST_RARITY), np.float32(0))
    spoken = np.flatnonzero(level != SILENT)
    pair, level, told = pair[spoken], level[spoken], told[spoken]
    levels, rarity = pairs.silence(), np.zeros(len(pairs), np.float32)
    best = best_of(pair, -level.astype(np.float32), told)
    levels[pair[best]], rarity[pair[best]] = level[best], told[best]
    agreed = np.flatnonzero((levels >= 0) & (levels < _OTHER_NAME))
    some = pairs.of(agreed)
    own = some.own_names()
    others, siblings = agreed[own.level >= _OWN_DOUBTFUL], agreed[own.apart | _born_apart(some)]
    levels[others], rarity[others] = _OTHER_NAME, 0
    levels[siblings], rarity[siblings] = _AS_SIBLINGS, 0
    return Reached(levels, rarity)


def _born_apart(pairs: Pairs) -> Flags:
    """Whether sex or birth says that these are two children, whatever their names."""
    births = compare_births(pairs).levels
    out: Flags = (births >= APART) | (compare_sexes(pairs).levels == DIFFERENT_SEX)
    return out


def _parents_at_best(pairs: Pairs, what: str, given: Ragged) -> Reached:
    rarity = np.minimum(pairs.name_rarity(what, given), np.float32(_MOST_RARITY))
    return Reached(pairs.speaking(given.counts > 0), rarity)


def _shown(names: Names) -> str:
    return ", ".join(name.full for name in names)


_FOUND = (
    "the names are the same.",
    "the names are alike, spelt or heard differently.",
    "the names agree in part.",
    "the names agree, but the persons' own names do so in part at most.",
    "the names agree, but the persons' given names, sexes or births do not: they may be brothers or sisters.",
    "the names agree in part, but parts differ.",
    "the names share a part, but other parts conflict.",
    "the names are different, though not in every letter.",
    "the names have nothing in common.",
)


def compare_father(pairs: Pairs) -> Reached:
    return _parents(pairs, pairs.roster.father)


def father_at_best(pairs: Pairs) -> Reached:
    return _parents_at_best(pairs, "father", pairs.roster.father)


def tell_father(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(_shown(left.father), _shown(right.father))


def compare_mother(pairs: Pairs) -> Reached:
    return _parents(pairs, pairs.roster.mother)


def mother_at_best(pairs: Pairs) -> Reached:
    return _parents_at_best(pairs, "mother", pairs.roster.mother)


def tell_mother(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(_shown(left.mother), _shown(right.mother))


CHAIN_LEVELS = ("follows_given_name", "stands_in_name", "absent_from_chain")
_ABSENT = 2
_UNTOLD = 3


def compare_father_in_name(pairs: Pairs) -> Reached:
    """The father's given name of one side within the name of the other; the better of both directions."""
    best = np.minimum(_in_name(pairs, pairs.left, pairs.right), _in_name(pairs, pairs.right, pairs.left))
    return Reached(np.where(best < _UNTOLD, best, pairs.silence()))


def _in_name(pairs: Pairs, child: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    """Level per pair, `_UNTOLD` where nothing is told.

    A father whom the child's own name tells is left out: the names have been compared already. A name that is
    no chain, or a child whose own name lacks the father's name too, need not hold it. An initial is no father's name,
    though it may be his.
    """
    roster = pairs.roster
    best = np.full(len(pairs), _UNTOLD, np.int8)
    pair, father, name = combinations(roster.untold_fathers, child, roster.own, other)
    if not len(pair):
        return best
    columns = roster.book.columns
    rows = roster.own.items[name]
    tokens = columns.tokens.padded(rows, int(columns.size[rows].max(initial=1)))
    given = np.broadcast_to(roster.untold_fathers.items[father][:, None], tokens.shape)
    alike = roster.book.vocabulary.similarities(given, tokens, columns.syllabic[rows][:, None])
    alike[:, 0] = 0
    told = (tokens >= 0) & ~roster.book.vocabulary.columns.initial[tokens] & ~columns.syllabic[rows][:, None]
    stands = told & (alike >= _ONE_NAME)
    at = np.where(stands.any(axis=1), stands.argmax(axis=1), 0)
    bound = columns.chain[rows] & (columns.size[rows] > 1) & ~roster.has_chain[child[pair]]
    level = np.select([at == 1, at > 1, bound], [0, 1, _ABSENT], _UNTOLD).astype(np.int8)
    np.minimum.at(best, pair, level)
    return best


def father_in_name_at_best(pairs: Pairs) -> Reached:
    untold, own = pairs.roster.untold_fathers.counts > 0, pairs.roster.own.counts > 0
    told = (untold[pairs.left] & own[pairs.right]) | (untold[pairs.right] & own[pairs.left])
    return Reached(np.where(told, np.int8(0), pairs.silence()))


def tell_father_in_name(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    one = f"father {_shown(left.father)}" if left.father else _shown(left.names)
    two = f"father {_shown(right.father)}" if right.father else _shown(right.names)
    if left.father and right.father:
        one, two = f"{_shown(left.names)}, {one}", f"{_shown(right.names)}, {two}"
    return Told(one, two)


RELATIVES_LEVELS = ("several", "one", "alike", "none", "other_spouse")
_SEVERAL, _ONE, _RELATIVE_ALIKE, _NONE, _OTHER_SPOUSE = range(5)
_SPOUSE = RELATIONS.index("spouse")


def compare_relatives(pairs: Pairs) -> Reached:
    """Spouse, children, siblings and others of one side against those of the other, relation by relation."""
    pair, one, other, level, told = _met(pairs)
    levels, rarity = pairs.silence(), np.zeros(len(pairs), np.float32)
    if not len(pair):
        return Reached(levels, rarity)
    best = best_of(pair, -level.astype(np.float32), told)
    who, closest = pair[best], level[best]
    levels[who] = np.select([closest == 0, closest == 1], [_ONE, _RELATIVE_ALIKE], _NONE)
    rarity[who] = np.where(closest == 0, told[best], 0)
    same = np.flatnonzero(level == 0)
    several = np.minimum(_distinct(pair[same], one[same], len(pairs)), _distinct(pair[same], other[same], len(pairs)))
    levels[several > 1] = _SEVERAL
    wed = (pairs.roster.kin_relation[one] == _SPOUSE) & (pairs.roster.kin_relation[other] == _SPOUSE)
    closest_spouse = np.full(len(pairs), np.iinfo(np.int8).max, np.int8)
    np.minimum.at(closest_spouse, pair[wed], level[wed])
    other_spouse = (closest_spouse >= _DIFFERENT_KIN) & (closest_spouse <= _UNLIKE) & (levels >= _RELATIVE_ALIKE)
    levels[other_spouse], rarity[other_spouse] = _OTHER_SPOUSE, 0
    return Reached(levels, rarity)


def _met(pairs: Pairs) -> tuple[Longs, Longs, Longs, Levels, Floats]:
    """(pair, entry of kin left, right, level, rarity) of every two relatives of one relation with names."""
    kin = pairs.roster.kin
    pair, one, other = combinations(kin, pairs.left, kin, pairs.right)
    relation, other_relation = pairs.roster.kin_relation[one], pairs.roster.kin_relation[other]
    fits = np.flatnonzero((relation == other_relation) | (relation == OTHER) | (other_relation == OTHER))
    pair, one, other = pair[fits], one[fits], other[fits]
    rows = kin.items[one], kin.items[other]
    found = pairs.names(*rows)
    return pair, one, other, _name_levels(pairs, *rows, found, _ALIKE), found.rarity


def _distinct(pair: Longs, entry: Longs, size: int) -> Longs:
    """How many distinct entries each pair has."""
    both = np.unique(np.stack((pair, entry)), axis=1)[0]
    return np.bincount(both, minlength=size)


def relatives_at_best(pairs: Pairs) -> Reached:
    kin = pairs.roster.kin
    levels = pairs.speaking(kin.counts > 0)
    levels[(levels == _SEVERAL) & (pairs.speaking(kin.counts > 1) == SILENT)] = _ONE
    return Reached(levels, pairs.name_rarity("kin", kin))


def tell_relatives(left: Reading, right: Reading, level: int, pairs: Pairs) -> Told:
    if level >= _NONE:
        return Told(*(_shown(tuple(name for _, name in side.kin)) for side in (left, right)))
    pair, one, other, levels, rarity = _met(pairs)
    best = int(best_of(pair, -levels.astype(np.float32), rarity)[0])
    starts = pairs.roster.kin.starts
    here, there = int(one[best] - starts[pairs.left[0]]), int(other[best] - starts[pairs.right[0]])
    return Told(left.kin[here][1].full, right.kin[there][1].full)


LISTED_LEVELS = ("listed_as_relative",)


def compare_listed(pairs: Pairs) -> Reached:
    """Whether one person's full name is a named relative of the other: then they may be two of one family."""
    listed = _listed(pairs, pairs.left, pairs.right) | _listed(pairs, pairs.right, pairs.left)
    return Reached(np.where(listed, np.int8(0), pairs.silence()))


def _listed(pairs: Pairs, person: NDArray[np.int64], other: NDArray[np.int64]) -> Flags:
    """Whether a relative of `person` has the whole name of `other`, and `person` has another name."""
    roster = pairs.roster
    out = np.zeros(len(pairs), np.bool_)
    pair, relative, own = combinations(roster.kin, person, roster.own, other)
    rows, other_rows = roster.kin.items[relative], roster.own.items[own]
    long = np.flatnonzero((roster.book.columns.size[rows] > 1) & (roster.book.columns.size[other_rows] > 1))
    pair, rows, other_rows = pair[long], rows[long], other_rows[long]
    worth = np.flatnonzero(roster.book.columns.may_agree(rows, other_rows))
    pair, rows, other_rows = pair[worth], rows[worth], other_rows[worth]
    out[pair[_KIN_LEVELS[pairs.names(rows, other_rows).level] == 0]] = True
    at = np.flatnonzero(out)
    if len(at):
        out[at] = ~_one_name(pairs, person[at], other[at])
    return out


def _one_name(pairs: Pairs, person: NDArray[np.int64], other: NDArray[np.int64]) -> Flags:
    """Whether any own names of the two are one."""
    own = pairs.roster.own
    pair, one, two = combinations(own, person, own, other)
    same = _KIN_LEVELS[pairs.names(own.items[one], own.items[two]).level] == 0
    return np.bincount(pair[same], minlength=len(person)) > 0


def listed_at_best(pairs: Pairs) -> Reached:
    """It speaks against one person only, so the best is silence."""
    return Reached(pairs.silence())


def tell_listed(left: Reading, right: Reading, _level: int, _pairs: Pairs) -> Told:
    return Told(_shown(left.names), _shown(right.names))


IN_NAME_REASONS = (
    "The father's name of one stands right after the given name of the other.",
    "The father's name of one stands in the name of the other.",
    "The father's name of one is missing from the other's chain of names.",
)
RELATIVES_REASONS = (
    "Two or more relatives have the same names and relations.",
    "A relative of the same relation has the same name.",
    "A relative of the same relation has a name that is alike.",
    "No named relative of the same relation agrees.",
    "Husband or wife are two different persons, and no other relative has quite the same name.",
)
LISTED_REASONS = ("One is named among the other's relatives, so they may be two persons.",)

FATHER = Comparer(
    "father",
    LEVELS,
    tuple(f"Father: {found}" for found in _FOUND),
    _AGREEING,
    "Father's names.",
    compare_father,
    tell_father,
    father_at_best,
)
MOTHER = Comparer(
    "mother",
    LEVELS,
    tuple(f"Mother: {found}" for found in _FOUND),
    _AGREEING,
    "Mother's names, married or maiden.",
    compare_mother,
    tell_mother,
    mother_at_best,
)
FATHER_IN_NAME = Comparer(
    "father_in_name",
    CHAIN_LEVELS,
    IN_NAME_REASONS,
    2,
    "The father's given name of one side within the chain of names of the other.",
    compare_father_in_name,
    tell_father_in_name,
    father_in_name_at_best,
)
RELATIVES = Comparer(
    "relatives",
    RELATIVES_LEVELS,
    RELATIVES_REASONS,
    3,
    "Spouse, children, siblings, grandparents and others, relation by relation.",
    compare_relatives,
    tell_relatives,
    relatives_at_best,
)
LISTED = Comparer(
    "listed_relative",
    LISTED_LEVELS,
    LISTED_REASONS,
    0,
    "One person's name among the other's relatives, while their own names differ.",
    compare_listed,
    tell_listed,
    listed_at_best,
)
