"""How alike two place texts are: other names, other scripts, nearness, and spelling where nothing is known."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.places import Place, likeness, read_place


def place(text: str) -> Place:
    found = read_place(text)
    assert found is not None
    return found


def alike(left: str, right: str) -> tuple[float, float] | None:
    return likeness(place(left), place(right))


SAME = (
    ("Lemberg", "Львів", "German name of Lviv"),
    ("Lwów", "Lviv, Ukraine", "Polish name"),
    ("Danzig", "Gdańsk", "German name"),
    ("Breslau", "Wrocław", "German name"),
    ("Königsberg", "Калининград", "name before 1946"),
    ("Stalingrad", "Volgograd", "name before 1961"),
    ("Ленинград", "Saint Petersburg", "name before 1991"),
    ("Saigon", "Ho Chi Minh City", "name before 1976"),
    ("Constantinople", "Istanbul", "name before 1930"),
    ("Salonika", "Θεσσαλονίκη", "older name"),
    ("Smyrna", "İzmir", "Greek name"),
    ("Czernowitz", "Чернівці", "Austrian name"),
    ("Wilna", "Vilnius", "German name"),
    ("Pressburg", "Bratislava", "German name"),
    ("Theresienstadt", "Terezín", "German name"),
    ("Dacca", "Dhaka", "name before 1982"),
    ("Calcutta", "কলকাতা", "name before 2001"),
    ("Frunze", "Bishkek", "name before 1991"),
    ("Stanleyville", "Kisangani", "name before 1966"),
    ("Zaatari camp", "مخيم الزعتري", "camp in Jordan"),
    ("Al-Hol", "مخيم الهول", "camp in Syria"),
    ("Bidibidi", "Bidi Bidi refugee settlement", "camp in Uganda"),
    ("Mae La camp", "Mae La", "camp in Thailand"),
    ("Dzaleka refugee camp", "Dzaleka", "camp in Malawi"),
    ("Nyarugusu", "Nyarugusu camp", "camp in Tanzania"),
    ("Choucha", "مخيم الشوشة", "camp in Tunisia"),
    ("Hagadera", "Dadaab", "part of a camp"),
    ("Lesvos", "Λέσβος", "island"),
    ("Akyab", "Sittwe", "older name"),
    ("Girne", "Κερύνεια", "Turkish and Greek name"),
    ("Lefkoşa", "Nicosia", "Turkish name"),
    ("Moulmein", "မော်လမြိုင်", "name before 1989"),
    ("Kwangchow", "广州", "postal romanisation"),
    ("Efrîn", "عفرين", "Kurdish name"),
    ("Pusan", "부산", "name in the romanisation before 2000"),
    ("Butare", "Huye", "name before 2006"),
    ("Belet Uen", "Beledweyne", "Italian spelling"),
    ("Masisi", "Masisi", "one text"),
    ("Tartus", "طرطوس", "only the gazetteer knows it"),
    ("Житомир", "Zhytomyr", "only the gazetteer knows it"),
    ("Gondar", "Gonder", "only the gazetteer knows it"),
    ("Birmanie", "Myanmar", "country in French"),
    ("Сирия", "Syria", "country in Russian"),
)


class TestSamePlace:
    @pytest.mark.parametrize(
        ("left", "right", "why"), [pytest.param(*case, id=case[2] + ": " + case[0]) for case in SAME]
    )
    def test_is_known_by_all_its_names(self, left: str, right: str, why: str) -> None:
        assert alike(left, right) == (1.0, 1.0), why

    def test_is_met_inside_a_longer_text(self) -> None:
        found = alike("طرطوس", "Tartus, near the harbour")
        assert found is not None
        assert found[1] == 1.0


class TestOtherPlaces:
    def test_that_are_near_are_partly_alike(self) -> None:
        assert alike("Douma", "Damascus") == (0.5, 0.5)

    def test_far_apart_in_one_country_are_hardly_alike(self) -> None:
        found = alike("Tartus", "القامشلي")
        assert found is None or max(found) <= 0.1

    def test_in_two_countries_are_not_alike(self) -> None:
        assert alike("Zhytomyr", "Gondar") == (0.0, 0.0)

    def test_of_one_name_are_told_apart_by_their_countries(self) -> None:
        found = alike("Tripoli, Libya", "Tripoli, Lebanon")
        assert found is not None
        assert max(found) <= 0.5
        assert place("Tripoli, Lebanon").sites[0].places[0].country == "LB"

    @pytest.mark.parametrize(
        ("text", "country", "why"),
        [
            ("Herat, AF", "afghanistan", "a known town of that country"),
            ("Qaryat Umm Zuhurabad, SY", "syria", "an unknown place"),
            ("Los Angeles, CA", None, "California: the known city does not lie in Canada"),
            ("Herat, af", None, "codes are capitals"),
            ("Herat AF", None, "no comma"),
            ("Herat, XX", None, "no country has that code"),
        ],
    )
    def test_a_code_at_the_end_names_the_country(self, text: str, country: str | None, why: str) -> None:
        assert place(text).countries == ({country} if country else frozenset()), why

    def test_a_code_takes_nothing_from_the_likeness(self) -> None:
        assert alike("Herat, AF", "هرات") == (1.0, 1.0)
        found = alike("Tripoli, LY", "Tripoli, Lebanon")
        assert found is not None
        assert max(found) <= 0.5

    def test_a_word_that_is_a_country_elsewhere_in_the_text_stays_a_word(self) -> None:
        assert place("12 Gabon Street").countries == frozenset()
        assert place("Libreville, Gabon").countries == {"gabon"}


def test_addresses_keep_their_figures() -> None:
    assert place("19, Mortlach, Bicton, 7024").tokens == ("19", "mortlach", "bicton", "7024")
    assert place("Flat 8G").tokens == ("flat", "8g")


class TestUnknownPlaces:
    def test_are_compared_by_spelling(self) -> None:
        found = alike("Qaryat al-Zuhurabad", "Qariat Zuhurabad")
        assert found is not None
        assert found[0] > 0.9

    def test_in_two_scripts_cannot_be_held_against_each_other(self) -> None:
        assert alike("Qaryat Umm Zuhurabad", "قرية أم زهوراباد") is None


TEXTS = st.lists(
    st.sampled_from(
        [
            "Lemberg",
            "Львів",
            "Tartus",
            "طرطوس",
            "Douma",
            "Damascus",
            "Syria",
            "near",
            "x",
            "Gabon",
            "Addis Ababa",
            "Bahar Dar",
        ]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(TEXTS, TEXTS)
def test_likeness_is_symmetric_and_a_share(left: str, right: str) -> None:
    found = alike(left, right)
    assert found == alike(right, left)
    assert found is None or all(0.0 <= share <= 1.0 for share in found)


def test_texts_of_as_many_words_are_alike_in_either_order() -> None:
    for left, right in combinations(("Addis Ababa, Bole", "Bahar Dar", "Gondar market", "Debre Birhan"), 2):
        assert alike(left, right) == alike(right, left), (left, right)


@given(TEXTS)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    assert alike(text, text) == (1.0, 1.0)
