import pytest

from tracing.matching import Identifier, Name, Person, PersonError, PersonWarning, Relative


def read(**told: object) -> tuple[Person, list[PersonWarning]]:
    warnings: list[PersonWarning] = []
    return Person.from_neutral({"id": "a", "names": ["Amina Yusuf"], **told}, warnings), warnings


class TestFromNeutral:
    def test_reads_every_field(self) -> None:
        found, warnings = read(
            names=["Amina Yusuf", {"full": "أمينة", "script": "Arab", "lang": "ar", "type": "alias"}],
            sex="Female",
            birth="1369-05-01",
            birth_calendar="solar_hijri",
            age=34,
            age_date="2024",
            father=["Yusuf"],
            mother=[{"full": "Halima"}],
            relatives=[{"relation": "sibling", "name": "Omar"}],
            birth_place="Herat",
            last_place="Kabul",
            last_place_date="2021-08",
            seen_place="Athens",
            seen_date="2024-05~",
            nationalities=["af"],
            identifiers=[{"type": "phone", "value": "079 123"}],
        )
        assert found == Person(
            id="a",
            names=(Name("Amina Yusuf"), Name("أمينة", "alias", "Arab", "ar")),
            sex="female",
            birth="1369-05-01",
            birth_calendar="solar_hijri",
            age="34",
            age_date="2024",
            father=("Yusuf",),
            mother=("Halima",),
            relatives=(Relative("sibling", "Omar"),),
            birth_place="Herat",
            last_place="Kabul",
            last_place_date="2021-08",
            seen_place="Athens",
            seen_date="2024-05~",
            nationalities=("AF",),
            identifiers=(Identifier("phone", "079 123"),),
        )
        assert warnings == []

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"id": None}, "id"),
            ({"id": " "}, "id"),
            ({"id": 7}, "id"),
            ({"names": []}, "names"),
            ({"names": None}, "names"),
            ({"names": ["  "]}, "names"),
            ({"names": "Amina"}, "names"),
            ({"names": [7]}, "names"),
            ({"names": [{"full": "Amina", "sur": "x"}]}, "names.sur"),
            ({"colour": "red"}, "colour"),
            ({"birth": 1990}, "birth"),
            ({"birth_place": ["Herat"]}, "birth_place"),
            ({"father": "Yusuf"}, "father"),
            ({"relatives": ["Omar"]}, "relatives"),
            ({"relatives": [{"relation": "child"}]}, "relatives.name"),
            ({"identifiers": [{"type": "phone", "value": 7}]}, "identifiers.value"),
            ({"last_place": "half \ud800 pair"}, "last_place"),
            ({"last_place": "a\x00b"}, "last_place"),
            ({"age": True}, "age"),
        ],
    )
    def test_refuses_what_is_no_person(self, told: dict[str, object], field: str) -> None:
        with pytest.raises(PersonError) as refused:
            read(**told)
        assert refused.value.field == field

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"birth": "1990-02-31"}, "birth"),
            ({"birth": "12 May"}, "birth"),
            ({"sex": "w"}, "sex"),
            ({"birth": "1990", "birth_calendar": "julian"}, "birth_calendar"),
            ({"age": "about 30", "age_date": "2024"}, "age"),
            ({"age": "30"}, "age"),
            ({"seen_date": "yesterday"}, "seen_date"),
            ({"nationalities": ["Syria"]}, "nationalities"),
            ({"relatives": [{"relation": "cousin", "name": "Omar"}]}, "relatives"),
        ],
    )
    def test_keeps_a_bad_value_with_a_warning(self, told: dict[str, object], field: str) -> None:
        found, warnings = read(**told)
        assert [warning.field for warning in warnings] == [field]
        if field == "birth":
            assert found.birth == told["birth"]

    def test_no_message_repeats_a_value(self) -> None:
        _, warnings = read(birth="Secret-date", sex="Secret-sex", nationalities=["Secret-land"])
        assert len(warnings) == 3
        assert not any("Secret" in reason for _, reason in warnings)

    def test_null_and_empty_are_silence(self) -> None:
        found, warnings = read(birth=None, sex="", father=[], birth_place="  ", relatives=None)
        assert found == Person("a", (Name("Amina Yusuf"),))
        assert warnings == []
