"""Nothing raises a task that nothing ends: an act that does what it asks for, or a worker's hand."""

import ast
from pathlib import Path
from uuid import UUID

import pytest

from tests.review.desk import Desk
from tests.support import made
from tests.tasks.test_routes import elsewhere, listed, settle
from tracing.gate import guard
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission, Role
from tracing.kit.ids import new_id
from tracing.tasks import service
from tracing.tasks.states import TaskKind
from tracing.tasks.tables import Task

SOURCES = Path(service.__file__).parents[1]
BY_ACT = {
    TaskKind.APPROVAL_WAITS,
    TaskKind.ASK_AGAIN,
    TaskKind.NOT_TAKEN_BACK,
    TaskKind.PARTNER_ASKS,
    TaskKind.PRE_CHECK_HIT,
    TaskKind.WEBHOOK_STOPPED,
}
BY_HAND = set(TaskKind) - BY_ACT
"""Asked for is a call, a visit, a look: nothing in the house shows that it was done."""


def named(function: str) -> set[str]:
    """Return the kinds that are named where a function of tasks is called."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == function:
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                found |= {a.attr for a in arguments if isinstance(a, ast.Attribute) and a.attr in TaskKind.__members__}
    return found


def alone(
    desk: Desk, kind: TaskKind = TaskKind.WEBHOOK_STOPPED, about: UUID | None = None, team: str = "nairobi"
) -> UUID:
    about = about or new_id()
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.TASKS_WRITE) as access:
        service.raise_alone(access, kind, about, team)
        access.note("test.raise")
    return about


def ended(desk: Desk, about: UUID, kind: TaskKind = TaskKind.WEBHOOK_STOPPED) -> None:
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.TASKS_WRITE) as access:
        service.end(access, kind, about)
        access.note("test.end")


class TestEveryKind:
    def test_that_an_act_ends_is_named_where_tasks_are_ended(self) -> None:
        assert named("end") == {kind.name for kind in BY_ACT}

    @pytest.mark.parametrize("kind", [TaskKind.WEBHOOK_STOPPED, TaskKind.RECONFIRM_CONTACT])
    def test_is_ended_by_hand_as_well(self, desk: Desk, kind: TaskKind) -> None:
        alone(desk, kind)
        (task,) = listed(desk)
        assert made(settle(desk, task["id"], "done"), 200)["state"] == "done"
        assert listed(desk) == []


class TestAboutNoRecord:
    def test_is_the_teams_and_of_nobody(self, desk: Desk) -> None:
        elsewhere(desk, "caseworker-kisumu", "kisumu", Role.CASEWORKER)
        about = alone(desk)
        (task,) = listed(desk)
        assert (task["record_id"], task["about_id"], task["team"]) == (None, str(about), "nairobi")
        assert listed(desk, "caseworker-kisumu") == []
        assert desk.get("/tasks", society="UG").json()["items"] == []
        assert desk.get(f"/tasks/{task['id']}", "caseworker-kisumu").status_code == 404

    def test_is_raised_once_until_it_is_settled(self, desk: Desk) -> None:
        about = alone(desk)
        alone(desk, about=about)
        assert len(listed(desk)) == 1
        ended(desk, about)
        assert listed(desk) == []
        alone(desk, about=about)
        assert len(listed(desk)) == 1

    def test_hides_no_less_of_those_that_have_one(self, desk: Desk) -> None:
        record_id = desk.report()
        with admitted(desk.gate, desk.people.token("caseworker"), Permission.TASKS_WRITE) as access:
            service.raise_task(access, TaskKind.RECONFIRM_CONTACT, UUID(record_id), occasion="first", due_at=access.now)
            access.note("test.raise")
        alone(desk)
        desk.withdraw(record_id, "register", "match_within_society")
        assert [task["record_id"] for task in listed(desk)] == [None]

    def test_would_be_seen_by_nobody_if_the_guard_asked_for_one(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alone(desk)
        monkeypatch.setattr(Task, "may_lack", frozenset())
        guard.filters.cache_clear()
        try:
            assert listed(desk) == []
        finally:
            guard.filters.cache_clear()
