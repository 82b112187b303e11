"""Rows of disclosure. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.disclosure.states import ReleaseState, State
from tracing.gate.columns import Moment, word
from tracing.gate.disclosing import Level
from tracing.gate.tables import Sealed, Versioned


class DisclosureCase(Versioned, Sealed, table=True):
    """The asking of one found person about one search. The answers themselves are the gate's rows.

    Details, sealed with the found person's key: what they themselves gave to be passed on, and how far the
    enquirer may be named to them.
    """

    __tablename__ = "disclosure_case"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "found_id", "sought_id"),
        ForeignKeyConstraint(["society", "verification_id"], ["verification.society", "verification.id"]),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_disclosure_case_sought", "society", "sought_id"),
        Index("ix_disclosure_case_deferred", "society", "state", "defer_until", "id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("found_id", "sought_id")

    id: UUID
    found_id: UUID
    sought_id: UUID
    verification_id: UUID
    state: State = Field(sa_type=word(State))
    defer_until: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class DisclosureRelease(Versioned, Sealed, table=True):
    """What one enquirer is to be told: exactly this, once, after another worker approved it."""

    __tablename__ = "disclosure_release"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "case_id"], ["disclosure_case.society", "disclosure_case.id"]),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_disclosure_release_case", "society", "case_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("found_id", "sought_id")

    id: UUID
    case_id: UUID
    found_id: UUID
    sought_id: UUID
    level: Level = Field(sa_type=word(Level))
    state: ReleaseState = Field(sa_type=word(ReleaseState))
    told_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
