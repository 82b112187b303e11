"""Rows of contact keeping. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.contact.states import Channel, Purpose, Result
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed


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
