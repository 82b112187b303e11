import pytest

from tests.matching.people import person
from tracing.matching import SILENT, Engine

ENGINE = Engine()
NAMES = [one.name for one in ENGINE.comparisons]


def level(comparison: str, left: dict[str, object], right: dict[str, object]) -> str | None:
    found = ENGINE.score(ENGINE.read(person("a", **left)), ENGINE.read(person("b", **right)))
    index = NAMES.index(comparison)
    reached = found.levels[index]
    return None if reached == SILENT else ENGINE.comparisons[index].levels[reached]


class TestPlace:
    @pytest.mark.parametrize(
        ("left", "right", "expected", "why"),
        [
            ("Aleppo", "ALEPPO ", "same", "letters' case"),
            ("Kharkiv", "Харьков", "same", "two languages of one town"),
            ("Busayrah", "Busairah", "most", "two spellings"),
            ("Devon", "West Devon", "part", "one within the other"),
            (
                "12 High Street, Oldtown, 2145",
                "12 Hihg Street, Oldtown, 2145",
                "most",
                "a slip in an address",
            ),
            ("12 High Street, Oldtown", "12 Mill Road, Newtown", "different", "other addresses"),
            ("Aleppo", "Homs", "different", "two towns"),
            ("Aleppo", "حلب", "same", "another script"),
            ("Danzig", "Gdańsk", "same", "another language"),
            ("Aleppo, Syria", "Halab", "same", "the country adds nothing"),
            ("Tripoli, Lebanon", "Tripoli, Libya", "part", "two countries"),
            ("Syria", "سوريا", "same", "one country"),
            ("Syria", "Aleppo", None, "a country against a town"),
            ("Al-Busayrah", "محطة الجنوب", None, "two scripts without likeness"),
            ("Aleppo", "—", None, "no words"),
        ],
    )
    def test_of_birth(self, left: str, right: str, expected: str | None, why: str) -> None:
        assert level("birth_place", {"birth_place": left}, {"birth_place": right}) == expected, why

    def test_last_place_meets_the_sighting(self) -> None:
        assert level("place", {"last_place": "Aleppo"}, {"seen_place": "Aleppo", "last_place": "Homs"}) == "same"


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("left", "right", "expected", "why"),
        [
            (("passport", "P 1234-567"), ("Passport", "p1234567"), "same", "punctuation"),
            (("phone", "079 123 45 67"), ("phone", "+41791234567"), "same", "country code"),
            (("passport", "P1234567"), ("passport", "P1234568"), "one_character_off", "a slip"),
            (("passport", "P1234567"), ("passport", "X9999999"), "different", "two documents"),
            (("passport", "P1234567"), ("phone", "P1234567"), None, "two types"),
            (("passport", "--"), ("passport", "--"), None, "no characters"),
        ],
    )
    def test_are_compared_within_a_type(
        self, left: tuple[str, str], right: tuple[str, str], expected: str | None, why: str
    ) -> None:
        assert level("identifiers", {"identifiers": (left,)}, {"identifiers": (right,)}) == expected, why


class TestSexAndNationality:
    @pytest.mark.parametrize(
        ("left", "right", "expected"),
        [("male", "male", "same"), ("male", "female", "different"), ("male", "unknown", None)],
    )
    def test_sex(self, left: str, right: str, expected: str | None) -> None:
        assert level("sex", {"sex": left}, {"sex": right}) == expected

    @pytest.mark.parametrize(
        ("left", "right", "expected"),
        [(("SY", "SE"), ("SE",), "shared"), (("SY",), ("IQ",), "none_shared"), (("SY",), (), None)],
    )
    def test_nationality(self, left: tuple[str, ...], right: tuple[str, ...], expected: str | None) -> None:
        assert level("nationality", {"nationalities": left}, {"nationalities": right}) == expected
