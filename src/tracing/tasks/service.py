"""The rules of tasks: no HTTP, no SQL."""

from datetime import datetime
from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.kit.errors import NotFound
from tracing.tasks import store
from tracing.tasks.states import TaskKind


def raise_task(
    access: Access, kind: TaskKind, record_id: UUID, *, occasion: str, due_at: datetime, about_id: UUID | None = None
) -> bool:
    """Raise a task for the team and the assignee of a record, once per occasion; return whether it is new.

    Args:
        access: sees the record.
        kind: what is to be done.
        record_id: whose record.
        occasion: what makes this one differ from the next of its kind: a date, an id; never words about a person.
        due_at: when it is due.
        about_id: the feature's row that it is about.

    Raises:
        NotFound: the record is absent, another society's, or hidden.
    """
    record = register.records(access, [record_id]).get(record_id)
    if record is None:
        raise NotFound("no such record")
    mark = f"{kind}:{record_id.hex}:{occasion}"
    if store.is_marked(access, mark):
        return False
    store.add(
        access,
        kind,
        record_id,
        mark=mark,
        due_at=due_at,
        team=record.team,
        about_id=about_id,
        assignee_id=record.assignee_id,
    )
    access.note("tasks.raise", record_id)
    return True
