"""Rows of PFIF copies. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment
from tracing.gate.tables import Sealed


class PfifCopy(Sealed, table=True):
    """The original of a record that was imported, sealed with the record's own key: erasing that shreds it.

    `source_at` is the original's `source_date`; only a newer one replaces it.
    """

    __tablename__ = "pfif_copy"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_pfif_copy_record", "society", "record_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("record_id",)

    id: UUID
    record_id: UUID
    source_at: datetime = Field(sa_type=Moment)
    imported_at: datetime = Field(sa_type=Moment)
    imported_by: UUID
