"""Whether somebody is a child: what their date of birth and their age say, and no more than that."""

from datetime import date

from tracing.matching import Person
from tracing.matching.dates.birth import read_birth, year_of
from tracing.persons.schemas import PersonDraft

ADULT = 18
"""Years; Convention on the Rights of the Child, article 1."""


_LAST_BORN = date(date.max.year - ADULT, 12, 31).toordinal()


def is_child(person: Person | PersonDraft, day: date) -> bool | None:
    """Return whether a person is under 18 on `day`: True or False when it is certain, None when it is open.

    Where the date of birth makes an adult and the age a child, or the other way about, the person counts as a
    child. 1 January stands for the whole year: offices write it when they know no more.
    """
    spans = _spans(person)
    last_adult = _years_before(day).toordinal()
    if any(first is not None and first > last_adult for first, _ in spans):
        return True
    return False if any(last is not None and last <= last_adult for _, last in spans) else None


def of_age_on(person: Person | PersonDraft) -> date | None:
    """Return the first day on which it is certain that a person is no child; None when their birth names none."""
    spans = _spans(person)
    lasts = [last for _, last in spans if last is not None]
    latest = max([min(lasts), *(first for first, _ in spans if first is not None)]) if lasts else 0
    if not date.min.toordinal() <= latest <= _LAST_BORN:
        return None
    born = date.fromordinal(latest)
    leap = (born.month, born.day) == (2, 29)
    return date(born.year + ADULT, 3, 1) if leap else date(born.year + ADULT, born.month, born.day)


def _spans(person: Person | PersonDraft) -> tuple[tuple[int | None, int | None], ...]:
    """Return when a person may have been born, by the date and by the age that are known, as day numbers."""
    birth = read_birth(person.birth, person.birth_calendar, person.age, person.age_date)
    spans = () if birth is None else birth.spans
    if birth is not None and birth.is_placeholder and spans[0][0] is not None:
        year = year_of(spans[0][0])
        spans = ((date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()), *spans[1:])
    return spans


def _years_before(day: date) -> date:
    """Return the latest day of birth of those who are 18 on `day`; who was born on 29 February is on 1 March."""
    leap = (day.month, day.day) == (2, 29)
    return date(day.year - ADULT, day.month, 28 if leap else day.day)
