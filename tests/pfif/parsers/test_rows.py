"""Person Finder's CSV: a time zone in front, a person and a note in one row."""

import pytest

from tests.pfif.files import DOMAIN, zipped
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.rows import in_utc
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.schemas import Person

HEAD = "person_record_id,source_date,full_name,home_city,note_record_id,status,last_known_location,shoes\n"


def people(text: str, domain: str = "") -> tuple[list[Person], int]:
    """Return the persons of a file, and how much was ignored."""
    staged = Staged(text.encode())
    found = survey(staged, domain)
    return list(read(staged, found, domain)), found.ignored


class TestRows:
    def test_hold_a_person_and_a_note(self) -> None:
        row = f"{DOMAIN}/p1,2026-03-01T10:00:00Z,Amina Warsame,Kismayo,{DOMAIN}/n1,believed_alive,Kampala,red\n"
        ((found,), ignored) = people(HEAD + row)
        assert found.fields == {
            "person_record_id": f"{DOMAIN}/p1",
            "source_date": "2026-03-01T10:00:00Z",
            "full_name": "Amina Warsame",
            "home_city": "Kismayo",
        }
        (note,) = found.notes
        assert (note.fields["status"], note.fields["last_known_location"]) == ("believed_alive", "Kampala")
        assert (found.line, found.raw, ignored) == (2, row.encode(), 1)

    def test_without_a_person_is_a_note_of_another_row(self) -> None:
        ((found,), _) = people(HEAD + "x/n,,,,a/n2,believed_missing,,\nx/n,2026-03-01,Amina,,,,,\n\n,,,,,,,\n")
        assert [one.fields["status"] for one in found.notes] == ["believed_missing"]

    def test_ids_without_a_home_get_the_one_that_is_given(self) -> None:
        ((found,), _) = people(HEAD + "p1,2026-03-01,Amina,,,,,\n", "lists.example.org")
        assert found.fields["person_record_id"] == "lists.example.org/p1"

    def test_cells_may_be_quoted_over_lines(self) -> None:
        (found, _) = people(HEAD + 'a/1,2026-03-01,"Amina\nأمينة",,,,,\na/2,2026-03-01,Abdi,,,,,\n')
        assert [(one.line, one.fields["full_name"]) for one in found] == [(2, "Amina\nأمينة"), (4, "Abdi")]

    def test_local_times_are_turned_by_the_offset_in_front(self) -> None:
        ((found,), _) = people(f"note,time_zone_offset\nx,+5.5\n{HEAD}a/1,2026/3/1 4:00,Amina,,,,,\n")
        assert found.fields["source_date"] == "2026-02-28T22:30:00Z"

    def test_a_zip_may_hold_them(self) -> None:
        staged = Staged(zipped(f"{HEAD}a/1,2026-03-01,Amina,,,,,\n".encode(), "people.csv"))
        assert len(list(read(staged, survey(staged)))) == 1

    @pytest.mark.parametrize("text", ["yesterday", "2026-13-01 10:00", "2026-02-30 10:00", "2026-01-01 25:00", "", "1"])
    def test_what_is_no_time_stays_to_be_refused(self, text: str) -> None:
        assert in_utc(text, 3) == text
