from datetime import date

import pytest
from convertdate import persian
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.matching.dates.calendars import CALENDARS, calendar
from tracing.matching.dates.edtf import DateError, parse


class TestKnownDays:
    @pytest.mark.parametrize(
        ("name", "text", "gregorian", "why"),
        [
            ("hijri", "1410-05-12", "1989-12-10", "Umm al-Qura table"),
            ("hijri", "1343-01-01", "1924-08-01", "first day of the table"),
            ("hijri", "1500-12-30", "2077-11-16", "last day of the table"),
            ("solar_hijri", "1369-01-01", "1990-03-21", "Nowruz"),
            ("solar_hijri", "1357-11-22", "1979-02-11", "a day in every history book"),
            ("solar_hijri", "1375-12-30", "1997-03-20", "last day of a leap year"),
            ("ethiopian", "1976-01-01", "1983-09-12", "new year after a leap year"),
            ("ethiopian", "2000-01-01", "2007-09-12", "the Ethiopian millennium"),
            ("ethiopian", "1975-13-06", "1983-09-11", "sixth day of the thirteenth month"),
            ("gregorian", "2000-02-29", "2000-02-29", "leap day"),
        ],
    )
    def test_fall_on_the_gregorian_day(self, name: str, text: str, gregorian: str, why: str) -> None:
        day = date.fromisoformat(gregorian).toordinal()
        assert parse(text, name).span() == (day, day), why

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("ethiopian", "1976-13-06"),
            ("ethiopian", "1976-14-01"),
            ("hijri", "1410-13-01"),
            ("hijri", "1410-01-31"),
            ("solar_hijri", "1369-12-30"),
            ("solar_hijri", "1369-07-31"),
            ("solar_hijri", "2300"),
            ("gregorian", "1999-13"),
        ],
    )
    def test_days_that_a_calendar_lacks_are_refused(self, name: str, text: str) -> None:
        with pytest.raises(DateError):
            parse(text, name)

    def test_hijri_outside_the_table_is_wide_by_two_days_each_way(self) -> None:
        first, last = parse("1300-01-01", "hijri").span()
        assert first is not None
        assert last is not None
        assert last - first == 4
        assert first <= date(1882, 11, 12).toordinal() <= last


class TestSolarHijri:
    @pytest.mark.parametrize("year", [1277, 1300, 1354, 1375, 1399, 1403, 1408, 1441, 1499])
    def test_the_cycle_gives_the_day_of_the_equinox(self, year: int) -> None:
        expected = date(*map(int, persian.to_gregorian(year, 1, 1)))
        assert calendar("solar_hijri").first_day(year, 1) == expected.toordinal()


class TestMonths:
    @pytest.mark.slow
    @pytest.mark.parametrize("name", sorted(CALENDARS))
    @settings(deadline=None, max_examples=30)  # the equinox of a far year takes 20 ms
    @given(year=st.integers(1, 2298))
    def test_follow_each_other_without_a_gap(self, name: str, year: int) -> None:
        book = calendar(name)
        slack = 2 if name == "hijri" and year in (1342, 1500) else 0
        for month in range(1, book.months + 1):
            after = (year, month + 1) if month < book.months else (year + 1, 1)
            gap = book.first_day(*after) - book.first_day(year, month) - book.month_days(year, month)
            assert abs(gap) <= slack

    @given(st.dates())
    def test_gregorian_days_are_pythons(self, day: date) -> None:
        book = calendar("gregorian")
        assert book.first_day(day.year, day.month) + day.day - 1 == day.toordinal()
