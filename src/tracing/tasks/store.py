"""Every statement about tasks."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select

from tracing.gate.access import Access
from tracing.kit.ids import new_id
from tracing.tasks.states import TaskKind, TaskState
from tracing.tasks.tables import Task


def is_marked(access: Access, mark: str) -> bool:
    """Return whether a task of this occasion was raised before, whatever became of it."""
    return access.session.exec(select(Task.id).where(Task.mark == mark)).first() is not None


def add(
    access: Access,
    kind: TaskKind,
    record_id: UUID,
    *,
    mark: str,
    due_at: datetime,
    team: str,
    about_id: UUID | None,
    assignee_id: UUID | None,
) -> Task:
    """Add an open task."""
    row = Task(
        society=access.society,
        id=new_id(),
        kind=kind,
        state=TaskState.OPEN,
        record_id=record_id,
        about_id=about_id,
        mark=mark,
        team=team,
        assignee_id=assignee_id,
        due_at=due_at,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row
