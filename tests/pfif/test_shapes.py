"""What lists of 1.1 to 1.4 hold, as their programs write it, is kept field by field; all of it is fictional."""

from typing import Any

import pytest

from tests.pfif.desk import Lists
from tests.pfif.files import DOMAIN, note, person, pfif
from tests.support import Json, made

OTHER = """description:
    tall, with a scar
    on the left hand
profile_urls:
    a.example/1
    a.example/2
"""
HOME = {"home_street": "4 Mango Lane", "home_neighborhood": "Shaqalaha", "home_city": "Kismayo", "home_country": "SO"}


def only(lists: Lists, content: bytes, media: str = "application/xml") -> tuple[Json, Json]:
    """Return the sighting that comes of a file, and its copy."""
    made(lists.send(content, media, domain=DOMAIN), 200)
    (seen,) = lists.sightings()
    return seen, lists.copy(seen["id"])


def bare(content: bytes) -> bytes:
    """Return a file without a prefix."""
    return content.replace(b"xmlns:pfif", b"xmlns").replace(b"pfif:", b"")


def other(content: bytes) -> bytes:
    """Return a file with another prefix."""
    return content.replace(b"pfif:pfif", b"list:pfif").replace(b"xmlns:pfif", b"xmlns:list").replace(b"pfif:", b"list:")


class TestPerson:
    @pytest.mark.parametrize("dressed", [bytes, bare, other], ids=["usual prefix", "no prefix", "another prefix"])
    @pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
    def test_of_earlier_versions_has_names_in_two_parts_and_the_rest_in_other(
        self, lists: Lists, version: str, dressed: Any
    ) -> None:
        parts = {"full_name": "", "first_name": " Amina\n", "last_name": "Warsame", "home_city": " Kismayo\n "}
        record = person(1, photo_url="photos.example/1", other=OTHER, **parts)
        seen, copy = only(lists, dressed(pfif(record, version=version)))
        (name,) = seen["person"]["names"]
        assert (name["full"], [part["value"] for part in name["parts"]]) == ("Amina Warsame", ["Amina", "Warsame"])
        assert seen["person"]["physical_description"] == "tall, with a scar\non the left hand"
        assert seen["person"]["last_place"] == "Kismayo"
        assert copy["profile_urls"] == ["a.example/1", "a.example/2"]
        assert copy["photo_url"] == "photos.example/1"

    def test_has_each_line_of_its_names(self, lists: Lists) -> None:
        names = {"full_name": "Amina Warsame\nأمينة ورسمه", "alternate_names": "Amy\nUmm Yusuf"}
        seen, _ = only(lists, pfif(person(1, **names)))
        told = [(name["full"], name["type"]) for name in seen["person"]["names"]]
        assert told == [
            ("Amina Warsame", "current"),
            ("أمينة ورسمه", "current"),
            ("Amy", "alias"),
            ("Umm Yusuf", "alias"),
        ]

    def test_has_an_age_range_a_partial_birth_and_a_whole_address(self, lists: Lists) -> None:
        seen, _ = only(lists, pfif(person(1, age="30-40", date_of_birth="1990-05", **HOME)))
        known = seen["person"]
        assert (known["age"], known["age_date"], known["birth"]) == ("30-40", "2026-03-01", "1990-05")
        assert known["last_place"] == "4 Mango Lane, Shaqalaha, Kismayo, SO"

    def test_has_the_towns_part_where_the_address_is_too_long(self, lists: Lists) -> None:
        seen, _ = only(lists, pfif(person(1, **HOME | {"home_street": "x" * 300})))
        assert seen["person"]["last_place"] == "Kismayo, SO"

    @pytest.mark.parametrize("version", ["1.1", "1.2"])
    def test_without_a_date_is_taken_once_and_gives_way_to_any_that_has_one(self, lists: Lists, version: str) -> None:
        undated = pfif(person(1, source_date="", age="36"), version=version)
        seen, copy = only(lists, undated)
        assert (copy["source_date"], seen["person"]["age"]) == (None, "36")
        assert made(lists.send(undated), 200)["already_there"] == 1
        assert lists.take(person(1, source_date="2001-01-01T00:00:00.25Z"))["updated"] == 1

    def test_says_where_it_is_from(self, lists: Lists) -> None:
        told = {"source_name": "Harbour list", "source_url": "lists.example.org/1", "author_name": "Oduya Kimani"}
        reach = {"author_email": "oduya@example.org", "author_phone": "+254 700 555 010"}
        _, copy = only(lists, pfif(person(1, **told, **reach)))
        assert {name: copy[name] for name in told} == told
        assert not [value for value in reach.values() if value in str(copy)]


class TestNote:
    def test_has_all_that_it_says_but_how_to_reach_anybody(self, lists: Lists) -> None:
        said = {
            "text": "she asked for water\n    by the well",
            "last_known_location": "Kampala",
            "photo_url": "photos.example/2",
            "author_name": "Oduya Kimani",
        }
        reach = {"phone_of_found_person": "+254 700 555 011", "email_of_found_person": "amina@example.org"}
        _, copy = only(lists, pfif(person(1, note(1, linked_person_record_id=f"{DOMAIN}/p2", **said, **reach))))
        (claim,) = copy["claims"]
        assert {name: claim[name] for name in said} == said
        assert (claim["note_record_id"], copy["linked"]) == (f"{DOMAIN}/n1", [f"{DOMAIN}/p2"])
        assert not [value for value in reach.values() if value in str(copy)]

    @pytest.mark.parametrize(
        ("field", "said", "heard"),
        [
            ("found", "true", True),
            ("found", "false", False),
            ("author_made_contact", "TRUE", True),
            ("author_made_contact", "1", True),
            ("author_made_contact", "perhaps", None),
            ("text", "nothing of it", None),
        ],
    )
    def test_says_whether_its_author_spoke_to_the_person(
        self, lists: Lists, field: str, said: str, heard: bool | None
    ) -> None:
        _, copy = only(lists, pfif(person(1, note(1, **{field: said}))))
        assert copy["claims"][0]["author_made_contact"] is heard

    def test_may_stand_before_the_fields_of_its_person(self, lists: Lists) -> None:
        whole = person(1, note(1, status="believed_alive"))
        identity = f"<pfif:person_record_id>{DOMAIN}/p1</pfif:person_record_id>\n"
        late = whole.replace(identity, "").replace("</pfif:person>", f"{identity}</pfif:person>")
        _, copy = only(lists, pfif(late))
        assert (copy["person_record_id"], len(copy["claims"])) == (f"{DOMAIN}/p1", 1)


class TestTable:
    HEAD = (
        "note,time_zone_offset\nfictional,+3\nperson_record_id,full_name,source_date,note_record_id,author_name,text\n"
    )

    def test_of_person_and_note_in_rows_of_their_own(self, lists: Lists) -> None:
        rows = "p1,Amina Warsame,2026/3/1 13:00,,,\np1,,2026/3/2 13:00,n1,Oduya Kimani,by the well\n"
        _, copy = only(lists, (self.HEAD + rows).encode(), "text/csv")
        (claim,) = copy["claims"]
        assert (claim["note_record_id"], claim["text"]) == (f"{DOMAIN}/n1", "by the well")
        assert (copy["source_date"], claim["source_date"]) == ("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z")

    def test_of_notes_alone_waits(self, lists: Lists) -> None:
        rows = "p1,,2026/3/2 13:00,n1,Oduya Kimani,by the well\n"
        assert made(lists.send((self.HEAD + rows).encode(), "text/csv", domain=DOMAIN), 200)["notes_waiting"] == 1
        assert lists.take(person(1))["notes_attached"] == 1
