"""`serve`: check that it is safe to start, set up what is missing, listen."""

import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from tracing.cli import door
from tracing.cli.main import say
from tracing.cli.setup import found_once, prepare
from tracing.cli.webhooks import sending
from tracing.gate.selfcheck import refuse_unsafe
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings
from tracing.review import suggest

STOP_S = 20
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="TRACING_HOST without it.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="TRACING_PORT without it.", show_default=False)] = None,
) -> None:
    """Serve the API, on this machine only unless told otherwise.

    The first start on an empty database makes its schema, founds the society TRACING_SOCIETY and keeps the
    operator's token in the data folder. Refuses to start with an unsafe setting and says which in one line.
    """
    given = {"host": host, "port": port}
    settings = door.settings(**{name: value for name, value in given.items() if value is not None})
    refuse_unsafe_folder(settings)
    refuse_taken_port(settings)
    suggest.plain_engine(settings)
    prepare(settings)
    with door.opened(settings) as gate:
        refuse_unsafe(gate)
        found_once(gate)
    say(f"tracing on http://{settings.host}:{settings.port}")
    if settings.outbound_loopback:
        say("TRACING_OUTBOUND_LOOPBACK lets webhooks call this machine: for tests alone")
    if settings.host not in LOOPBACK:
        say(f"listening on {settings.host} without encryption: put a proxy with TLS in front")
    with _ending_by_itself(), sending(settings):
        uvicorn.run(
            "tracing.app:serve",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
        )


@contextmanager
def _ending_by_itself() -> Iterator[None]:
    """Let SIGTERM, which uvicorn raises again once it is down, end what runs beside it before it ends us."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def refuse_unsafe_folder(settings: Settings) -> None:
    """Refuse a data folder in which others could swap the key, and a token that others may read.

    Raises:
        Unsafe: the message says which file and what to do.
    """
    folder = settings.data_dir
    if folder.is_dir() and folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise Unsafe(f"{folder} may be written by others; set its mode to 0700")
    for path in folder.glob("operator*.token"):
        door.refuse_open_file(path)


def refuse_taken_port(settings: Settings) -> None:
    """Refuse an address that cannot be listened on, before the server starts processes of its own.

    Raises:
        Unsafe: it is in use, or not of this machine.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(*found[:3]) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(found[4])
    except OSError as error:
        raise Unsafe(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from None
