"""`night`: forget what is over, remind of what is due, match what is new or changed."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tracing.cli import door
from tracing.night import Night, Report, Told
from tracing.review import suggest

WORDS = {"keys": "Writing keys"}
"""Steps that are told in other words than their own."""


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="night")(night)


def night(
    token: door.Token = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes to score with; TRACING_NIGHT_WORKERS without it.")
    ] = None,
    as_json: door.Json = False,
) -> None:
    """Match what is new or changed, forget what is over, and remind.

    What is new or changed in the society's case base is compared with all of it. Can be stopped at any time and run
    again: finished shards are kept. A second run changes nothing.
    """
    given = {} if workers is None else {"night_workers": workers}
    settings = door.settings(**given)
    suggest.plain_engine(settings)
    with door.opened(settings) as gate, Bars() as bars:
        report = Night(gate, token or door.operator_token(settings), bars.told).run()
    say(report, as_json=as_json)


def say(report: Report, *, as_json: bool) -> None:
    """Print what a night did: one JSON object, or two lines."""
    run = report.run
    if as_json:
        sys.stdout.write(
            json.dumps(
                {
                    "forgotten": report.forgotten,
                    "reminders": report.reminders,
                    "run": run.model_dump(mode="json") if run else None,
                }
            )
            + "\n"
        )
        return
    if run is None:
        typer.echo(f"Nothing is new or changed. Forgotten: {report.forgotten}. Reminders: {report.reminders}.")
        return
    typer.echo(
        f"Matched {run.due} new or changed of {run.pool} persons: {run.pairs} pairs compared, "
        f"{run.suggested} suggested, "
        f"{run.resurfaced} back, {run.stale} stale. Forgotten: {report.forgotten}. "
        f"Reminders: {report.reminders}."
    )
    if run.blocks_passed_over:
        typer.echo(f"{run.blocks_passed_over} blocking keys were shared by too many persons and passed over.")
    if run.state != "done":
        typer.echo("Stopped; the next night goes on from here.")


class Bars:
    """Progress bars on standard error, one per step; drawn in the caller's thread, since the night forks.

    With `to_people`, only where somebody looks: a refusal is one line then.
    """

    def __init__(self, *, to_people: bool = False) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            auto_refresh=False,
            disable=to_people and not sys.stderr.isatty(),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.refresh()
        self._progress.stop()

    @property
    def told(self) -> Told:
        """Hears of progress: (step, done, of how many)."""

        def told(step: str, done: int, total: int) -> None:
            if step not in self._tasks:
                self._tasks[step] = self._progress.add_task(WORDS.get(step, step.capitalize()), total=total)
            self._progress.update(self._tasks[step], completed=done, total=total)
            self._progress.refresh()

        return told
