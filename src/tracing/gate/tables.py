"""The registers that the gate rules by.

No `from __future__ import annotations` here: SQLModel reads real ones.

Keys are (society, id) with random ids made by the application, so that the schema can be
distributed by society; nothing here is readable personal data.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from tracing.gate.columns import Moment, word
from tracing.gate.disclosing import Act, Answer, Level, Standing
from tracing.gate.kinds import GlassReason, Kind, Sensitivity
from tracing.gate.origins import LONGEST
from tracing.gate.permissions import Role
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose

CODE = 8  # longest code of a society


class Tenanted(SQLModel):
    """Mixin of every row that belongs to one society. The guard shows no other society's rows."""

    society: str = Field(max_length=CODE)


class Protected(Tenanted):
    """Mixin of every row about persons. The guard filters each subclass by the register, too.

    Attributes:
        record_columns: the columns that point at `Record`; all of them must be in force.
        needs_match: an ordinary reader sees the row only while matching is in force as well.
        erased_as: what stands in columns that speak of a person once one of the row's records is erased.
        may_lack: columns of `record_columns` that may be empty; such a row is about nobody in that place.
    """

    may_lack: ClassVar[frozenset[str]] = frozenset()
    record_columns: ClassVar[tuple[str, ...]] = ("id",)
    needs_match: ClassVar[bool] = False
    erased_as: ClassVar[Mapping[str, Any]] = {}


class Sealed(Protected):
    """Mixin of rows whose personal details stand encrypted in `details`, be it with the other side's key."""

    erased_as: ClassVar[Mapping[str, Any]] = {"details": b""}

    key_id: UUID
    details: bytes = Field(sa_type=LargeBinary)


class Numbered(Tenanted):
    """Mixin of rows with a `version` that each change counts up.

    A change that was made from an older version than the stored one is refused at the flush, where two
    transactions read the same version.
    """

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Return how SQLAlchemy knows the version: by the column, counted up by the stores."""
        table = cls.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
        return {"version_id_col": table.c.version, "version_id_generator": False}


class Versioned(Numbered, Protected):
    """Mixin of rows about persons with a `version`."""


class Society(SQLModel, table=True):
    """A National Society: a tenant."""

    code: str = Field(primary_key=True, max_length=CODE)
    created_at: datetime = Field(sa_type=Moment)


class Account(Tenanted, table=True):
    """Somebody's way in. `worker_id` is the human behind it: one human may hold several accounts."""

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "label"),
        ForeignKeyConstraint(["society"], ["society.code"]),
    )

    id: UUID
    label: str = Field(max_length=60)
    role: Role = Field(sa_type=word(Role))
    team: str = Field(max_length=40)
    worker_id: UUID
    created_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)


class Token(Tenanted, table=True):
    """A bearer token: 256 random bits, of which only the hash is kept."""

    __table_args__ = (Index("ix_token_account", "society", "account_id"),)

    id: UUID = Field(primary_key=True)
    secret_hash: str = Field(max_length=64)
    account_id: UUID
    scope: str = Field(max_length=1000)  # permissions parted by spaces; "*" is all that the role has
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class Record(Protected, table=True):
    """The register: one row per person record, with what may be done with it and until when.

    Attributes:
        parent_id: the request that a sought person belongs to; hidden with it.
        purposes: mask of `Purpose` bits in force.
        expires_at: end of registration or retention; hidden from every ordinary use from then on.
        match_until: end of the purpose `match_within_society`.
        matched_as: what the engine saw last, as a keyed hash; differs when a matchable field changed.
        match_due: the night has not yet matched the record as it is now.
        matchable: its state takes part in matching (a suspended search, an untriaged sighting do not).
        hidden_at: when `register` ended; the undo window of forgetting starts here.
        origin: where a copy of somebody else's record came from; "" for the society's own.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "home_hash"),
        Index("ix_record_due", "society", "match_due"),
        Index("ix_record_parent", "society", "parent_id"),
        Index("ix_record_expires", "society", "expires_at", "id"),
    )
    erased_as = {"matched_as": "", "home_hash": None}

    id: UUID
    kind: Kind = Field(sa_type=word(Kind))
    parent_id: UUID | None = None
    key_id: UUID
    team: str = Field(max_length=40)
    assignee_id: UUID | None = None
    sensitivity: Sensitivity = Field(sa_type=word(Sensitivity))
    purposes: int
    expires_at: datetime = Field(sa_type=Moment)
    match_until: datetime = Field(sa_type=Moment)
    retain_until: datetime = Field(sa_type=Moment)
    matched_as: str = Field(default="", max_length=64)
    match_due: bool = False
    matchable: bool = True
    hidden_at: datetime | None = Field(default=None, sa_type=Moment)
    forgotten_at: datetime | None = Field(default=None, sa_type=Moment)
    home_hash: str | None = Field(default=None, max_length=64)
    origin: str = Field(default="", max_length=LONGEST, sa_column_kwargs={"server_default": ""})
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class MatchKey(Protected, table=True):
    """One blocking key of one record: a keyed hash cut to 63 bits, never the text."""

    __tablename__ = "match_key"
    __table_args__ = (
        PrimaryKeyConstraint("society", "key", "record_id", "epoch"),
        Index("ix_match_key_record", "society", "record_id"),
    )
    record_columns = ("record_id",)
    needs_match = True

    key: int = Field(sa_type=BigInteger)
    record_id: UUID
    epoch: int
    shard: int


class Consent(Tenanted, table=True):
    """One decision about one purpose, append-only. Not `Protected`: it decides whether its record is seen.

    `recipient` is a society's code or "" for all.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_consent_record", "society", "record_id"),
    )

    id: UUID
    record_id: UUID
    purpose: Purpose = Field(sa_type=word(Purpose))
    recipient: str = Field(default="", max_length=40)
    decision: Decision = Field(sa_type=word(Decision))
    lawful_basis: LawfulBasis = Field(sa_type=word(LawfulBasis))
    given_by: GivenBy = Field(sa_type=word(GivenBy))
    obtained: Obtained = Field(sa_type=word(Obtained))
    notice_version: str = Field(default="", max_length=40)
    valid_until: datetime | None = Field(default=None, sa_type=Moment)
    decided_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    recorded_by: UUID


