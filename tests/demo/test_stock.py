from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from random import Random

import convertdate
import pytest
from hijridate import Gregorian

from tracing.demo.calendars import ethiopian, hijri, solar_hijri
from tracing.demo.cultures import Culture
from tracing.demo.phones import phone
from tracing.demo.registry import CULTURES
from tracing.demo.stock import avoided, drawer, entries, places

BIG = {"syrian", "iraqi", "sudanese", "afghan", "ukrainian", "somali", "ethiopian", "venezuelan"}
STOCKS = sorted({stock for culture in CULTURES for stock in culture.stocks})
BLOCKS = {
    "Arab": "ARABIC", "Ethi": "ETHIOPIC", "Cyrl": "CYRILLIC", "Beng": "BENGALI", "Mymr": "MYANMAR",
    "Taml": "TAMIL", "Deva": "DEVANAGARI", "Hani": "CJK", "Hang": "HANGUL", "Grek": "GREEK",
    "Geor": "GEORGIAN", "Armn": "ARMENIAN", "Hebr": "HEBREW", "Latn": "LATIN",
}  # fmt: skip


class TestTables:
    @pytest.mark.parametrize("culture", CULTURES, ids=lambda culture: culture.key)
    def test_every_culture_has_enough_names(self, culture: Culture) -> None:
        least = 40 if culture.key in BIG else 25
        for kind in ("m", "f"):
            pool = drawer(culture.stocks, kind)
            assert pool is not None
            assert len(pool.entries) >= least, kind
        if culture.family_of_children == "father":
            families = drawer(culture.stocks, "s")
            assert families is not None
            assert len(families.entries) >= (40 if culture.key in BIG else 25)

    @pytest.mark.parametrize("stock", STOCKS)
    def test_no_spelling_is_empty_or_repeated_in_a_row(self, stock: str) -> None:
        for kind in ("m", "f", "s", "t", "xm", "xf", "n"):
            for entry in entries(stock, kind):
                assert entry.native.strip() == entry.native != ""
                assert 1 <= len(entry.latin) == len(set(entry.latin)) <= 5, entry
                assert all(form.strip() == form != "" for form in entry.latin), entry

    @pytest.mark.parametrize("culture", CULTURES, ids=lambda culture: culture.key)
    def test_native_spellings_are_in_the_script_they_claim(self, culture: Culture) -> None:
        for stock in culture.stocks:
            for kind in ("m", "f", "s", "t"):
                for entry in entries(stock, kind):
                    for letter in entry.native:
                        if unicodedata.category(letter)[0] == "L":
                            assert unicodedata.name(letter).startswith(BLOCKS[culture.script]), entry

    @pytest.mark.parametrize("stock", STOCKS)
    def test_latin_spellings_are_latin(self, stock: str) -> None:
        for kind in ("m", "f", "s", "t", "xm", "xf", "n"):
            for entry in entries(stock, kind):
                for form in (*entry.latin, *(entry.short.latin if entry.short else ())):
                    letters = [letter for letter in form if letter.isalpha() and letter not in "ʿʾ"]
                    assert all(unicodedata.name(letter).startswith("LATIN") for letter in letters), form

    def test_names_of_east_slavic_men_carry_a_patronymic(self) -> None:
        for stock in ("ukrainian", "russian"):
            assert all(entry.patronymic.count("/") == 1 for entry in entries(stock, "m"))

    def test_every_region_in_use_has_places(self) -> None:
        for culture in CULTURES:
            for region in (*culture.countries, *culture.routes):
                assert places(region), region
                assert all(len(place.country) == 2 for place in places(region))

    def test_every_avoided_pair_can_be_drawn_at_all(self) -> None:
        known = {entry.native for stock in STOCKS for kind in ("m", "f", "s", "t") for entry in entries(stock, kind)}
        unknown = sorted(pair for pair in avoided() if pair[0] not in known or pair[1] not in known)
        assert unknown == []


class TestDrawing:
    def test_the_first_names_come_far_more_often_than_the_last(self) -> None:
        pool = drawer(("arabic",), "m")
        assert pool is not None
        rng = Random(1)
        drawn = [pool.draw(rng) for _ in range(20_000)]
        first, last = drawn.count(pool.entries[0]), drawn.count(pool.entries[-1])
        assert 6 * last < first < 40 * last

    def test_a_kind_that_no_table_holds_gives_no_drawer(self) -> None:
        assert drawer(("somali",), "s") is None


class TestCalendars:
    DAYS = tuple(date(1935, 1, 3) + timedelta(days=97 * step) for step in range(340))

    def test_ethiopian_agrees_with_known_days(self) -> None:
        assert ethiopian(date(2007, 9, 12)) == (2000, 1, 1)
        assert ethiopian(date(1974, 9, 12)) == (1967, 1, 2)
        assert ethiopian(date(2023, 9, 11)) == (2015, 13, 6)

    @pytest.mark.slow
    def test_solar_hijri_agrees_with_the_astronomical_calendar(self) -> None:
        for day in self.DAYS:
            assert solar_hijri(day) == convertdate.persian.from_gregorian(day.year, day.month, day.day), day

    def test_hijri_is_within_two_days_of_the_observed_calendar(self) -> None:
        for day in self.DAYS:
            year, month, number = hijri(day)
            real = Gregorian.fromdate(day).to_hijri()
            assert abs((year - real.year) * 354 + (month - real.month) * 29.5 + number - real.day) <= 3, day
            assert 1 <= month <= 12
            assert 1 <= number <= 30


class TestPhones:
    def test_numbers_are_from_ranges_for_fiction_and_never_repeated(self) -> None:
        numbers = [phone(index) for index in range(70_000)]
        assert len(set(numbers)) == len(numbers)
        for number in numbers:
            assert number is not None
            british = number.startswith("+44") and len(number) == 13
            american = number.startswith("+1") and number[5:10] == "55501" and len(number) == 12
            assert british or american, number

    def test_no_number_is_left_when_the_ranges_are_used_up(self) -> None:
        assert phone(10_000_000) is None
