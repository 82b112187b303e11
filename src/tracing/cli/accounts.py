"""`accounts`: who may come in."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from tracing.cli import door, show
from tracing.gate import people
from tracing.gate.permissions import Permission, Role

if TYPE_CHECKING:
    from tracing.gate.tables import Account

app = typer.Typer(help="Accounts: create, list, disable.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="accounts")


@app.command()
def create(
    label: Annotated[
        str, typer.Argument(metavar="LABEL", help="The post, never a person's name: `tracing-nairobi-2`.")
    ],
    role: Annotated[Role, typer.Option(help="What the account is for.")],
    team: Annotated[str, typer.Option(help="Whose cases it works on.")],
    worker_id: Annotated[
        UUID | None,
        typer.Option(help="The human behind it, when they hold another account.", show_default=False),
    ] = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Create an account in the society of whoever acts. `tracing tokens issue` lets it in."""
    with door.access_for(token, Permission.ACCOUNTS_WRITE) as access:
        made = people.add_account(access, label=label, role=role, team=team, worker_id=worker_id)
    show.listing([_row(made)], as_json=as_json)


@app.command(name="list")
def list_accounts(token: door.Token = None, as_json: door.Json = False) -> None:
    """List the society's accounts."""
    with door.access_for(token, Permission.ACCOUNTS_READ) as access:
        rows = [_row(account) for account in people.accounts(access)]
    show.listing(rows, as_json=as_json)


@app.command()
def disable(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Label or id.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Shut an account for good; its tokens stop at once."""
    with door.access_for(token, Permission.ACCOUNTS_WRITE) as access:
        found = people.find_account(access, account)
        people.disable_account(access, found)
    show.listing([_row(found)], as_json=as_json)


def _row(account: "Account") -> Mapping[str, Any]:
    return {
        "label": account.label,
        "role": account.role,
        "team": account.team,
        "id": account.id,
        "worker_id": account.worker_id,
        "created_at": account.created_at,
        "disabled_at": account.disabled_at,
    }
