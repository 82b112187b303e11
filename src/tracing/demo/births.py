"""A birth date as told and written down: exact, uncertain, in another calendar, as an age, or not at all."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from tracing.demo.calendars import CONVERSIONS
from tracing.demo.families import Member
from tracing.demo.noise import digit_slip

_MODES = ("exact", "slip", "month", "year", "about", "unsure", "span", "decade", "age", "age_span", "none")
_HABITS = {
    "local": (60, 3, 6, 12, 5, 4, 2, 0, 3, 0, 5),
    "asked": (48, 4, 6, 14, 7, 4, 4, 1, 4, 1, 7),
    "vague": (18, 5, 8, 22, 12, 7, 6, 2, 8, 4, 8),
    "rapid": (30, 8, 4, 18, 8, 5, 2, 1, 12, 3, 9),
    "list": (38, 8, 3, 22, 2, 2, 1, 0, 4, 0, 20),
    "own": (72, 2, 5, 10, 4, 2, 1, 0, 1, 0, 3),
    "guess": (2, 1, 2, 10, 14, 5, 5, 10, 10, 25, 16),
}
_OWN_CALENDAR = {"local": 0.4, "own": 0.4, "asked": 0.15}


def birth_as_told(rng: Random, member: Member, habit: str, on: date) -> dict[str, Any]:
    """The keys `birth`, `birth_calendar`, `age`, `age_date` as far as this clerk would fill them.

    `habit` is one of the clerks' habits; `on` the day of writing. People whose birth was never registered are
    given 1 January of their (perhaps wrong) year, as offices do.
    """
    culture = member.culture
    mode = rng.choices(_MODES, _HABITS[habit])[0]
    if mode in ("exact", "slip", "month") and rng.random() < culture.placeholder:
        return {"birth": f"{member.birth.year + rng.choice((-1, 0, 0, 0, 0, 1)):04d}-01-01"}
    calendar = culture.calendar
    share = _OWN_CALENDAR.get(habit, 0.0) if mode in ("exact", "month", "year") else 0.0
    if calendar is not None and rng.random() < share:
        return _elsewhere(rng, member.birth, calendar, mode)
    if mode in ("age", "age_span"):
        return _age(rng, max(0, member.age_on(on)), mode, on)
    text = _gregorian(rng, member.birth, mode)
    return {"birth": text} if text else {}


def _gregorian(rng: Random, birth: date, mode: str) -> str | None:
    year = birth.year
    near = year + rng.choice((-2, -1, 0, 0, 0, 1, 2))
    if mode == "slip":
        return digit_slip(rng, birth).isoformat()
    spans = (f"{year - rng.randrange(0, 3)}/{year + rng.randrange(0, 3)}", f"../{year + 1}", f"{year - 1}/..")
    forms = {
        "exact": birth.isoformat(),
        "month": f"{year:04d}-{birth.month:02d}",
        "year": f"{year:04d}",
        "about": f"{near:04d}~",
        "unsure": f"{near:04d}?",
        "span": rng.choices(spans, (8, 1, 1))[0],
        "decade": f"{year // 10:03d}X",
    }
    return forms.get(mode)


def _elsewhere(rng: Random, birth: date, calendar: str, mode: str) -> dict[str, Any]:
    """The date in the culture's own calendar; once in a hundred nobody noted which calendar it was."""
    year, month, day = CONVERSIONS[calendar](birth)
    if calendar == "hijri":
        day = min(day, 29)  # whether a month had a thirtieth day is a matter of observation
    text = f"{year:04d}-{month:02d}-{day:02d}"
    if mode == "year" or month > 12:
        text = f"{year:04d}"
    elif mode == "month":
        text = f"{year:04d}-{month:02d}"
    unnoted = rng.random() < 0.01 and _could_be_gregorian(year, month, day)
    return {"birth": text} if unnoted else {"birth": text, "birth_calendar": calendar}


def _could_be_gregorian(year: int, month: int, day: int) -> bool:
    """Whether a form that expects a Gregorian date takes this one: 31 Shahrivar asks which calendar it is."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _age(rng: Random, age: int, mode: str, on: date) -> dict[str, Any]:
    if mode == "age":
        return {"age": str(max(0, age + rng.choice((-1, 0, 0, 0, 1)))), "age_date": on.isoformat()}
    low = max(0, (age + rng.randrange(-2, 3)) // 5 * 5)
    return {"age": f"{low}-{low + 5}", "age_date": on.isoformat()}
