"""Day numbers of four calendars.

A day number is `datetime.date.toordinal()`: 1 is 1 January of year 1, proleptic Gregorian. All calendars
answer two questions: how many days has a month, and on which day number does it begin.

Sources: Hijri 1343-1500 AH by the Umm al-Qura table of hijridate; outside it the tabular civil calendar,
which may be off by `slack` days. Solar Hijri by the March equinox at Tehran
(convertdate), whose astronomy ends near the year 3000. Ethiopian: twelve
months of 30 days and a thirteenth of 5 or 6, Amete Mihret era beginning 29 August 8 (Julian).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module

from hijridate import Hijri

_ETHIOPIAN_EPOCH = 2796  # day number of 1 Mäskäräm 1: Julian day 1724220.5, and day number = JD - 1721424.5
_ISLAMIC_EPOCH = 227015  # 1 Muharram 1, civil reckoning: Julian day 1948439.5
_HIJRI_TABLE = range(1343, 1501)
_SOLAR_EPOCH = 226895
_SOLAR_CYCLE = range(1277, 1500)
"""Solar Hijri years in which eight leap years in 33 give the day of the equinox, and much quicker."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar: `first_day(year, month)` and `month_days(year, month)` for months 1 to `months`.

    `last_year` is the last year that it can be asked for, `slack(year)` the number of days by which an
    answer may be wrong in either direction.
    """

    name: str
    months: int
    last_year: int
    first_day: Callable[[int, int], int]
    month_days: Callable[[int, int], int]
    slack: Callable[[int], int]


def _exact(_year: int) -> int:
    return 0


def _gregorian_first(year: int, month: int) -> int:
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + _BEFORE_MONTH[month] + (month > 2 and _leap(year)) + 1


def _gregorian_days(year: int, month: int) -> int:
    return 29 if month == 2 and _leap(year) else _MONTH_DAYS[month]


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_MONTH_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_BEFORE_MONTH = tuple(sum(_MONTH_DAYS[:month]) for month in range(13))


@lru_cache(maxsize=4096)
def _hijri_first(year: int, month: int) -> int:
    if year in _HIJRI_TABLE:
        day: date = Hijri(year, month, 1).to_gregorian()
        return day.toordinal()
    return _ISLAMIC_EPOCH + (59 * (month - 1) + 1) // 2 + (year - 1) * 354 + (3 + 11 * year) // 30


def _hijri_days(year: int, month: int) -> int:
    if year in _HIJRI_TABLE:
        length: int = Hijri(year, month, 1).month_length()
        return length
    return 30 if month % 2 or (month == 12 and (11 * year + 14) % 30 < 11) else 29


def _hijri_slack(year: int) -> int:
    return 0 if year in _HIJRI_TABLE else 2


@lru_cache(maxsize=4096)
def _solar_new_year(year: int) -> int:
    if year in _SOLAR_CYCLE:
        return _SOLAR_EPOCH + 365 * (year - 1) + (8 * year + 21) // 33
    # Imported late: convertdate loads every calendar of its own, and hardly a birth lies outside the cycle.
    gregorian = import_module("convertdate.persian").to_gregorian(year, 1, 1)
    return _gregorian_first(gregorian[0], gregorian[1]) + int(gregorian[2]) - 1


def _solar_first(year: int, month: int) -> int:
    return _solar_new_year(year) + 31 * (month - 1) - max(0, month - 7)


def _solar_days(year: int, month: int) -> int:
    if month < 12:
        return 31 if month < 7 else 30
    return _solar_new_year(year + 1) - _solar_first(year, 12)


def _ethiopian_first(year: int, month: int) -> int:
    return _ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1)


def _ethiopian_days(year: int, month: int) -> int:
    return 30 if month < 13 else 6 if year % 4 == 3 else 5


_ALL = {
    "gregorian": Calendar("gregorian", 12, 9999, _gregorian_first, _gregorian_days, _exact),
    "hijri": Calendar("hijri", 12, 9999, _hijri_first, _hijri_days, _hijri_slack),
    "solar_hijri": Calendar("solar_hijri", 12, 2299, _solar_first, _solar_days, _exact),
    "ethiopian": Calendar("ethiopian", 13, 9999, _ethiopian_first, _ethiopian_days, _exact),
}

CALENDARS = frozenset(_ALL)
"""Names that `calendar` knows."""


def calendar(name: str) -> Calendar:
    """Return the calendar of that name; KeyError when there is none."""
    return _ALL[name]
