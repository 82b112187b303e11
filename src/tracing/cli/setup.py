"""`migrate` and `setup`: bring the databases up to date, found a society and keep its operator's token."""

from pathlib import Path
from typing import Annotated

import typer

from tracing.cli import door
from tracing.cli.main import say
from tracing.gate import founding
from tracing.gate.admit import identify
from tracing.gate.opening import Gate, open_gate
from tracing.gate.schema import is_current, revision, upgrade
from tracing.kit import clock
from tracing.kit.errors import Unidentified, Unsafe
from tracing.kit.settings import Settings

Society = Annotated[
    str | None,
    typer.Option(help="Code of the National Society; TRACING_SOCIETY without it.", show_default=False),
]


def register(parent: typer.Typer) -> None:
    """Add the commands to the main command."""
    parent.command(name="migrate")(migrate)
    parent.command(name="setup")(setup)


def migrate() -> None:
    """Bring the case base and the key store to this version.

    Does nothing when their schemas are this version's.
    """
    settings = door.settings()
    gate = open_gate(settings)  # refuses unsafe settings and makes the data folder and the key file
    try:
        before = revision(gate)
        upgrade(settings)
        after = revision(gate)
    finally:
        gate.close()
    typer.echo(f"already at {after}" if before == after else f"from {before or 'nothing'} to {after}")


def setup(
    society: Society = None,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="The society stands; make its operator another token.")
    ] = False,
) -> None:
    """Found a society and keep its operator's token.

    The token is kept in the data folder, mode 0600. On an empty database this also makes the schema. The operator
    is an administrator: makes accounts, issues tokens, runs the night, verifies the trail; reads no personal data.
    """
    settings = door.settings(**({} if society is None else {"society": society}))
    prepare(settings)
    with door.opened(settings) as gate:
        text = founding.renew(gate, settings.society) if new_token else founding.found(gate, settings.society)
        path = keep(gate, text)
    what = "its operator has another token" if new_token else "founded"
    typer.echo(f"{settings.society}: {what}, kept in {path}")


def prepare(settings: Settings) -> None:
    """Make the schema of an empty case base, and bring an embedded one up to date.

    Raises:
        Unsafe: the schema on a database server is not this version's; that step is taken by hand.
    """
    gate = open_gate(settings)
    try:
        if is_current(gate):
            return
        if not gate.embedded and revision(gate) is not None:
            raise Unsafe("the case base has another schema; stop every server, then run `tracing migrate`")
        upgrade(settings)
    finally:
        gate.close()


def found_once(gate: Gate) -> None:
    """Found the society of the settings in an empty case base; do nothing in one where a society stands."""
    if not founding.nobody_lives_here(gate):
        return
    text = founding.found(gate, gate.settings.society)
    path = keep(gate, text)
    say(f"founded {gate.settings.society}; the operator's token is kept in {path}")


def keep(gate: Gate, text: str) -> Path:
    """Write an operator's token into the data folder and return where.

    A second society's token stands beside the first one's: a token that holds is never overwritten.
    """
    settings = gate.settings
    path = settings.data_dir / door.OPERATOR_FILE
    own = settings.data_dir / f"operator.{settings.society}.token"
    if own.exists() or (path.exists() and _holds(gate, path)):
        path = own
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    founding.keep_token(path, text)
    return path


def _holds(gate: Gate, path: Path) -> bool:
    try:
        identify(gate, path.read_text("ascii").strip(), clock.now())
    except Unidentified:
        return False
    return True
