"""What the law asks of persons: may this one be a child, until when, and by which record do we know?"""

from datetime import UTC, date, datetime, time

from tracing.matching import Person
from tracing.persons.ages import is_child, of_age_on


def may_be_child(person: Person, day: date) -> bool:
    """Return whether a person is or may be under 18 on `day`; without a word of their age nobody is."""
    child = is_child(person, day)
    return bool(child) or (child is None and _is_told(person))


def aged(found: Person, sought: Person) -> Person:
    """Return the record that says how old a found person is: their own, or where it is silent, that of the search."""
    return found if _is_told(found) else sought


def grown_at(person: Person, now: datetime) -> datetime | None:
    """Return when somebody who may be a child now certainly is none any more; None when they are grown, or no word."""
    day = of_age_on(person) if may_be_child(person, now.date()) else None
    return None if day is None else datetime.combine(day, time.min, UTC)


def _is_told(person: Person) -> bool:
    return person.birth is not None or person.age is not None
