"""Every statement about tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import col, func, or_, select

from tracing.gate.access import Access
from tracing.kit.ids import new_id
from tracing.tasks.states import TaskKind, TaskState
from tracing.tasks.tables import Task


def marked(access: Access, marks: Sequence[str]) -> set[str]:
    """Return those of some hundreds of marks under which a task was raised before, whatever became of it."""
    return set(access.session.exec(select(Task.mark).where(col(Task.mark).in_(marks))).all())


def not_raised(access: Access, kind: TaskKind, at: Any, row_id: Any) -> Any:
    """Return the condition that no task of `kind` was raised about the row that fell due `at`."""
    about = (Task.society == access.society, Task.about_id == row_id)
    return ~exists(select(Task.id).where(*about, Task.kind == kind, Task.fell_due_at == at))


def row(
    access: Access,
    kind: TaskKind,
    record_id: UUID | None,
    *,
    mark: str,
    due_at: datetime,
    team: str,
    about_id: UUID | None,
    fell_due_at: datetime | None,
    assignee_id: UUID | None,
) -> Task:
    """Return an open task, not yet added."""
    return Task(
        society=access.society,
        id=new_id(),
        kind=kind,
        state=TaskState.OPEN,
        record_id=record_id,
        about_id=about_id,
        fell_due_at=fell_due_at,
        mark=mark,
        team=team,
        assignee_id=assignee_id,
        due_at=due_at,
        created_at=access.now,
        updated_at=access.now,
    )


def add(access: Access, rows: Sequence[Task]) -> None:
    """Add tasks."""
    access.session.add_all(rows)
    access.session.flush()


def find(access: Access, task_id: UUID, *, team: str | None) -> Task | None:
    """Return a task that the access can see, of `team` unless that is None."""
    query = select(Task).where(Task.id == task_id)
    return access.session.exec(query if team is None else query.where(Task.team == team)).one_or_none()


def open_about(access: Access, kind: TaskKind, about_id: UUID) -> list[Task]:
    """Return the open tasks of a kind about a feature's row, whichever team they are of."""
    query = select(Task).where(Task.kind == kind, Task.about_id == about_id, Task.state == TaskState.OPEN)
    return list(access.session.exec(query.order_by(col(Task.created_at), col(Task.id))).all())


def page(
    access: Access,
    *,
    state: TaskState,
    team: str | None,
    kinds: Sequence[TaskKind],
    assignee_id: UUID | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[Task]:
    """Return at most `limit` tasks in `state` that follow `after`, the first due first.

    None for `team` or `assignee_id`, and no `kinds`, leave that condition out.
    """
    query = select(Task).where(Task.state == state).order_by(col(Task.due_at), col(Task.id)).limit(limit)
    if team is not None:
        query = query.where(Task.team == team)
    if kinds:
        query = query.where(col(Task.kind).in_(kinds))
    if assignee_id is not None:
        query = query.where(Task.assignee_id == assignee_id)
    if after is not None:
        at, task_id = after
        query = query.where(or_(col(Task.due_at) > at, (col(Task.due_at) == at) & (col(Task.id) > task_id)))
    return list(access.session.exec(query).all())


def count_open(access: Access, *, team: str | None) -> list[tuple[str, TaskKind, int]]:
    """Return (team, kind, how many are open) of `team`, or of all when that is None."""
    query = select(Task.team, Task.kind, func.count(col(Task.id))).where(Task.state == TaskState.OPEN)
    if team is not None:
        query = query.where(Task.team == team)
    query = query.group_by(Task.team, col(Task.kind)).order_by(Task.team, col(Task.kind))
    return [(found, TaskKind(kind), count) for found, kind, count in access.session.exec(query).all()]


def save(access: Access, row: Task) -> None:
    """Write a changed task and count its version up."""
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()
