"""Rows of risk screens. No `from __future__ import annotations`: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed
from tracing.risk.states import Verdict


class RiskScreen(Sealed, table=True):
    """The answers about one found person and one search, append-only; the latest counts."""

    __tablename__ = "risk_screen"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_risk_screen_pair", "society", "found_id", "sought_id", "made_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("found_id", "sought_id")

    id: UUID
    found_id: UUID
    sought_id: UUID
    verdict: Verdict = Field(sa_type=word(Verdict))
    made_at: datetime = Field(sa_type=Moment)
    made_by: UUID
    worker_id: UUID
