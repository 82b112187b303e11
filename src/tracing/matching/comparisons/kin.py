"""Kin: parents and other relatives, held against each other and against the other person's own names."""

from tracing.matching.comparisons.base import SILENCE, Comparer, Context, Names, Reached, Told
from tracing.matching.names import MOST_ADJUST, NameOutcome, NameReading
from tracing.matching.reading import Reading, among, forms

LEVELS = ("same", "alike", "part", "different")
_SAME = 0.95
_ALIKE = 0.82
_PART = 0.6
_RARE_LEVELS = 2
"""Levels, from the first, on which rarity counts."""
_RARITY_SHARE = 0.5
"""Share of a relative's name's rarity that counts: relatives' names are hearsay, and run in families."""

MOST_KIN_RARITY = MOST_ADJUST * _RARITY_SHARE
"""The most bits that a comparison of relatives' names gives on top of its level."""


def _name_level(outcome: NameOutcome) -> int:
    similarity = outcome.similarity
    return 0 if similarity >= _SAME else 1 if similarity >= _ALIKE else 2 if similarity >= _PART else 3


def _parents(left: Names, right: Names, context: Context) -> Reached:
    """The best of all pairs by level, then by rarity: a second name may only add."""
    best: Reached | None = None
    for one in left:
        for two in right:
            outcome = context.name(one, two)
            if outcome is None:
                continue
            level = _name_level(outcome)
            rarity = outcome.adjust * _RARITY_SHARE if level < _RARE_LEVELS else 0.0
            if best is None or (level, -rarity) < (best.level, -best.rarity):
                best = Reached(level, rarity)
    return SILENCE if best is None else best


def _shown(names: Names) -> str:
    return ", ".join(name.full for name in names)


_FOUND = (
    "the names are the same.",
    "the names are alike, spelt or heard differently.",
    "the names agree in part.",
    "the names are different.",
)


def compare_father(left: Reading, right: Reading, context: Context) -> Reached:
    return _parents(left.father, right.father, context)


