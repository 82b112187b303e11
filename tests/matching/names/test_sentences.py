import pytest

from tests.matching.people import person
from tracing.matching import compare

CASES = [
    # left, right, part of the sentence, why
    ("محمد حسن", "Мухаммад Хасан", "are known forms of one name", "no Slavic language in the class: none is claimed"),
    ("Oleksandr Bondar", "Олександр Бондар", "Bondar and Бондар are", "another script"),
    ("Khalid Noor", "Khaalid Noor", "Khalid and Khaalid", "two spellings of one part"),
    ("Anna Petrova", "Petrova Anna", "the parts stand in another order", "a clerk's swap"),
    ("Ali Hassan", "A. Hassan", "share the initial", "an initial"),
    ("Mohammed Ali", "Mahmoud Ali", "Mohammed stands against Mahmoud", "known different names"),
    ("Ali Hassan Omar", "Ali Hassan", "only one side has Omar", "a part left out"),
]


class TestSentence:
    @pytest.mark.parametrize(("left", "right", "part", "why"), CASES)
    def test_says_how_the_parts_agree(self, left: str, right: str, part: str, why: str) -> None:
        (names,) = [one for one in compare(person("a", left), person("b", right)).evidence if one.comparison == "names"]
        assert part in names.reason, why
        assert names.reason.endswith(".")

    @pytest.mark.parametrize(
        ("left", "right", "told"),
        [
            ("Khadija", "Hatice", "Khadija and Hatice are the same name in Arabic and Turkish"),
            ("Mehmet", "محمد", "Mehmet and محمد are the same name in Turkish and Arabic"),
        ],
    )
    def test_names_the_languages_where_the_table_tells_them(self, left: str, right: str, told: str) -> None:
        (names,) = compare(person("a", left), person("b", right)).evidence
        assert told in names.reason
