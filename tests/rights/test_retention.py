"""How long each kind is kept, what prolongs it, and when a message's words go."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from tests.review.desk import raw
from tests.rights.desk import Officer
from tests.support import made, post, sought_draft
from tracing.gate import retention
from tracing.gate.kinds import Kind
from tracing.kit import clock
from tracing.kit.settings import Settings

T = SQLModel.metadata.tables
RECORD = T["record"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def kept(desk: Officer, record_id: str) -> datetime:
    return moment(made(desk.get(f"/data-subject/records/{record_id}/retention", "supervisor"), 200)["until"])


def prolong(desk: Officer, record_id: str, until: datetime, label: str = "supervisor", **fields: Any) -> Any:
    path = f"/data-subject/records/{record_id}/retention"
    tag = {"If-Match": desk.get(path, "supervisor").headers.get("etag", '"none"')}
    body = {"until": until.isoformat(), "reason": "search_goes_on"} | fields
    return post(desk.client, path, body, desk.auth(label), **tag)


def move(desk: Officer, days: int, *record_ids: str) -> None:
    """Let records have been registered so many days ago."""
    age = timedelta(days=days)
    with raw(desk.gate) as connection:
        for row in connection.execute(RECORD.select()).all():
            if str(row.id) in record_ids:
                ends = {name: getattr(row, name) - age for name in ("retain_until", "expires_at", "match_until")}
                connection.execute(RECORD.update().where(RECORD.c.id == row.id).values(**ends))


class TestDays:
    KEPT: tuple[tuple[Kind, int], ...] = (
        (Kind.REQUEST, 3650),
        (Kind.SOUGHT, 3650),
        (Kind.SIGHTING, 1825),
        (Kind.SELF_REGISTRATION, 730),
    )

    @pytest.mark.parametrize(("kind", "days"), KEPT)
    def test_are_those_of_the_kind(self, kind: Kind, days: int) -> None:
        assert retention.days(Settings(), kind) == days

    @pytest.mark.parametrize("kind", Kind)
    def test_are_never_more_than_the_general_ones(self, kind: Kind) -> None:
        assert retention.days(Settings(retention_days=90), kind) == 90
        assert retention.days(Settings(retention_sighting_days=9000), kind) <= 3650

    def test_run_from_the_registration(self, desk: Officer) -> None:
        view = desk.open()
        made_at = clock.now()
        for record_id, days in (
            (view["id"], 3650),
            (view["sought"][0]["id"], 3650),
            (desk.report(), 1825),
            (desk.register(), 730),
        ):
            assert abs(kept(desk, record_id) - made_at - timedelta(days=days)) < timedelta(minutes=5)


class TestChange:
    def test_of_a_record_keeps_it_from_then_on(self, desk: Officer) -> None:
        seen = desk.report()
        move(desk, 100, seen)
        before = kept(desk, seen)
        desk.change(f"/sightings/{seen}", narrative="She asked after her brother.")
        assert abs(kept(desk, seen) - before - timedelta(days=100)) < timedelta(minutes=5)
        assert desk.get(f"/records/{seen}/consents").json()["expires_at"] == kept(desk, seen).isoformat().replace(
            "+00:00", "Z"
        )

    def test_of_a_sought_person_keeps_the_request_too_and_nobody_else(self, desk: Officer) -> None:
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        ids = [view["id"], *(s["id"] for s in view["sought"])]
        move(desk, 100, *ids)
        before = [kept(desk, record_id) for record_id in ids]
        desk.happen(f"/sought-persons/{ids[1]}", "suspend")
        grown = [(kept(desk, record_id) - old).days for record_id, old in zip(ids, before, strict=True)]
        assert grown == [100, 100, 0]

    def test_never_outlasts_a_consent_that_ends(self, desk: Officer) -> None:
        ends = (clock.now() + timedelta(days=40)).isoformat()
        seen = desk.register(consents=[{"purpose": "register", "valid_until": ends}])
        move(desk, 100, seen)
        with raw(desk.gate) as connection:
            connection.execute(RECORD.update().where(RECORD.c.id == UUID(seen)).values(expires_at=moment(ends)))
        desk.change(f"/sightings/{seen}", narrative="Later.")
        assert moment(desk.get(f"/records/{seen}/consents").json()["expires_at"]) == moment(ends)

    def test_of_the_same_day_moves_nothing(self, desk: Officer) -> None:
        seen = desk.report()
        before = kept(desk, seen)
        desk.change(f"/sightings/{seen}", narrative="She asked after her brother.")
        assert kept(desk, seen) == before

    def test_by_the_eraser_moves_nothing(self, desk: Officer) -> None:
        """Forgetting a sought person cleans the enquirer's record; that is no reason to keep it longer."""
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        move(desk, 100, view["id"])
        before = kept(desk, view["id"])
        desk.erase(view["sought"][0]["id"])
        assert kept(desk, view["id"]) == before


