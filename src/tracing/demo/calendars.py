"""A Gregorian date in the calendars that birth dates are given in, by arithmetic (no tables).

Rules: Ethiopian and tabular Hijri after Reingold and Dershowitz, *Calendrical Calculations*; Solar Hijri with
the 33-year leap cycle counted from 1 Farvardin 1300 (21 March 1921), which holds for 1178-1633 SH.
"""

from __future__ import annotations

from datetime import date

_ORDINAL_TO_JDN = 1721425
_LEAPS_33 = (1, 5, 9, 13, 17, 22, 26, 30)


def ethiopian(day: date) -> tuple[int, int, int]:
    """(year, month 1-13, day 1-30) in the Ethiopian calendar."""
    elapsed = day.toordinal() + _ORDINAL_TO_JDN - 1724221
    year = (4 * elapsed + 1463) // 1461
    rest = elapsed - (365 * (year - 1) + year // 4)
    return year, rest // 30 + 1, rest % 30 + 1


def hijri(day: date) -> tuple[int, int, int]:
    """(year, month 1-12, day 1-30) in the tabular Islamic calendar; up to two days off the observed one."""
    elapsed = day.toordinal() + _ORDINAL_TO_JDN - 1948440
    year = (30 * elapsed + 10646) // 10631
    rest = elapsed - ((year - 1) * 354 + (3 + 11 * year) // 30)
    month = min(12, 2 * rest // 59 + 1)
    start = (59 * (month - 1) + 1) // 2
    return year, month, rest - start + 1


def solar_hijri(day: date) -> tuple[int, int, int]:
    """(year, month 1-12, day 1-31) in the Solar Hijri calendar of Iran and Afghanistan."""
    rest, year = day.toordinal() - date(1921, 3, 21).toordinal(), 1300
    while rest < 0:
        year -= 1
        rest += _solar_year(year)
    while rest >= _solar_year(year):
        rest -= _solar_year(year)
        year += 1
    if rest < 186:
        return year, rest // 31 + 1, rest % 31 + 1
    return year, (rest - 186) // 30 + 7, (rest - 186) % 30 + 1


def _solar_year(year: int) -> int:
    return 366 if year % 33 in _LEAPS_33 else 365


CONVERSIONS = {"ethiopian": ethiopian, "hijri": hijri, "solar_hijri": solar_hijri}
