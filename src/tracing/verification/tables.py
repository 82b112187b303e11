"""Rows of verifications. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed, Versioned
from tracing.verification.states import Side, State


class Verification(Versioned, Sealed, table=True):
    """Whether a confirmed match is the person, and the relationship what it is said to be."""

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "suggestion_id"], ["suggestion.society", "suggestion.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        Index("ix_verification_pair", "society", "sought_id", "found_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id", "found_id")

    id: UUID
    suggestion_id: UUID
    sought_id: UUID
    found_id: UUID
    state: State = Field(sa_type=word(State))
    opened_by: UUID
    worker_id: UUID
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    settled_by: UUID | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Interview(Sealed, table=True):
    """One talk with one side, append-only; the facts stand sealed with the key of that side's record."""

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "verification_id"], ["verification.society", "verification.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        Index("ix_interview_verification", "society", "verification_id", "held_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id", "found_id")

    id: UUID
    verification_id: UUID
    sought_id: UUID
    found_id: UUID
    side: Side = Field(sa_type=word(Side))
    apart: bool
    held_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    recorded_by: UUID
    worker_id: UUID
