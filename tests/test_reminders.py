"""The night raises what fell due, each once and nothing else, and stops messages that are not allowed any more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import SQLModel, select

from tests.messages.desk import Pair, pair
from tests.review.desk import Desk, raw, run_night, tables
from tests.support import Json, People, granted, made, post, request_draft, sought_draft
from tests.trails import entries
from tracing import night
from tracing.contact import service as contact
from tracing.gate import dues, foureyes
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.disclosing import Act
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.tasks import store

PHONE = {"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}
DAY = timedelta(days=1)
moment = datetime.fromisoformat


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


def change(desk: Desk, table_name: str, column: str, record_id: str, **values: Any) -> None:
    """Change a row as if time had passed."""
    table = SQLModel.metadata.tables[table_name]
    with raw(desk.gate) as connection:
        done = connection.execute(table.update().where(table.c[column] == UUID(record_id)).values(**values))
    assert done.rowcount == 1, (table_name, record_id)


def put(desk: Desk, table_name: str, **values: Any) -> None:
    with raw(desk.gate) as connection:
        connection.execute(SQLModel.metadata.tables[table_name].insert().values(society="KE", **values))


def raised(desk: Desk) -> set[tuple[str, str]]:
    """Return (kind, record) of every task."""
    table = SQLModel.metadata.tables["task"]
    with raw(desk.gate) as connection:
        rows = connection.execute(select(table.c.kind, table.c.record_id)).all()
    assert len(rows) == len({tuple(row) for row in rows}), "two tasks of one kind about one record"
    return {(str(kind), str(record_id)) for kind, record_id in rows}


def remind(desk: Desk) -> int:
    return run_night(desk.gate, desk.people.token("supervisor")).reminders


def proposal(desk: Desk, record_id: str, about_id: UUID | None = None) -> UUID:
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        made = foureyes.propose(access, Act.FATE, UUID(record_id), about_id or uuid4(), b"as it is")
        access.note("test.propose")
        return made


def waits(desk: Desk, search: str, event: str, days: float) -> None:
    """Let a search wait for an answer for so many days."""
    desk.happen(f"/sought-persons/{search}", event)
    change(desk, "sought_person", "id", search, updated_at=clock.now() - days * DAY)


def key_of(desk: Desk, record_id: str) -> UUID:
    table = SQLModel.metadata.tables["record"]
    with raw(desk.gate) as connection:
        found: UUID = connection.execute(select(table.c.key_id).where(table.c.id == UUID(record_id))).scalar_one()
    return found


def asking(desk: Desk, *, state: str, until: datetime | None) -> str:
    """Put an asking of a found person, and all that it rests on, into the case base; return the found person's id."""
    found_id, search = desk.report(), desk.seek()
    now, by, pair = clock.now(), uuid4(), {"found_id": UUID(found_id), "sought_id": UUID(search)}
    times = {"version": 1, "created_at": now, "updated_at": now}
    suggestion_id, verification_id = uuid4(), uuid4()
    put(
        desk, "suggestion", id=suggestion_id, left_id=UUID(search), right_id=UUID(found_id), right_kind="sighting",
        state="confirmed_same_person", weight=9.0, probability=0.9, prior=0.1, band="strong", levels="", bits="",
        engine_version="none", left_as="", right_as="", **times,
    )  # fmt: skip
    sealed = {"key_id": key_of(desk, found_id), "details": b"sealed"}
    who = {"opened_by": by, "worker_id": by}
    put(
        desk, "verification", id=verification_id, suggestion_id=suggestion_id, state="passed", **pair, **sealed,
        **who, **times,
    )  # fmt: skip
    put(
        desk, "disclosure_case", id=uuid4(), verification_id=verification_id, state=state, defer_until=until,
        **pair, **sealed, **times,
    )  # fmt: skip
    return found_id


def right(desk: Desk, *, state: str, days: float) -> str:
    """Put a data subject's request that is due in so many days into the case base; return whose record."""
    record_id, now, by = desk.report(), clock.now(), uuid4()
    put(
        desk, "subject_request", id=uuid4(), record_id=UUID(record_id), key_id=key_of(desk, record_id),
        details=b"sealed", kind="access", state=state, received_at=now, due_at=now + days * DAY, extended=False,
        recorded_by=by, worker_id=by, version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    return record_id


def asker(desk: Desk, **fields: Any) -> Json:
    return desk.open(enquirer=request_draft()["enquirer"] | {"contacts": [PHONE | fields]})


def ending(days: float) -> str:
    return f"{(clock.now() + days * DAY).date()}"


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


def consents_until(end: datetime) -> list[Json]:
    return [consent | {"valid_until": end.isoformat()} for consent in granted()]


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
