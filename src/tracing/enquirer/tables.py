"""Rows of the enquirer's view. No `from __future__ import annotations` here: SQLModel reads real ones."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field

from tracing.gate.columns import Moment
from tracing.gate.tables import Protected


class CaseCode(Protected, table=True):
    """A random code by which an enquirer reads the status of their own request, and nothing else.

    The secret is the token of the account behind it; `code` is random and says nothing of the request.
    """

    __tablename__ = "case_code"
    __table_args__ = (
        PrimaryKeyConstraint("society", "id"),
        UniqueConstraint("society", "code"),
        UniqueConstraint("society", "account_id"),
        ForeignKeyConstraint(["society", "request_id"], ["record.society", "record.id"]),
        Index("ix_case_code_request", "society", "request_id"),
    )
    record_columns: ClassVar[tuple[str, ...]] = ("request_id",)

    id: UUID
    code: str = Field(max_length=20)
    request_id: UUID
    account_id: UUID
    issued_at: datetime = Field(sa_type=Moment)
    issued_by: UUID
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
