"""The list of the world's places: names in many scripts, countries, coordinates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.gazetteer import Entry, distance_km, entry, is_near, lookup
from tracing.matching.places import folded_words


def named(text: str) -> list[Entry]:
    return [entry(number) for number in lookup(" ".join(folded_words(text)))]


class TestLookup:
    @pytest.mark.parametrize(
        ("text", "country", "latitude", "longitude"),
        [
            ("Aleppo", "SY", 36.2, 37.2), ("دمشق", "SY", 33.5, 36.3), ("القامشلي", "SY", 37.1, 41.2),
            ("Львів", "UA", 49.8, 24.0), ("Львов", "UA", 49.8, 24.0), ("Мариуполь", "UA", 47.1, 37.6),
            ("თბილისი", "GE", 41.7, 44.8), ("መቐለ", "ET", 13.5, 39.5), ("Deir ez-Zor", "SY", 35.3, 40.1),
            ("Cox's Bazar", "BD", 21.4, 92.0), ("Yangon", "MM", 16.8, 96.2), ("Bukavu", "CD", -2.5, 28.9),
            ("Москва", "RU", 55.8, 37.6), ("Dadaab", "KE", 0.1, 40.3),
        ],
    )  # fmt: skip
    def test_finds_a_city_by_other_names_and_scripts(
        self, text: str, country: str, latitude: float, longitude: float
    ) -> None:
        place = named(text)[0]
        assert place.country == country
        assert place.latitude == pytest.approx(latitude, abs=0.1)
        assert place.longitude == pytest.approx(longitude, abs=0.1)

    @pytest.mark.parametrize(
        ("text", "country"),
        [("سوريا", "SY"), ("Syrie", "SY"), ("Сирия", "SY"), ("Birmanie", "MM"), ("Deutschland", "DE"), ("中国", "CN")],
    )
    def test_finds_a_country_in_many_languages(self, text: str, country: str) -> None:
        assert next((place.country, place.is_country) for place in named(text)) == (country, True)

    def test_puts_the_largest_of_several_namesakes_first(self) -> None:
        found = named("Tripoli")
        assert [place.country for place in found[:2]] == ["LY", "LB"]
        assert [place.thousands for place in found] == sorted((place.thousands for place in found), reverse=True)

    @pytest.mark.parametrize("phrase", ["", "qqqqq", "aleppo aleppo", "\n", "\t"])
    def test_finds_nothing_for_what_is_no_place(self, phrase: str) -> None:
        assert lookup(phrase) == ()


DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def at(place: tuple[float, float]) -> Entry:
    return Entry("", "", *place, 0)


class TestDistance:
    def test_is_that_of_the_map(self) -> None:
        away = distance_km(named("Aleppo")[0], named("دمشق")[0])
        assert away == pytest.approx(310, abs=10)

    def test_of_a_country_cannot_be_told(self) -> None:
        assert distance_km(named("Syria")[0], named("Aleppo")[0]) is None

    @given(DEGREES, DEGREES)
    def test_is_symmetric_and_never_more_than_half_round_the_earth(
        self, one: tuple[float, float], other: tuple[float, float]
    ) -> None:
        away = distance_km(at(one), at(other))
        assert away is not None
        assert 0 <= away <= 20_016
        assert away == pytest.approx(distance_km(at(other), at(one)), abs=1e-3)
        assert distance_km(at(one), at(one)) == pytest.approx(0, abs=1e-6)

    @given(DEGREES, st.tuples(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4)))
    def test_nearness_is_that_of_the_distance(self, one: tuple[float, float], away: tuple[float, float]) -> None:
        other = max(-90.0, min(90.0, one[0] + away[0])), one[1] + away[1]
        distance = distance_km(at(one), at(other))
        assert distance is not None
        assert is_near(at(one), at(other), 30.0) == is_near(at(other), at(one), 30.0) == (distance < 30.0)

    def test_nothing_is_near_a_country(self) -> None:
        assert not is_near(named("Syria")[0], named("Syria")[0], 30.0)
