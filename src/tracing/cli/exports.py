"""`export pfif`: what may be named in public, as a file. Needs a token of its own that may export."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tracing.cli import door
from tracing.gate.permissions import Permission
from tracing.pfif import service

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="The file; left out: standard output.", show_default=False)
]


def register(parent: typer.Typer) -> None:
    """Add the commands to the main command."""
    group = typer.Typer(help="Write what may leave the case base.", no_args_is_help=True, rich_markup_mode=None)
    group.callback()(_nothing)
    group.command(name="pfif")(pfif)
    parent.add_typer(group, name="export")


def pfif(output: Output = None, token: door.Token = None) -> None:
    """Write every sought person who may be named in public, as PFIF 1.4.

    Name, sex, age band, town, and no more.
    """
    settings = door.settings()
    with (
        door.opened(settings) as gate,
        door.entered(gate, token or door.operator_token(settings), Permission.PFIF_EXPORT) as access,
    ):
        content = service.export_pfif(access)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        output.write_bytes(content)


def _nothing() -> None:
    """Write what may leave the case base."""
