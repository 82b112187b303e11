"""Rows of blind pre-checks. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.exchange.states import Side
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Protected, Tenanted
from tracing.precheck.states import Standing


class PreCheck(Tenanted, table=True):
    """One blind pre-check, asked by us or by a partner. Counts, hashes and times; nothing of any person.

    Attributes:
        id: the asker's; unique on both sides, so that a session comes once.
        scheme: how tokens were made.
        elements: of the asker's padded set.
        held: elements of the answerer's padded set; 0 until it is done.
        commitment: salted hash of the asker's set, which came signed.
        request_digest: hash of the blinded set.
        key_id: record key of `opening`; None where the partner asked.
        opening: sealed seed and key, with which the asker shows in a dispute what was asked; empty on the other side.
        hits: persons of ours of whom the partner holds enough; None where the partner asked.
    """

    __tablename__ = "pre_check"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        Index("ix_pre_check_at", "society", "partner_id", "side", "at"),
    )

    id: UUID
    partner_id: UUID
    side: Side = Field(sa_type=word(Side))
    standing: Standing = Field(sa_type=word(Standing))
    scheme: str = Field(max_length=60)
    elements: int
    held: int = 0
    commitment: str = Field(max_length=64)
    request_digest: str = Field(max_length=64)
    key_id: UUID | None = None
    opening: bytes = Field(default=b"", sa_type=LargeBinary)
    hits: int | None = None
    trouble: str = Field(default="", max_length=40)
    at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    by: UUID


class PreCheckHit(Protected, table=True):
    """A partner holds some of our sought person's match tokens. `id` is the opaque handle."""

    __tablename__ = "pre_check_hit"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "partner_id", "sought_id"),
        ForeignKeyConstraint(["society", "pre_check_id"], ["pre_check.society", "pre_check.id"]),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_pre_check_hit_sought", "society", "sought_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    pre_check_id: UUID
    partner_id: UUID
    sought_id: UUID
    shared: int
    at: datetime = Field(sa_type=Moment)
