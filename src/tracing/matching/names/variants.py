"""Known variant classes: spellings of one name across languages and scripts (data/variant_classes.tsv).

Two tokens of one class are the same name, or akin (Aleksandr and Sasha) where the table says so of a member.
Two tokens of different classes are different names however alike they look: Mohammed and Mahmoud, Rahman and
Rahim (engine.md section 3.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from tracing.matching.names.fold import fold
from tracing.matching.names.lists import rows
from tracing.matching.names.script import script_of

NO_CLASS: Final = -1

UNRELATED: Final = 0
RELATED: Final = 1
SAME: Final = 2
"""What a class says of two of its members; ``UNRELATED`` when it does not know one of them."""

CORE: Final = 0
"""Group of the members that are the class's name itself; every other group is akin to it."""

_SEX: Final = {"m": "male", "f": "female"}
_MEMBER: Final = re.compile(
    r"(?P<spelling>[^~@%]+)(?P<related>~(?P<group>[1-9]?))?(?:@(?P<languages>[a-z,]+))?(?:%(?P<sex>[mf]))?"
)
_FIRST_LONER: Final = 10
"""Group numbers below are written in the table (~1 ... ~9); a lone ``~`` gets one of its own from here."""


@dataclass(frozen=True, slots=True)
class VariantClass:
    """One line of the table; ``sex`` is female, male or None, ``cultures`` are language codes, the main one
    first.
    """

    name: str
    sex: str | None
    cultures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """What one class knows of one spelling.

    Attributes:
        number: of the class.
        group: ``CORE`` for the name itself. Two members with one group are the same name, others are akin.
        languages: codes of the languages that spell it so; the class's cultures where the table names none.
        sex: of the bearer, the member's own or else the class's; None when both sexes bear it.
    """

    number: int
    group: int
    languages: tuple[str, ...]
    sex: str | None


@dataclass(frozen=True, slots=True)
class _Table:
    classes: tuple[VariantClass, ...]
    members: dict[str, tuple[Membership, ...]]


def member_key(spelling: str) -> str:
    """Folded spelling without spaces, as the table is looked up."""
    script = script_of(spelling)
    return "".join(fold(part, script) for part in spelling.replace("\u200c", " ").replace("-", " ").split())


def parse_member(written: str) -> tuple[str, int | None, tuple[str, ...], str | None]:
    """Spelling, group (None: akin to all others), languages and sex of one member as the table writes it.

    Raises:
        ValueError: the suffixes are not as the table's header says.

    >>> parse_member("andrea@it%m"), parse_member("sascha~1")
    (('andrea', 0, ('it',), 'male'), ('sascha', 1, (), None))
    """
    found = _MEMBER.fullmatch(written)
    if found is None:
        raise ValueError(f"not a member of a variant class: {written!r}")
    group = CORE if found["related"] is None else int(found["group"]) if found["group"] else None
    languages = tuple(found["languages"].split(",")) if found["languages"] else ()
    return found["spelling"], group, languages, _SEX.get(found["sex"])


@cache
def _table() -> _Table:
    classes: list[VariantClass] = []
    members: dict[str, tuple[Membership, ...]] = {}
    for number, (name, gender, cultures, written) in enumerate(rows("variant_classes.tsv")):
        own = VariantClass(name, _SEX.get(gender), tuple(cultures.split(",")))
        classes.append(own)
        plain = Membership(number, CORE, own.cultures, own.sex)
        for place, text in enumerate(written.split("|")):
            key, membership = _read_member(text, place, plain)
            known = members.get(key)
            if known is None:
                members[key] = (membership,)
            elif known[-1].number != number:
                members[key] = (*known, membership)
    members.pop("", None)
    for key, known in members.items():
        if len(known) > 1:
            members[key] = tuple(sorted(known, key=lambda one: one.group != CORE))
    return _Table(tuple(classes), members)


def _read_member(written: str, place: int, plain: Membership) -> tuple[str, Membership]:
    """Key and membership of one member; most are plain, and half without suffixes, so that they share ``plain``."""
    if _is_folded(written):
        return written, plain
    spelling, group, languages, sex = parse_member(written)
    lone = _FIRST_LONER + place if group is None else group
    key = spelling if _is_folded(spelling) else member_key(spelling)
    return key, Membership(plain.number, lone, languages or plain.languages, sex or plain.sex)


def _is_folded(spelling: str) -> bool:
    """Whether a spelling is its own key for certain: most are, and folding all took half of the start."""
    return spelling.isascii() and spelling.isalpha() and spelling.islower()


def member(folded: str) -> tuple[Membership, ...]:
    """What the classes know of a folded spelling: where it is the name itself first, then the table's order."""
    return _table().members.get(folded, ())


def classes_of(folded: str) -> tuple[int, ...]:
    """Numbers of the classes that know this folded spelling, in the order of ``member``."""
    return tuple(membership.number for membership in member(folded))


def groups_of(folded: str) -> tuple[tuple[int, int], ...]:
    """(class, group) pairs of a folded spelling, small integers for arrays of tokens.

    Two tokens are the same name when they share a pair, akin when they share only a class.
    """
    return tuple((membership.number, membership.group) for membership in member(folded))


def strength(left_folded: str, right_folded: str, number: int) -> int:
    """``SAME``, ``RELATED`` or ``UNRELATED``: what class ``number`` says of two folded spellings; symmetric."""
    left = dict(groups_of(left_folded)).get(number)
    right = dict(groups_of(right_folded)).get(number)
    if left is None or right is None:
        return UNRELATED
    return SAME if left == right else RELATED


def variant_class(number: int) -> VariantClass:
    """The class with this number (not ``NO_CLASS``)."""
    return _table().classes[number]
