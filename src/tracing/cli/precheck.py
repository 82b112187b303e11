"""`pre-check`: ask a partner blindly whether it may know of our sought persons."""

from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from tracing.cli import door, show
from tracing.gate.access import Access
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.precheck import jobs


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="pre-check")(pre_check)


def pre_check(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner society.")],
    opened: Annotated[
        UUID | None, typer.Option("--open", help="Ask nobody: does this session's commitment still open?")
    ] = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Ask a partner blindly whether it may know whom we seek.

    A pilot, off unless both agreed; only sought persons who consented take part. Nothing is sent of anybody by
    name. Hits are shown to caseworkers at their sought person; nothing follows by itself.
    """
    settings = door.settings()
    with door.opened(settings) as gate:

        def turn(use: Use) -> AbstractContextManager[Access]:
            return door.entered(gate, token, Permission.EXCHANGE_DELIVER, use)

        if opened is not None:
            agrees = jobs.opens(turn, opened, settings)
            show.listing([{"session": opened, "opens": agrees}], as_json=as_json)
            return
        report = jobs.ask(turn, jobs.outbound_for(settings), partner, settings)
    show.listing([asdict(report)], as_json=as_json)
