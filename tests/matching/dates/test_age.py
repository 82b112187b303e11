from datetime import date

import pytest

from tracing.matching.dates.age import AgeRange


class TestAgeRange:
    @pytest.mark.parametrize(("text", "found"), [("34", (34, 34)), ("30-35", (30, 35)), ("0", (0, 0))])
    def test_reads_one_age_or_a_range(self, text: str, found: tuple[int, int]) -> None:
        assert AgeRange.parse(text) == AgeRange(*found)

    @pytest.mark.parametrize("text", ["", "x", "35-30", "131", "30–35", "-3", "30-", "3.5", "٣٤"])
    def test_refuses_anything_else(self, text: str) -> None:
        assert AgeRange.parse(text) is None

    def test_a_birthday_may_lie_on_either_side_of_the_day(self) -> None:
        day = date(2024, 6, 1).toordinal()
        first, last = AgeRange(34, 34).birth_span(day, day)
        assert abs(first - date(1989, 6, 2).toordinal()) <= 1
        assert abs(last - date(1990, 6, 1).toordinal()) <= 1
