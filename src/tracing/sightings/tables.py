"""Rows of sightings. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.kinds import Kind
from tracing.gate.tables import Sealed, Versioned
from tracing.sightings.states import State


class Sighting(Versioned, Sealed, table=True):
    """A report that somebody was seen, or that somebody registered themselves as alive.

    `flags` holds the codes of the triage rules that found something, parted by spaces.
    """

    __tablename__ = "sighting"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "id"], ["record.society", "record.id"]),
        Index("ix_sighting_created", "society", "created_at", "id"),
    )

    id: UUID
    kind: Kind = Field(sa_type=word(Kind))
    state: State = Field(sa_type=word(State))
    flags: str = Field(default="", max_length=200)
    reason: str | None = Field(default=None, max_length=40)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    created_by: UUID
