"""The rules of keeping accounts over HTTP: no HTTP, no SQL. The gate keeps accounts and tokens."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.accounts.schemas import AccountDraft, AccountView, TokenView
from tracing.gate import idempotency, people
from tracing.gate.access import Access

if TYPE_CHECKING:
    from tracing.gate.tables import Account, Token


def create(access: Access, draft: AccountDraft, key: str | None = None) -> AccountView:
    """Make an account and return it. A retry with the same Idempotency-Key returns the first one.

    Raises:
        Invalid: the label reads like an id.
        Conflict: the label is in use.
    """
    print_of = f"accounts.create|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        access.note("accounts.read", made)
        return _view(people.find_account(access, str(made)))
    account = people.add_account(access, label=draft.label, role=draft.role, team=draft.team, worker_id=draft.worker_id)
    idempotency.remember(access, key, print_of, account.id)
    return _view(account)


def page(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[AccountView]:
    """Return at most `limit` accounts that follow `after`, oldest first."""
    return [_view(account) for account in people.page_of_accounts(access, limit=limit, after=after)]


def disable(access: Access, account_id: UUID) -> AccountView:
    """Shut an account for good; its tokens stop at once. Doing it again changes nothing.

    Raises:
        NotFound: there is none in this society.
        Conflict: it is the caller's own.
    """
    account = people.find_account(access, str(account_id))
    people.disable_account(access, account)
    return _view(account)


def tokens(access: Access, account_id: UUID) -> list[TokenView]:
    """Return an account's tokens, newest first.

    Raises:
        NotFound: there is no such account in this society.
    """
    return [_token(token) for token in people.tokens(access, people.find_account(access, str(account_id)))]


def revoke(access: Access, token_id: UUID) -> TokenView:
    """Revoke a token; the next call that carries it is refused. Doing it again changes nothing.

    Raises:
        NotFound: there is none in this society.
    """
    return _token(people.revoke_token(access, token_id))


def _view(account: "Account") -> AccountView:
    return AccountView(
        id=account.id,
        label=account.label,
        role=account.role,
        team=account.team,
        worker_id=account.worker_id,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
    )


def _token(token: "Token") -> TokenView:
    return TokenView(
        id=token.id,
        account_id=token.account_id,
        scope=token.scope.split(),
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
    )
