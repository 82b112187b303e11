"""Rows of Red Cross Messages. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed, Versioned
from tracing.messages.states import Direction, State


class Message(Versioned, Sealed, table=True):
    """Short family news, carried by the society; the words stand sealed with the found person's key."""

    __tablename__ = "family_message"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_family_message_pair", "society", "sought_id", "found_id", "created_at"),
        Index("ix_family_message_state", "society", "state", "created_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("found_id", "sought_id")

    id: UUID
    found_id: UUID
    sought_id: UUID
    direction: Direction = Field(sa_type=word(Direction))
    state: State = Field(sa_type=word(State))
    reason: str | None = Field(default=None, max_length=40)
    entered_by: UUID
    worker_id: UUID
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