class DisclosureAnswer(Protected, table=True):
    """What the found person answered about one search, append-only; in force it allows a level, else nothing.

    Both records must be in force: who withdraws from the register takes every answer along.
    """

    __tablename__ = "disclosure_answer"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "found_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "sought_id"], ["record.society", "record.id"]),
        Index("ix_disclosure_answer_pair", "society", "found_id", "sought_id"),
    )
    record_columns = ("found_id", "sought_id")

    id: UUID
    found_id: UUID
    sought_id: UUID
    answer: Answer = Field(sa_type=word(Answer))
    level: Level = Field(sa_type=word(Level))
    given_by: GivenBy = Field(sa_type=word(GivenBy))
    obtained: Obtained = Field(sa_type=word(Obtained))
    valid_until: datetime | None = Field(default=None, sa_type=Moment)
    decided_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    recorded_by: UUID
    worker_id: UUID


class Proposal(Protected, table=True):
    """An act on one person that another worker must approve before it can happen.

    Attributes:
        record_id: the person whom the act may harm.
        about_id: the thing proposed (a release, a report), of the feature that proposed it.
        digest: keyed hash of exactly what was proposed; an approval is worth nothing for anything else.
        away_from: the teams from which the approver must not be, parted by spaces; "" for none.
    """

    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_proposal_about", "society", "about_id"),
        Index("ix_proposal_waiting", "society", "standing", "proposed_at", "about_id"),
    )
    record_columns = ("record_id",)

    id: UUID
    act: Act = Field(sa_type=word(Act))
    record_id: UUID
    about_id: UUID
    digest: str = Field(max_length=64)
    away_from: str = Field(default="", max_length=1000)
    standing: Standing = Field(sa_type=word(Standing))
    proposed_by: UUID
    proposer_worker: UUID
    proposed_at: datetime = Field(sa_type=Moment)
    settled_by: UUID | None = None
    settler_worker: UUID | None = None
    settled_at: datetime | None = Field(default=None, sa_type=Moment)


class BrokenGlass(Sealed, table=True):
    """Somebody saw what was withheld from them, for a while and for a reason; a supervisor is told."""

    __tablename__ = "broken_glass"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_broken_glass_record", "society", "record_id", "worker_id"),
    )
    record_columns = ("record_id",)

    id: UUID
    record_id: UUID
    reason: GlassReason = Field(sa_type=word(GlassReason))
    broken_at: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    broken_by: UUID
    worker_id: UUID


class ContactSchedule(Protected, table=True):
    """When the person of a record is to be asked whether they can still be reached, and when a way to them ends.

    Attributes:
        reconfirmed_at: when they were last reached; None until then.
        due_at: when they are to be asked again; None for whoever is not asked.
        expires_at: when the first of their contact points that are not over yet ends; None without one.
    """

    __tablename__ = "contact_schedule"
    __table_args__ = (
        PrimaryKeyConstraint("society", "record_id"),
        ForeignKeyConstraint(["society", "record_id"], ["record.society", "record.id"]),
        Index("ix_contact_schedule_due", "society", "due_at", "record_id"),
        Index("ix_contact_schedule_expires", "society", "expires_at", "record_id"),
    )
    record_columns = ("record_id",)

    record_id: UUID
    reconfirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)


class Suppression(Tenanted, table=True):
    """Somebody erased, as a keyed hash of how a feed would name them: what comes again is not registered again."""

    __table_args__ = (PrimaryKeyConstraint("society", "hash"),)

    hash: str = Field(max_length=64)
    at: datetime = Field(sa_type=Moment)


class TrailHead(Tenanted, table=True):
    """Where a society's chain ends; locked while a link is added. `seal` is a keyed hash of it."""

    __tablename__ = "trail_head"
    society: str = Field(primary_key=True, max_length=CODE)
    seq: int = Field(sa_type=BigInteger)
    link: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class TrailEntry(Tenanted, table=True):
    """One act. Holds ids and keyed hashes, never names."""

    __tablename__ = "trail_entry"
    __table_args__ = (
        PrimaryKeyConstraint("society", "seq"),
        Index("ix_trail_subject", "society", "subject_id"),
    )

    seq: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Moment)
    account_id: UUID
    worker_id: UUID
    act: str = Field(max_length=60)
    outcome: str = Field(max_length=20)
    subject_id: UUID | None = None
    digest: str = Field(default="", max_length=64)
    count: int = 1
    request_id: str = Field(default="", max_length=64)
    link: str = Field(max_length=64)


class IdempotencyKey(Tenanted, table=True):
    """What a client's Idempotency-Key made; holds the ids, never the answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (PrimaryKeyConstraint("society", "account_id", "key_hash"),)

    account_id: UUID
    key_hash: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64)
    made_id: UUID
    created_at: datetime = Field(sa_type=Moment)
