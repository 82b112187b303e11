"""Accounts and tokens as callers send and see them. A token's text is never among it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tracing.gate.permissions import Role
from tracing.persons.schemas import Shape

Label = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", strict=True)]


class AccountDraft(Shape):
    """An account to be made. The label names a post, never a person: it stands readable in the database."""

    label: Annotated[Label, Field(examples=["tracing-nairobi-2"])]
    role: Annotated[Role, Field(examples=[Role.CASEWORKER])]
    team: Annotated[Label, Field(examples=["nairobi"])]
    worker_id: UUID | None = Field(
        None, description="The human behind it, when they hold another account; left out: somebody new."
    )


class AccountView(BaseModel):
    """Somebody's way in."""

    id: UUID
    label: str
    role: Role
    team: str
    worker_id: UUID
    created_at: datetime
    disabled_at: datetime | None


class TokenView(BaseModel):
    """A token, without its text, which was shown once when it was issued."""

    id: UUID
    account_id: UUID
    scope: list[str] = Field(description="Permissions; `*` is all that the role has.")
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokensView(BaseModel):
    """An account's tokens, newest first."""

    items: list[TokenView]
