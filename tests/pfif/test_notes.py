"""Every note is kept: with its person, before its person, after its person, and never for long without."""

from collections.abc import Callable

import pytest
from sqlmodel import SQLModel

from tests.pfif.desk import LATER, NAME, Lists
from tests.pfif.files import DOMAIN, note, person, placeholder
from tests.review.desk import TRAIL, raw, run_night, tables
from tests.rights.desk import Officer
from tests.support import made, post, request_draft, sought_draft
from tracing.gate.opening import Gate
from tracing.gate.vault import Unreadable
from tracing.pfif import keeping
from tracing.pfif.notes import merged
from tracing.pfif.schemas import Note

ONE = f"{DOMAIN}/p1"
ALIVE = note(1, person_record_id=ONE, status="believed_alive", last_known_location="Kampala", text="by the well")
SOUGHT = note(2, person_record_id=ONE, status="information_sought", source_date=LATER)


def claims(lists: Lists) -> list[tuple[str, str | None]]:
    (found,) = [*lists.sightings(), *lists.searches()]
    return [(claim["note_record_id"], claim["status"]) for claim in lists.copy(found["id"])["claims"]]


def limit(lists: Lists, most: int) -> None:
    settings = lists.gate.settings.model_copy(update={"pfif_records_a_day": most})
    object.__setattr__(lists.gate, "settings", settings)


class TestApart:
    def test_waits_for_its_person_and_joins_when_they_come(self, lists: Lists, gate: Gate) -> None:
        assert lists.take(ALIVE, SOUGHT)["notes_waiting"] == 2
        assert (lists.sightings(), lists.searches()) == ([], [])
        assert "well" not in str(tables(gate))
        report = lists.take(person(1))
        assert (report["imported"], report["notes_attached"]) == (1, 2)
        assert claims(lists) == [(f"{DOMAIN}/n1", "believed_alive"), (f"{DOMAIN}/n2", "information_sought")]
        assert len(lists.searches()) == 1  # as if all had stood in one file: the newest status is that they are sought

    def test_joins_a_copy_that_is_here_and_brings_it_up_to_date(self, lists: Lists) -> None:
        lists.take(person(1))
        report = lists.take(ALIVE)
        assert (report["notes_attached"], report["notes_waiting"], report["records"]) == (1, 0, 0)
        (seen,) = lists.sightings()
        assert (seen["sighting_place"], seen["sighting_time"]) == ("Kampala", "2026-03-01")
        (claim,) = lists.copy(seen["id"])["claims"]
        assert (claim["text"], claim["last_known_location"]) == ("by the well", "Kampala")

    @pytest.mark.parametrize("parts", [(ALIVE, person(1)), (person(1), ALIVE), (f"{person(1)}\n{ALIVE}",)])
    def test_again_changes_nothing_in_either_order(self, lists: Lists, gate: Gate, parts: tuple[str, ...]) -> None:
        for part in parts:
            lists.take(part)
        before = tables(gate, without=TRAIL)
        for part in (*parts, *reversed(parts)):
            report = lists.take(part)
            assert (report["imported"], report["updated"]) == (0, 0)
            assert (report["notes_attached"], report["notes_waiting"]) == (0, 0)
        assert tables(gate, without=TRAIL) == before
        assert claims(lists) == [(f"{DOMAIN}/n1", "believed_alive")]

    def test_that_is_newer_takes_the_place_of_the_one_that_waits(self, lists: Lists) -> None:
        lists.take(ALIVE)
        newer = note(1, person_record_id=ONE, status="believed_missing", source_date=LATER)
        assert lists.take(newer)["notes_waiting"] == 0
        lists.take(ALIVE, person(1))
        assert claims(lists) == [(f"{DOMAIN}/n1", "believed_missing")]

    def test_is_of_the_home_in_any_letters_and_of_no_other(self, lists: Lists) -> None:
        lists.take(note(1, person_record_id=f"{DOMAIN.upper()}/p1"), note(2, person_record_id="other.example/p1"))
        assert lists.take(person(1))["notes_attached"] == 1

    def test_of_a_claimed_death_changes_nothing(self, lists: Lists, gate: Gate) -> None:
        lists.take(person(1, note(1, status="information_sought")))
        lists.take(note(2, person_record_id=ONE, status="believed_dead", source_date=LATER))
        (search,) = lists.searches()
        assert (search["state"], lists.copy(search["id"])["claims_death"]) == ("pre_case", True)
        assert tables(gate)["fate_report"] == []

    @pytest.mark.parametrize("gone", ["removed", "erased"])
    def test_of_somebody_who_is_gone_is_let_go(self, lists: Lists, gate: Gate, gone: str) -> None:
        lists.take(person(1))
        if gone == "removed":
            lists.take(placeholder(1))
        else:
            Officer(lists.client, lists.people, gate).erase(lists.sightings()[0]["id"])
        report = lists.take(ALIVE)
        assert (report["notes_attached"], report["notes_waiting"]) == (0, 0)
        assert tables(gate)["pfif_note"] == []

    def test_of_somebody_whom_the_home_removed_joins_nobody(self, lists: Lists) -> None:
        lists.take(ALIVE)
        assert lists.take(placeholder(1))["notes_attached"] == 0
        assert (lists.sightings(), lists.searches()) == ([], [])
        run_night(lists.gate, lists.people.token("supervisor"))
        assert tables(lists.gate)["pfif_note"] == []

    def test_of_somebody_who_was_erased_here_is_let_go_when_they_come_again(self, lists: Lists, gate: Gate) -> None:
        own = sought_draft(NAME, birth="1990-05-17")
        request = made(post(lists.client, "/tracing-requests", request_draft(own), lists.people.auth()))
        lists.take(ALIVE)
        Officer(lists.client, lists.people, gate).erase(request["sought"][0]["id"])
        report = lists.take(person(1, date_of_birth="1990-05-17"), person(2))
        assert ([e["code"] for e in report["errors"]], report["notes_attached"]) == (["held-back"], 0)
        run_night(gate, lists.people.token("supervisor"))
        assert tables(gate)["pfif_note"] == []

    def test_is_rehearsed_without_a_trace(self, lists: Lists, gate: Gate) -> None:
        before = tables(gate, without=TRAIL)
        assert lists.take(ALIVE, dry_run=True)["notes_waiting"] == 1
        assert tables(gate, without=TRAIL) == before


