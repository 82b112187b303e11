"""`import requests|sightings|pfif FILE`: bring a list into the case base.

Exit code 0: every row is good; 1: some were refused, the others are in; 2: the file cannot be imported.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tracing.cli import door
from tracing.cli.main import INTERRUPTED, reason, say
from tracing.gate.access import Access
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.intake import service
from tracing.intake.errors import OverfullFile, UnreadableFile, WrongHeader
from tracing.intake.parsers.lines import Source
from tracing.intake.schemas import ListFormat, ListKind, Order, Report, RowError
from tracing.kit.errors import Refused
from tracing.kit.settings import Settings
from tracing.pfif import service as pfif_service
from tracing.pfif.parsers.staged import Staged
from tracing.pfif.schemas import Order as PfifOrder
from tracing.pfif.schemas import PfifReport
from tracing.pfif.tally import Tally

SOME_REFUSED = 1
CANNOT_RUN = 2
ENDINGS = {
    ".csv": ListFormat.CSV,
    ".tsv": ListFormat.CSV,
    ".ndjson": ListFormat.NDJSON,
    ".jsonl": ListFormat.NDJSON,
    ".xlsx": ListFormat.XLSX,
}

File = Annotated[Path, typer.Argument(metavar="FILE", help="NDJSON (.ndjson), CSV (.csv) or XLSX (.xlsx).")]
PfifFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="PFIF 1.1 to 1.4, Person Finder's CSV, or a zip that holds one of them.")
]
Domain = Annotated[
    str, typer.Option(help="CSV: home of the rows whose ids name none, such as example.org.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do the same work and undo it; only the trail is written.")]
SourceCode = Annotated[
    str,
    typer.Option(help="Short code of the sender, when several number their rows alike.", show_default=False),
]
Society = Annotated[
    str | None,
    typer.Option(help="Code of the society that the rows are meant for; refused in any other.", show_default=False),
]
Start = Annotated[
    bool, typer.Option("--start", help="Submit, accept and start every search; needs a caseworker's token.")
]


def register(parent: typer.Typer) -> None:
    """Add the commands to the main command."""
    group = typer.Typer(help="Bring a list of persons into the case base.", no_args_is_help=True, rich_markup_mode=None)
    group.command(name="requests")(requests)
    group.command(name="sightings")(sightings)
    group.command(name="pfif")(pfif)
    parent.add_typer(group, name="import")


def requests(
    file: File,
    dry_run: DryRun = False,
    start: Start = False,
    source: SourceCode = "",
    society: Society = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Import tracing requests, one sought person per row.

    Rows of one `enquirer_ref` make one request. Good rows are kept, bad ones listed by line, column and reason. May
    be stopped and run again: rows whose `home_ref` was imported before are passed over.
    """
    _run(file, ListKind.REQUESTS, dry_run, start, source, society, token, as_json)


