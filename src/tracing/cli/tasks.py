"""`tasks`: what the teams have to do, in counts."""

import typer

from tracing.cli import door, show
from tracing.gate.permissions import Permission
from tracing.tasks import service

app = typer.Typer(help="Tasks: counts for an e-mail.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="tasks")


@app.callback()
def _group() -> None:
    """Count what the teams have to do."""


@app.command()
def digest(token: door.Token = None, as_json: door.Json = False) -> None:
    """Count the open tasks per team and kind.

    Nothing in it names a case. Asks for a token with `tasks:read`: a supervisor's counts every team, a caseworker's
    the own one.
    """
    with door.access_for(token, Permission.TASKS_READ) as access:
        counts = service.digest(access).counts
    show.listing([count.model_dump(mode="json") for count in counts], as_json=as_json)
