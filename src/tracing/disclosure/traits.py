"""What the law asks of persons: may this one be a child, and does a line name that one?"""

from datetime import date

from tracing.matching import Person
from tracing.persons.ages import is_child


def may_be_child(person: Person, day: date) -> bool:
    """Return whether a person is or may be under 18 on `day`; without a word of their age nobody is."""
    child = is_child(person, day)
    return bool(child) or (child is None and (person.birth is not None or person.age is not None))
