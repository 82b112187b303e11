"""`openapi`: write the contract of the API, or say whether the written one is still true."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tracing.app import create_app
from tracing.cli.main import FAILED, say
from tracing.gate.opening import open_gate
from tracing.kit.settings import Settings

FILE = Path("openapi/tracing.json")


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="openapi")(openapi)


def openapi(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is old.")] = False,
    output: Annotated[Path, typer.Option("-o", "--output", help="The file.")] = FILE,
) -> None:
    """Write the OpenAPI document of this version.

    The same code writes the same bytes.
    """
    text = document()
    if check:
        if not output.is_file() or output.read_text(encoding="utf-8") != text:
            say(f"Error: {output} is not what this version answers: run `make openapi`")
            raise typer.Exit(FAILED)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")


def document() -> str:
    """Return the OpenAPI document as text, whatever the environment says; leaves nothing behind."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder), database_url=None, keys_url=None, key_file=None, master_key=None, workers=1
        )
        gate = open_gate(settings)
        try:
            made = create_app(settings, gate).openapi()
        finally:
            gate.close()
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
