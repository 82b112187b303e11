"""`webhooks`: send what endpoints outside are waiting for."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import Annotated

import typer

from tracing.cli import door
from tracing.gate.admit import entered_by_operator, entered_for
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit import log
from tracing.kit.outbound import Outbound
from tracing.kit.settings import Settings
from tracing.webhooks.jobs import Dispatcher

app = typer.Typer(help="Webhooks: send what is due.", no_args_is_help=True)
CONNECTIONS = {"pool_size": 2, "pool_overflow": 2}


def register(parent: typer.Typer) -> None:
    """Add the group to the main command."""
    parent.add_typer(app, name="webhooks")


@app.callback()
def _group() -> None:
    """Send notices to systems outside."""


@app.command()
def deliver(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped instead of sending once.")] = False,
    as_json: door.Json = False,
) -> None:
    """Send everything that is due, for every society of the case base.

    `tracing serve` does the same by itself unless TRACING_WEBHOOK_INTERVAL_S is 0. Can be stopped at any time and
    run beside others: what was not confirmed is sent again under the same `webhook-id`.
    """
    settings = door.settings()
    log.install(settings.log_level)
    with door.opened(settings) as gate:
        dispatcher = dispatcher_over(gate, Event())
        if watch:
            with _stopped_by_signals(dispatcher.stop):
                dispatcher.watch(settings.webhook_interval_s or 5.0)
            return
        arrived = dispatcher.round()
    if as_json:
        sys.stdout.write(json.dumps({"delivered": arrived}) + "\n")
    else:
        typer.echo(f"Delivered: {arrived}.")


def dispatcher_over(gate: Gate, stop: Event) -> Dispatcher:
    """Return a dispatcher over a case base that ends soon after `stop` is set.

    Raises:
        Unsafe: a certificate of the settings cannot be read.
    """
    return Dispatcher(
        gate,
        Outbound(gate.settings),
        operator=partial(entered_by_operator, gate, use=Use.REGISTER),
        owner=partial(entered_for, gate, permission=Permission.WEBHOOKS_READ),
        stop=stop,
    )


@contextmanager
def sending(settings: Settings) -> Iterator[None]:
    """Send in a thread of its own, over a gate of its own, as long as the block lasts; not at all at interval 0."""
    if not settings.webhook_interval_s:
        yield
        return
    stop = Event()
    gate = open_gate(settings.model_copy(update=CONNECTIONS))
    dispatcher = dispatcher_over(gate, stop)
    thread = Thread(target=dispatcher.watch, args=(settings.webhook_interval_s,), name="webhooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(settings.outbound_timeout_s + 5)
        gate.close()


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