def sightings(
    file: File,
    dry_run: DryRun = False,
    source: SourceCode = "",
    society: Society = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Import sightings and self-registrations, one per row.

    Good rows are kept, bad ones listed by line, column and reason. May be stopped and run again: rows whose
    `home_ref` was imported before are passed over.
    """
    _run(file, ListKind.SIGHTINGS, dry_run, False, source, society, token, as_json)


def pfif(
    file: PfifFile,
    dry_run: DryRun = False,
    domain: Domain = "",
    society: Society = None,
    token: door.Token = None,
    as_json: door.Json = False,
) -> None:
    """Import a PFIF file as copies, for matching only.

    Copies are never given on. A file that is damaged or unsafe anywhere is refused as a whole. Else good records
    are kept, bad ones listed by line and field. May be stopped and run again: only records with a newer
    `source_date` replace a copy.
    """
    settings = door.settings()
    order = PfifOrder(dry_run=dry_run, domain=domain.lower())
    tally = Tally()
    try:
        staged = Staged(_content(file, settings), settings.max_import_bytes)
        with door.opened(settings) as gate, _bar(staged, lambda: tally.records) as told:
            turn = _turns(gate, token or _kept_token(settings, society), society)
            pfif_service.import_pfif(turn, order, staged, settings.pfif_domain, tally, told)
    except (UnreadableFile, OverfullFile) as error:
        _stop(f"{file}: {reason(error)}")
    except KeyboardInterrupt:
        _tell_pfif(file, tally.report(order), as_json=as_json)
        say("Stopped; run the same command again to go on.")
        raise typer.Exit(INTERRUPTED) from None
    report = tally.report(order)
    _tell_pfif(file, report, as_json=as_json)
    if report.refused:
        raise typer.Exit(SOME_REFUSED)


def _run(
    file: Path,
    kind: ListKind,
    dry_run: bool,
    start: bool,
    source: str,
    society: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    settings = door.settings()
    listed = ENDINGS.get(file.suffix.lower())
    if listed is None:
        _stop(f"{file}: a list ends in {', '.join(ENDINGS)}")
    if not service.is_source(source):
        _stop("--source takes at most 40 letters, digits, hyphens and underscores")
    staged = Source(_content(file, settings))
    order = Order(kind=kind, format=listed, dry_run=dry_run, start=start, source=source)
    tally = service.Tally()
    try:
        with door.opened(settings) as gate, _bar(staged, lambda: tally.rows) as told:
            turn = _turns(gate, token or _kept_token(settings, society), society)
            service.import_list(turn, order, staged, tally, told)
    except (UnreadableFile, OverfullFile, WrongHeader) as error:
        _stop(f"{file}: {reason(error)}")
    except KeyboardInterrupt:
        _tell(file, tally.report(order), as_json=as_json)
        say("Stopped; run the same command again to go on.")
        raise typer.Exit(INTERRUPTED) from None
    report = tally.report(order)
    _tell(file, report, as_json=as_json)
    if report.refused:
        raise typer.Exit(SOME_REFUSED)


def _turns(gate: Gate, token: str, society: str | None) -> service.Turn:
    @contextmanager
    def turn() -> Iterator[Access]:
        with door.entered(gate, token, Permission.IMPORTS_WRITE) as access:
            if society is not None and access.society != society:
                raise Refused("the token is of another society than --society")
            yield access

    return turn


def _kept_token(settings: Settings, society: str | None) -> str:
    """Return the operator's token of `society` where one is kept apart, else the first operator's."""
    own = settings.data_dir / f"operator.{society}.token"
    if society is None or not own.is_file():
        return door.operator_token(settings)
    door.refuse_open_file(own)
    return own.read_text("ascii").strip()


def _content(file: Path, settings: Settings) -> bytes:
    try:
        if file.stat().st_size > settings.max_import_bytes:
            _stop(f"{file}: a list may have at most {settings.max_import_bytes} bytes; import it in parts")
        return file.read_bytes()
    except OSError as error:
        _stop(f"{file}: {error.strerror or 'cannot be read'}")


@contextmanager
def _bar(staged: Source | Staged, rows: Callable[[], int]) -> Iterator[Callable[[], None]]:
    """Show how much of the file is read, on standard error; yield what tells of a further batch."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ) as progress:
        task = progress.add_task("Importing", total=1.0)

        def told() -> None:
            progress.update(task, completed=staged.share, description=f"{rows()} rows")

        yield told
        told()


def _tell(file: Path, report: Report, *, as_json: bool) -> None:
    """Print the report: one JSON object, or the counts, with what is wrong on standard error."""
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
        return
    _say_errors(file, report.errors)
    if report.refused and len({e.line for e in report.errors}) < report.refused:
        say(f"{file}: further refused rows are not listed")
    kept = "would be imported" if report.dry_run else "imported"
    counts = f"{report.imported} {kept}, {report.already_there} already there, {report.refused} refused"
    typer.echo(f"{report.rows} rows: {counts}.")


def _tell_pfif(file: Path, report: PfifReport, *, as_json: bool) -> None:
    """Print the report: one JSON object, or the counts, with what is wrong on standard error."""
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
        return
    _say_errors(file, report.errors)
    verb = "would be " if report.dry_run else ""
    counts = [
        f"{report.imported} {verb}imported",
        f"{report.updated} {verb}updated",
        f"{report.removed} {verb}removed",
        f"{report.already_there} already there",
        f"{report.refused} refused",
    ]
    typer.echo(f"{report.records} records: {', '.join(counts)}.")
    if report.notes_attached or report.notes_waiting:
        typer.echo(f"Notes apart: {report.notes_attached} joined a copy, {report.notes_waiting} new wait for theirs.")


def _say_errors(file: Path, errors: Sequence[RowError]) -> None:
    for error in errors:
        place = f"line {error.line}: {error.field}" if error.field else f"line {error.line}"
        say(f"{file}: {place}: {error.detail} ({error.code})")


def _stop(reason: str) -> NoReturn:
    say(f"Error: {reason}")
    raise typer.Exit(CANNOT_RUN)
