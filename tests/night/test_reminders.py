"""The night raises what fell due, each once and nothing else."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.night.overdue import (
    DAY,
    PHONE,
    asker,
    asking,
    change,
    consents_until,
    ending,
    moment,
    proposal,
    raised,
    remind,
    right,
    waits,
)
from tests.review.desk import Desk, raw, run_night, tables
from tests.support import granted, made, post, request_draft, sought_draft
from tests.trails import entries
from tracing import night
from tracing.gate import dues
from tracing.kit import clock
from tracing.tasks import store


class TestReminders:
    @pytest.mark.slow
    def test_are_raised_for_what_fell_due_and_for_nothing_else(self, desk: Desk) -> None:
        now, due, spared = clock.now(), set(), []
        for days, wanted in ((-1, True), (1, False)):
            request = desk.open()
            change(desk, "contact_schedule", "record_id", request["id"], due_at=now + days * DAY)
            due |= {("reconfirm_contact", request["id"])} if wanted else set()
        closed = desk.open()
        desk.happen(f"/sought-persons/{closed['sought'][0]['id']}", "close", reason="enquirer_withdrew")
        change(desk, "contact_schedule", "record_id", closed["id"], due_at=now - DAY)
        for days, wanted in ((13, True), (16, False)):
            request = asker(desk, expires_at=ending(days))
            due |= {("contact_point_expires", request["id"])} if wanted else set()
        seen = desk.report(reporter={"contacts": [PHONE | {"expires_at": ending(5)}]})
        due.add(("contact_point_expires", seen))
        for asked, kind in (
            ("ask_enquirer", "enquirer_silent"),
            ("ask_partner", "partner_silent"),
            ("ask_authority", "authority_silent"),
        ):
            for days, wanted in ((91, True), (89, False)):
                search = desk.seek()
                waits(desk, search, asked, days)
                due |= {(kind, search)} if wanted else set()
        due.add(("ask_again", asking(desk, state="deferred", until=now - DAY)))
        spared += [asking(desk, state="deferred", until=now + DAY), asking(desk, state="informed", until=now - DAY)]
        for days, wanted in ((59, True), (61, False)):
            until = (now + days * DAY).isoformat()
            consents = [consent | {"valid_until": until} for consent in granted()]
            record_id = desk.report(consents=consents)
            due |= {("retention_review", record_id)} if wanted else set()
        whole = desk.open(enquirer=request_draft()["enquirer"] | {"consents": consents_until(now + 30 * DAY)})
        due.add(("retention_review", whole["id"]))  # not once more for whom it seeks
        sooner = desk.open(sought_draft(basis=consents_until(now + 20 * DAY)))
        due.add(("retention_review", sooner["sought"][0]["id"]))
        due.add(("subject_request_due", right(desk, state="received", days=6)))
        due.add(("subject_request_due", right(desk, state="identified", days=-2)))
        spared += [right(desk, state="received", days=8), right(desk, state="done", days=6)]
        waiting, fresh, settled, again = (desk.report() for _ in range(4))
        about = uuid4()
        old = [proposal(desk, waiting), proposal(desk, settled), proposal(desk, again, about)]
        for proposal_id in old:
            change(desk, "proposal", "id", str(proposal_id), proposed_at=now - 4 * DAY)
        change(desk, "proposal", "id", str(old[1]), standing="turned_down")
        proposal(desk, fresh)
        proposal(desk, again, about)  # proposed anew yesterday: the old one waits no more
        due.add(("approval_waits", waiting))

        assert remind(desk) == len(due)
        assert raised(desk) == due
        assert {kind for kind, _ in due} == {reminder.kind for reminder in night.REMINDERS}
        before = tables(desk.gate)
        assert remind(desk) == 0
        assert tables(desk.gate) == before
        tried = [entry for entry in entries(desk.gate, desk.people) if entry.act == "tasks.raise"]
        assert len(tried) == len(due)
        shown = made(desk.get("/tasks", "supervisor", limit=200), 200)["items"]
        assert all(moment(task["due_at"]) >= moment(task["created_at"]) for task in shown)

    def test_of_another_society_or_a_hidden_record_are_not_raised(self, desk: Desk) -> None:
        theirs = made(post(desk.client, "/tracing-requests", request_draft(), desk.auth(society="UG")))
        table = SQLModel.metadata.tables["contact_schedule"]
        gone = desk.open()
        for society in ("KE", "UG"):
            with raw(desk.gate, society) as connection:
                connection.execute(table.update().values(due_at=clock.now() - DAY))
        desk.withdraw(gone["id"], "register", "match_within_society")
        assert remind(desk) == 0
        assert run_night(desk.gate, desk.people.token("supervisor", "UG")).reminders == 1
        with raw(desk.gate, "UG") as connection:
            rows = connection.execute(select(SQLModel.metadata.tables["task"].c.record_id)).scalars().all()
        assert theirs["id"] in [str(record_id) for record_id in rows]

    def test_come_back_on_the_next_occasion(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        for days in (40, 30, 20):
            change(desk, "contact_schedule", "record_id", request_id, due_at=clock.now() - days * DAY)
            assert [remind(desk), remind(desk)] == [1, 0]

    def test_are_told_of_and_counted(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        change(desk, "contact_schedule", "record_id", request_id, due_at=clock.now() - DAY)
        heard: list[tuple[str, int, int]] = []
        report = run_night(desk.gate, desk.people.token("supervisor"), told=lambda *said: heard.append(said))
        assert report.reminders == 1
        assert report.run is not None
        assert report.run.reminders == 1
        assert made(desk.get(f"/jobs/{report.run.id}"), 200)["reminders"] == 1
        steps = len(night.REMINDERS)
        assert [said for said in heard if said[0] == "reminding"] == [("reminding", n + 1, steps) for n in range(steps)]

    def test_of_many_pages_miss_nobody(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        ids = {desk.open()["id"] for _ in range(5)}
        table = SQLModel.metadata.tables["contact_schedule"]
        with raw(desk.gate) as connection:  # all at one moment: the id tells them apart
            connection.execute(table.update().values(due_at=clock.now() - DAY))
        monkeypatch.setattr(dues, "PAGE", 2)
        monkeypatch.setattr(night, "PAGE", 2)
        assert remind(desk) == 5
        assert raised(desk) == {("reconfirm_contact", request_id) for request_id in ids}

    def test_that_another_night_raises_meanwhile_are_raised_once(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request_id = desk.open()["id"]
        change(desk, "contact_schedule", "record_id", request_id, due_at=clock.now() - DAY)
        blind = iter([set[str]()])
        true = store.marked
        monkeypatch.setattr(store, "marked", lambda access, marks: next(blind, None) or true(access, marks))
        assert remind(desk) == 1
        monkeypatch.setattr(store, "marked", _blind_once(true))
        assert remind(desk) == 0
        assert raised(desk) == {("reconfirm_contact", request_id)}


def _blind_once(true: Any) -> Any:
    """Return what sees no mark the first time, as when the other night has not committed yet."""
    times: Iterator[int] = iter(range(100))

    def marked(access: Any, marks: list[str]) -> set[str]:
        found: set[str] = true(access, marks)
        return set() if found and next(times) == 0 else found

    return marked


class TestTheClockOfARight:
    def test_is_not_missed_because_the_record_is_hidden(self, desk: Desk) -> None:
        record_id = right(desk, state="identified", days=6)
        desk.withdraw(record_id, "register", "match_within_society")
        assert [remind(desk), remind(desk)] == [1, 0]
        assert raised(desk) == {("subject_request_due", record_id)}
        assert made(desk.get("/tasks", "supervisor"), 200)["items"] == []
        (task,) = made(desk.get("/data-subject/tasks", "supervisor"), 200)["items"]
        assert (task["record_id"], task["kind"]) == (record_id, "subject_request_due")
        path = f"/data-subject/tasks/{task['id']}"
        tag = {"If-Match": desk.get(path, "supervisor").headers["etag"]}
        settled = post(desk.client, f"{path}/settle", {"state": "done"}, desk.auth("supervisor"), **tag)
        assert made(settled, 200)["state"] == "done"
        assert made(desk.get("/data-subject/tasks", "supervisor"), 200)["items"] == []
        assert [desk.get("/data-subject/tasks", label).status_code for label in ("caseworker", "auditor")] == [403, 403]

    def test_shows_no_other_task_about_a_hidden_record(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        change(desk, "contact_schedule", "record_id", request_id, due_at=clock.now() - DAY)
        assert remind(desk) == 1
        (task,) = made(desk.get("/tasks"), 200)["items"]
        desk.withdraw(request_id, "register", "match_within_society")
        assert made(desk.get("/data-subject/tasks", "supervisor"), 200)["items"] == []
        assert desk.get(f"/data-subject/tasks/{task['id']}", "supervisor").status_code == 404

    def test_ends_when_the_record_is_forgotten(self, desk: Desk) -> None:
        record_id = right(desk, state="identified", days=6)
        desk.withdraw(record_id, "register", "match_within_society")
        change(desk, "record", "id", record_id, hidden_at=clock.now() - 31 * DAY)
        assert remind(desk) == 0
