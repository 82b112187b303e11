"""HTTP face of accounts. Workers' tokens are issued on the command line only: none ever travels in an answer."""

from uuid import UUID

from fastapi import APIRouter

from tracing.accounts import service
from tracing.accounts.schemas import AccountDraft, AccountView, TokensView, TokenView
from tracing.web.door import AccountReader, AccountWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["accounts"])
LIST = "accounts"


@router.get("/accounts", responses=documented())
def list_accounts(access: AccountReader, paging: Paged) -> Page[AccountView]:
    """List the society's accounts, oldest first, disabled ones included."""
    rows = service.page(access, limit=paging.most, after=paging.after(access, LIST))
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.post("/accounts", status_code=201, responses=documented(409, 413, 415))
def create_account(access: AccountWriter, draft: AccountDraft, idempotency_key: IdempotencyKey = None) -> AccountView:
    """Make an account. It can do nothing until `tracing tokens issue` gives it a token.

    `worker_id` is the human behind it: two accounts of one human never count as two readers.
    """
    return service.create(access, draft, idempotency_key)


@router.post("/accounts/{account_id}/disable", responses=documented(404, 409))
def disable_account(access: AccountWriter, account_id: UUID) -> AccountView:
    """Shut an account for good; its tokens stop with the next call. One's own answers 409."""
    return service.disable(access, account_id)


@router.get("/accounts/{account_id}/tokens", responses=documented(404))
def list_tokens(access: AccountReader, account_id: UUID) -> TokensView:
    """List an account's tokens, newest first, without their text."""
    return TokensView(items=service.tokens(access, account_id))


@router.post("/tokens/{token_id}/revoke", responses=documented(404))
def revoke_token(access: AccountWriter, token_id: UUID) -> TokenView:
    """Revoke a token; the next call that carries it is refused."""
    return service.revoke(access, token_id)
