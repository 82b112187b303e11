"""Known variant classes: spellings of one name across languages and scripts (data/variant_classes.tsv).

Two tokens of one class are the same name. Two tokens of different classes are different names however alike
they
look: Mohammed and Mahmoud, Rahman and Rahim (engine.md section 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from tracing.matching.names.fold import fold
from tracing.matching.names.lists import rows
from tracing.matching.names.script import script_of

NO_CLASS: Final = -1
_SEX: Final = {"m": "male", "f": "female"}


@dataclass(frozen=True, slots=True)
class VariantClass:
    """One line of the table; ``sex`` is female, male or None, ``cultures`` are language codes, the main one
    first.
    """

    name: str
    sex: str | None
    cultures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    classes: tuple[VariantClass, ...]
    members: dict[str, tuple[int, ...]]


def member_key(spelling: str) -> str:
    """Folded spelling without spaces, as the table is looked up."""
    script = script_of(spelling)
    return "".join(fold(part, script) for part in spelling.replace("\u200c", " ").replace("-", " ").split())


@cache
def _table() -> _Table:
    classes: list[VariantClass] = []
    members: dict[str, tuple[int, ...]] = {}
    for number, (name, gender, cultures, spellings) in enumerate(rows("variant_classes.tsv")):
        classes.append(VariantClass(name, _SEX.get(gender), tuple(cultures.split(","))))
        for spelling in spellings.split("|"):
            known = members.get(key := member_key(spelling), ())
            if key and number not in known:
                members[key] = (*known, number)
    return _Table(tuple(classes), members)


def classes_of(folded: str) -> tuple[int, ...]:
    """Numbers of the classes that know this folded spelling, the table's first one first."""
    return _table().members.get(folded, ())


def variant_class(number: int) -> VariantClass:
    """The class with this number (not ``NO_CLASS``)."""
    return _table().classes[number]
