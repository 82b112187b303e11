"""`tokens`: issue, list, revoke. The only place where a token is ever shown, once."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from tracing.cli import door, show
from tracing.cli.main import say
from tracing.gate import people
from tracing.gate.permissions import Permission

if TYPE_CHECKING:
    from tracing.gate.tables import Token

app = typer.Typer(help="Bearer tokens: issue, list, revoke.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="tokens")


@app.command()
def issue(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Label or id.")],
    scope: Annotated[
        list[Permission] | None,
        typer.Option(help="One permission of the role; repeat for more. Without it: all that the role has."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="Life in days.")] = people.TOKEN_DAYS,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Print a fresh token, this once; only its hash is kept."""
    with door.access_for(token, Permission.ACCOUNTS_WRITE) as access:
        made, text = people.issue_token(access, people.find_account(access, account), scope=scope or (), days=days)
    if as_json:
        sys.stdout.write(show.line({"token": text, **_row(made)}))
        return
    sys.stdout.write(text + "\n")
    say(f"token {made.id}, until {made.expires_at:%Y-%m-%d}; it is not shown again")


@app.command(name="list")
def list_tokens(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Label or id.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """List an account's tokens, newest first, without their secret."""
    with door.access_for(token, Permission.ACCOUNTS_READ) as access:
        rows = [_row(one) for one in people.tokens(access, people.find_account(access, account))]
    show.listing(rows, as_json=as_json)


@app.command()
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="TOKEN", help="As `tracing tokens list` shows it.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Revoke a token; the next call that carries it is refused."""
    with door.access_for(token, Permission.ACCOUNTS_WRITE) as access:
        made = people.revoke_token(access, token_id)
    show.listing([_row(made)], as_json=as_json)


def _row(token: "Token") -> Mapping[str, Any]:
    return {
        "id": token.id,
        "account_id": token.account_id,
        "scope": token.scope,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }
