"""Rows of fate reports. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.fate.states import Finding, Source, State
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed, Versioned


class FateReport(Versioned, Sealed, table=True):
    """What is said to have become of a sought person; account and evidence stand sealed with their key."""

    __tablename__ = "fate_report"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_fate_report_sought", "society", "sought_id", "created_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    sought_id: UUID
    finding: Finding = Field(sa_type=word(Finding))
    source: Source = Field(sa_type=word(Source))
    state: State = Field(sa_type=word(State))
    reported_by: UUID
    worker_id: UUID
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
