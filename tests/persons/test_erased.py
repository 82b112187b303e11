"""How a feed would name somebody again, and whom that must not catch."""

from typing import Any

import pytest

from tests.support import person
from tracing.persons.erased import forms_of
from tracing.persons.schemas import PersonDraft


def forms(name: str = "Amina Yusuf Warsame", **fields: Any) -> set[str]:
    known = {"birth": "1990-05-12", "father": ["Yusuf Warsame"]} | fields
    return set(forms_of(PersonDraft.model_validate(person(name, **known))))


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
