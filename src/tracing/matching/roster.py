"""Roster: many readings as columns, the form in which persons are compared.

Pairs are then two arrays of places in one roster. A roster holds no reading: what a pair looks like in words
is told from the readings themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np

from tracing.matching.arrays import Flags, Floats, Growing, Ints, Levels
from tracing.matching.dates.columns import BirthColumns
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names.namebook import SEXES, NameBook
from tracing.matching.places import Place
from tracing.matching.reading import Reading

T = TypeVar("T")

RELATIONS: Final = ("spouse", "child", "sibling", "grandparent", "other")
OTHER: Final = RELATIONS.index("other")


class Roster:
    """Columns over persons, in the order given.

    Attributes:
        ids: as in the readings.
        book: every distinct name of persons and their kin.
        own, father, mother, kin: rows of the book per person; kin_relation: number in `RELATIONS` per entry of
            kin.
        untold_fathers: rows of the vocabulary, father's given names that do not stand in the own names.
        sex: numbers of `SEXES`, 0 is silence.
        birth: columns; birth_row: row per person, -1 is silence.
        place_texts: distinct places, one of each meaning; birth_place: number per person, -1 is silence; places:
            numbers per person.
        nationality: number of a distinct set of nationalities, -1 is silence; nationalities: the sets.
        identifier_kind, identifier_value: per entry of identifiers; identifier_texts: distinct values.
    """

    def __init__(self, readings: Iterable[Reading]) -> None:
        self.book = NameBook()
        self._kept: tuple[TermFrequencies | None, dict[str, Any]] = (None, {})
        self._collect(readings)

    @classmethod
    def of(cls, *readings: Reading) -> Roster:
        """A roster of few."""
        return cls(readings)

    def __len__(self) -> int:
        return len(self.ids)

    def _collect(self, readings: Iterable[Reading]) -> None:
        row, token = self.book.row, self.book.vocabulary.row
        ids: list[str] = []
        own, father, mother, kin, untold, places, identifiers = (Growing() for _ in range(7))
        relations: list[int] = []
        sexes: list[int] = []
        births = _Numbers()
        birth_rows: list[int] = []
        kinds, values, sets = _Numbers(), _Numbers(), _Numbers()
        texts = _Places()
        birth_places: list[int] = []
        value_rows: list[int] = []
        nationality: list[int] = []
        for reading in readings:
            ids.append(reading.id)
            own.add([row(name) for name in reading.names])
            father.add([row(name) for name in reading.father])
            mother.add([row(name) for name in reading.mother])
            kin.add([row(name) for _, name in reading.kin])
            relations.extend(RELATIONS.index(relation) for relation, _ in reading.kin)
            untold.add([token(given) for given in reading.untold_fathers])
            sexes.append(SEXES[reading.sex])
            birth_rows.append(-1 if reading.birth is None else births.number(reading.birth))
            birth_places.append(-1 if reading.birth_place is None else texts.number(reading.birth_place))
            places.add([texts.number(place) for place in reading.places])
            nationality.append(sets.number(reading.nationalities) if reading.nationalities else -1)
            identifiers.add([kinds.number(kind) for kind, _ in reading.identifiers])
            value_rows.extend(values.number(value) for _, value in reading.identifiers)
        self.ids = ids
        self.own, self.father, self.mother, self.kin = (lists.packed() for lists in (own, father, mother, kin))
        self.untold_fathers = untold.packed()
        self.kin_relation: Levels = np.array(relations, np.int8)
        self.sex: Levels = np.array(sexes, np.int8)
        self.birth = BirthColumns(births.known)
        self.birth_row: Ints = np.array(birth_rows, np.int32)
        self.place_texts: list[Place] = texts.known
        self.birth_place: Ints = np.array(birth_places, np.int32)
        self.places = places.packed()
        self.nationality: Ints = np.array(nationality, np.int32)
        self.nationalities: list[frozenset[str]] = sets.known
        self.identifier_kind = identifiers.packed()
        self.identifier_value: Ints = np.array(value_rows, np.int32)
        self.identifier_kinds: list[str] = kinds.known
        self.identifier_texts: list[str] = values.known

    @cached_property
    def has_chain(self) -> Flags:
        """Persons of whom a name has more than one token."""
        long = self.book.columns.size[self.own.items] > 1
        counted = np.concatenate(([0], np.cumsum(long)))
        out: Flags = counted[self.own.starts[1:]] > counted[self.own.starts[:-1]]
        return out

    def rarities(self, frequencies: TermFrequencies) -> Floats:
        """Rarity of each token of the vocabulary in bits."""
        return self.kept("tokens", frequencies, lambda: self.book.vocabulary.rarities(frequencies))

    def kept(self, what: str, frequencies: TermFrequencies, make: Callable[[], T]) -> T:
        """What `make` gives, made once under the name `what`; kept for the frequencies asked last."""
        if self._kept[0] is not frequencies:
            self._kept = frequencies, {}
        known = self._kept[1]
        if what not in known:
            known[what] = make()
        found: T = known[what]
        return found

    def prepare(self, frequencies: TermFrequencies) -> None:
        """Make now what comparisons make at their first use."""
        book = self.book
        _ = (
            book.columns,
            book.spellings,
            book.grams,
            book.vocabulary.columns,
            self.has_chain,
            self.rarities(frequencies),
        )


class _Numbers:
    """Distinct values, numbered from 0 in the order of their first occurrence."""

    def __init__(self) -> None:
        self.known: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.known)
            self.known.append(value)
        return found


class _Places:
    """Numbers of places; those that compare alike have one, and the first of them is known."""

    def __init__(self) -> None:
        self.known: list[Place] = []
        self._numbers: dict[Place, int] = {}
        self._meanings: dict[Hashable, int] = {}

    def number(self, place: Place) -> int:
        found = self._numbers.get(place)
        if found is None:
            found = self._numbers[place] = self._meanings.setdefault(place.meaning, len(self.known))
            if found == len(self.known):
                self.known.append(place)
        return found
