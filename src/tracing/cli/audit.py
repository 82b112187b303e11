"""`audit`: is the trail whole, and what to keep elsewhere so that a rollback shows."""

import re
import sys
from typing import Annotated

import typer

from tracing.cli import door
from tracing.cli.main import FAILED, say
from tracing.gate import audit
from tracing.gate.permissions import Permission
from tracing.gate.trail import Tampered, Verdict

CHECKPOINT = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{64})")

app = typer.Typer(help="The trail: verify it, take a checkpoint.", no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="audit")


def _parsed(text: str) -> tuple[int, str]:
    found = CHECKPOINT.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("a checkpoint is SEQ:LINK, as `tracing audit checkpoint` printed it")
    return int(found[1]), found[2]


@app.command()
def verify(
    checkpoint: Annotated[
        str | None,
        typer.Option(metavar="SEQ:LINK", show_default=False, help="Taken earlier, kept elsewhere."),
    ] = None,
    token: door.Token = None,
) -> None:
    """Recompute the chain of the society's trail.

    Exit code 1 when a row was edited, dropped, put in or moved. An end that was cut off is found as well; a
    database put back to an earlier day only by a checkpoint.
    """
    verdict = _verdict(token, _parsed(checkpoint) if checkpoint is not None else None)
    sys.stdout.write(f"{verdict.society}: whole, {verdict.entries} rows\n")


@app.command(name="checkpoint")
def take_checkpoint(token: door.Token = None) -> None:
    """Verify the chain and print SEQ:LINK of its end.

    Keep it where this machine cannot write.
    """
    verdict = _verdict(token, None)
    sys.stdout.write(f"{verdict.entries}:{verdict.link}\n")


def _verdict(token: str | None, checkpoint: tuple[int, str] | None) -> Verdict:
    """Return the verdict on a whole chain; say what is wrong with a broken one and leave."""
    verdict: Verdict | None = None
    try:
        with door.opened() as gate, door.entered(gate, token, Permission.TRAIL_VERIFY) as access:
            verdict = audit.verify(access, gate, checkpoint)
    except Tampered:
        # Nothing can be written behind an altered end, this act neither; what was found is said all the same.
        if verdict is None:
            raise
    if verdict.broken_at is not None:
        say(f"Error: {verdict.society}: {verdict.reason}, at row {verdict.broken_at}")
        raise typer.Exit(FAILED)
    return verdict
