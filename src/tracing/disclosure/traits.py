"""What the law asks of persons: may this one be a child, and does a line name that one?"""

from collections.abc import Iterable
from datetime import date

from tracing.matching import Engine, Name, Person, read
from tracing.matching.names import AGREEING, LEVELS
from tracing.persons.ages import is_child

SPEAKS = frozenset(LEVELS[:AGREEING])


def may_be_child(person: Person, day: date) -> bool:
    """Return whether a person is or may be under 18 on `day`; without a word of their age nobody is."""
    child = is_child(person, day)
    return bool(child) or (child is None and (person.birth is not None or person.age is not None))


def is_named(engine: Engine, lines: Iterable[str], person: Person) -> bool:
    """Return whether one of `lines` names `person`, in whichever script and spelling.

    A line that describes somebody (`my uncle`) names nobody: what it means is asked in the risk screen.
    """
    known = read(person)
    pairs = [(read(Person("line", (Name(line),))), known) for line in lines]
    found = engine.compare_pairs(pairs) if pairs else []
    return any(piece.comparison == "names" and piece.level in SPEAKS for pair in found for piece in pair.evidence)