def tell_father(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    return Told(_shown(left.father), _shown(right.father))


def compare_mother(left: Reading, right: Reading, context: Context) -> Reached:
    return _parents(left.mother, right.mother, context)


def tell_mother(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    return Told(_shown(left.mother), _shown(right.mother))


CHAIN_LEVELS = ("follows_given_name", "stands_in_name", "absent_from_chain")
_CHAIN_REACHED = tuple(Reached(level, 0.0) for level in range(3))
_CHAINS = frozenset({"arabic_chain", "ethiopian_chain"})
"""Naming systems in which the father's name must stand in the chain."""


def compare_father_in_name(left: Reading, right: Reading, _context: Context) -> Reached:
    """The father's given name of one side within the name of the other; the better of both directions."""
    if not left.untold_fathers and not right.untold_fathers:
        return SILENCE
    one, two = _in_name(left, right), _in_name(right, left)
    level = one if two is None else two if one is None else min(one, two)
    return SILENCE if level is None else _CHAIN_REACHED[level]


def _in_name(child: Reading, other: Reading) -> int | None:
    """A father whom the child's own name tells is left out: the names have been compared already."""
    best: int | None = None
    for given in child.untold_fathers:
        is_there = among(given, other.own)
        for name in other.names:
            at = _place(given, name) if is_there else None
            if at is None and (name.system not in _CHAINS or len(name.names) < 2 or _has_chain(child)):
                continue
            level = 2 if at is None else 0 if at == 1 else 1
            best = level if best is None else min(best, level)
    return best


def _has_chain(child: Reading) -> bool:
    """Whether the child's own name lacks the father's name too: then it may be missing on the other side."""
    return any(len(name.names) > 1 for name in child.names)


def _place(given: frozenset[str], name: NameReading) -> int | None:
    """Place of a name after the first one of a chain."""
    for index, other in enumerate(name.names):
        if index and not given.isdisjoint(forms(other)):
            return index
    return None


def tell_father_in_name(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
    one = f"father {_shown(left.father)}" if left.father else _shown(left.names)
    two = f"father {_shown(right.father)}" if right.father else _shown(right.names)
    if left.father and right.father:
        one, two = f"{_shown(left.names)}, {one}", f"{_shown(right.names)}, {two}"
    return Told(one, two)


RELATIVES_LEVELS = ("several", "one", "alike", "none")


def compare_relatives(left: Reading, right: Reading, context: Context) -> Reached:
    """Spouse, children, siblings and others of one side against those of the other, relation by relation."""
    if not left.kin or not right.kin:
        return SILENCE
    return _relatives(left, right, context)[0]


def _relatives(left: Reading, right: Reading, context: Context) -> tuple[Reached, Names, Names]:
    met: list[tuple[int, float, int, int]] = []
    for index, (relation, name) in enumerate(left.kin):
        for place, (other_relation, other) in enumerate(right.kin):
            if relation == other_relation or "other" in (relation, other_relation):
                outcome = context.name(name, other)
                if outcome is not None:
                    met.append((_name_level(outcome), -outcome.adjust, index, place))
    if not met:
        return SILENCE, (), ()
    met.sort()
    level, rarity, index, place = met[0]
    shown = (left.kin[index][1],), (right.kin[place][1],)
    if level > 1:
        return Reached(3, 0.0), *shown
    if level == 1:
        return Reached(2, 0.0), *shown
    same = [(one, two) for level, _, one, two in met if level == 0]
    several = min(len({one for one, _ in same}), len({two for _, two in same})) > 1
    return Reached(0 if several else 1, -rarity * _RARITY_SHARE), *shown


def tell_relatives(left: Reading, right: Reading, level: int, context: Context) -> Told:
    _, one, two = _relatives(left, right, context)
    if level == 3:
        one, two = tuple(name for _, name in left.kin), tuple(name for _, name in right.kin)
    return Told(_shown(one), _shown(two))


LISTED_LEVELS = ("listed_as_relative",)
_LISTED = Reached(0, 0.0)


def compare_listed(left: Reading, right: Reading, context: Context) -> Reached:
    """Whether one person's full name is a named relative of the other: then they may be two of one family."""
    if not left.kin and not right.kin:
        return SILENCE
    return _LISTED if _listed(left, right, context) or _listed(right, left, context) else SILENCE


def _listed(person: Reading, other: Reading, context: Context) -> bool:
    for _, name in person.kin:
        first, *_, last = name.names if len(name.names) > 1 else (None, None)
        if first is None or last is None:
            continue
        if not among(forms(first), other.own) or not among(forms(last), other.own):
            continue
        if _is_one(name, other.names, context):
            return not any(_is_one(own, other.names, context) for own in person.names)
    return False


def _is_one(name: NameReading, names: Names, context: Context) -> bool:
    outcomes = (context.name(name, other) for other in names)
    return any(outcome is not None and outcome.similarity >= _SAME for outcome in outcomes)


def tell_listed(left: Reading, right: Reading, _level: int, _context: Context) -> Told:
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
)
LISTED_REASONS = ("One is named among the other's relatives, so they may be two persons.",)

FATHER = Comparer(
    "father",
    LEVELS,
    tuple(f"Father: {found}" for found in _FOUND),
    3,
    "Father's names.",
    compare_father,
    tell_father,
)
MOTHER = Comparer(
    "mother",
    LEVELS,
    tuple(f"Mother: {found}" for found in _FOUND),
    3,
    "Mother's names, married or maiden.",
    compare_mother,
    tell_mother,
)
FATHER_IN_NAME = Comparer(
    "father_in_name",
    CHAIN_LEVELS,
    IN_NAME_REASONS,
    2,
    "The father's given name of one side within the chain of names of the other.",
    compare_father_in_name,
    tell_father_in_name,
)
RELATIVES = Comparer(
    "relatives",
    RELATIVES_LEVELS,
    RELATIVES_REASONS,
    3,
    "Spouse, children, siblings, grandparents and others, relation by relation.",
    compare_relatives,
    tell_relatives,
)
LISTED = Comparer(
    "listed_relative",
    LISTED_LEVELS,
    LISTED_REASONS,
    0,
    "One person's name among the other's relatives, while their own names differ.",
    compare_listed,
    tell_listed,
)
