"""Rows of the exchange. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field

from tracing.exchange.states import Kind, Progress, Side, State
from tracing.gate.columns import Moment, word
from tracing.gate.tables import Sealed, Tenanted, Versioned


class ExchangeCase(Versioned, table=True):
    """What we have with one partner about one sought person: sent by us, or received and kept apart as theirs.

    Attributes:
        opened_by: id of the message that began it.
        sought_id: our own sought person, or the record that was registered for theirs.
        handle: stands for a possible match towards the partner; random.
        heard_at: the sender's time of the latest message of theirs that moved the state; older ones move nothing.
        acknowledged_at: when they said that what was taken back is gone, or over.
    """

    __tablename__ = "exchange_case"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "partner_id", "side", "opened_by"),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_exchange_case_created", "society", "created_at", "id"),
        Index("ix_exchange_case_expires", "society", "state", "expires_at"),
        Index("ix_exchange_case_sought", "society", "sought_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    partner_id: UUID
    side: Side = Field(sa_type=word(Side))
    kind: Kind = Field(sa_type=word(Kind))
    opened_by: UUID
    request_id: UUID
    sought_id: UUID
    state: State = Field(sa_type=word(State))
    reason: str = Field(default="", max_length=40)
    handle: UUID | None = None
    expires_at: datetime = Field(sa_type=Moment)
    heard_at: datetime | None = Field(default=None, sa_type=Moment)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    created_by: UUID


class ExchangeMessage(Tenanted, table=True):
    """One message: of ours in the outbox, or of theirs in the inbox. Ids, codes and times; nothing of any person.

    Not `Protected`: that something is taken back must reach the partner when the record is hidden already.

    Attributes:
        message_id: the sender's; unique per partner and side, so that its effects happen once.
        about: the message that began the case; None for that one itself.
        number: counts a partner's messages from 1 on, each side for itself; a gap is a message that is missing.
        code: reason of a revocation, or what a receipt says.
        release_id: of an answer, what the found person lets the enquirer learn.
        words_id: where the message's words stand sealed.
        named: of what begins a case, whether the enquirer was named in it as it left.
        found: of words of ours, who was confirmed to be the sought person as they left: ids, parted by spaces.
        not_before: when it is tried next; of words that came, when they must be gone.
    """

    __tablename__ = "exchange_message"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "partner_id", "side", "message_id"),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        Index("ix_exchange_message_number", "society", "partner_id", "side", "number"),
        Index("ix_exchange_message_at", "society", "partner_id", "side", "at"),
        Index("ix_exchange_message_waiting", "society", "progress", "not_before"),
        Index("ix_exchange_message_case", "society", "case_id", "at"),
    )

    id: UUID
    partner_id: UUID
    side: Side = Field(sa_type=word(Side))
    message_id: UUID
    kind: Kind = Field(sa_type=word(Kind))
    case_id: UUID | None = None
    about: UUID | None = None
    number: int = Field(sa_type=BigInteger)
    progress: Progress = Field(sa_type=word(Progress))
    code: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=40)
    finding: str = Field(default="", max_length=40)
    release_id: UUID | None = None
    words_id: UUID | None = None
    named: bool = False
    found: str = Field(default="", sa_type=Text)
    attempts: int = 0
    trouble: str = Field(default="", max_length=40)
    at: datetime = Field(sa_type=Moment)
    not_before: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    by: UUID


class ExchangeWords(Sealed, table=True):
    """What was written or told in a message, sealed with the sought person's own key: it ends with the record."""

    __tablename__ = "exchange_words"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "case_id"], ["exchange_case.society", "exchange_case.id"]),
        Index("ix_exchange_words_case", "society", "case_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("sought_id",)

    id: UUID
    case_id: UUID
    sought_id: UUID
