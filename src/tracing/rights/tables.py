"""Rows of data subjects' requests. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed, Versioned
from tracing.rights.states import Kind, State


class SubjectRequest(Versioned, Sealed, table=True):
    """A person uses a right over one record, with a clock; seen only through the data subject's door."""

    __tablename__ = "subject_request"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_subject_request_due", "society", "state", "due_at", "id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("record_id",)

    id: UUID
    record_id: UUID
    kind: Kind = Field(sa_type=word(Kind))
    state: State = Field(sa_type=word(State))
    reason: str | None = Field(default=None, max_length=40)
    received_at: datetime = Field(sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
    extended: bool = False
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    recorded_by: UUID
    worker_id: UUID
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
