"""Whom a never-disclose list names, as the engine reads names."""

from collections.abc import Iterable

import numpy as np

from tracing.matching import Engine, Name, Person
from tracing.matching.roster import Roster

EVEN = 0.5
"""Prior of the comparison: a list is short, and whoever stands on it was named for a reason."""


def own_names(person: Person) -> list[str]:
    """Return the names of a person, as given."""
    return [name.full for name in person.names]


def names_of_kin(person: Person) -> list[str]:
    """Return the names of all relatives of a person, as given."""
    return [*person.father, *person.mother, *(relative.name for relative in person.relatives)]


def likely_named(engine: Engine, listed: Iterable[str], around: Iterable[str]) -> list[str]:
    """Return those of `listed` that likely are one of the names `around`, in their order, without repeats.

    Likely is every band but the weakest: a missed hit endangers somebody, a false one costs a second look.
    Entries that name nobody ("my uncle", an embassy) are the worker's to judge; no engine can.
    """
    entries, names = list(dict.fromkeys(listed)), list(dict.fromkeys(around))
    roster = Roster([engine.read(Person(name, (Name(name),))) for name in (*entries, *names)])
    left = np.repeat(np.arange(len(entries)), len(names))
    right = np.tile(np.arange(len(names)), len(entries)) + len(entries)
    likely = engine.score_pairs(roster, left, right).weight >= engine.least_weight(engine.weights.bands[-1], EVEN)
    return [entries[place] for place in np.unique(left[likely])]
