"""HTTP face of tasks."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.gate.access import Access
from tracing.tasks import service
from tracing.tasks.schemas import DigestView, SettleDraft, TaskView
from tracing.tasks.states import TaskKind, TaskState
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag, tagged
from tracing.web.door import DataSubjectOfficer, TaskReader, TaskWriter
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

if TYPE_CHECKING:
    from tracing.tasks.tables import Task

router = APIRouter()
LIST = "tasks"
TAGS: list[str | Enum] = ["tasks"]
RIGHTS: list[str | Enum] = ["data subject"]
OF_RIGHTS = "data-subject-tasks"
Kinds = Annotated[
    list[TaskKind], Query(alias="kind", max_length=len(TaskKind), description="Only these kinds; left out: all.")
]


@router.get("/tasks", tags=TAGS, responses=documented())
def list_tasks(
    access: TaskReader,
    paging: Paged,
    kind: Kinds = [],  # noqa: B006  # FastAPI copies it
    state: Annotated[TaskState, Query(description="Where the tasks stand.")] = TaskState.OPEN,
    mine: Annotated[bool, Query(description="Only those of cases that the caller is answerable for.")] = False,
) -> Page[TaskView]:
    """List what the caller's team has to do, the first due first; whoever hands out cases sees every team's.

    The night raises most tasks: contacts to confirm anew, searches that wait for an answer, dates that draw near.
    """
    after = paging.after(access, LIST)
    rows = service.page_of_tasks(access, state=state, kinds=kind, mine=mine, limit=paging.most, after=after)
    return paging.page(access, LIST, rows, _key)


@router.get("/data-subject/tasks", tags=RIGHTS, responses=documented())
def list_tasks_of_rights(
    access: DataSubjectOfficer,
    paging: Paged,
    state: Annotated[TaskState, Query(description="Where the tasks stand.")] = TaskState.OPEN,
) -> Page[TaskView]:
    """List what data subjects' requests ask for, the first due first, also about records that are hidden.

    Needs `data-subject:act`. The other tasks about a hidden record stay hidden with it.
    """
    rows = service.page_of_rights(access, state=state, limit=paging.most, after=paging.after(access, OF_RIGHTS))
    return paging.page(access, OF_RIGHTS, rows, _key)


def _key(row: TaskView) -> tuple[datetime, UUID]:
    return row.due_at, row.id


@router.get("/tasks/digest", tags=TAGS, responses=documented())
def digest(access: TaskReader) -> DigestView:
    """Count the open tasks per team and kind: fit for an e-mail, nothing in it names a case."""
    return service.digest(access)


@router.get("/tasks/{task_id}", tags=TAGS, responses=documented(304, 404))
def show_task(access: TaskReader, task_id: UUID, response: Response, if_none_match: IfNoneMatch = None) -> TaskView:
    """Show one task; 404 is one answer for absent, another team's and hidden with its record."""
    return _shown(service.show_task(access, task_id), response, if_none_match)


@router.get("/data-subject/tasks/{task_id}", tags=RIGHTS, responses=documented(304, 404))
def show_task_of_rights(
    access: DataSubjectOfficer, task_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> TaskView:
    """Show a task about a data subject's request, also about a record that is hidden."""
    return _shown(service.show_of_rights(access, task_id), response, if_none_match)


def _shown(view: TaskView, response: Response, if_none_match: IfNoneMatch) -> TaskView:
    tag(response, view.id, view.version)
    if is_unchanged(if_none_match, view.id, view.version):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.post("/tasks/{task_id}/settle", tags=TAGS, responses=documented(404, 409, 412, 428))
def settle_task(
    access: TaskWriter, task_id: UUID, draft: SettleDraft, response: Response, if_match: IfMatch = None
) -> TaskView:
    """Settle a task as `done` or `dismissed`. It does nothing else: no act follows from a settled task."""
    return _settled(access, service.find_task(access, task_id), draft, response, if_match)


@router.post("/data-subject/tasks/{task_id}/settle", tags=RIGHTS, responses=documented(404, 409, 412, 428))
def settle_task_of_rights(
    access: DataSubjectOfficer, task_id: UUID, draft: SettleDraft, response: Response, if_match: IfMatch = None
) -> TaskView:
    """Settle a task about a data subject's request, also about a record that is hidden; the request stays as it is."""
    return _settled(access, service.find_of_rights(access, task_id), draft, response, if_match)


def _settled(access: Access, row: "Task", draft: SettleDraft, response: Response, if_match: IfMatch) -> TaskView:
    require_match(if_match, row.id, row.version)
    return tagged(response, service.settle(access, row, draft.state))