class TestEnd:
    def test_without_a_person_comes_after_thirty_days_and_the_key_goes(
        self, lists: Lists, gate: Gate, days_pass: Callable[[float], None]
    ) -> None:
        lists.take(ALIVE)
        with raw(gate) as connection:
            (row,) = connection.execute(SQLModel.metadata.tables["pfif_note"].select()).all()
        days_pass(20)
        assert lists.take(ALIVE)["notes_waiting"] == 0  # sent again, it waits no longer
        run_night(gate, lists.people.token("supervisor"))
        assert len(tables(gate)["pfif_note"]) == 1
        days_pass(31)
        assert lists.take(person(1))["notes_attached"] == 0
        run_night(gate, lists.people.token("supervisor"))
        assert tables(gate)["pfif_note"] == []
        with pytest.raises(Unreadable):
            gate.keys.cipher(row.key_id)

    def test_of_one_that_joined_its_person_comes_with_the_night(self, lists: Lists, gate: Gate) -> None:
        lists.take(ALIVE)
        lists.take(person(1))
        with raw(gate) as connection:
            (row,) = connection.execute(SQLModel.metadata.tables["pfif_note"].select()).all()
        assert row.details == b""
        run_night(gate, lists.people.token("supervisor"))
        assert tables(gate)["pfif_note"] == []
        with pytest.raises(Unreadable):
            gate.keys.cipher(row.key_id)


class TestTogether:
    def test_a_newer_person_without_notes_keeps_those_that_are_known(self, lists: Lists) -> None:
        lists.take(person(1, note(1, status="believed_alive")))
        assert lists.take(person(1, note(2, text="again"), source_date=LATER))["updated"] == 1
        assert [found for found, _ in claims(lists)] == [f"{DOMAIN}/n1", f"{DOMAIN}/n2"]

    def test_an_unchanged_person_with_a_new_note_gets_it(self, lists: Lists) -> None:
        lists.take(person(1, note(1)))
        report = lists.take(person(1, note(1), note(2, status="believed_alive")))
        assert (report["updated"], report["already_there"]) == (1, 0)
        assert [found for found, _ in claims(lists)] == [f"{DOMAIN}/n1", f"{DOMAIN}/n2"]

    def test_a_note_without_an_id_is_known_by_all_that_it_says(self) -> None:
        one, same, other = (Note(n, {"text": text}) for n, text in enumerate("aab"))
        assert merged([one], [same, other]) == (one, other)

    def test_a_note_that_breaks_a_rule_keeps_neither_its_person_nor_other_notes_out(self, lists: Lists) -> None:
        future = note(1, person_record_id=ONE, last_known_location="Kampala", source_date="2199-01-01T00:00:00Z")
        long = note(3, person_record_id=ONE, last_known_location="K" * 301, source_date=LATER)
        report = lists.take(future, ALIVE, SOUGHT, long, person(2))
        assert [e["code"] for e in report["errors"]] == ["in-the-future", "string-too-long"]
        assert (report["imported"], report["notes_waiting"]) == (1, 2)
        assert lists.take(person(1))["notes_attached"] == 2
        report = lists.take(note(4, person_record_id=ONE, text="later"), long)
        assert (report["notes_attached"], [e["field"] for e in report["errors"]]) == (1, ["last_known_location"])


class TestQuota:
    def test_of_one_home_is_not_anothers(self, lists: Lists) -> None:
        limit(lists, 2)
        report = lists.take(*(person(n) for n in range(4)), person(9, person_record_id="other.example/p1"))
        assert (report["imported"], [e["code"] for e in report["errors"]]) == (3, ["quota-reached"] * 2)

    def test_counts_what_came_before_and_newer_copies(self, lists: Lists, days_pass: Callable[[float], None]) -> None:
        limit(lists, 2)
        lists.take(person(1))
        assert lists.take(person(1, source_date=LATER))["updated"] == 1
        assert lists.take(person(2), person(3))["imported"] == 1
        days_pass(1.1)
        assert lists.take(person(3))["imported"] == 1

    def test_holds_for_notes_that_wait(self, lists: Lists) -> None:
        limit(lists, 2)
        strays = [note(n, person_record_id=f"{DOMAIN}/p{n}") for n in range(3)]
        report = lists.take(*strays)
        assert (report["notes_waiting"], [e["code"] for e in report["errors"]]) == (2, ["quota-reached"])

    def test_would_not_hold_if_nothing_were_counted(self, lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
        limit(lists, 2)
        monkeypatch.setattr(keeping._Room, "take", lambda self, origin: True)
        assert lists.take(*(person(n) for n in range(4)))["imported"] == 4
