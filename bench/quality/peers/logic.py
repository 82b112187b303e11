"""nomenklatura's logic-v2 on names, birth date, sex, parents and birth place, as its users give them."""

import logging
from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from followthemoney import ValueEntity, model
from nomenklatura.matching import get_algorithm

from bench.quality.peers.common import Person, Scores, names

_SEXES = ("male", "female")


class Logic:
    """Scores entities; each person is made one only once."""

    def __init__(self) -> None:
        logging.disable(logging.WARNING)
        self._algorithm = get_algorithm("logic-v2")
        self._config = self._algorithm.default_config()
        self._schema = model.get("Person")
        self._numbers = count(1)

    def pairs(self, left: Sequence[Person], right: Sequence[Person]) -> list[float]:
        return [self._score(self._entity(one), self._entity(other)) for one, other in zip(left, right, strict=True)]

    def rows(self, queries: Sequence[Person], candidates: Sequence[Person]) -> Iterator[Scores]:
        pool = [self._entity(person) for person in candidates]
        for person in queries:
            query = self._entity(person)
            yield np.array([self._score(query, one) for one in pool])

    def _score(self, left: ValueEntity, right: ValueEntity) -> float:
        return float(self._algorithm.compare(left, right, self._config).score)

    def _entity(self, person: Person) -> ValueEntity:
        entity = ValueEntity(self._schema, {"id": f"person-{next(self._numbers)}"})
        for name in names(person):
            entity.add("name", name)
        birth = person.get("birth", "")
        if "/" not in birth:
            entity.add("birthDate", birth)
        if person.get("sex") in _SEXES:
            entity.add("gender", person["sex"])
        for key, prop in (("father", "fatherName"), ("mother", "motherName")):
            for name in person.get(key, ()):
                entity.add(prop, name)
        entity.add("birthPlace", person.get("birth_place"))
        return entity


def scorer(_name: str) -> Logic:
    """The peer."""
    return Logic()
