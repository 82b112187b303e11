"""`exchange export|import|bundles`: messages in files, for partners whom no line reaches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tracing.bundles import views
from tracing.bundles.envelope import LARGEST, MOST_BYTES, PURPOSE, Bundle
from tracing.bundles.inbox import Entry, Taken, take_in
from tracing.bundles.outbox import pack
from tracing.cli import door, show
from tracing.cli.main import FAILED, say
from tracing.cli.newfile import write_new
from tracing.exchange.delivering import Turn
from tracing.gate.access import Access
from tracing.gate.admit import admitted_by_bundle
from tracing.gate.opening import Gate
from tracing.gate.partnering.proofs import SignedBundle
from tracing.gate.permissions import Permission
from tracing.kit.errors import Malformed
from tracing.kit.ids import new_id

LEAST_BYTES = 1024


def register(group: typer.Typer) -> None:
    """Add the commands to the group of the exchange."""
    group.command(name="export")(export)
    group.command(name="import")(take)
    group.command(name="bundles")(list_bundles)


def export(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner society.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file; further ones are numbered after it.")],
    max_bytes: Annotated[
        int, typer.Option(min=LEAST_BYTES, max=MOST_BYTES, help="Bytes of messages in one file.")
    ] = MOST_BYTES,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Write what waits for a partner into bundles.

    What waits is all that they have not acknowledged. A bundle is signed by us and readable by them alone. Each
    file stands for itself. What is lost on the way leaves again with the next export; a message counts as delivered
    once a bundle of theirs says that it came. No file is overwritten.
    """
    rows = []
    with door.opened() as gate:
        for place, packed in enumerate(pack(turns(gate, token), partner, max_bytes), start=1):
            path = output if place == 1 else output.with_name(f"{output.stem}-{place}{output.suffix}")
            write_new(path, packed.content)
            rows.append({"file": path, "bundle": packed.number, "messages": packed.count, "bytes": len(packed.content)})
    show.listing(rows, as_json=as_json)


def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle that a partner society made for us.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Take the messages of a bundle that came.

    Each is taken in a transaction of its own; the same bundle again has no effect. A message that is refused is
    named by number and code, and keeps none of the others back. Exit code 1 when one was refused, or the bundle was
    not taken.
    """
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Malformed(f"{file} is too large for a bundle")
    with door.opened() as gate:
        taken = take_in(turns(gate, token), _entry(gate), content)
    _tell(file, taken, as_json=as_json)
    if taken.refused:
        raise typer.Exit(FAILED)


def list_bundles(token: door.Token = None, as_json: door.Json = False) -> None:
    """List the bundles that were made, that came, or that are missing."""
    with door.access_for(token, Permission.EXCHANGE_DELIVER) as access:
        rows = [line.model_dump() for line in views.bundle_lines(access)]
    show.listing(rows, as_json=as_json)


def turns(gate: Gate, token: str | None) -> Turn:
    """Return what admits whoever acts on the command line, for each transaction anew."""
    return lambda use: door.entered(gate, token, Permission.EXCHANGE_DELIVER, use)


def _entry(gate: Gate) -> Entry:
    @contextmanager
    def enter(society: str, bundle: Bundle) -> Iterator[Access]:
        signed = SignedBundle(bundle.manifest.key, PURPOSE, bundle.signed, bundle.signature)
        request_id = f"cli-{new_id()}"
        with admitted_by_bundle(gate, society, signed, Permission.EXCHANGE_RECEIVE, request_id=request_id) as access:
            yield access

    return enter


def _tell(file: Path, taken: Taken, *, as_json: bool) -> None:
    for number, code in taken.refused:
        say(f"{file}: message {number}: {code}")
    for first, last in taken.gaps:
        missing = f"bundle {first} is" if first == last else f"bundles {first} to {last} are"
        say(f"{file}: {missing} missing from {taken.partner}")
    if taken.again:
        say(f"{file}: came before; nothing happened")
    row = {
        "partner": taken.partner,
        "bundle": taken.number,
        "messages": taken.count,
        "taken": taken.taken,
        "known": taken.known,
        "refused": len(taken.refused),
        "acknowledged": taken.acknowledged,
    }
    show.listing([row], as_json=as_json)
    sys.stdout.flush()
