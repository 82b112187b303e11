"""The rules of tasks: no HTTP, no SQL."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.gate.dues import Due
from tracing.gate.permissions import Permission
from tracing.kit.errors import NotFound
from tracing.tasks import store
from tracing.tasks.errors import SettledBefore
from tracing.tasks.schemas import DigestView, OpenCount, TaskView
from tracing.tasks.states import TaskKind, TaskState

if TYPE_CHECKING:
    from tracing.gate.tables import Record
    from tracing.tasks.tables import Task


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
    mark = _mark(kind, record_id, occasion)
    if store.marked(access, [mark]):
        return False
    _raise(access, [_row(access, kind, record, mark, due_at, about_id)])
    return True


def await_approval(access: Access, record_id: UUID, about_id: UUID, version: int) -> None:
    """Tell a record's team that what a feature's row proposes waits for another worker, once per version of the row.

    Raises:
        NotFound: the record is absent, another society's, or hidden.
    """
    occasion = f"{about_id.hex}:{version}"
    raise_task(access, TaskKind.APPROVAL_WAITS, record_id, occasion=occasion, due_at=access.now, about_id=about_id)


def end_waiting(access: Access, about_id: UUID) -> None:
    """Settle the tasks that a feature's row waits for approval: it was settled, or nobody approves it any more."""
    end(access, TaskKind.APPROVAL_WAITS, about_id)


def end(access: Access, kind: TaskKind, about_id: UUID, records: Collection[UUID] | None = None) -> None:
    """Settle the open tasks of a kind about a feature's row, whose act was done; with `records`, those about them."""
    for row in store.open_about(access, kind, about_id):
        if records is None or row.record_id in records:
            settle(access, row, TaskState.DONE)


def raise_alone(access: Access, kind: TaskKind, about_id: UUID, team: str) -> None:
    """Raise a task for a team about a feature's row and no record, unless one stands open; nothing in it is of anybody.

    For what must be done although the records behind it are hidden, or where there are none.
    """
    if is_open(access, kind, about_id):
        return
    mark = f"{kind}:{about_id.hex}:{access.now.isoformat()}"
    store.add(
        access,
        [
            store.row(
                access,
                kind,
                None,
                mark=mark,
                due_at=access.now,
                team=team,
                about_id=about_id,
                fell_due_at=None,
                assignee_id=None,
            )
        ],
    )
    access.note("tasks.raise_alone", about_id)


def is_open(access: Access, kind: TaskKind, about_id: UUID) -> bool:
    """Return whether a task of a kind stands open about a feature's row."""
    return bool(store.open_about(access, kind, about_id))


def waiting_for(access: Access, kind: TaskKind, about_id: UUID) -> set[UUID]:
    """Return the records about which a task of a kind stands open because of a feature's row."""
    return {row.record_id for row in store.open_about(access, kind, about_id) if row.record_id is not None}


def remind(access: Access, kind: TaskKind, dues: Sequence[Due]) -> int:
    """Raise a task for each of a page of things that fell due, once per thing and date; return how many are new.

    What fell due before now is due now. Whose record the access does not see is passed over.
    """
    records = register.records(access, [due.record_id for due in dues])
    wanted = {
        _mark(kind, due.record_id, f"{due.at.date()}:{due.id.hex}"): due for due in dues if due.record_id in records
    }
    known = store.marked(access, list(wanted))
    rows = [
        _row(access, kind, records[due.record_id], mark, max(due.at, access.now), due.id, due.at)
        for mark, due in wanted.items()
        if mark not in known
    ]
    _raise(access, rows)
    return len(rows)


def not_raised(access: Access, kind: TaskKind) -> Callable[[Any, Any], Any]:
    """Return the condition, on the columns of a moment and of a row's id, that `remind` raised nothing for it yet."""
    return partial(store.not_raised, access, kind)


def _raise(access: Access, rows: Sequence["Task"]) -> None:
    store.add(access, rows)
    for row in rows:
        access.note("tasks.raise", row.record_id)


def _mark(kind: TaskKind, record_id: UUID, occasion: str) -> str:
    return f"{kind}:{record_id.hex}:{occasion}"


