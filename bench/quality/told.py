"""Birth dates as they reach a form: sure, rounded, misheard, in a calendar nobody noted, or as an age."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from tracing.demo.calendars import CONVERSIONS
from tracing.demo.families import Member

ASKED: Mapping[str, float] = {
    "exact": 62, "year": 10, "month": 4, "near": 6, "new_year": 3, "swapped": 3, "misread": 2, "age": 2, "span": 2,
    "decade": 1, "calendar": 3, "mistaken": 2, "none": 6,
}  # fmt: skip
"""Habits of an office where the family is asked: weights of the modes."""
HEARD: Mapping[str, float] = {
    "exact": 54, "year": 11, "month": 3, "near": 8, "new_year": 4, "swapped": 5, "misread": 3, "age": 5, "span": 1,
    "decade": 1, "calendar": 2, "mistaken": 3, "none": 9,
}  # fmt: skip
"""Habits of a desk where the person says it in haste, or of a list copied from another one."""


def birth(rng: Random, member: Member, habits: Mapping[str, float], on: date) -> dict[str, Any]:
    """The keys `birth`, `birth_calendar`, `age`, `age_date` of one record, written on a day.

    People whose births were never registered get 1 January as often as their culture's offices give it.
    """
    mode = rng.choices(tuple(habits), tuple(habits.values()))[0]
    if mode in ("exact", "month", "swapped") and rng.random() < member.culture.placeholder * 0.5:
        mode = "new_year"
    if mode in ("calendar", "mistaken"):
        return _elsewhere(rng, member, noted=mode == "calendar")
    if mode == "age":
        return _age(rng, member, on)
    text = _gregorian(rng, member.birth, mode)
    return {} if text is None else {"birth": text}


def _gregorian(rng: Random, born: date, mode: str) -> str | None:
    year = born.year
    match mode:
        case "exact":
            return born.isoformat()
        case "year":
            return f"{year:04d}" if rng.random() < 0.8 else f"{year + rng.choice((-1, 0, 1)):04d}~"
        case "month":
            return born.isoformat()[:7]
        case "near":
            return _moved(born, rng.choice((-2, -1, -1, 1, 1, 2)), whole=rng.random() < 0.5)
        case "new_year":
            return f"{year + rng.choice((-2, -1, 0, 0, 0, 0, 1, 2)):04d}-01-01"
        case "swapped":
            return (date(year, born.day, born.month) if born.day <= 12 else born).isoformat()
        case "misread":
            return _misread(rng, born)
        case "span":
            return f"{year - rng.randrange(3)}/{year + rng.randrange(3)}"
        case "decade":
            return f"{year // 10:03d}X"
    return None


def _moved(born: date, years: int, whole: bool) -> str:
    """The date some years off, with or without month and day."""
    text = f"{born.year + years:04d}"
    return f"{text}-{born.month:02d}-{min(born.day, 28):02d}" if whole else text


def _misread(rng: Random, born: date) -> str:
    """One digit of the date read as another, as far as a date remains."""
    field = rng.randrange(3)
    if field == 0:
        return date(born.year + rng.choice((-10, 10, -3, 3)), born.month, min(born.day, 28)).isoformat()
    if field == 1:
        return date(born.year, (born.month + rng.choice((0, 2, 9))) % 12 + 1, min(born.day, 28)).isoformat()
    return date(born.year, born.month, (born.day + rng.choice((0, 4, 9))) % 28 + 1).isoformat()


def _elsewhere(rng: Random, member: Member, noted: bool) -> dict[str, Any]:
    """The date in the culture's own calendar; not noted, it stands there as if it were Gregorian."""
    calendar = member.culture.calendar
    if calendar is None:
        return {"birth": member.birth.isoformat()} if noted else {"birth": f"{member.birth.year:04d}"}
    year, month, day = CONVERSIONS[calendar](member.birth)
    is_whole = month <= 12 and day <= (29 if calendar == "hijri" else 28) and rng.random() < 0.6
    text = f"{year:04d}-{month:02d}-{day:02d}" if is_whole else f"{year:04d}"
    return {"birth": text, "birth_calendar": calendar} if noted else {"birth": text}


def _age(rng: Random, member: Member, on: date) -> dict[str, Any]:
    years = max(0, member.age_on(on) + rng.choice((-2, -1, 0, 0, 0, 0, 1, 2)))
    if rng.random() < 0.25:
        low = years // 5 * 5
        return {"age": f"{low}-{low + 5}", "age_date": on.isoformat()}
    return {"age": str(years), "age_date": on.isoformat()}
