"""How commands come in: read the settings, open the gate, find out who acts."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.schema import is_current
from tracing.kit.errors import Unidentified, Unsafe
from tracing.kit.ids import new_id
from tracing.kit.settings import Settings

OPERATOR_FILE = "operator.token"

Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="TRACING_TOKEN",
        show_default=False,
        help="Who acts; without it, the operator whose token stands in the data folder.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")]


def settings(**given: Any) -> Settings:
    """Return the settings of the environment, with `given` in their place; None unsets one.

    Raises:
        Unsafe: one of them is out of its range; the message names it, never its value.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise Unsafe(f"TRACING_{name}: {first['msg']}") from None


@contextmanager
def opened(known: Settings | None = None) -> Iterator[Gate]:
    """Yield the gate of a case base that stands at this version's schema.

    Raises:
        Unsafe: a setting is unsafe, or the case base has another schema.
    """
    gate = open_gate(known or settings())
    try:
        if not is_current(gate):
            raise Unsafe("the case base is away, new, or of another version: see `tracing setup` and `tracing migrate`")
        yield gate
    finally:
        gate.close()


@contextmanager
def entered(gate: Gate, token: str | None, permission: Permission, use: Use = Use.REGISTER) -> Iterator[Access]:
    """Yield an `Access` for one act of the command line; it must be noted like any other.

    Raises:
        Unidentified: no token was given and no operator's token is kept, or it does not hold.
        Refused: its role or scope lacks `permission`.
    """
    text = token or operator_token(gate.settings)
    with admitted(gate, text, permission, use=use, request_id=f"cli-{new_id()}") as access:
        yield access


@contextmanager
def access_for(token: str | None, permission: Permission, use: Use = Use.REGISTER) -> Iterator[Access]:
    """Open the gate and yield an `Access` for one act; for commands that make just one."""
    with opened() as gate, entered(gate, token, permission, use) as access:
        yield access


def operator_token(known: Settings) -> str:
    """Return the operator's token that `tracing setup` kept in the data folder.

    Raises:
        Unidentified: there is none.
        Unsafe: others may read it.
    """
    path = known.data_dir / OPERATOR_FILE
    if not path.is_file():
        raise Unidentified("who acts is not known: give --token, set TRACING_TOKEN, or run `tracing setup`")
    refuse_open_file(path)
    return path.read_text("ascii").strip()


def refuse_open_file(path: Path) -> None:
    """Refuse a secret's file that anybody but its owner may read or write.

    Raises:
        Unsafe: its mode is wider than 0600.
    """
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Unsafe(f"{path} may be read by others; set its mode to 0600")
