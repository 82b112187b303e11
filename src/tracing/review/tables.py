"""Rows of runs, suggestions and decisions. No `from __future__ import annotations`: SQLModel reads real ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment, word
from tracing.gate.kinds import Kind
from tracing.gate.tables import Sealed, Tenanted, Versioned
from tracing.review.states import ReasonCode, RunState, State, Verdict


class MatchRun(Tenanted, table=True):
    """One night over one society's case base; resumed after a stop, shard by shard.

    `alive_at` is the last sign of life of the process that works on it.
    """

    __tablename__ = "match_run"
    __table_args__ = (PrimaryKeyConstraint("society", "id"), Index("ix_match_run_started", "society", "started_at"))

    id: UUID
    state: RunState = Field(sa_type=word(RunState))
    engine_version: str = Field(max_length=60)
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    started_by: UUID
    alive_at: datetime = Field(sa_type=Moment)
    stop_asked: bool = False
    due: int = 0
    pool: int = 0
    shards: int = 0
    forgotten: int = 0
    blocks_passed_over: int = 0
    reminders: int = 0


class MatchShard(Tenanted, table=True):
    """One finished shard of a run, with what it counted."""

    __tablename__ = "match_shard"
    __table_args__ = (
        PrimaryKeyConstraint("society", "run_id", "shard"),
        ForeignKeyConstraint(["society", "run_id"], ["match_run.society", "match_run.id"]),
    )

    run_id: UUID
    shard: int
    pairs: int = Field(sa_type=BigInteger)
    suggested: int
    resurfaced: int
    stale: int
    finished_at: datetime = Field(sa_type=Moment)


class Suggestion(Versioned, table=True):
    """A pair that may be one person. `left_id` is a sought person.

    Attributes:
        levels, bits: per comparison of the engine version, parted by spaces; -1 and 0 for silence. Sentences
            are built on reading, from the sealed details.
        left_as, right_as: keyed hashes of what the engine saw; differ from the register's when stale.
        resurface_reason: why a rejected pair is back.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "left_id", "right_id"),
        ForeignKeyConstraint(["society", "left_id"], ["record.society", "record.id"]),
        ForeignKeyConstraint(["society", "right_id"], ["record.society", "record.id"]),
        Index("ix_suggestion_queue", "society", "state", "band", "probability", "id"),
        Index("ix_suggestion_right", "society", "right_id"),
    )
    record_columns = ("left_id", "right_id")
    needs_match = True
    erased_as: ClassVar[Mapping[str, Any]] = {
        "levels": "",
        "bits": "",
        "left_as": "",
        "right_as": "",
        "weight": 0.0,
        "probability": 0.0,
        "prior": 0.0,
    }

    id: UUID
    left_id: UUID
    right_id: UUID
    right_kind: Kind = Field(sa_type=word(Kind))
    state: State = Field(sa_type=word(State))
    weight: float
    probability: float
    prior: float
    band: str = Field(max_length=10)
    levels: str = Field(max_length=200)
    bits: str = Field(max_length=400)
    engine_version: str = Field(max_length=60)
    left_as: str = Field(max_length=64)
    right_as: str = Field(max_length=64)
    resurface_reason: str | None = Field(default=None, max_length=60)
    run_id: UUID | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Decision(Sealed, table=True):
    """One verdict on a suggestion, append-only; its note stands sealed with the sought person's key."""

    __tablename__ = "decision"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        ForeignKeyConstraint(["society", "suggestion_id"], ["suggestion.society", "suggestion.id"]),
        Index("ix_decision_suggestion", "society", "suggestion_id", "decided_at"),
    )
    record_columns = ("left_id", "right_id")
    needs_match = True
    erased_as: ClassVar[Mapping[str, Any]] = {"details": b"", "left_as": "", "right_as": ""}

    id: UUID
    suggestion_id: UUID
    left_id: UUID
    right_id: UUID
    verdict: Verdict = Field(sa_type=word(Verdict))
    reason: ReasonCode = Field(sa_type=word(ReasonCode))
    led_to: State = Field(sa_type=word(State))
    decided_by: UUID
    worker_id: UUID
    left_as: str = Field(max_length=64)
    right_as: str = Field(max_length=64)
    decided_at: datetime = Field(sa_type=Moment)
