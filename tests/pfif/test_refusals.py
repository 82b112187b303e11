"""What of a PFIF file is not taken, how that is told, and what a rehearsal leaves."""

from datetime import timedelta

import pytest

from tests.pfif.desk import LATER, NAME, Lists
from tests.pfif.files import DOMAIN, note, person, pfif, placeholder, zipped
from tests.review.desk import TRAIL, tables
from tests.rights.desk import Officer
from tests.support import made, post, request_draft, sought_draft
from tracing.gate.opening import Gate
from tracing.kit import clock
from tracing.pfif.service import BATCH
from tracing.pfif.tables import PfifCopy

COPY = PfifCopy.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__


CASES: list[tuple[dict[str, str], str, str]] = [
    ({"person_record_id": ""}, "person_record_id", "missing"),
    ({"person_record_id": "p1"}, "person_record_id", "bad-record-id"),
    ({"person_record_id": f"{DOMAIN}/a b"}, "person_record_id", "bad-record-id"),
    ({"person_record_id": f"{'a' * 80}.org/1"}, "person_record_id", "bad-record-id"),
    ({"source_date": "2026-03-01"}, "source_date", "impossible-date"),
    ({"source_date": "2026-02-30T00:00:00Z"}, "source_date", "impossible-date"),
    ({"source_date": "9999-01-01T00:00:00Z"}, "source_date", "in-the-future"),
    ({"expiry_date": "soon"}, "expiry_date", "impossible-date"),
    ({"expiry_date": "2026-03-02T00:00:00Z"}, "expiry_date", "expired"),
    ({"full_name": ""}, "full_name", "missing"),
    ({"full_name": "Amina \u202eYusuf"}, "full_name", "bidi-control"),
    ({"full_name": "a" * 301}, "full_name", "string-too-long"),
    ({"date_of_birth": "1990-13"}, "date_of_birth", "impossible-date"),
    ({"age": "old"}, "age", "impossible-age"),
    ({"description": "a" * 10_001}, "description", "string-too-long"),
]


