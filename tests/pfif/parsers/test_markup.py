"""PFIF XML of every version reads alike; what is strange is ignored and counted, never lost in silence."""

import pytest

from tests.pfif.files import DOMAIN, note, person, pfif, zipped
from tracing.pfif.parsers import read, survey
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.schemas import Person

OLD = """<person><person_record_id>lists.example.org/p1</person_record_id>
<first_name>AMINA</first_name><last_name>WARSAME</last_name><home_zip>00100</home_zip>
<other>description:
    tall, walks
    with a stick
home_city: Kismayo
shoes: red</other>
<note><note_record_id>lists.example.org/n1</note_record_id><found>true</found></note></person>"""


def people(content: bytes) -> tuple[list[Person], int]:
    """Return the persons of a file, and how much was ignored."""
    staged = Staged(content)
    found = survey(staged)
    return list(read(staged, found)), found.ignored


class TestReading:
    @pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "1.4"])
    @pytest.mark.parametrize("prefix", ["pfif:", "p:", ""])
    def test_every_version_under_any_prefix(self, version: str, prefix: str) -> None:
        name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
        body = OLD.replace("</", "<~").replace("<", f"<{prefix}").replace(f"<{prefix}~", f"</{prefix}")
        file = f'<{prefix}pfif {name}="http://zesty.ca/pfif/{version}">{body}</{prefix}pfif>'
        ((found,), ignored) = people(file.encode())
        assert found.fields == {
            "person_record_id": f"{DOMAIN}/p1",
            "given_name": "AMINA",
            "family_name": "WARSAME",
            "full_name": "AMINA WARSAME",
            "home_postal_code": "00100",
            "home_city": "Kismayo",
            "description": "tall, walks\nwith a stick\nshoes: red",
        }
        assert [dict(one.fields) for one in found.notes] == [
            {"note_record_id": f"{DOMAIN}/n1", "author_made_contact": "true"}
        ]
        assert ignored == 0

    def test_several_names_stay_several_lines(self) -> None:
        ((found,), _) = people(pfif(person(full_name="Amina Warsame\nأمينة ورسمه")))
        assert found.fields["full_name"] == "Amina Warsame\nأمينة ورسمه"

    def test_notes_find_their_person_from_before_and_behind(self) -> None:
        apart = [note(n, person_record_id=f"{DOMAIN}/p1") for n in (2, 3)]
        file = pfif(apart[0], person(1, note(1)), person(2), apart[1])
        ((first, second), _) = people(file)
        assert [one.fields["note_record_id"][-2:] for one in first.notes] == ["n1", "n2", "n3"]
        assert second.notes == ()
        assert [one.raw for one in first.notes[1:]] == [one.encode() for one in apart]

    def test_a_note_about_nobody_in_the_file_is_left_over(self) -> None:
        staged = Staged(pfif(person(1), note(2, person_record_id=f"{DOMAIN}/p9")))
        found = survey(staged)
        assert [one.notes for one in read(staged, found)] == [()]
        assert list(found.apart) == [f"{DOMAIN}/p9"]

    def test_what_pfif_does_not_know_is_ignored_with_all_that_is_in_it(self) -> None:
        strange = "<zodiac><pfif:full_name>Nobody</pfif:full_name></zodiac><pfif:shoes>red</pfif:shoes>"
        twice = "<pfif:sex>male</pfif:sex>"
        file = pfif(person().replace("</pfif:person>", f"{strange}{twice}</pfif:person>"), "<pfif:feed/>")
        ((found,), ignored) = people(file)
        assert (found.fields["full_name"], found.fields["sex"]) == ("Amina Yusuf Warsame", "female")
        assert ignored == 4

    def test_the_bytes_of_a_record_are_kept_as_they_were(self) -> None:
        records = [person(n, note(n), full_name=f"Amina {'é' * n} > {n}") for n in range(1, 400)]
        (found, _) = people(pfif(*records))
        assert [one.raw.decode() for one in found] == records

    def test_lines_are_those_of_the_file(self) -> None:
        (found, _) = people(pfif(person(1), person(2)))
        assert [one.line for one in found] == [3, 11]

    def test_a_zip_reads_like_its_member(self) -> None:
        file = pfif(*(person(n) for n in range(50)))
        assert people(zipped(file)) == people(file)

    def test_a_byte_order_mark_of_utf_8_is_no_harm(self) -> None:
        assert len(people(b"\xef\xbb\xbf" + pfif(person()))[0]) == 1
