"""Rows of PFIF copies. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment
from tracing.gate.tables import Sealed, Tenanted


class PfifCopy(Sealed, table=True):
    """The original of a record that was imported, sealed with the record's own key: erasing that shreds it.

    Attributes:
        home: domain that the record is of.
        source_at: the original's `source_date`; only a newer one replaces it.
    """

    __tablename__ = "pfif_copy"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_pfif_copy_record", "society", "record_id"),
        Index("ix_pfif_copy_home", "society", "home", "imported_at"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("record_id",)

    id: UUID
    record_id: UUID
    home: str = Field(max_length=80)
    source_at: datetime = Field(sa_type=Moment)
    imported_at: datetime = Field(sa_type=Moment)
    imported_by: UUID


class PfifNote(Tenanted, table=True):
    """A note whose person has not come: kept apart under a key of its own, read by nobody, and not for long.

    Attributes:
        person_hash: keyed hash of the person's id; "" once the note has joined its copy and waits for its key's end.
        mark: keyed hash of what it is known again by.
        home: domain that the person is of.
        expires_at: when the night shreds it, come what may.
    """

    __tablename__ = "pfif_note"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "person_hash", "mark"),
        Index("ix_pfif_note_expires", "society", "expires_at", "id"),
        Index("ix_pfif_note_home", "society", "home", "imported_at"),
    )

    id: UUID
    person_hash: str = Field(max_length=64)
    mark: str = Field(max_length=64)
    home: str = Field(max_length=80)
    key_id: UUID
    details: bytes = Field(sa_type=LargeBinary)
    imported_at: datetime = Field(sa_type=Moment)
    imported_by: UUID
    expires_at: datetime = Field(sa_type=Moment)
