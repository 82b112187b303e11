"""Rows of outcomes. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.contact.states import Channel
from tracing.gate.columns import Moment, word
from tracing.gate.disclosing import Level
from tracing.gate.tables import Protected, Sealed


class Telling(Sealed, table=True):
    """An enquirer was told an outcome: when, how, by whom, in which language, with what support; append-only."""

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_telling_sought", "society", "sought_id", "told_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    sought_id: UUID
    release_id: UUID | None = None
    fate_id: UUID | None = None
    message_id: UUID | None = None
    answer_id: UUID | None = None
    channel: Channel = Field(sa_type=word(Channel))
    told_at: datetime = Field(sa_type=Moment)
    language: str = Field(max_length=3)
    support_offered: bool
    recorded_at: datetime = Field(sa_type=Moment)
    recorded_by: UUID
    worker_id: UUID


class PartnerAnswer(Protected, table=True):
    """What a partner society lets us tell the enquirer, at the level that the found person allowed them.

    It goes when they take it back, or when it is over; what the enquirer had been told by then stays, as `over`.

    The words themselves stand with the message that they came in.
    """

    __tablename__ = "partner_answer"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_partner_answer_sought", "society", "sought_id", "heard_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    sought_id: UUID
    level: Level = Field(sa_type=word(Level))
    heard_at: datetime = Field(sa_type=Moment)
    over: bool = False


class Closure(Protected, table=True):
    """One conclusion of a search, append-only; a search may be reopened and closed again."""

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_closure_sought", "society", "sought_id", "closed_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    sought_id: UUID
    reason: str = Field(max_length=40)
    telling_id: UUID | None = None
    closed_at: datetime = Field(sa_type=Moment)
    closed_by: UUID
    worker_id: UUID
