"""Rows of tasks. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Versioned
from tracing.tasks.states import TaskKind, TaskState


class Task(Versioned, table=True):
    """Something to be done about one record, or about none: then it tells of nobody. Ids and dates, never words.

    `mark` names the occasion (kind, thing, period), so that a night that runs again raises nothing twice.
    `fell_due_at` is the moment of what a night reminds of, exactly: the next night does not read it again.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "mark"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_task_queue", "society", "state", "due_at", "id"),
        Index("ix_task_record", "society", "record_id"),
        Index("ix_task_about", "society", "about_id", "kind"),
    )
    record_columns = ("record_id",)
    may_lack = frozenset({"record_id"})

    id: UUID
    kind: TaskKind = Field(sa_type=word(TaskKind))
    state: TaskState = Field(sa_type=word(TaskState))
    record_id: UUID | None = None
    about_id: UUID | None = None
    fell_due_at: datetime | None = Field(default=None, sa_type=Moment)
    mark: str = Field(max_length=120)
    team: str = Field(max_length=40)
    assignee_id: UUID | None = None
    due_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    settled_by: UUID | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
