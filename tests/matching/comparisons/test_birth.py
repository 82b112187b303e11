from itertools import product

import numpy as np
import pytest

from tracing.matching import Engine, Person
from tracing.matching.comparisons.birth import LEVELS, birth_levels
from tracing.matching.dates.birth import Birth, read_birth
from tracing.matching.dates.columns import BirthColumns


def birth(text: str | None, calendar: str | None = None, age: str | None = None, on: str | None = None) -> Birth:
    found = read_birth(text, calendar, age, on)
    assert found is not None
    return found


def levels(*births: Birth) -> dict[tuple[int, int], str | None]:
    """The level of each with each, by their places; None where they cannot be compared."""
    pairs = list(product(range(len(births)), range(len(births))))
    one, two = np.array(pairs, np.int32).T
    found = birth_levels(BirthColumns(births), one, two).tolist()
    return {pair: LEVELS[level] if level < len(LEVELS) else None for pair, level in zip(pairs, found, strict=True)}


def level(left: Birth, right: Birth) -> str | None:
    found = levels(left, right)
    assert found[0, 1] == found[1, 0]
    return found[0, 1]


class TestBirth:
    @pytest.mark.parametrize(
        ("left", "right", "expected", "why"),
        [
            ("1990-05-12", "1990-05-12", "same_day", "one day"),
            ("1990-05-12", "1990-05", "same_month", "the month is all one side knows"),
            ("1990-05-12", "1990", "same_year", "the year is all one side knows"),
            ("1990-01-01", "1990-05-12", "same_year", "1 January stands for an unknown day"),
            ("1990-01-01", "1990-01-01", "same_year", "two placeholders say no more than the year"),
            ("1990-01-01", "1990", "same_year", "placeholder against year"),
            ("1990-05-12", "1990-12-05", "slip", "day and month changed about"),
            ("1990-05-12", "1990-05-17", "slip", "one digit of the day"),
            ("1990-05-12", "1980-05-12", "slip", "one digit of the year"),
            ("1990-05-12", "1990-05-21", "slip", "two digits changed about"),
            ("1989-05-12", "1990-05-12", "slip", "the year alone is guessed"),
            ("1990-05-12", "1990-11-12", "same_year_only", "another month of the same year"),
            ("1990-05-12", "1990-09-27", "other_date", "neither month nor day, though one year"),
            ("1990-05-12", "1991-05-27", "next_year", "a year apart, one month"),
            ("1990-05-12", "1991-08-27", "other_date", "brothers are born a year apart"),
            ("1990-05-12~", "1991-08-27", "next_year", "a date that is not exact"),
            ("1990-01-01", "1991-08-27", "next_year", "1 January is no exact date"),
            ("1990", "1991", "next_year", "years in a row"),
            ("1990-01-01", "1991-01-01", "next_year", "two placeholders in a row"),
            ("1990", "198X", "next_year", "the decade ends next door"),
            ("1985", "198X", "decade", "within the decade"),
            ("1985", "19XX", "overlap", "within the century"),
            ("1985", "../1990", "overlap", "before"),
            ("1990-05-12", "1993-11-12", "few_years", "three years, one day"),
            ("1990-05-12", "1993-11-27", "other_date", "three years, and another day of another month"),
            ("1990-05-12", "1998-11-27", "years_apart", "eight years"),
            ("1990", "1999", "years_apart", "nine years"),
            ("1990", "1934", "far_apart", "another generation"),
            ("1990-02-31", "1990-02-31", "same_month", "one impossible text twice"),
            ("1990-02-31", "1990-02-21", "slip", "one digit of an impossible day"),
            ("1990-02-31", "1990", "same_year", "the year of an impossible day still counts"),
        ],
    )
    def test_reaches_the_level(self, left: str, right: str, expected: str, why: str) -> None:
        assert level(birth(left), birth(right)) == expected, why

    @pytest.mark.parametrize(
        ("left", "calendar", "right", "expected", "why"),
        [
            ("1410-05-12", "hijri", "1989-12-10", "same_day", "stated calendar, same day"),
            ("1410-05-12", None, "1989-12-10", "other_calendar", "Hijri figures without a calendar"),
            (
                "1369-01-01",
                None,
                "1990-03-21",
                "other_calendar_year",
                "Solar Hijri figures without a calendar",
            ),
            ("1976-04-05", None, "1983-12-15", "other_calendar", "Ethiopian figures taken for Gregorian"),
            ("1369", None, "1990", "other_calendar_year", "a bare Solar Hijri year"),
            (
                "1369-01-01",
                "solar_hijri",
                "1990",
                "same_year",
                "first day of a calendar's year is a placeholder",
            ),
        ],
    )
    def test_reads_other_calendars(self, left: str, calendar: str, right: str, expected: str, why: str) -> None:
        assert level(birth(left, calendar), birth(right)) == expected, why

    def test_age_with_its_date_meets_a_birth_year(self) -> None:
        assert level(birth(None, None, "34", "2024-06-01"), birth("1990-02-03")) == "same_year"

    def test_age_and_date_of_one_side_both_count(self) -> None:
        both = birth("1934", None, "34", "2024-06-01")
        assert level(both, birth("1990-02-03")) == "same_year"

    def test_text_without_any_year_says_nothing(self) -> None:
        assert level(birth("in spring"), birth("1990")) is None

    def test_nothing_told_is_no_birth(self) -> None:
        assert read_birth(None) is None
        assert read_birth(None, None, "34", None) is None

    def test_a_pair_reaches_the_same_level_beside_any_others(self) -> None:
        """Columns are compared by masks: a row must never see its neighbours."""
        texts = (
            "1990-05-12",
            "1990",
            "198X",
            "../1990",
            "1990-02-31",
            "in spring",
            "1990-01-01",
            "1990/..",
            "1410-05-12",
        )
        births = [birth(text) for text in texts] + [birth(None, None, "34", "2024"), birth("1990", "hijri")]
        together = levels(*births)
        for one, two in product(range(len(births)), range(len(births))):
            assert together[one, two] == levels(births[one], births[two])[0, 1], (one, two)


class TestRarity:
    @pytest.mark.parametrize(
        ("left", "right", "counts"),
        [("1990-05-12", "1990", True), ("1369", "1990", False), ("1976-04-05", "1983-12-15", False)],
    )
    def test_of_a_year_counts_where_both_tell_that_year(self, left: str, right: str, counts: bool) -> None:
        engine = Engine()
        one, other = (engine.read(Person.from_neutral(record(text))) for text in (left, right))
        place = [comparison.name for comparison in engine.comparisons].index("birth")
        score = engine.score(one, other)
        assert (score.bits[place] > engine.level_bits("birth")[score.levels[place]] + 0.01) is counts


def record(birth: str) -> dict[str, object]:
    return {"id": birth, "names": ["Hassan"], "birth": birth}
