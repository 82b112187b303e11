"""When somebody was born, read once: spans of day numbers, and what usual errors would have made of it."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from tracing.matching.dates.age import AgeRange
from tracing.matching.dates.edtf import DateError, Edtf, parse

_RAW = re.compile(r"\s*([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})\s*")
_RAW_YEAR = re.compile(r"(?<![0-9])([12][0-9]{3})(?![0-9])")
_YEAR_DAYS = 370  # a lunar or solar year and the slack of the tabular calendar
_LUNAR_YEARS = range(1270, 1470)
"""Years that, in a Gregorian date of birth, are rather an unnamed Hijri or Solar Hijri year."""


@dataclass(frozen=True, slots=True, eq=False)
class Birth:
    """Evidence about a birth day.

    Attributes:
        spans: (earliest, latest) day numbers, first by birth date, then by age; open ends are None.
        digits: eight digits of a full Gregorian date, also of an impossible one; "" otherwise.
        is_placeholder: 1 January, which offices write when only the year is known.
        is_vague: marked uncertain or approximate, or known through an age only.
        is_impossible: the text is no date; `spans` then holds at most the year it seems to name.
        others: days or years meant if the writer had another calendar in mind.
        text: as given, for sentences.
    """

    spans: tuple[tuple[int | None, int | None], ...]
    digits: str
    is_placeholder: bool
    is_vague: bool
    is_impossible: bool
    others: tuple[tuple[int, int], ...]
    text: str

    @property
    def years(self) -> tuple[int, ...]:
        """Gregorian years that are told: the middle of each span that is no longer than a year."""
        return tuple(
            year_of((first + last) // 2)
            for first, last in self.spans
            if first is not None and last is not None and last - first <= _YEAR_DAYS
        )


@lru_cache(maxsize=32768)
def read_birth(
    birth: str | None, calendar: str | None = None, age: str | None = None, age_date: str | None = None
) -> Birth | None:
    """Read birth date and age; None when neither says anything. The same texts mostly give the same object."""
    by_age = _by_age(age, age_date)
    text = birth or ""
    if text and calendar not in (None, "gregorian"):
        text = f"{birth} ({calendar})"
    if by_age:
        text = f"{text}, age {age} on {age_date}" if text else f"age {age} on {age_date}"
    if birth is None:
        return None if by_age is None else Birth((by_age,), "", False, True, False, (), text)
    ages = () if by_age is None else (by_age,)
    try:
        edtf = parse(birth, calendar or "gregorian")
    except DateError:
        return _impossible(birth, ages, text)
    span = edtf.span()
    digits, is_placeholder = _full_date(edtf, span)
    return Birth((span, *ages), digits, is_placeholder, edtf.is_vague, False, _other_calendars(edtf), text)


def _by_age(age: str | None, age_date: str | None) -> tuple[int, int] | None:
    years = None if age is None else AgeRange.parse(age)
    if years is None or age_date is None:
        return None
    try:
        true_from, true_to = parse(age_date).span()
    except DateError:
        return None
    if true_from is None or true_to is None:
        return None
    return years.birth_span(true_from, true_to)


def _full_date(edtf: Edtf, span: tuple[int | None, int | None]) -> tuple[str, bool]:
    """Digits of a date known to the day, and whether it is a 1 January (or first day of its calendar)."""
    first, last = span
    part = edtf.start
    if edtf.is_interval or part is None or not part.day or first is None or first != last or first < 1:
        return "", False
    if first > date.max.toordinal():
        return "", False
    day = date.fromordinal(first)
    placeholder = (part.month, part.day) == (1, 1) or (day.month, day.day) == (1, 1)
    return f"{day.year:04d}{day.month:02d}{day.day:02d}", placeholder


def _impossible(birth: str, ages: tuple[tuple[int, int], ...], text: str) -> Birth | None:
    """A text such as 1836-02-31: its digits still speak, and so does the year in it."""
    full = _RAW.fullmatch(birth)
    year = full[1] if full else None
    if year is None and (found := _RAW_YEAR.search(birth)):
        year = found[1]
    spans: tuple[tuple[int | None, int | None], ...] = ages
    if year is not None and year != "0000":
        spans = (parse(year).span(), *ages)
    digits = f"{full[1]}{int(full[2]):02d}{int(full[3]):02d}" if full else ""
    return Birth(spans, digits, False, True, True, (), text)


def _other_calendars(edtf: Edtf) -> tuple[tuple[int, int], ...]:
    """Spans of the same figures read in the calendars that are mistaken for the stated one."""
    part = edtf.start
    if edtf.is_interval or part is None or part.years > 1:
        return ()
    if edtf.calendar == "gregorian":
        if part.year in _LUNAR_YEARS:
            names: tuple[str, ...] = ("hijri", "solar_hijri")
        else:
            names = ("ethiopian",) if part.day and part.year > 1850 else ()
    else:
        names = {"hijri": ("solar_hijri",), "solar_hijri": ("hijri",), "ethiopian": ("gregorian",)}[edtf.calendar]
    found = []
    for name in names:
        try:
            found.append(part.span(name))
        except DateError:
            continue
    return tuple(found)


def year_of(day: int) -> int:
    """Gregorian year of a day number; days outside years 1 to 9999 count as the nearest."""
    return date.fromordinal(min(max(day, 1), date.max.toordinal())).year
