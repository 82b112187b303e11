import pytest
from hypothesis import given, settings

from tests.matching.people import person, persons
from tracing.matching import FAMILIES, Person, blocking_keys, read


def keys(one: Person, family: str) -> set[str]:
    return {text for found, text in blocking_keys(read(one)) if found == family}


class TestBlockingKeys:
    @pytest.mark.parametrize(
        ("left", "right", "family", "why"),
        [
            (person("a"), person("b", "محمد أحمد حسن"), "two_names", "another script"),
            (person("a"), person("b", "Hassan Mohammad Ahmed"), "two_names", "another order"),
            (
                person("a", "Amina Yusuf", birth="1990"),
                person("b", "Amina Karim", birth="1991-12-30"),
                "name_year",
                "one name and nearly the year",
            ),
            (
                person("a", "Amina Yusuf", birth="1410", birth_calendar="hijri"),
                person("b", "Amina Karim", birth="1990"),
                "name_year",
                "year in another calendar",
            ),
            (
                person("a", "Amina Yusuf", father=("Hassan Ali",)),
                person("b", "Amina Karim", father=("حسن",)),
                "name_kin",
                "father's given name",
            ),
            (
                person("a", "Amina Yusuf", birth_place="Aleppo, Syria"),
                person("b", "Amina Karim", seen_place="near Aleppo"),
                "name_place",
                "one place",
            ),
            (person("a", "Amina"), person("b", "أمينة"), "lone_name", "a single name has nothing else"),
        ],
    )
    def test_meet(self, left: Person, right: Person, family: str, why: str) -> None:
        assert keys(left, family) & keys(right, family), why

    def test_lone_names_come_only_when_nothing_else_does(self) -> None:
        assert keys(person("a", "Amina Yusuf"), "lone_name") == set()
        assert "lone_name" in {family for family, _ in blocking_keys(read(person("a", "Amina Yusuf")), lone_names=True)}

    def test_years_far_apart_share_no_band(self) -> None:
        left, right = (keys(person("a", "Amina", birth=year), "name_year") for year in ("1990", "1997"))
        assert left
        assert right
        assert not left & right

    def test_a_birth_within_a_century_gets_no_band(self) -> None:
        assert keys(person("a", "Amina", birth="19XX"), "name_year") == set()

    @settings(max_examples=100, deadline=None)
    @given(persons())
    def test_are_distinct_few_and_of_known_families(self, one: Person) -> None:
        found = blocking_keys(read(one))
        assert len(set(found)) == len(found) <= 200
        assert all(family in FAMILIES and text.strip() for family, text in found)
