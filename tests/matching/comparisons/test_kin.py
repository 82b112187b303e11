import pytest

from tests.matching.people import person
from tracing.matching import SILENT, Engine, Person, Relative

ENGINE = Engine()
NAMES = [one.name for one in ENGINE.comparisons]


def level(comparison: str, left: Person, right: Person) -> str | None:
    found = ENGINE.score(ENGINE.read(left), ENGINE.read(right))
    back = ENGINE.score(ENGINE.read(right), ENGINE.read(left))
    index = NAMES.index(comparison)
    assert found.levels[index] == back.levels[index]
    reached = found.levels[index]
    return None if reached == SILENT else ENGINE.comparisons[index].levels[reached]


class TestParents:
    @pytest.mark.parametrize(
        ("left", "right", "expected", "why"),
        [
            (("Hassan",), ("Hassan",), "same", "one name"),
            (("Omar", "Hassan"), ("Hassan",), "same", "any of several"),
            (("Yilma Alemu",), ("Yelma Birhanu Alemu",), "alike", "a name left out of a chain"),
            (("Luiz Alejandro",), ("Luis",), "part", "a slip, and the given name alone"),
            (("Krishna Shrestha",), ("Krisna",), "part", "a slip, and the family name left out"),
            (("Bilal Abdullah",), ("Abdullah",), "doubtful", "one word that is not the given name of the other"),
            (("Hassan Omar",), ("Hasan Ali",), "different", "a common name heard otherwise, and another one"),
            (("Hassan",), ("Petro",), "unlike", "two names"),
            (("Hassan",), (), None, "one side silent"),
        ],
    )
    def test_are_compared(self, left: tuple[str, ...], right: tuple[str, ...], expected: str | None, why: str) -> None:
        assert level("father", person("a", father=left), person("b", father=right)) == expected, why
        assert level("mother", person("a", mother=left), person("b", mother=right)) == expected, why

    @pytest.mark.parametrize(
        ("left", "right", "expected", "why"),
        [
            ("Yusuf Omar Karim", "Yusuf Omar Karim", "same", "one person"),
            ("Yusuf Omar Karim", "Omar Yusuf Karim", "other_name", "a clerk turned two names about, or father and son"),
            ("Yusuf Omar Karim", "Tariq Omar Karim", "as_siblings", "brothers with one chain"),
            ("Yusuf Omar", "Petro Bondar", "as_siblings", "nothing in common but the parent"),
            ("Layla Karim", "Layla Bondar", "other_name", "a woman before and after her wedding"),
        ],
    )
    def test_of_brothers_and_sisters_agree_for_less(self, left: str, right: str, expected: str, why: str) -> None:
        told = person("a", left, mother=("Miriam Salim",)), person("b", right, mother=("Miriam Salim",))
        assert level("mother", *told) == expected, why

    def test_in_another_script_agree(self) -> None:
        told = person("a", father=("Hassan",)), person("b", father=("حسن",))
        assert level("father", *told) in ("same", "alike")

    def test_a_relative_who_is_the_father_counts_as_the_father(self) -> None:
        told = person("a", relatives=(Relative("father", "Hassan"),))
        assert level("father", told, person("b", father=("Hassan",))) == "same"


class TestFatherInName:
    @pytest.mark.parametrize(
        ("names", "father", "other", "expected", "why"),
        [
            ("Yusuf", "Hassan", "Yusuf Hassan Omar", "follows_given_name", "given, father, grandfather"),
            ("Yusuf", "حسن", "Yusuf Hassan Omar", "follows_given_name", "in another script"),
            ("Yusuf", "Hassan", "Yusuf Omar Hassan", "stands_in_name", "further on in the chain"),
            ("Yusuf", "Hassan", "يوسف عمر علي", "absent_from_chain", "the chain names another father"),
            ("Yusuf Hassan", "Hassan", "Yusuf Hassan Omar", None, "the names have told it already"),
            ("Yusuf Karim", "Hassan", "Yusuf Karim", None, "neither chain holds the father"),
            ("Yusuf", "Hassan", "Yusuf", None, "no chain"),
            ("Chandran Sivakumar", "Chandran", "Sivakumar Chandran", None, "told before the own name: father and son"),
            ("Yusuf", "Hassan", "Yusuf H.", None, "an initial may be anybody's"),
            ("李春花", "李德华", "Chunhua Li", None, "the family's name is nobody's given name"),
            ("Daw Thin Thin", "Than Taik", "Thin Thin Tay", None, "Burmese names hold no father's"),
        ],
    )
    def test_is_looked_for_in_the_chain(
        self, names: str, father: str, other: str, expected: str | None, why: str
    ) -> None:
        assert level("father_in_name", person("a", names, father=(father,)), person("b", other)) == expected, why


class TestRelatives:
    def test_agree_by_relation_and_name(self) -> None:
        omar, layla = Relative("sibling", "Omar Yusuf"), Relative("spouse", "Layla Karim")
        left = person("a", relatives=(omar, layla))
        assert level("relatives", left, person("b", relatives=(omar,))) == "one"
        assert level("relatives", left, person("b", relatives=(layla, omar))) == "several"
        assert level("relatives", left, person("b", relatives=(Relative("sibling", "Petro Bondar"),))) == "none"

    def test_of_other_relations_are_not_held_against_each_other(self) -> None:
        left, right = (person(i, relatives=(Relative(r, "Omar"),)) for i, r in (("a", "child"), ("b", "spouse")))
        assert level("relatives", left, right) is None

    def test_who_is_the_other_person_speaks_against(self) -> None:
        left = person("a", "Yusuf Karim", relatives=(Relative("sibling", "Omar Karim"),))
        assert level("listed_relative", left, person("b", "Omar Karim")) == "listed_as_relative"
        assert level("listed_relative", left, person("b", "Yusuf Karim")) is None
