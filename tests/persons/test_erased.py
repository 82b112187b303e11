"""How a feed would name somebody again, and whom that must not catch."""

from typing import Any

import pytest

from tests.support import person
from tracing.persons.erased import forms_of, forms_of_enquirer
from tracing.persons.schemas import ContactPoint, PersonDraft


def draft(name: str, **fields: Any) -> PersonDraft:
    return PersonDraft.model_validate(person(name, **fields))


def forms(name: str = "Amina Yusuf Warsame", **fields: Any) -> set[str]:
    known = {"birth": "1990-05-12", "father": ["Yusuf Warsame"]} | fields
    return set(forms_of(draft(name, **known)))


Case = tuple[str, dict[str, Any]]
SAME: tuple[Case, ...] = (
    ("as it was", {}),
    ("in capitals", {"name": "AMINA YUSUF WARSAME"}),
    ("turned round", {"name": "Warsame, Amina Yusuf"}),
    ("with marks", {"name": "Amína Yusuf Wàrsame"}),
    ("hyphenated", {"name": "Amina Yusuf-Warsame"}),
    ("the father in capitals", {"father": ["YUSUF WARSAME"]}),
    ("with a further father's name", {"father": ["Yusuf", "Yusuf Warsame"]}),
    ("without a father, born on a day", {"father": []}),
)
APART: tuple[Case, ...] = (
    ("another name", {"name": "Amina Yusuf Ali"}),
    ("another birth", {"birth": "1990-05-13"}),
    ("without a birth", {"birth": None}),
)
NONE: tuple[Case, ...] = (
    ("one word", {"name": "Amina"}),
    ("no birth", {"birth": None}),
    ("a year and no father", {"birth": "1990", "father": []}),
    ("1 January and no father", {"birth": "1990-01-01", "father": []}),
)


class TestForms:
    @pytest.mark.parametrize(("why", "fields"), SAME, ids=[row[0] for row in SAME])
    def test_meet_when_the_person_is_named_again(self, why: str, fields: dict[str, Any]) -> None:
        assert forms() & forms(**fields)

    @pytest.mark.parametrize(("why", "fields"), APART, ids=[row[0] for row in APART])
    def test_do_not_meet_otherwise(self, why: str, fields: dict[str, Any]) -> None:
        assert not forms() & forms(**fields)

    @pytest.mark.parametrize(("why", "fields"), NONE, ids=[row[0] for row in NONE])
    def test_are_not_made_of_what_many_people_share(self, why: str, fields: dict[str, Any]) -> None:
        assert forms(**fields) == set()

    def test_are_of_the_day_in_whichever_calendar(self) -> None:
        assert forms() & forms(birth="1982-09-04", birth_calendar="ethiopian")


def asking(name: str = "Abdi Yusuf Warsame", *contacts: str, sought: str = "Amina Yusuf Warsame") -> set[str]:
    points = [ContactPoint(kind="phone", value=value) for value in contacts]
    return set(forms_of_enquirer(draft(name), points, [draft(sought)]))


PHONE = "+252 61 555 0101"
WAYS = (
    ("as it was", PHONE, PHONE),
    ("without the country's prefix", PHONE, "061 5550101"),
    ("with another prefix", PHONE, "00252-61-555-0101"),
    ("in other digits", PHONE, "+٢٥٢ ٦١ ٥٥٥ ٠١٠١"),
    ("an address of mail in capitals", "abdi@example.org", "ABDI@example.org "),
    ("an address with other signs", "Kakuma 2, Block 7", "kakuma 2 block 7"),
)


class TestFormsOfAnEnquirer:
    @pytest.mark.parametrize(("how", "known", "again"), WAYS, ids=[row[0] for row in WAYS])
    def test_meet_by_name_and_contact(self, how: str, known: str, again: str) -> None:
        assert asking("Abdi Yusuf", known) & asking("YUSUF Abdi", again, sought="Omar Ali Nur")

    def test_meet_by_name_and_by_whom_they_seek(self) -> None:
        assert asking() & asking("Yusuf Warsame Abdi", "a@b.org", sought="Warsame, Amina Yusuf")

    def test_do_not_meet_by_half_of_it(self) -> None:
        assert not asking("Abdi Yusuf", PHONE) & asking("Halima Nur", PHONE)
        assert not asking("Abdi Yusuf", PHONE) & asking("Abdi Yusuf", "+254 700 555 199", sought="Omar Ali Nur")
        assert not asking("Abdi", sought="Amina Yusuf Warsame") & asking("Abdi", sought="Amina Yusuf Warsame")
        assert asking("Abdi Yusuf", "?", sought="Amina") == set()
