from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.demo.noise import digit_slip, heard, typo


class TestTypo:
    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("秀英", "ideographs are not spelled letter by letter"),
            ("영수영수", "a Hangul syllable is one sign"),
            ("တင်မောင်", "marks must stay with their letter"),
            ("শফিক", "marks must stay with their letter"),
            ("Li", "too short to lose a letter"),
        ],
    )
    def test_words_that_would_turn_into_nonsense_stay(self, word: str, reason: str) -> None:
        assert {typo(Random(seed), word) for seed in range(40)} == {word}, reason

    @pytest.mark.parametrize("word", ["Mohammed", "محمود", "Олександр", "Γεώργιος", "გიორგი", "Հակոբ"])
    def test_alphabetic_words_get_a_slip_inside(self, word: str) -> None:
        slips = {typo(Random(seed), word) for seed in range(60)}
        assert len(slips) > 4
        assert all(abs(len(slip) - len(word)) <= 1 for slip in slips)


class TestHearing:
    def test_a_doubtful_sound_is_written_otherwise(self) -> None:
        assert {heard(Random(seed), "Khoury") for seed in range(60)} >= {"Khury", "Khouri"}

    def test_the_first_letter_and_words_without_a_doubtful_sound_stay(self) -> None:
        assert heard(Random(1), "Jan") == "Jan"
        assert all(heard(Random(seed), "Zeinab").startswith("Z") for seed in range(40))


class TestDigits:
    @given(st.dates(date(1900, 1, 1), date(2025, 6, 30)), st.integers(0, 10_000))
    def test_a_misread_date_is_still_a_date_and_near(self, day: date, seed: int) -> None:
        slipped = digit_slip(Random(seed), day)
        assert abs(slipped.year - day.year) <= 10
        assert slipped.year == day.year or slipped.month == day.month

    def test_day_and_month_change_places(self) -> None:
        assert date(1990, 3, 5) in {digit_slip(Random(seed), date(1990, 5, 3)) for seed in range(20)}
