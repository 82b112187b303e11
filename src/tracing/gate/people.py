"""Accounts and tokens: the register of who may come in."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate.access import Access
from tracing.gate.ledger import What
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.gate.tables import Account, Token
from tracing.gate.tokens import new_secret
from tracing.kit.errors import Conflict, Invalid, NotFound
from tracing.kit.ids import new_id

TOKEN_DAYS = 90
LABEL = re.compile(r"[a-z][a-z0-9-]{1,39}")  # a post, never a person's name; also the form of a team


def add_account(access: Access, *, label: str, role: Role, team: str, worker_id: UUID | None) -> Account:
    """Add an account to the caller's society and return it.

    Raises:
        Invalid: the label or the team is not of the form of `LABEL`.
        Conflict: the label is in use.
    """
    if not LABEL.fullmatch(label) or not LABEL.fullmatch(team):
        raise Invalid("a label or team is 2 to 40 lower-case letters, digits and hyphens, a letter first")
    if _is_id(label):
        raise Invalid("a label that reads like an id would be taken for one")
    if access.session.exec(select(Account.id).where(Account.label == label)).first() is not None:
        raise Conflict("the label is in use")
    account = Account(
        society=access.society,
        id=new_id(),
        label=label,
        role=role,
        team=team,
        worker_id=worker_id or new_id(),
        created_at=access.now,
    )
    access.session.add(account)
    access.session.flush()
    access.note("accounts.add", account.id)
    return account


def accounts(access: Access) -> Sequence[Account]:
    """Return every account of the society, by label."""
    rows = access.session.exec(select(Account).order_by(Account.label)).all()
    access.note_page("accounts.list", [row.id for row in rows])
    return rows


def page_of_accounts(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> Sequence[Account]:
    """Return at most `limit` accounts that follow `after`, oldest first."""
    query = select(Account).order_by(col(Account.created_at), col(Account.id)).limit(limit)
    if after is not None:
        at, account_id = after
        same = (col(Account.created_at) == at) & (col(Account.id) > account_id)
        query = query.where(or_(col(Account.created_at) > at, same))
    rows = access.session.exec(query).all()
    access.note_page("accounts.list", [row.id for row in rows])
    return rows


def find_account(access: Access, reference: str) -> Account:
    """Return the account with this label or id.

    Raises:
        NotFound: there is none in this society.
    """
    query = select(Account)
    query = query.where(Account.id == UUID(reference) if _is_id(reference) else Account.label == reference)
    account = access.session.exec(query).one_or_none()
    if account is None:
        raise NotFound("no such account")
    return account


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def may_be_answerable(access: Access, account_id: UUID) -> bool:
    """Return whether an open account of the society has this id and a role that does the tasks of a case."""
    account = access.session.exec(select(Account).where(Account.id == account_id)).one_or_none()
    return account is not None and account.disabled_at is None and Permission.TASKS_WRITE in GRANTS[account.role]


def is_of_team(access: Access, worker_id: UUID, teams: str, since: datetime) -> bool:
    """Return whether a human holds, or held at any time since then, an account of one of `teams`.

    It counts whichever account they act under. The teams are parted by spaces; "" is none.
    """
    query = select(Account.id).where(
        Account.worker_id == worker_id,
        col(Account.team).in_(teams.split()),
        or_(col(Account.disabled_at).is_(None), col(Account.disabled_at) > since),
    )
    return access.session.exec(query).first() is not None


def team_of(access: Access, account_id: UUID) -> str:
    """Return the team of an account of the society, shut or not.

    Raises:
        NotFound: there is none.
    """
    return find_account(access, str(account_id)).team


def worker_of(access: Access, account_id: UUID) -> UUID:
    """Return the human behind an account of the society, shut or not; the id itself where nobody has it."""
    worker_id = access.session.exec(select(Account.worker_id).where(Account.id == account_id)).one_or_none()
    return worker_id or account_id


def disable_account(access: Access, account: Account) -> None:
    """Shut an account for good; its tokens stop at once.

    Raises:
        Conflict: it is the caller's own; nobody locks themselves out.
    """
    if account.id == access.caller.account_id:
        raise Conflict("an account cannot disable itself")
    account.disabled_at = account.disabled_at or access.now
    access.session.add(account)
    access.end(What.ACCOUNT, account.id)
    access.note("accounts.disable", account.id)


def end_accounts(access: Access, ids: Sequence[UUID]) -> None:
    """Shut some hundreds of accounts for good and revoke their tokens; the caller notes the act."""
    for account in access.session.exec(select(Account).where(col(Account.id).in_(ids))).all():
        account.disabled_at = account.disabled_at or access.now
        access.session.add(account)
    for token in access.session.exec(select(Token).where(col(Token.account_id).in_(ids))).all():
        token.revoked_at = token.revoked_at or access.now
        access.session.add(token)
    access.session.flush()


def issue_token(
    access: Access, account: Account, *, scope: Sequence[Permission] = (), days: int = TOKEN_DAYS
) -> tuple[Token, str]:
    """Return a fresh token and its text, which is shown this once and never stored.

    Args:
        access: of an administrator.
        account: whose token.
        scope: permissions, at most those of the account's role; empty means all of them.
        days: life in days, 1 to 366.

    Raises:
        Invalid: `scope` asks for more than the role has, or `days` is out of range.
    """
    if set(scope) - GRANTS[account.role]:
        raise Invalid("the scope asks for more than the role has")
    if not 1 <= days <= 366:
        raise Invalid("a token lives 1 to 366 days")
    token_id, text, secret_hash = new_secret()
    token = Token(
        id=token_id,
        secret_hash=secret_hash,
        society=access.society,
        account_id=account.id,
        scope=" ".join(scope) or "*",
        created_at=access.now,
        expires_at=access.now + timedelta(days=days),
    )
    access.session.add(token)
    access.note("tokens.issue", token.id)
    return token, text


def tokens(access: Access, account: Account) -> Sequence[Token]:
    """Return an account's tokens, newest first."""
    query = select(Token).where(Token.account_id == account.id).order_by(col(Token.created_at).desc())
    rows = access.session.exec(query).all()
    access.note_page("tokens.list", [row.id for row in rows])
    return rows


def revoke_token(access: Access, token_id: UUID) -> Token:
    """Revoke a token; the next call that carries it is refused.

    Raises:
        NotFound: there is none in this society.
    """
    token = access.session.exec(select(Token).where(Token.id == token_id)).one_or_none()
    if token is None:
        raise NotFound("no such token")
    token.revoked_at = token.revoked_at or access.now
    access.session.add(token)
    access.end(What.TOKEN, token.id)
    access.note("tokens.revoke", token.id)
    return token
