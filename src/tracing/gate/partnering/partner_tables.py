"""The register of partner societies, which the gate knows by their signatures.

No `from __future__ import annotations` here: SQLModel reads real ones. Nothing here is about a person: a partner
is a society, and its label a code.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.tables import CODE, Tenanted


class Channel(StrEnum):
    """How messages travel."""

    ONLINE = "online"
    OFFLINE = "offline"


class KeyUse(StrEnum):
    """What a key is for."""

    SIGNING = "signing"  # Ed25519: whose message it is
    BUNDLE = "bundle"  # X25519, an age recipient: who may open a bundle


class Partner(Tenanted, table=True):
    """A society that requests are exchanged with.

    Attributes:
        code: theirs; it stands in every envelope.
        origin: scheme, host and port that we call; "" for one that is offline only.
        account_id: the account, of the role `partner`, as which their messages act here; its team works on them.
        channels: parted by spaces.
        kinds: of messages that both agreed on, parted by spaces.
        messages_a_day: how many of their messages are taken in 24 hours.
        open_searches: how many of their searches may stand open here at once.
        token_endpoint: where an access token for them is got; "" where none is asked for.
        client_id: as whom we are known there.
        token_audience: to whom our assertion is addressed; "" for the endpoint itself.
        token_scope: what is asked for there; "" for nothing in particular.
        again: how many messages that had come before came again since `again_since`, for at most a day.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "code"),
        ForeignKeyConstraint(["society", "account_id"], ["account.society", "account.id"]),
    )

    id: UUID
    code: str = Field(max_length=CODE)
    origin: str = Field(default="", max_length=200)
    account_id: UUID
    channels: str = Field(max_length=40)
    kinds: str = Field(max_length=300)
    messages_a_day: int
    open_searches: int
    token_endpoint: str = Field(default="", max_length=300)
    client_id: str = Field(default="", max_length=120)
    token_audience: str = Field(default="", max_length=300)
    token_scope: str = Field(default="", max_length=200)
    again: int = 0
    again_since: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class PartnerKey(Tenanted, table=True):
    """A public key of a partner. Its id is its fingerprint, compared by voice before it is trusted."""

    __tablename__ = "partner_key"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "partner_id"], ["partner.society", "partner.id"]),
        Index("ix_partner_key_partner", "society", "partner_id"),
    )

    id: str = Field(max_length=64)
    partner_id: UUID
    use: KeyUse = Field(sa_type=word(KeyUse))
    public: str = Field(max_length=120)
    not_after: datetime = Field(sa_type=Moment)
    added_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class OwnKey(Tenanted, table=True):
    """A key pair of our own; the private half stands sealed with a record key of its own."""

    __tablename__ = "own_key"
    __table_args__ = (PrimaryKeyConstraint("society", "id"),)

    id: str = Field(max_length=64)
    use: KeyUse = Field(sa_type=word(KeyUse))
    public: str = Field(max_length=120)
    key_id: UUID
    secret: bytes = Field(sa_type=LargeBinary)
    not_after: datetime = Field(sa_type=Moment)
    made_at: datetime = Field(sa_type=Moment)
    retired_at: datetime | None = Field(default=None, sa_type=Moment)


class SeenNonce(Tenanted, table=True):
    """The nonce of a signed request: it comes once. Kept for as long as a request may be old."""

    __tablename__ = "seen_nonce"
    __table_args__ = (
        PrimaryKeyConstraint("society", "key_id", "nonce"),
        Index("ix_seen_nonce_at", "society", "at"),
    )

    key_id: str = Field(max_length=64)
    nonce: str = Field(max_length=64)
    at: datetime = Field(sa_type=Moment)
