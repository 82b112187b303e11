"""What callers send and see of tasks: ids, codes and dates, nothing of any person."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from tracing.persons.schemas import Shape
from tracing.tasks.states import TaskKind, TaskState


class SettleDraft(Shape):
    """What became of a task."""

    state: Literal[TaskState.DONE, TaskState.DISMISSED] = Field(examples=[TaskState.DONE])


class TaskView(Shape):
    """A task as a worker sees it."""

    id: UUID
    kind: TaskKind
    state: TaskState
    record_id: UUID | None = Field(
        description="The record that it is about; the task is hidden with it. Empty: a message or a webhook alone."
    )
    about_id: UUID | None = Field(description="What of it: an asking, a proposal, a person's request, a partner.")
    team: str
    assignee_id: UUID | None
    due_at: AwareDatetime
    settled_at: AwareDatetime | None
    settled_by: UUID | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class OpenCount(Shape):
    """How many tasks of one kind are open in one team."""

    team: str
    kind: TaskKind
    open: int


class DigestView(Shape):
    """Counts alone, fit for an e-mail: nothing that names a case."""

    counts: list[OpenCount]
