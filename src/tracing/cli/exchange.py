"""`exchange`: deliver what waits for partners, look at the boxes, check a partner, carry bundles."""

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tracing.cli import bundles, conformance, door, show
from tracing.cli.bundles import turns
from tracing.cli.main import FAILED, say
from tracing.exchange import service
from tracing.exchange.calling import Tokens
from tracing.exchange.jobs import Became, Round, Told, Turn, deliver, take_back
from tracing.exchange.states import Side
from tracing.gate.permissions import Permission
from tracing.kit.outbound import Outbound

PAGE = 200

app = typer.Typer(help="Messages between societies: deliver, list, check, bundles.", no_args_is_help=True)
bundles.register(app)
conformance.register(app)


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="exchange")


@app.command(name="deliver")
def deliver_waiting(
    watch: Annotated[
        float | None,
        typer.Option(
            min=1, max=86_400, metavar="SECONDS", show_default=False, help="Go on, with a round every so many seconds."
        ),
    ] = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Deliver what waits for partners online.

    Before that it takes back what its consent no longer covers. Prints what became of each message, by number and
    code. Exit code 1 when one that was due was not delivered. SIGTERM ends it after the message at hand; a message
    that was not marked as delivered is sent again, and the partner takes each once.
    """
    with door.opened() as gate, _ended() as over:
        turn = turns(gate, token)
        outbound, tokens = Outbound(gate.settings), Tokens()
        if watch is not None:
            say(f"a round every {watch:g} s; SIGTERM ends it")
        done = _round(turn, outbound, tokens, over, as_json=as_json)
        while watch is not None and not over.wait(watch):
            _round(turn, outbound, tokens, over, as_json=as_json)
    if watch is None and done.later + done.failed:
        raise typer.Exit(FAILED)


@app.command(name="list")
def list_messages(
    received: Annotated[bool, typer.Option("--received", help="What came, instead of what leaves.")] = False,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """List the messages of the outbox, or of the inbox.

    Numbers, codes and times, nothing of any person.
    """
    side = Side.RECEIVED if received else Side.SENT
    rows, after = [], None
    with door.opened() as gate:
        while True:
            with door.entered(gate, token, Permission.EXCHANGE_DELIVER) as access:
                page = service.box(access, side, limit=PAGE, after=after)
            rows += [line.model_dump() for line in page]
            if len(page) < PAGE:
                break
            after = (page[-1].at, page[-1].id)
    show.listing(rows, as_json=as_json)


@app.command()
def again(
    message: Annotated[UUID, typer.Argument(help="Id of a revocation that was given up, as `list` shows it.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Send a revocation again that the partner never got.

    A `not_taken_back` task is about it, and ends when the partner says that what was sent is gone. The next delivery
    takes it along.
    """
    with door.access_for(token, Permission.EXCHANGE_DELIVER) as access:
        line = service.send_again(access, message)
    show.listing([line.model_dump()], as_json=as_json)


def _round(turn: Turn, outbound: Outbound, tokens: Tokens, over: Event, *, as_json: bool) -> Round:
    take_back(turn)
    became: list[Became] = []
    with _bar() as told:

        def hear(place: int, total: int, one: Became) -> None:
            became.append(one)
            told(place, total, one)

        done = deliver(turn, outbound, tokens=tokens, told=hear, over=over.is_set)
    show.listing([_row(one) for one in became], as_json=as_json)
    sys.stdout.flush()
    return done


@contextmanager
def _ended() -> Iterator[Event]:
    """Yield what is set once the process is told to end."""
    over = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield over
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _bar() -> Iterator[Told]:
    """Show how many messages were tried, on standard error, where somebody looks."""
    columns = (TextColumn("Delivering  "), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=None)
        yield lambda place, total, _: progress.update(task, completed=place, total=total)


def _row(one: Became) -> Mapping[str, Any]:
    message = one.message
    return {
        "partner": message.partner,
        "number": message.number,
        "kind": message.kind,
        "became": one.what,
        "trouble": one.trouble,
    }