class TestRefusal:
    def test_names_line_field_and_code_and_never_the_value(self, lists: Lists) -> None:
        bad = [person(n, **fields) for n, (fields, _, _) in enumerate(CASES)]
        report = lists.take(*bad, person(99))
        assert (report["imported"], report["refused"]) == (1, len(CASES))
        lines = pfif(*bad).decode().split("\n")
        told = [(lines[e["line"] - 1], e["field"], e["code"]) for e in report["errors"]]
        assert told == [("<pfif:person>", field, code) for _, field, code in CASES]
        assert "Amina" not in str(report)

    def test_of_a_seen_place_names_the_note(self, lists: Lists) -> None:
        told = note(1, last_known_location="a" * 301)
        (error,) = lists.take(person(1, told), person(2))["errors"]
        assert (error["field"], error["code"]) == ("last_known_location", "string-too-long")

    def test_of_the_services_own_records(self, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = lists.gate.settings.model_copy(update={"pfif_domain": "example.org"})
        object.__setattr__(lists.gate, "settings", settings)
        report = lists.take(
            person(1, person_record_id="example.org/1"),
            person(2, person_record_id="KE.Example.org/1"),
            person(3, person_record_id="notexample.org/1"),
        )
        assert (report["imported"], [e["code"] for e in report["errors"]]) == (1, ["own-record", "own-record"])

    def test_of_a_note_without_an_id_of_somebody_is_told_and_counts_as_no_record(
        self, lists: Lists, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = lists.gate.settings.model_copy(update={"pfif_domain": "example.net"})
        object.__setattr__(lists.gate, "settings", settings)
        strays = [note(n, person_record_id=about) for n, about in enumerate(("", "p9", "example.net/p9"))]
        report = lists.take(person(1), *strays)
        assert (report["records"], report["imported"], report["notes_waiting"]) == (1, 1, 0)
        told = [(e["field"], e["code"]) for e in report["errors"]]
        assert told == [("person_record_id", code) for code in ("missing", "bad-record-id", "own-record")]

    def test_of_one_record_in_a_batch_keeps_the_others(self, lists: Lists) -> None:
        future = f"{clock.now() + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"
        seen = note(1, last_known_location="Kampala", source_date=future)
        report = lists.take(*(person(n, *([seen] if n == 7 else [])) for n in range(12)))
        assert (report["imported"], [e["code"] for e in report["errors"]]) == (11, ["in-the-future"])

    def test_of_every_record_is_an_error(self, lists: Lists) -> None:
        answer = lists.send(pfif(person(1, full_name="")))
        assert (answer.status_code, answer.json()["code"]) == (422, "nothing-imported")

    def test_of_a_damaged_file_is_whole(self, lists: Lists) -> None:
        answer = lists.send(pfif(*(person(n) for n in range(BATCH + 9)))[:-20])
        assert (answer.status_code, answer.json()["code"]) == (400, "unreadable-file")
        assert lists.sightings() == []

    def test_of_a_bomb_is_whole(self, lists: Lists) -> None:
        answer = lists.send(zipped(pfif(" " * (8 << 20))), "application/zip")
        assert answer.status_code == 413

    def test_of_other_content(self, lists: Lists) -> None:
        assert lists.send(b"{}", "application/json").status_code == 415

    def test_of_whoever_may_not_import(self, lists: Lists) -> None:
        headers = lists.people.auth("auditor") | {"Content-Type": "application/xml"}
        assert lists.client.post("/v1/imports/pfif", content=pfif(), headers=headers).status_code == 403


class TestErased:
    @pytest.mark.parametrize("status", ["believed_alive", "believed_missing"])
    def test_somebody_who_was_erased_is_held_back(self, lists: Lists, status: str) -> None:
        own = sought_draft(NAME, birth="1990-05-17")
        request = made(post(lists.client, "/tracing-requests", request_draft(own), lists.people.auth()))
        Officer(lists.client, lists.people, lists.gate).erase(request["sought"][0]["id"])
        again = person(1, note(1, status=status), date_of_birth="1990-05-17")
        report = lists.take(again, person(2))
        assert (report["imported"], [e["code"] for e in report["errors"]]) == (1, ["held-back"])

    def test_a_copy_that_was_erased_does_not_come_back(self, lists: Lists) -> None:
        lists.take(person(1))
        Officer(lists.client, lists.people, lists.gate).erase(lists.sightings()[0]["id"])
        assert lists.take(person(1, source_date=LATER))["already_there"] == 1
        assert lists.sightings() == []


class TestDryRun:
    def test_does_the_same_and_leaves_only_the_trail(self, lists: Lists, gate: Gate) -> None:
        lists.take(person(1))
        before = tables(gate, without=TRAIL)
        records = [person(1, source_date=LATER), person(2, note(1, status="believed_missing")), person(3, age="old")]
        tried = lists.take(*records, dry_run=True)
        assert tables(gate, without=TRAIL) == before
        assert lists.take(*records) == tried | {"dry_run": False}

    def test_of_a_removal_removes_nothing(self, lists: Lists) -> None:
        lists.take(person(1))
        assert lists.take(placeholder(1), dry_run=True)["removed"] == 1
        assert len(lists.sightings()) == 1


class TestTable:
    def test_takes_the_same_way(self, lists: Lists) -> None:
        head = "person_record_id,source_date,full_name,status,last_known_location\n"
        text = f"{head}p1,2026-03-01 10:00,Amina,believed_alive,Kampala\n"
        report = made(lists.send(text.encode(), "text/csv", domain=DOMAIN), 200)
        (seen,) = lists.sightings()
        assert (report["imported"], seen["sighting_place"], seen["origin"]) == (1, "Kampala", f"pfif:{DOMAIN}")
