"""The root of the command line: which command lives where, and what becomes of errors.

A command's module is imported when the command is called, so that the neutral commands, which need
neither settings nor database, do not wait for the service.
"""

import os
import sys
import traceback
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_group

from tracing.kit.errors import TracingError

FAILED = 1
INTERRUPTED = 130

# Command → module with `register(app)`; the order is the order of `tracing --help`.
COMMANDS = {
    "serve": "tracing.cli.serve",
    "setup": "tracing.cli.setup",
    "migrate": "tracing.cli.setup",
    "accounts": "tracing.cli.accounts",
    "tokens": "tracing.cli.tokens",
    "audit": "tracing.cli.audit",
    "import": "tracing.cli.imports",
    "export": "tracing.cli.exports",
    "night": "tracing.cli.night",
    "tasks": "tracing.cli.tasks",
    "partners": "tracing.cli.partners",
    "exchange": "tracing.cli.exchange",
    "webhooks": "tracing.cli.webhooks",
    "pre-check": "tracing.cli.precheck",
    "backup": "tracing.cli.backup",
    "restore": "tracing.cli.backup",
    "demo": "tracing.cli.demo",
    "openapi": "tracing.cli.openapi",
    "compare": "tracing.cli.neutral",
    "rank": "tracing.cli.neutral",
    "match-lists": "tracing.cli.neutral",
    "evaluate": "tracing.cli.neutral",
    "train": "tracing.cli.training",
}


class Root(TyperGroup):
    """Finds commands late and turns every error into one line and an exit code."""

    def list_commands(self, _: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its module on first use; None when there is none of this name."""
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            group = typer.Typer(rich_markup_mode=None, callback=_nothing)
            import_module(COMMANDS[cmd_name]).register(group)
            self.commands.update(get_group(group).commands)
        return super().get_command(ctx, cmd_name)

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run and leave: 0 done, 1 refused or failed, 2 wrongly called. Never a traceback."""
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
            sys.stdout.flush()
            sys.exit(code if isinstance(code, int) else 0)
        except BrokenPipeError:
            # The reader went away; what Python still holds for it must not be written at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)
        except (KeyboardInterrupt, typer.Abort):
            sys.exit(INTERRUPTED)
        except typer.TyperException as error:
            _say_usage(error)
            sys.exit(error.exit_code)
        except Exception as error:  # noqa: BLE001  # the last door: whatever it is becomes one line
            say(f"Error: {reason(error)}")
            sys.exit(FAILED)


def say(line: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(line + "\n")


def reason(error: Exception) -> str:
    """Return what went wrong in one line: a deliberate error's own words, else its class and place.

    The text of any other exception may quote what somebody wrote, so it is never shown.
    """
    if isinstance(error, TracingError):
        flaws = "; ".join(f"{flaw.pointer.lstrip('/')}: {flaw.detail}" for flaw in error.flaws)
        return f"{error.detail} ({flaws})" if flaws else error.detail
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if type(error).__module__.startswith("sqlalchemy"):
        return f"the database refused or is away ({type(error).__name__})"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"an accident of ours, {type(error).__name__} in {os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119  # the name only, of a path that may be no file


def _say_usage(error: typer.TyperException) -> None:
    text = error.format_message().strip()
    # Without a command the message is the help text.
    say(text if text.startswith("Usage:") else f"Error: {' '.join(text.split())}")


def _nothing() -> None:
    """Restoring Family Links: tracing requests, sightings, suggestions with reasons."""


app = typer.Typer(cls=Root, callback=_nothing, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
