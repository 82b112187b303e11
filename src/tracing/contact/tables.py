"""Rows of contact keeping. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.contact.states import Channel, Purpose, Result
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Protected, Sealed


class ContactAttempt(Sealed, table=True):
    """One try to reach the person of a record, append-only; which contact point and the note stand sealed."""

    __tablename__ = "contact_attempt"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_contact_attempt_record", "society", "record_id", "made_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("record_id",)

    id: UUID
    record_id: UUID
    channel: Channel = Field(sa_type=word(Channel))
    purpose: Purpose = Field(sa_type=word(Purpose))
    result: Result = Field(sa_type=word(Result))
    made_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    recorded_by: UUID
    worker_id: UUID


class ContactSchedule(Protected, table=True):
    """When the person of a record was last reached, and when they are to be asked again whether they still can be."""

    __tablename__ = "contact_schedule"
    __table_args__ = (
        PrimaryKeyConstraint("society", "record_id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_contact_schedule_due", "society", "due_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("record_id",)

    record_id: UUID
    reconfirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime = Field(sa_type=Moment)
