"""`demo`: a throw-away case base of fictional families, one night, and the best suggestions with their reasons."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracing.cli import casebase, door
from tracing.cli.night import Bars
from tracing.cli.night import say as say_night
from tracing.demo.casebase import build
from tracing.gate import founding
from tracing.gate.admit import admitted
from tracing.gate.kinds import Kind
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.schema import upgrade
from tracing.kit.errors import Conflict
from tracing.kit.settings import Settings
from tracing.night import Night
from tracing.review import service
from tracing.review.schemas import SuggestionView

BEST, LOOKED_AT = 100, 1000
SHOWN = 5
REASONS = 6
WIDTH = 118
ALMOST = 0.9999
KINDS = {
    Kind.REQUEST: "enquirer of another request",
    Kind.SOUGHT: "sought by another request",
    Kind.SIGHTING: "sighting",
    Kind.SELF_REGISTRATION: "self-registration",
}


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="demo")(demo)


def demo(
    families: Annotated[int, typer.Option(min=1, max=20_000, help="How many families to invent.")] = 300,
    seed: Annotated[int, typer.Option(help="Another seed invents other families.")] = 7,
    folder: Annotated[Path, typer.Option(help="A new folder for the throw-away case base.")] = Path("var/demo"),
) -> None:
    """Invent families, match them, and show the best suggestions.

    It registers their requests and sightings and runs one night. All people are fictional. The folder is the demo's
    own and is made anew each time.
    """
    settings = _fresh(folder)
    gate = open_gate(settings)
    try:
        upgrade(settings)
        operator = founding.found(gate, settings.society)
        founding.keep_token(settings.data_dir / door.OPERATOR_FILE, operator)
        tokens = casebase.hire(gate, operator)
        base = build(seed, families)
        with Bars() as bars:
            loaded = casebase.load(gate, tokens["caseworker"], base, bars.told)
            report = Night(gate, operator, bars.told).run()
        say_night(report, as_json=False)
        best = _best(gate, tokens["caseworker"])
    finally:
        gate.close()
    true = {record_id: base.truth[ref] for ref, record_id in loaded.ids.items()}
    right = sum(true[view.left_id] == true[view.right_id] for view in best)
    typer.echo(
        f"\n{len(base.requests)} requests and {len(base.sightings)} sightings of {families} fictional families; "
        f"of the {len(best)} strongest suggestions {right} are the same person.\n"
    )
    for view in _varied(best):
        _show(view)
    _say_how_to_go_on(settings, tokens)


def _fresh(folder: Path) -> Settings:
    settings = door.settings(
        data_dir=folder, society="XX", database_url=None, keys_url=None, key_file=None, master_key=None
    )
    mark = folder / "DEMO"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Conflict(f"{folder} is not empty and not a demo's; choose another --folder")
    for old in folder.glob("*") if folder.exists() else ():
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.write_text("A throw-away case base of fictional people; `tracing demo` makes it anew.\n")
    return settings


def _best(gate: Gate, token: str) -> list[SuggestionView]:
    with admitted(gate, token, Permission.SUGGESTIONS_READ, use=Use.MATCH) as access:
        queue = service.page(access, limit=LOOKED_AT)
    likely = [view for view in queue if not view.needs_second_reader]  # those lead the queue, however probable
    return likely[:BEST]


def _varied(best: list[SuggestionView]) -> list[SuggestionView]:
    """Return some strong suggestions whose names are written differently: those are worth a look."""
    differing = [view for view in best if not set(view.names[0]) & set(view.names[1])]
    scripts: dict[str, SuggestionView] = {}
    for view in differing:
        scripts.setdefault(_script(view.names[0][0]) + _script(view.names[1][0]), view)
    chosen = list(scripts.values())[:SHOWN]
    return chosen + [view for view in differing if view not in chosen][: SHOWN - len(chosen)]


def _script(name: str) -> str:
    return f"{ord(name[0]) // 0x100:02x}"


def _show(view: SuggestionView) -> None:
    table = Table(
        width=WIDTH,
        title=f"{view.band}: probability {_sure(view.probability)}, {view.weight:+.1f} bits",
        title_justify="left",
    )
    table.add_column("comparison", width=14)
    heads = ("sought person", KINDS[view.right_kind])
    for head, origin in zip(heads, view.origins, strict=True):
        table.add_column(f"{head}, copy from {origin}" if origin else head, ratio=3)
    table.add_column("bits", justify="right", width=6)
    table.add_column("why", ratio=4)
    for piece in view.evidence[:REASONS]:
        table.add_row(piece.comparison, Text(piece.left), Text(piece.right), f"{piece.weight:+.1f}", Text(piece.reason))
    Console(file=sys.stdout, width=WIDTH, highlight=False).print(table)


def _sure(probability: float) -> str:
    """Return a probability that never claims certainty."""
    return "over 0.9999" if probability > ALMOST else f"{probability:.4f}"


def _say_how_to_go_on(settings: Settings, tokens: dict[str, str]) -> None:
    typer.echo("\nGo on with\n")
    typer.echo(f"  TRACING_DATA_DIR={shlex.quote(str(settings.data_dir))} make serve\n")
    typer.echo(f"and call http://{settings.host}:{settings.port}/v1/suggestions with one of these tokens:\n")
    for label, token in tokens.items():
        typer.echo(f"  {label:<14} {token}")
