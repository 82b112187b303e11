"""Rows of webhooks. No `from __future__ import annotations` here: SQLModel reads real ones.

None of them is about a person: like the trail, they hold ids, codes and times.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import Numbered, Tenanted
from tracing.webhooks.states import DeliveryState, Disabled, EventType, Trouble


class Webhook(Numbered, table=True):
    """An endpoint of a system outside.

    Attributes:
        owner_id: the account that asked for it; it is told of nothing that this account could not read.
        origin: scheme, host and port, readable to whoever oversees what leaves the society.
        events: event types parted by spaces.
        key_id: the key that `details` is sealed with.
        details: the whole URL and the secrets, sealed.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "owner_id"], ["account.society", "account.id"]),
    )

    id: UUID
    owner_id: UUID
    origin: str = Field(max_length=300)
    events: str = Field(max_length=1000)
    key_id: UUID
    details: bytes = Field(sa_type=LargeBinary)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)
    disabled_for: Disabled | None = Field(default=None, sa_type=word(Disabled))
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class WebhookProgress(Numbered, table=True):
    """How far an endpoint was told, and when it is tried again.

    Attributes:
        cursor: number of the last row of the trail that was looked at for it.
        leased_until: one dispatcher works for it until then; another takes over afterwards.
        next_at: nothing is sent before.
        failures: attempts that failed in a row.
        losses: deliveries that were given up in a row.
    """

    __tablename__ = "webhook_progress"
    __table_args__ = (
        PrimaryKeyConstraint("society", "webhook_id"),
        ForeignKeyConstraint(["society", "webhook_id"], ["webhook.society", "webhook.id"]),
    )

    webhook_id: UUID
    cursor: int = Field(sa_type=BigInteger)
    leased_until: datetime = Field(sa_type=Moment)
    next_at: datetime = Field(sa_type=Moment)
    failures: int = 0
    losses: int = 0
    version: int = 1


class WebhookDelivery(Tenanted, table=True):
    """One event for one endpoint. Its id is the `webhook-id`, however often it is sent.

    Attributes:
        seq: the trail's row; None for a test.
        subject_id: the record, suggestion or run that it is about.
        happened_at: when, as the trail says.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "webhook_id", "seq"),
        ForeignKeyConstraint(["society", "webhook_id"], ["webhook.society", "webhook.id"]),
        Index("ix_webhook_delivery_pending", "society", "webhook_id", "state", "seq"),
        Index("ix_webhook_delivery_list", "society", "webhook_id", "happened_at", "id"),
    )

    id: UUID
    webhook_id: UUID
    seq: int | None = Field(default=None, sa_type=BigInteger)
    event: EventType = Field(sa_type=word(EventType))
    subject_id: UUID | None = None
    happened_at: datetime = Field(sa_type=Moment)
    state: DeliveryState = Field(sa_type=word(DeliveryState))
    attempts: int = 0
    last_status: int | None = None
    last_trouble: Trouble | None = Field(default=None, sa_type=word(Trouble))
    created_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)
