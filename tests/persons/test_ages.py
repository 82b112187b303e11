"""Who is certainly a child, who certainly is not, and where it is open."""

from datetime import date, timedelta
from typing import Any

import pytest

from tracing.matching import Name, Person
from tracing.persons.ages import is_child, of_age_on

DAY = date(2026, 3, 1)
# (why, what is known, answer on 1 March 2026)
CASES: tuple[tuple[str, dict[str, Any], bool | None], ...] = (
    ("nothing is known", {}, None),
    ("18 on the day", {"birth": "2008-03-01"}, False),
    ("18 tomorrow", {"birth": "2008-03-02"}, True),
    ("a month around the day", {"birth": "2008-03"}, None),
    ("the month before", {"birth": "2008-02"}, False),
    ("the month after", {"birth": "2008-04"}, True),
    ("the year of the day", {"birth": "2008"}, None),
    ("the year after", {"birth": "2009"}, True),
    ("1 January stands for the year", {"birth": "2008-01-01"}, None),
    ("1 January of a later year", {"birth": "2009-01-01"}, True),
    ("1 January of an earlier year", {"birth": "2007-01-01"}, False),
    ("a decade around the day", {"birth": "200X"}, None),
    ("a decade after", {"birth": "201X"}, True),
    ("no later than", {"birth": "../2000"}, False),
    ("no earlier than", {"birth": "2012/.."}, True),
    ("no earlier than, open above", {"birth": "2000/.."}, None),
    ("an uncertain year", {"birth": "2015?"}, True),
    ("an age of today", {"age": "16", "age_date": "2026-02"}, True),
    ("an age that was true long ago", {"age": "10", "age_date": "2010-01-01"}, False),
    ("an age that may be over by now", {"age": "17", "age_date": "2025"}, None),
    ("an age that is a range", {"age": "15-20", "age_date": "2026-02"}, None),
    ("an age without its date", {"age": "10"}, None),
    ("a birth of an adult, an age of a child", {"birth": "1990", "age": "12", "age_date": "2026-02"}, True),
    ("hijri", {"birth": "1435-05", "birth_calendar": "hijri"}, True),
    ("solar hijri", {"birth": "1370", "birth_calendar": "solar_hijri"}, False),
    ("ethiopian", {"birth": "2005", "birth_calendar": "ethiopian"}, True),
)


@pytest.mark.parametrize(("why", "known", "answer"), CASES, ids=[case[0] for case in CASES])
def test_is_told_by_what_is_certain(why: str, known: dict[str, Any], answer: bool | None) -> None:
    assert is_child(Person("p", (Name("Amina"),), **known), DAY) is answer, why


@pytest.mark.parametrize(
    ("birth", "day", "answer"),
    [
        ("2008-02-29", date(2026, 2, 28), True),
        ("2008-02-29", date(2026, 3, 1), False),
        ("2010-02-28", date(2028, 2, 29), False),
        ("2010-03-01", date(2028, 2, 29), True),
    ],
)
def test_a_leap_day_makes_nobody_older(birth: str, day: date, answer: bool) -> None:
    assert is_child(Person("p", (Name("Amina"),), birth=birth), day) is answer


@pytest.mark.parametrize(
    ("known", "day"),
    [
        ({}, None),
        ({"birth": "2012-03-05"}, date(2030, 3, 5)),
        ({"birth": "2012-02-29"}, date(2030, 3, 1)),
        ({"birth": "2012-03"}, date(2030, 3, 31)),
        ({"birth": "2012-01-01"}, date(2030, 12, 31)),
        ({"birth": "2012/.."}, None),
        ({"birth": "../2012"}, date(2030, 12, 31)),
        ({"birth": "9999"}, None),
    ],
)
def test_comes_of_age_on_the_first_day_that_is_certain(known: dict[str, Any], day: date | None) -> None:
    person = Person("p", (Name("Amina"),), **known)
    assert of_age_on(person) == day
    if day is not None:
        assert is_child(person, day) is False
        assert is_child(person, day - timedelta(1)) is not False
