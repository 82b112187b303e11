"""What the night raised is not read again, and waits no more once it is settled."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel, select

from tests.messages.desk import Pair, pair
from tests.night.overdue import (
    DAY,
    PHONE,
    asker,
    asking,
    change,
    consents_until,
    ending,
    proposal,
    remind,
    right,
    waits,
)
from tests.review.desk import Desk, raw
from tests.support import made, post, request_draft
from tracing import night
from tracing.contact import service as contact
from tracing.gate.access import Access
from tracing.kit import clock

QUESTIONS = {
    "proposal": "ix_proposal_waiting",
    "disclosure_case": "ix_disclosure_case_deferred",
    "task": "ix_task_about",
}
"""By table, the index that finds what the night asks of it."""


class TestWhatWasRaised:
    @pytest.mark.slow
    def test_is_not_read_again(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each kind that lies overdue is read on the night when it fell due; a contact point moves on by itself."""
        now, read = clock.now(), []
        change(desk, "contact_schedule", "record_id", desk.open()["id"], due_at=now - DAY)
        for asked in ("ask_enquirer", "ask_partner", "ask_authority"):
            waits(desk, desk.seek(), asked, 91)
        asking(desk, state="deferred", until=now - DAY)
        desk.report(consents=consents_until(now + 30 * DAY))
        right(desk, state="received", days=-2)
        change(desk, "proposal", "id", str(proposal(desk, desk.report())), proposed_at=now - 4 * DAY)
        true = night._remind

        def reading(access: Access, after: Any, reminder: night.Reminder) -> Any:
            page = reminder.page

            def kept(access: Access, place: Any) -> list[Any]:
                found = page(access, place)
                read.extend([reminder.kind] * len(found))
                return found

            return true(access, after, replace(reminder, page=kept))

        monkeypatch.setattr(night, "_remind", reading)
        assert remind(desk) == 8
        assert len(read) == 8
        read.clear()
        assert remind(desk) == 0
        assert read == []
        change(desk, "contact_schedule", "record_id", desk.open()["id"], due_at=now - DAY)
        assert remind(desk) == 1
        assert len(read) == 1

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_and_what_fell_due_is_found_by_an_index(self, desk: Desk) -> None:
        asked: list[tuple[str, Any]] = []

        def hear(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, parameters))

        event.listen(desk.gate.engine, "before_cursor_execute", hear)
        remind(desk)
        event.remove(desk.gate.engine, "before_cursor_execute", hear)
        with raw(desk.gate) as connection:
            plans = [
                str(row[3])
                for statement, parameters in asked
                for row in connection.exec_driver_sql(f"explain query plan {statement}", parameters)
            ]
        for table, index in QUESTIONS.items():
            assert [plan for plan in plans if f"SEARCH {table} USING" in plan and index in plan], (table, plans)
            assert not [plan for plan in plans if plan.startswith(f"SCAN {table}")]


class TestEndOfContactPoints:
    def test_moves_on_to_the_next_one_without_opening_the_rest(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        points = [PHONE | {"expires_at": ending(days)} for days in (3, 9, 400)]
        request_id = desk.open(enquirer=request_draft()["enquirer"] | {"contacts": points})["id"]
        other = asker(desk, expires_at=ending(10))["id"]
        assert remind(desk) == 2
        later = clock.now() + 5 * DAY
        opened: list[UUID] = []
        true = contact.contact_points

        def points_of(access: Access, record_id: UUID) -> Any:
            opened.append(record_id)
            return true(access, record_id)

        monkeypatch.setattr(contact, "contact_points", points_of)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert [remind(desk), remind(desk)] == [1, 0]  # the one that ends on the ninth day
        assert opened == [UUID(request_id)]
        later += 20 * DAY
        assert [remind(desk), remind(desk)] == [0, 0]
        assert set(opened) == {UUID(request_id), UUID(other)}
        table = SQLModel.metadata.tables["contact_schedule"]
        with raw(desk.gate) as connection:
            ends = {row[0]: row[1] for row in connection.execute(select(table.c.record_id, table.c.expires_at))}
        assert ends[UUID(other)] is None
        assert ends[UUID(request_id)] is not None


class TestWhatWaitsForApproval:
    @pytest.fixture
    def message(self, desk: Desk) -> tuple[Pair, str]:
        """A message that another worker has not read for four days."""
        known = pair(desk)
        message_id = known.written()["id"]
        change(desk, "proposal", "about_id", message_id, proposed_at=clock.now() - 4 * DAY)
        return known, message_id

    def waits(self, desk: Desk) -> list[str]:
        tasks = made(desk.get("/tasks", "supervisor", limit=200), 200)["items"]
        return [task["about_id"] for task in tasks if task["kind"] == "approval_waits"]

    @pytest.mark.parametrize("event", ["read", "return"])
    def test_waits_no_more_once_it_is_settled(self, desk: Desk, message: tuple[Pair, str], event: str) -> None:
        known, message_id = message
        remind(desk)
        assert self.waits(desk) == [message_id]
        made(known.step(message_id, event, **({"reason": "contact_point"} if event == "return" else {})), 200)
        assert self.waits(desk) == []

    def test_of_a_fate_waits_no_more_once_it_is_confirmed(self, desk: Desk) -> None:
        evidence = [{"kind": "event_list", "ref": "list-9"}]
        body = {
            "finding": "partial_answer",
            "source": "event_list",
            "account": "seen",
            "language": "en",
            "evidence": evidence,
        }
        report = made(post(desk.client, f"/sought-persons/{desk.seek()}/fate-reports", body, desk.auth()))
        change(desk, "proposal", "about_id", report["id"], proposed_at=clock.now() - 4 * DAY)
        remind(desk)
        assert self.waits(desk) == [report["id"]]
        at = f"/fate-reports/{report['id']}"
        tag = {"If-Match": desk.get(at).headers["ETag"]}
        made(post(desk.client, f"{at}/events", {"event": "confirm"}, desk.auth("supervisor"), **tag), 200)
        assert self.waits(desk) == []
