"""`exchange check|schema`: whether a partner's system keeps the protocol, and what a message looks like."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.json_schema import models_json_schema

from tracing.bundles.envelope import Manifest
from tracing.cli import door, show
from tracing.cli.bundles import turns
from tracing.cli.main import FAILED, say
from tracing.conformance.jobs import Finding, check
from tracing.exchange.envelope import Envelope
from tracing.kit.outbound import Outbound

FILE = Path("openapi/exchange.json")


def register(group: typer.Typer) -> None:
    """Add the commands to the group of the exchange."""
    group.command(name="check")(check_partner)
    group.command(name="schema")(write_schema)


def check_partner(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner society.")],
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Check whether a partner's system keeps the protocol.

    It must take what is right and refuse what is wrong. Sends a few receipts for a message that nobody sent, most
    of them signed or written wrongly on purpose. They change nothing, and nothing of any person is in them. Exit
    code 0 only if every answer is a right one.
    """
    found: list[Finding] = []
    with door.opened() as gate:
        whole = check(turns(gate, token), Outbound(gate.settings), partner, found.append)
    show.listing([_row(one) for one in found], as_json=as_json)
    if not whole:
        raise typer.Exit(FAILED)


def _row(finding: Finding) -> Mapping[str, Any]:
    return {
        "probe": finding.name,
        "expected": " ".join(str(status) for status in sorted(finding.expected)),
        "answer": finding.trouble or finding.status,
        "result": "pass" if finding.passed else "FAIL",
    }


def write_schema(
    is_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is old.")] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file.")] = FILE,
) -> None:
    """Write the JSON Schema of what travels between societies.

    The same code writes the same bytes.
    """
    text = document()
    if is_check:
        if not output.is_file() or output.read_text(encoding="utf-8") != text:
            say(f"Error: {output} is not what this version exchanges: run `make openapi`")
            raise typer.Exit(FAILED)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")


def document() -> str:
    """Return the JSON Schema of an envelope as text; the manifest of a bundle stands among its definitions."""
    _, made = models_json_schema(
        [(Envelope, "validation"), (Manifest, "validation")], title="Exchange between societies"
    )
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "$ref": "#/$defs/Envelope"}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
