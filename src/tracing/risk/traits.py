"""Whom a never-disclose list names, as the engine reads names."""

from collections.abc import Iterable

from tracing.matching import Engine, Name, Person

UNLIKELY = "weak"
"""The only band that is no likely hit: a missed one endangers somebody, a false one costs a second look."""
EVEN = 0.5
"""Prior of the comparison: a list is short, and whoever stands on it was named for a reason."""


def own_names(person: Person) -> list[str]:
    """Return the names of a person, as given."""
    return [name.full for name in person.names]


def names_of_kin(person: Person) -> list[str]:
    """Return the names of all relatives of a person, as given."""
    return [*person.father, *person.mother, *(relative.name for relative in person.relatives)]


def likely_named(engine: Engine, listed: Iterable[str], around: Iterable[str]) -> list[str]:
    """Return those of `listed` that likely are one of the names `around`, in their order.

    Entries that name nobody ("my uncle", an embassy) are the worker's to judge; no engine can.
    """
    names = list(dict.fromkeys(around))
    pairs = [(entry, name) for entry in dict.fromkeys(listed) for name in names]
    read = [(engine.read(_called(entry)), engine.read(_called(name))) for entry, name in pairs]
    found = engine.compare_pairs(read, EVEN)
    return list(dict.fromkeys(entry for (entry, _), one in zip(pairs, found, strict=True) if one.band != UNLIKELY))


def _called(name: str) -> Person:
    return Person(name, (Name(name),))
