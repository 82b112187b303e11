"""Whom a never-disclose list names, as the engine reads names."""

from collections.abc import Iterable

import numpy as np

from tracing.matching import Engine, Name, Person
from tracing.matching.names.mentions import mention, names_in
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
    """Return those of `listed` that likely name one of the names `around`, in their order, without repeats.

    A name is compared as a whole. Of a sentence ("my uncle Bashir", "nobody of the Warsame family"), and of a lone
    word, any name in it that is part of a name `around` is enough: so a family's name names all of its members.
    Likely is every band but the weakest: a missed hit endangers somebody, a false one costs a second look.
    Entries that name nobody ("my uncle", an embassy) are the worker's to judge; no engine can.
    """
    entries, names = list(dict.fromkeys(listed)), list(dict.fromkeys(around))
    mentions = {entry: mention(entry) for entry in entries}
    loose = [entry for entry in entries if mentions[entry].in_words or len(mentions[entry].names) == 1]
    mentioned = dict.fromkeys(name for entry in loose for name in mentions[entry].names)
    parts = dict.fromkeys(part for name in names for part in names_in(name))
    same = {*_alike(engine, list(mentioned), list(parts))}
    whole = {*_alike(engine, entries, names)}
    return [e for e in entries if e in whole or (e in loose and not same.isdisjoint(mentions[e].names))]


def _alike(engine: Engine, entries: list[str], names: list[str]) -> list[str]:
    """Return those of `entries` that likely are one of `names`, each read as a whole name."""
    roster = Roster([engine.read(Person(name, (Name(name),))) for name in (*entries, *names)])
    left = np.repeat(np.arange(len(entries)), len(names))
    right = np.tile(np.arange(len(names)), len(entries)) + len(entries)
    likely = engine.score_pairs(roster, left, right).weight >= engine.least_weight(engine.weights.bands[-1], EVEN)
    return [entries[place] for place in np.unique(left[likely])]
