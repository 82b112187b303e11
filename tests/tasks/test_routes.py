"""What a team has to do: whose it is, in which order, settled once, hidden with its record."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

from httpx import Response
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw
from tests.support import Json, made, post
from tests.trails import entries
from tracing.gate import people as register_of_people
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission, Role
from tracing.kit import clock
from tracing.tasks import service
from tracing.tasks.states import TaskKind, TaskState

KINDS = (TaskKind.RECONFIRM_CONTACT, TaskKind.PARTNER_SILENT, TaskKind.RETENTION_REVIEW)


def raised(desk: Desk, record_id: str, kind: TaskKind = KINDS[0], days: int = 0, occasion: str = "first") -> bool:
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.TASKS_WRITE) as access:
        due_at = clock.now() + timedelta(days=days)
        new = service.raise_task(access, kind, UUID(record_id), occasion=occasion, due_at=due_at)
        access.note("test.raise")
        return new


def listed(desk: Desk, label: str = "caseworker", **params: Any) -> list[Json]:
    items: list[Json] = made(desk.get("/tasks", label, **params), 200)["items"]
    return items


def settle(desk: Desk, task_id: str, state: str, label: str = "caseworker", **headers: str) -> Response:
    tag = {"If-Match": desk.get(f"/tasks/{task_id}", label).headers.get("etag", '"none"')} | headers
    return post(desk.client, f"/tasks/{task_id}/settle", {"state": state}, desk.auth(label), **tag)


def elsewhere(desk: Desk, label: str, team: str, role: Role = Role.CASEWORKER) -> None:
    """Hire somebody for another team."""
    with admitted(desk.gate, desk.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        account = register_of_people.add_account(access, label=label, role=role, team=team, worker_id=None)
        desk.people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]


class TestRaised:
    def test_once_per_occasion_whatever_became_of_it(self, desk: Desk) -> None:
        record_id = desk.report()
        assert raised(desk, record_id)
        assert not raised(desk, record_id)
        made(settle(desk, listed(desk)[0]["id"], "dismissed"), 200)
        assert not raised(desk, record_id)
        assert raised(desk, record_id, occasion="second")
        acts = [e.act for e in entries(desk.gate, desk.people) if e.subject_id == UUID(record_id)]
        assert acts.count("tasks.raise") == 2


class TestList:
    def test_is_in_order_of_the_due_date_page_by_page(self, desk: Desk) -> None:
        ids = [desk.report() for _ in range(5)]
        for record_id, days in zip(ids, (3, 1, 2, 2, -1), strict=True):
            raised(desk, record_id, days=days)
        whole = listed(desk)
        assert [task["record_id"] for task in (whole[0], whole[1], whole[4])] == [ids[4], ids[1], ids[0]]
        found, cursor = [], None
        while True:
            params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = made(desk.get("/tasks", **params), 200)
            found += page["items"]
            cursor = page["next_cursor"]
            if not page["has_more"]:
                break
        assert found == whole

    def test_is_the_own_teams_and_a_supervisors_is_everybodys(self, desk: Desk) -> None:
        elsewhere(desk, "caseworker-kisumu", "kisumu")
        record_id = desk.report()
        raised(desk, record_id)
        task_id = listed(desk)[0]["id"]
        assert listed(desk, "caseworker-kisumu") == []
        for path in (f"/tasks/{task_id}", f"/tasks/{uuid4()}"):
            answer = desk.get(path, "caseworker-kisumu")
            assert (answer.status_code, answer.json()["detail"]) == (404, "no such task")
        assert settle(desk, task_id, "done", "caseworker-kisumu").status_code == 404
        assert made(desk.get("/tasks/digest", "caseworker-kisumu"), 200) == {"counts": []}
        elsewhere(desk, "supervisor-kisumu", "kisumu", Role.SUPERVISOR)
        assert [task["id"] for task in listed(desk, "supervisor-kisumu")] == [task_id]
        assert desk.get("/tasks", society="UG").json()["items"] == []
        assert desk.get(f"/tasks/{task_id}", society="UG").status_code == 404

    def test_is_narrowed_by_kind_state_and_assignee(self, desk: Desk) -> None:
        record_id = desk.report()
        for kind in KINDS:
            raised(desk, record_id, kind)
        assert [t["kind"] for t in listed(desk, kind=[KINDS[1]])] == [KINDS[1]]
        assert len(listed(desk, kind=[KINDS[1], KINDS[2]])) == 2
        made(settle(desk, listed(desk, kind=[KINDS[0]])[0]["id"], "done"), 200)
        assert [t["kind"] for t in listed(desk, state="done")] == [KINDS[0]]
        assert len(listed(desk)) == 2
        assert len(listed(desk, mine=True)) == 2
        assert listed(desk, "caseworker-2", mine=True) == []
        assert len(listed(desk, "caseworker-2")) == 2

    def test_hides_what_hides_with_its_record(self, desk: Desk) -> None:
        record_id = desk.report()
        raised(desk, record_id)
        task_id = listed(desk)[0]["id"]
        desk.withdraw(record_id, "register", "match_within_society")
        assert listed(desk) == []
        assert desk.get(f"/tasks/{task_id}").status_code == 404
        assert settle(desk, task_id, "done").status_code == 404
        assert made(desk.get("/tasks/digest"), 200) == {"counts": []}

    def test_that_cannot_be_asked_for_is_422(self, desk: Desk) -> None:
        for query in ({"kind": "gossip"}, {"state": "lost"}, {"limit": 0}, {"mine": "perhaps"}):
            assert desk.get("/tasks", **query).status_code == 422, query


class TestSettled:
    def test_is_an_open_one_and_only_once(self, desk: Desk) -> None:
        record_id = desk.report()
        for number, (state, to) in enumerate(product(TaskState, ("done", "dismissed"))):
            raised(desk, record_id, days=-number, occasion=f"{number}")
            task_id = listed(desk)[0]["id"]
            task = SQLModel.metadata.tables["task"]
            with raw(desk.gate) as connection:
                connection.execute(task.update().where(task.c.id == UUID(task_id)).values(state=state))
            answer = settle(desk, task_id, to)
            if state is TaskState.OPEN:
                view = made(answer, 200)
                assert (view["state"], view["version"], view["settled_by"] is not None) == (to, 2, True)
                assert datetime.fromisoformat(view["settled_at"]) <= clock.now()
            else:
                assert (answer.status_code, answer.json()["code"]) == (409, "task-settled"), (state, to)
        acts = [e.act for e in entries(desk.gate, desk.people) if e.subject_id == UUID(record_id)]
        assert [act for act in acts if act in ("tasks.done", "tasks.dismissed")] == ["tasks.done", "tasks.dismissed"]

    def test_needs_the_version_that_was_read(self, desk: Desk) -> None:
        raised(desk, desk.report())
        task_id = listed(desk)[0]["id"]
        answer = post(desk.client, f"/tasks/{task_id}/settle", {"state": "done"}, desk.auth())
        assert answer.status_code == 428
        assert settle(desk, task_id, "done", **{"If-Match": f'"{UUID(task_id).hex}-7"'}).status_code == 412
        for state in ("open", "gone", 1):
            assert post(desk.client, f"/tasks/{task_id}/settle", {"state": state}, desk.auth()).status_code == 422
        held = desk.get(f"/tasks/{task_id}").headers["etag"]
        again = desk.client.get(f"/v1/tasks/{task_id}", headers=desk.auth() | {"If-None-Match": held})
        assert again.status_code == 304


class TestDigest:
    def test_counts_and_names_no_case(self, desk: Desk) -> None:
        elsewhere(desk, "intake-kisumu", "kisumu", Role.INTAKE)
        first, second = desk.report(), desk.report()
        for record_id in (first, second):
            raised(desk, record_id, KINDS[1])
        raised(desk, first, KINDS[0])
        made(settle(desk, listed(desk, kind=[KINDS[0]])[0]["id"], "done"), 200)
        told = made(desk.get("/tasks/digest", "supervisor"), 200)
        assert told == {"counts": [{"team": "nairobi", "kind": "partner_silent", "open": 2}]}
