"""Rows of bundles. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlmodel import Field

from tracing.exchange.states import Side
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Tenanted


class ExchangeBundle(Tenanted, table=True):
    """A bundle that was made for a partner, or came from one. Numbers, a digest and codes.

    Attributes:
        number: counts the bundles to one partner from 1 on; a gap is a bundle that is missing.
        begins: the first bundle of its export; those before it need not come any more.
        count: messages in it.
        digest: of what was signed.
        refused: `number:code` of each message of it that was refused for good, parted by spaces.
    """

    __tablename__ = "exchange_bundle"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "partner_id", "side", "number"),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
    )

    id: UUID
    partner_id: UUID
    side: Side = Field(sa_type=word(Side))
    number: int = Field(sa_type=BigInteger)
    begins: int = Field(sa_type=BigInteger)
    count: int
    digest: str = Field(max_length=64)
    refused: str = Field(default="", sa_type=Text)
    made_at: datetime = Field(sa_type=Moment)
    at: datetime = Field(sa_type=Moment)
    by: UUID