def _row(
    access: Access,
    kind: TaskKind,
    record: "Record",
    mark: str,
    due_at: datetime,
    about_id: UUID | None,
    fell_due_at: datetime | None = None,
) -> "Task":
    return store.row(
        access,
        kind,
        record.id,
        mark=mark,
        due_at=due_at,
        team=record.team,
        about_id=about_id,
        fell_due_at=fell_due_at,
        assignee_id=record.assignee_id,
    )


def page_of_tasks(
    access: Access,
    *,
    state: TaskState,
    kinds: Sequence[TaskKind],
    mine: bool,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[TaskView]:
    """Return at most `limit` tasks of the caller's team that follow `after`, the first due first."""
    rows = store.page(
        access,
        state=state,
        team=_team(access),
        kinds=kinds,
        assignee_id=access.caller.account_id if mine else None,
        limit=limit,
        after=after,
    )
    access.note_page("tasks.list", [row.id for row in rows])
    return [_view(row) for row in rows]


def page_of_rights(
    access: Access, *, state: TaskState, limit: int, after: tuple[datetime, UUID] | None
) -> list[TaskView]:
    """Return at most `limit` tasks about data subjects' requests that follow `after`, hidden records' included."""
    kinds = [TaskKind.SUBJECT_REQUEST_DUE]
    rows = store.page(access, state=state, team=None, kinds=kinds, assignee_id=None, limit=limit, after=after)
    access.note_page("data-subject.tasks", [row.id for row in rows])
    return [_view(row) for row in rows]


def show_of_rights(access: Access, task_id: UUID) -> TaskView:
    """Return a task about a data subject's request.

    Raises:
        NotFound: absent, another society's, of another kind, or about a forgotten record.
    """
    row = find_of_rights(access, task_id)
    access.note("data-subject.task", row.record_id)
    return _view(row)


def find_of_rights(access: Access, task_id: UUID) -> "Task":
    """Return the row of a task about a data subject's request, for checking its version.

    Raises:
        NotFound: absent, another society's, of another kind, or about a forgotten record.
    """
    row = store.find(access, task_id, team=None)
    if row is None or row.kind is not TaskKind.SUBJECT_REQUEST_DUE:
        raise NotFound("no such task")
    return row


def show_task(access: Access, task_id: UUID) -> TaskView:
    """Return a task.

    Raises:
        NotFound: absent, another society's or team's, or hidden with its record.
    """
    row = find_task(access, task_id)
    access.note("tasks.read", row.record_id or row.about_id)
    return _view(row)


def find_task(access: Access, task_id: UUID) -> "Task":
    """Return the row of a task, for checking its version.

    Raises:
        NotFound: absent, another society's or team's, or hidden with its record.
    """
    row = store.find(access, task_id, team=_team(access))
    if row is None:
        raise NotFound("no such task")
    return row


def settle(access: Access, row: "Task", state: TaskState) -> TaskView:
    """Settle an open task as done or dismissed; the caller has checked the version.

    Raises:
        SettledBefore: it is not open any more.
    """
    if row.state is not TaskState.OPEN:
        raise SettledBefore("the task was settled before")
    row.state, row.settled_at, row.settled_by = state, access.now, access.caller.account_id
    store.save(access, row)
    access.note(f"tasks.{state}", row.record_id or row.about_id)
    return _view(row)


def digest(access: Access) -> DigestView:
    """Return how many tasks are open per team and kind: counts alone, nothing that names a case."""
    counts = [OpenCount(team=team, kind=kind, open=n) for team, kind, n in store.count_open(access, team=_team(access))]
    access.note("tasks.digest", count=sum(count.open for count in counts))
    return DigestView(counts=counts)


def _team(access: Access) -> str | None:
    """Return the team whose tasks the caller sees; None for all: whoever hands out cases sees every team's."""
    return None if Permission.REQUESTS_ASSIGN in access.caller.permissions else access.caller.team


def _view(row: "Task") -> TaskView:
    return TaskView.model_validate(row, from_attributes=True)
