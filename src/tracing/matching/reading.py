"""Reading: a person made ready for comparing, once. Compact, immutable, picklable."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Final

from tracing.matching.dates.birth import Birth, read_birth
from tracing.matching.names import NameReading, Token, read_name, read_whole
from tracing.matching.names.systems import BURMESE, SYLLABIC
from tracing.matching.person import Person
from tracing.matching.places import Place, read_place

_KEPT = 50_000
"""Relatives' names kept to be shared by the readings that hold them."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What comparisons look at. Empty tuples and None are silence.

    Attributes:
        untold_fathers: the father's given names that do not stand in the own names.
        kin: relatives other than father and mother as (relation, name).
        places: last known place and place of the sighting.
        identifiers: (type, normalised value).
    """

    id: str
    names: tuple[NameReading, ...]
    sex: str | None
    birth: Birth | None
    father: tuple[NameReading, ...]
    mother: tuple[NameReading, ...]
    untold_fathers: tuple[Token, ...]
    kin: tuple[tuple[str, NameReading], ...]
    birth_place: Place | None
    places: tuple[Place, ...]
    nationalities: frozenset[str]
    identifiers: tuple[tuple[str, str], ...]


def read(person: Person) -> Reading:
    """Read a person. Never fails: what cannot be read is silence."""
    named = [read_name(name.full, type=name.type, script=name.script, lang=name.lang) for name in person.names]
    named = [name for name in named if name.names]
    named += [whole for name in named if (whole := read_whole(name)) is not None]
    fathers, mothers = [*person.father], [*person.mother]
    kin: list[tuple[str, NameReading]] = []
    for relation, name in person.relatives:
        if relation == "father":
            fathers.append(name)
        elif relation == "mother":
            mothers.append(name)
        elif (reading := _kin_name(name)).names:
            kin.append((intern(relation), reading))
    return Reading(
        id=person.id,
        names=tuple(named),
        sex=intern(person.sex) if person.sex in ("female", "male", "other") else None,
        birth=read_birth(person.birth, person.birth_calendar, person.age, person.age_date),
        father=(father := _kin_names(fathers)),
        mother=_kin_names(mothers),
        untold_fathers=_untold(father, named),
        kin=tuple(kin),
        birth_place=_place(person.birth_place),
        places=_places(person.last_place, person.seen_place),
        nationalities=frozenset(map(intern, person.nationalities)) if person.nationalities else _NO_NATIONALITY,
        identifiers=tuple(
            [
                (intern(kind.lower()), value)
                for kind, given in person.identifiers
                if (value := "".join(filter(str.isalnum, given)).upper())
            ]
        ),
    )


@lru_cache(maxsize=_KEPT)
def forms(token: Token) -> frozenset[str]:
    """What stands for a token when one name is looked for in another: its variant class, or its spellings.

    Two tokens are taken for one name when they share a form.
    """
    return frozenset((f"={token.variant}",)) if token.variant >= 0 else frozenset((token.folded, *token.latin))


@lru_cache(maxsize=_KEPT)
def _kin_name(full: str) -> NameReading:
    return read_name(full)


_NO_NATIONALITY: Final[frozenset[str]] = frozenset()


def _kin_names(names: Sequence[str]) -> tuple[NameReading, ...]:
    return tuple([reading for name in dict.fromkeys(names) if (reading := _kin_name(name)).names]) if names else ()


def _places(last: str | None, seen: str | None) -> tuple[Place, ...]:
    if last is None and seen is None:
        return ()
    return tuple(dict.fromkeys(place for place in (_place(last), _place(seen)) if place is not None))


def _place(text: str | None) -> Place | None:
    return None if text is None else read_place(text)


def _untold(fathers: Sequence[NameReading], names: Sequence[NameReading]) -> tuple[Token, ...]:
    """Given names of fathers that the own names, in any place, do not tell.

    A Tamil bears the father's name before the own one. Where the family's name or no kin's name stands in a name, there
    is none to look for.
    """
    if any(name.system in _WITHOUT_FATHERS for name in names):
        return ()
    givens = [name.names[0] for name in fathers if name.system not in _WITHOUT_FATHERS]
    return tuple([given for given in givens if given.kind != "initial" and not _stands(forms(given), names)])


_WITHOUT_FATHERS: Final = SYLLABIC | {BURMESE}


def _stands(given: frozenset[str], names: Sequence[NameReading]) -> bool:
    """Whether a given name stands in a chain: anywhere but alone."""
    return any(not given.isdisjoint(forms(token)) for name in names if len(name.names) > 1 for token in name.names)
