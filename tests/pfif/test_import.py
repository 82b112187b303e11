"""Records of PFIF become copies: compared, marked, obedient to their home, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.pfif.desk import LATER, NAME, Lists
from tests.pfif.files import DOMAIN, note, person, placeholder
from tests.review.desk import TRAIL, raw, run_night, tables
from tests.support import made, post, request_draft
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.vault import Unreadable
from tracing.kit import clock
from tracing.pfif import store
from tracing.pfif.tables import PfifCopy

COPY = PfifCopy.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__


class TestStatus:
    def test_whoever_is_sought_becomes_a_search(self, lists: Lists) -> None:
        said = ("information_sought", "believed_missing")
        assert lists.take(*(person(n, note(n, status=s)) for n, s in enumerate(said)))["imported"] == 2
        for search in lists.searches():
            assert (search["state"], search["origin"]) == ("pre_case", f"pfif:{DOMAIN}")
            assert search["person"]["names"][0]["full"] == NAME
        assert (len(lists.searches()), lists.sightings()) == (2, [])

    def test_anybody_else_becomes_a_sighting(self, lists: Lists) -> None:
        said = ("believed_alive", "is_note_author", "believed_dead", "")
        lists.take(*(person(n, note(n, status=s, last_known_location="Kampala")) for n, s in enumerate(said)))
        for seen in lists.sightings():
            assert (seen["state"], seen["origin"], seen["condition"]) == ("received", f"pfif:{DOMAIN}", "unknown")
            assert (seen["sighting_place"], seen["sighting_time"]) == ("Kampala", "2026-03-01")
        assert (len(lists.sightings()), lists.searches()) == (4, [])

    def test_the_newest_note_that_has_one_counts(self, lists: Lists) -> None:
        old = note(1, status="believed_alive", source_date="2026-01-01T00:00:00Z")
        new = note(2, status="believed_missing", source_date="2026-02-01T00:00:00Z")
        lists.take(person(1, new, old, note(3, source_date="2026-03-01T00:00:00Z")))
        assert len(lists.searches()) == 1

    def test_a_claim_of_death_is_told_to_workers_and_changes_nothing(self, lists: Lists) -> None:
        lists.take(person(1, note(1, status="believed_dead"), note(2, status="information_sought", source_date=LATER)))
        lists.take(person(2, note(1, status="believed_dead")))
        (search,), (seen,) = lists.searches(), lists.sightings()
        assert lists.copy(search["id"])["claims_death"]
        assert lists.copy(seen["id"])["claims_death"]
        assert "two workers" in seen["narrative"]
        assert search["state"] == "pre_case"
        assert tables(lists.gate)["fate_report"] == []

    def test_a_link_is_kept_and_merges_nothing(self, lists: Lists) -> None:
        linked = note(1, linked_person_record_id=f"{DOMAIN}/p2")
        lists.take(person(1, linked), person(2, full_name="Amina Warsame"))
        assert len(lists.sightings()) == 2
        first = next(seen for seen in lists.sightings() if seen["person"]["names"][0]["full"] == NAME)
        assert lists.copy(first["id"])["linked"] == [f"{DOMAIN}/p2"]


class TestCopy:
    def test_is_compared_with_the_societys_own(self, lists: Lists) -> None:
        own = made(post(lists.client, "/tracing-requests", request_draft(), lists.people.auth()))["sought"][0]["id"]
        lists.take(person(1, note(1, status="believed_alive")))
        run_night(lists.gate, lists.people.token("supervisor"))
        (pair,) = made(lists.client.get("/v1/suggestions", headers=lists.people.auth()), 200)["items"]
        assert (pair["left_id"], pair["origins"]) == (own, ["", f"pfif:{DOMAIN}"])

    def test_is_kept_for_matching_alone_until_its_home_says(self, lists: Lists) -> None:
        lists.take(person(1, expiry_date="2030-01-01T00:00:00Z"), person(2, note(1, status="believed_missing")))
        first, second = sorted(lists.records(), key=lambda record: record.kind, reverse=True)
        assert {record.purposes for record in (first, second)} == {0b11}
        ends = {record.expires_at.year for record in lists.records()}
        assert 2030 in ends
        assert max(ends) > 2030

    def test_keeps_the_bytes_of_the_original_under_the_records_key(self, lists: Lists, gate: Gate) -> None:
        original = person(1, note(1, text="by the well"), author_name="Oduya Kimani")
        lists.take(original)
        seen = UUID(lists.sightings()[0]["id"])
        with admitted(gate, lists.people.token("caseworker"), Permission.SIGHTINGS_READ) as access:
            access.note("sightings.read")
            row = store.copies(access, [seen])[seen]
            assert row.key_id == register.records(access, [seen])[seen].key_id
            (kept,) = store.opened(access, [row])
            assert (kept.raw, kept.notes[0].raw) == (original.encode(), note(1, text="by the well").encode())
        assert "Kimani" not in str(tables(gate))

    @pytest.mark.parametrize("status", ["believed_alive", "believed_missing"])
    def test_is_shredded_when_its_time_is_over(
        self, lists: Lists, gate: Gate, status: str, days_pass: Callable[[float], None]
    ) -> None:
        end = f"{clock.now() + timedelta(days=10):%Y-%m-%dT%H:%M:%SZ}"
        lists.take(person(1, note(1, status=status), expiry_date=end))
        with raw(gate) as connection:
            (before,) = connection.execute(COPY.select()).all()
        days_pass(11)
        assert (lists.sightings(), lists.searches()) == ([], [])
        days_pass(45)
        run_night(gate, lists.people.token("supervisor"))
        with raw(gate) as connection:
            (after,) = connection.execute(COPY.select()).all()
        assert (before.details != b"", after.details) == (True, b"")
        with pytest.raises(Unreadable):
            gate.keys.cipher(before.key_id)

    def test_is_unknown_to_other_societies(self, lists: Lists) -> None:
        lists.take(person(1))
        (seen,) = lists.sightings()
        answer = lists.client.get(f"/v1/records/{seen['id']}/pfif-copy", headers=lists.people.auth(society="UG"))
        assert answer.status_code == 404

    def test_of_one_of_our_own_records_there_is_none(self, lists: Lists) -> None:
        own = made(post(lists.client, "/tracing-requests", request_draft(), lists.people.auth()))["sought"][0]["id"]
        lists.copy(own, 404)


class TestAgain:
    def test_the_same_file_changes_nothing(self, lists: Lists, gate: Gate) -> None:
        records = [person(1, note(1, status="believed_alive")), person(2, note(2, status="believed_missing"))]
        lists.take(*records)
        before = tables(gate, without=TRAIL)
        assert lists.take(*records)["already_there"] == 2
        assert tables(gate, without=TRAIL) == before

    @pytest.mark.parametrize("status", ["believed_alive", "believed_missing"])
    def test_a_newer_record_replaces_its_copy_and_an_older_one_does_not(self, lists: Lists, status: str) -> None:
        lists.take(person(1, note(1, status=status)))
        for date, name, counted in (
            (LATER, "Amina Jusuf Warsame", "updated"),
            ("2026-04-01T00:00:00Z", "Somebody Else", "already_there"),
            ("2026-05-01T00:00:00.5Z", "Amina Yusuf Warsama", "updated"),
        ):
            newer = person(1, note(1, status=status), source_date=date, full_name=name)
            assert lists.take(newer)[counted] == 1
        (now,) = [*lists.searches(), *lists.sightings()]
        assert now["person"]["names"][0]["full"] == "Amina Yusuf Warsama"
        assert lists.copy(now["id"])["source_date"].startswith("2026-05-01T00:00:00.5")

    def test_a_newer_end_is_obeyed_and_what_was_withdrawn_here_stays_so(self, lists: Lists) -> None:
        lists.take(person(1))
        (seen,) = lists.sightings()
        body = {"purposes": ["match_within_society"]}
        post(lists.client, f"/records/{seen['id']}/consents/withdrawal", body, lists.people.auth())
        lists.take(person(1, source_date=LATER, expiry_date="2029-01-01T00:00:00Z"))
        (record,) = lists.records()
        assert (record.expires_at.year, record.purposes) == (2029, 0b1)

    def test_a_home_is_the_same_in_any_letters(self, lists: Lists) -> None:
        lists.take(person(1))
        assert lists.take(person(1, person_record_id=f"{DOMAIN.upper()}/p1"))["already_there"] == 1

    def test_twice_in_one_file_the_newer_counts(self, lists: Lists) -> None:
        report = lists.take(person(1), person(1, source_date=LATER, full_name="Amina Jusuf"))
        assert (report["imported"], report["updated"]) == (1, 1)

    @pytest.mark.parametrize("status", ["believed_alive", "believed_missing"])
    def test_a_removed_record_takes_its_copy_along_for_good(self, lists: Lists, status: str) -> None:
        lists.take(person(1, note(1, status=status)))
        assert lists.take(placeholder(1))["removed"] == 1
        assert (lists.sightings(), lists.searches()) == ([], [])
        assert lists.take(person(1, source_date=LATER))["already_there"] == 1
        assert (lists.sightings(), lists.searches()) == ([], [])

    def test_an_old_removal_and_one_of_nobody_change_nothing(self, lists: Lists) -> None:
        lists.take(person(1, source_date=LATER))
        assert lists.take(placeholder(1), placeholder(2))["already_there"] == 2
        assert len(lists.sightings()) == 1

    def test_a_record_that_is_over_takes_its_copy_along(self, lists: Lists) -> None:
        lists.take(person(1))
        assert lists.take(person(1, expiry_date="2026-03-02T00:00:00Z"))["removed"] == 1
        assert lists.sightings() == []

    def test_the_home_sets_an_end_with_a_day_of_grace(self, lists: Lists) -> None:
        yesterday = clock.now() - timedelta(hours=20)
        lists.take(person(1, expiry_date=f"{yesterday:%Y-%m-%dT%H:%M:%SZ}"))
        (record,) = lists.records()
        assert record.expires_at < clock.now() + timedelta(hours=5)