class TestEnd:
    def test_hides_the_record_and_after_the_undo_window_forgets_it(self, desk: Officer) -> None:
        seen = desk.register()
        move(desk, 731, seen)
        assert desk.get(f"/sightings/{seen}").status_code == 404
        assert desk.night().forgotten == 0
        move(desk, 30, seen)
        assert desk.night().forgotten == 1
        assert [str(line.subject_id) for line in desk.lines()] == [seen]

    def test_can_be_undone_within_the_window_by_prolonging(self, desk: Officer) -> None:
        seen = desk.register()
        move(desk, 735, seen)
        made(prolong(desk, seen, clock.now() + timedelta(days=100)), 200)
        assert desk.get(f"/sightings/{seen}").status_code == 200


class TestProlonging:
    def test_takes_a_reason_and_leaves_one_row(self, desk: Officer) -> None:
        seen = desk.register()
        until = clock.now() + timedelta(days=4000)
        assert prolong(desk, seen, until, reason="because").status_code == 422
        made(prolong(desk, seen, until, reason="legal_claim"), 200)
        assert kept(desk, seen) == until
        assert [a for a in desk.acts_on(seen) if a.startswith("retention.prolong")] == [
            "retention.prolong_for_legal_claim"
        ]

    def test_keeps_the_whole_case(self, desk: Officer) -> None:
        view = desk.open(sought_draft(), sought_draft("Hodan Yusuf Warsame"))
        ids = [view["id"], *(s["id"] for s in view["sought"])]
        first, second = (clock.now() + timedelta(days=days) for days in (5000, 6000))
        made(prolong(desk, ids[1], first), 200)
        assert [kept(desk, one) == first for one in ids] == [True, True, False]
        made(prolong(desk, ids[0], second), 200)
        assert {kept(desk, one) for one in ids} == {second}

    @pytest.mark.parametrize("days", [-1, 10, 36501])
    def test_is_later_than_before_and_within_a_hundred_years(self, desk: Officer, days: int) -> None:
        seen = desk.register()
        answer = prolong(desk, seen, clock.now() + timedelta(days=days))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/until")

    def test_is_the_officers_and_has_its_condition(self, desk: Officer) -> None:
        seen, until = desk.register(), clock.now() + timedelta(days=4000)
        assert prolong(desk, seen, until, label="caseworker").status_code == 403
        path = f"/data-subject/records/{seen}/retention"
        body = {"until": until.isoformat(), "reason": "legal_claim"}
        assert post(desk.client, path, body, desk.auth("supervisor")).status_code == 428
        assert post(desk.client, path, body, desk.auth("supervisor"), **{"If-Match": '"x"'}).status_code == 412
        assert post(desk.client, path, body, desk.auth("supervisor", "UG")).status_code == 404


class TestMessages:
    def test_lose_their_words_a_year_after_their_end(self, desk: Officer) -> None:
        sought, seen = desk.seek(), desk.register()
        old, young, under_way = (
            desk.message(sought, seen, "to_enquirer", words, state=state)
            for words, state in (("long ago", "refused"), ("lately", "delivered"), ("not yet", "sent"))
        )
        table = T["family_message"]
        long_ago = clock.now() - timedelta(days=366)
        with raw(desk.gate) as connection:
            for one, ended in ((old, long_ago), (under_way, None)):
                changed = {"settled_at": ended, "updated_at": long_ago}
                connection.execute(table.update().where(table.c.id == one).values(**changed))
        for _ in range(2):
            desk.night()
            words = [json.loads(desk.opened("family_message", one)) for one in (old, young, under_way)]
            assert [known["text"] for known in words] == ["…", "lately", "not yet"]
            assert words[0]["language"] == "so"
        assert desk.row("family_message", str(old))["version"] == 2
