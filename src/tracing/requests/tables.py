"""Rows of tracing requests. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Protected, Sealed, Versioned
from tracing.requests.states import PublicStatus, State


class TracingRequest(Versioned, Sealed, table=True):
    """One enquirer's request; its details hold the enquirer, the separation and the contact rules."""

    __tablename__ = "tracing_request"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "id"], ["record.society", "record.id"]),
        Index("ix_tracing_request_created", "society", "created_at", "id"),
    )

    id: UUID
    case_type: str = Field(max_length=40)
    intake_channel: str = Field(max_length=40)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    created_by: UUID


class SoughtPerson(Versioned, Sealed, table=True):
    """One person sought by a request, with a state of their own."""

    __tablename__ = "sought_person"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "request_id"], ["tracing_request.society", "tracing_request.id"]),
        Index("ix_sought_person_request", "society", "request_id"),
        Index("ix_sought_person_state", "society", "state", "updated_at", "id"),
    )

    id: UUID
    request_id: UUID
    position: int
    state: State = Field(sa_type=word(State))
    reason: str | None = Field(default=None, max_length=40)
    priority: str = Field(max_length=20)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class StatusEntry(Protected, table=True):
    """What an enquirer may see of one of their searches from `since` on, append-only.

    Hidden with the request only: a line that vanished with the sought person's record would tell of it.

    Attributes:
        version: the order of one search's entries.
        at_once: seen from `since` on, not from the next date of the cadence on.
    """

    __tablename__ = "status_entry"
    __table_args__ = (
        PrimaryKeyConstraint("society", "request_id", "position", "version"),
        ForeignKeyConstraint(["society", "request_id"], ["record.society", "record.id"]),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("request_id",)

    request_id: UUID
    position: int
    version: int
    status: PublicStatus = Field(sa_type=word(PublicStatus))
    since: datetime = Field(sa_type=Moment)
    at_once: bool
