"""`backup` and `restore`: two archives of one moment, and back; as a drill, into a case base that passes."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

import tracing.night  # noqa: F401  # a backup holds the tables that are known: the night knows all
from tracing.cli import door
from tracing.cli.main import FAILED
from tracing.cli.night import Bars
from tracing.gate import founding, schema
from tracing.gate.admit import entered_by_operator
from tracing.gate.backups import backup as gate_backup
from tracing.gate.backups import drill, restoring
from tracing.gate.backups.restoring import Backup
from tracing.gate.ledger import Line, erased
from tracing.gate.opening import Gate, open_gate
from tracing.gate.purposes import Use
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings
from tracing.rights import nights as rights

Folder = Annotated[Path, typer.Argument(metavar="DIR", show_default=False, help="The backup's folder.")]
Ledgers = Annotated[
    list[Path] | None,
    typer.Option(
        "--ledger",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        show_default=False,
        help="A copy of `erasures.ndjson`; may be given several times.",
    ),
]


def register(parent: typer.Typer) -> None:
    """Add the commands to the main command."""
    parent.command(name="backup")(back_up)
    parent.command(name="restore")(restore)


def back_up(folder: Folder) -> None:
    """Write a backup of the case base and the key store into DIR.

    DIR must not exist; the two stand apart in it. Nobody has to stop for it. DIR is there when the backup is whole,
    and not before. `DIR/keys` may be thrown away sooner than `DIR/cases`; without it, only the key store in use
    opens the details. The master key is in neither.
    """
    with door.opened() as gate, Bars(to_people=True) as bars:
        for society in founding.societies(gate):
            with entered_by_operator(gate, society, Use.REGISTER) as access:
                access.note("backups.make")
        cases, keys = gate_backup.back_up(gate, folder, bars.told)
    rows = sum(part.rows for part in cases.parts)
    typer.echo(f"{folder}: {rows} rows of {len(cases.parts)} tables, {keys.parts[0].rows} keys")


def restore(
    folder: Folder,
    ledger: Ledgers = None,
    is_drill: Annotated[
        bool, typer.Option("--drill", help="Restore into a passing case base, look at everything, and leave nothing.")
    ] = False,
    without_later_erasures: Annotated[
        bool,
        typer.Option(help="Go on although no ledger here is newer: what was erased or withdrawn since comes back."),
    ] = False,
) -> None:
    """Restore the backup in DIR into an empty case base.

    Every file is checked before the first row. Whoever was erased after the backup stays erased, and consents that
    were withdrawn, tokens and case codes that were revoked and accounts that were disabled stay ended: the ledgers are
    replayed (the key store's, its file, and each --ledger). A restore is refused when none is newer than the backup.
    What was about to leave, to an enquirer or a partner, is stopped: it is proposed anew.
    """
    settings = door.settings()
    _require_master_key(settings)
    if is_drill:
        _drill(settings, folder, ledger or [], unknown=without_later_erasures)
        return
    gate = open_gate(settings)
    try:
        with Bars(to_people=True) as bars:
            made = restoring.check(folder, gate.vault, bars.told)
            restoring.refuse_filled(gate)
            schema.prepare_keys(settings)
            lines = restoring.later_lines(gate, made, ledger or [], unknown=without_later_erasures)
            settled = restoring.load(gate, made, lines, bars.told)
        again = _replay(gate, lines)
    finally:
        gate.close()
    told = f"{made.rows} rows restored, as of {made.cases.at:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{folder}: {told}; {again} erased again, {settled.ended} ended again, {settled.stopped} stopped")


def _require_master_key(settings: Settings) -> None:
    """Refuse to go on without the backup's master key, where opening the gate would make another one."""
    if settings.master_key is None and not settings.master_key_path.is_file():
        raise Unsafe(f"{settings.master_key_path} is missing: put the backup's master key there first")


def _replay(gate: Gate, lines: list[Line]) -> int:
    """Forget again whoever the backup brought back; the trail of each society says that it was restored."""
    again = 0
    for society in founding.societies(gate):
        with entered_by_operator(gate, society, Use.FORGET) as access:
            ids = rights.replay(access, erased(lines))
            access.note("backups.restore")
            access.note_page("backups.forget", ids)
            again += len(ids)
    return again


def _drill(settings: Settings, folder: Path, ledgers: list[Path], *, unknown: bool) -> None:
    began = time.perf_counter()
    live = open_gate(settings)
    try:
        with Bars(to_people=True) as bars, tempfile.TemporaryDirectory(prefix="tracing-drill-") as name:
            made = restoring.check(folder, live.vault, bars.told)
            schema.prepare_keys(settings)
            lines = restoring.later_lines(live, made, ledgers, unknown=unknown)
            gate = open_gate(_passing(settings, Path(name)))
            try:
                found = _looked_at(gate, made, lines, bars)
            finally:
                gate.close()
    finally:
        live.close()
    for what, told, _ in found:
        sys.stdout.write(f"{what:<36}{told}\n")
    sys.stdout.write(f"{'wall':<36}{time.perf_counter() - began:.1f} s\n")
    if not all(good for _, _, good in found):
        raise typer.Exit(FAILED)


def _passing(settings: Settings, folder: Path) -> Settings:
    """Return settings of an embedded case base in `folder` under the same master key."""
    key = settings.master_key or SecretStr(settings.master_key_path.read_text("ascii").strip())
    return settings.model_copy(
        update={
            "data_dir": folder,
            "database_url": None,
            "keys_url": None,
            "erasure_ledger": None,
            "master_key": key,
            "workers": 1,
        }
    )


def _looked_at(gate: Gate, made: Backup, lines: list[Line], bars: Bars) -> list[tuple[str, str, bool]]:
    """Restore into a passing case base and return what was found: what, in words, and whether it is good."""
    restoring.load(gate, made, None, bars.told)
    unequal = drill.unequal(gate, made)
    settled = restoring.settle(gate, lines)
    again = _replay(gate, lines)
    broken, opened, back = drill.broken_trails(gate), drill.sample(gate), drill.back_again(gate)
    standing = drill.in_force_again(gate)
    return [
        ("rows", f"{made.rows} in {len(made.cases.parts)} tables", True),
        ("digests equal", "all" if not unequal else f"not of {', '.join(unequal)}", not unequal),
        ("trail whole", "of every society" if not broken else f"not of {', '.join(broken)}", not broken),
        ("sample of details", f"{opened.opened} readable, {opened.lost} lost", not opened.lost),
        ("erased since", f"{again} forgotten again", True),
        ("erased persons that would come back", str(back), not back),
        ("ended since", f"{settled.ended} ended again, {settled.stopped} stopped", True),
        ("ended things that would be in force", str(standing), not standing),
    ]
