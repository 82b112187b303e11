"""Call the command line inside this process, as somebody."""

import json
from typing import Any

from typer.testing import CliRunner, Result

from tracing.cli.main import app

RUN = CliRunner()


def call(*args: str, token: str | None = None, typed: str | None = None) -> Result:
    """Run `tracing ARGS`, with what is typed; what left by anything but an exit code is raised."""
    result = RUN.invoke(app, list(args), input=typed, env={"TRACING_TOKEN": token or ""})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(*args: str, token: str | None = None) -> str:
    """Return what a call that must succeed wrote to standard output."""
    result = call(*args, token=token)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def listed(*args: str, token: str | None = None) -> list[dict[str, Any]]:
    """Return the rows that a call with `--json` printed."""
    return [json.loads(line) for line in done(*args, "--json", token=token).splitlines()]


def refused(*args: str, token: str | None = None, code: int = 1) -> str:
    """Return the one line of a call that must fail with `code`."""
    result = call(*args, token=token)
    assert result.exit_code == code, (result.stdout, result.stderr)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line
