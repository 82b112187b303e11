"""Restore a backup into an empty case base: checked whole before the first row, kept whole or not at all.

Whoever was erased after the backup does not come back: their keys stay out, their rows are condemned in the same
transaction that brings them, and the caller then forgets them as the night would (`rights.nights.replay`). What
else was ended after it (`ending`) is ended in that transaction as well, what was about to leave is stopped
(`halting`), and what is numbered from now on has numbers that were not used before (`numbering`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from tracing.gate import erasing, founding, keystore, ledger, schema
from tracing.gate.backups import archive, ending, halting, numbering
from tracing.gate.backups.archive import BadArchive, Columns, Manifest, Part
from tracing.gate.backups.backup import BESIDE, CASES, KEYS, Told, see
from tracing.gate.ledger import Line
from tracing.gate.opening import Gate
from tracing.gate.vault import Vault
from tracing.kit import clock
from tracing.kit.db import PASS, READ_ONLY
from tracing.kit.errors import Conflict

AT_ONCE = 2_000


class NotEmpty(Conflict):
    """There is a case base already where one was to be restored."""

    code = "not-empty"
    title = "The case base is not empty"


class NoLaterLedger(Conflict):
    """No erasure ledger at hand is known to be newer than the backup."""

    code = "no-later-ledger"
    title = "Erasures after the backup are not known"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was checked. `keys` is None when its keys were thrown away: the present key store is used."""

    folder: Path
    cases: Manifest
    keys: Manifest | None

    @property
    def rows(self) -> int:
        """Rows of the case base."""
        return sum(part.rows for part in self.cases.parts)


def check(folder: Path, vault: Vault, told: Told) -> Backup:
    """Return the backup in `folder` after every file of it was checked.

    Raises:
        BadArchive: a file is missing, cut off or altered, or this version cannot restore it.
    """
    if not folder.is_dir():
        raise BadArchive(f"{folder} is no backup")
    cases = Manifest.read(folder / CASES, vault)
    keys = Manifest.read(folder / KEYS, vault) if (folder / KEYS).exists() else None
    if cases.what != CASES or (keys is not None and (keys.what, keys.backup_id) != (KEYS, cases.backup_id)):
        raise BadArchive(f"{folder} mixes two backups")
    if not schema.knows(cases.revision):
        raise BadArchive(f"{folder} is of a newer version than this one (schema {cases.revision})")
    parts = [(folder / CASES, part) for part in cases.parts]
    parts += [(folder / KEYS, part) for part in (keys.parts if keys is not None else ())]
    for done, (place, part) in enumerate(parts, 1):
        archive.check_part(place, part)
        told("checking", done, len(parts))
    return Backup(folder, cases, keys)


def later_lines(gate: Gate, backup: Backup, files: Sequence[Path], *, unknown: bool) -> list[Line]:
    """Return all that the ledgers at hand say has ended: the key store's, its file, `files`, the backup's own.

    Args:
        gate: of where the backup goes.
        backup: as checked.
        files: further copies of the ledger's file.
        unknown: go on although none of them is known to be newer than the backup.

    Raises:
        NoLaterLedger: none holds the backup's own line, nor a later one.
        LedgerAltered: a line does not hold.
    """
    known = gate.keys.lines()
    for path in dict.fromkeys((gate.settings.ledger_path, *files)):
        if path.exists() or path in files:
            known += ledger.read(path, gate.vault)
    made = backup.cases
    if not unknown and not any(line.subject_id == made.backup_id or line.at > made.at for line in known):
        raise NoLaterLedger(
            "no erasure ledger here is newer than the backup, so what was erased or withdrawn since would come back; "
            "give a copy with --ledger, or --without-later-erasures if there is none"
        )
    known += _own_ledger(backup)
    return [*ledger.erased(known), *ledger.ended(known)]


def _own_ledger(backup: Backup) -> Iterator[Line]:
    """Return the ledger's lines that the backup itself holds; its manifest proves them."""
    return map(keystore.line_of, _rows_of(backup, keystore.erasure.name))


def _rows_of(backup: Backup, name: str) -> Iterator[dict[str, Any]]:
    for part in backup.keys.parts if backup.keys is not None else ():
        if part.table == name:
            columns, rows = archive.read_part(backup.folder / KEYS, part)
            for row in rows:
                yield {known: value for (known, _), value in zip(columns, row, strict=True)}


@dataclass(frozen=True, slots=True)
class Settled:
    """How many things the ledger ended again, and how many that were about to leave were stopped."""

    ended: int
    stopped: int


def refuse_filled(gate: Gate) -> None:
    """Refuse a case base in which anything stands.

    Raises:
        NotEmpty: a row stands in one of its tables.
    """
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
        names = set(inspect(connection).get_table_names()) - BESIDE
        if "society" in names and connection.execute(select(column("code")).select_from(table("society"))).first():
            raise NotEmpty("a case base stands here already; a backup is restored into an empty one")


def load(gate: Gate, backup: Backup, lines: Sequence[Line] | None, told: Told) -> Settled:
    """Put the rows and the keys of a backup into an empty case base, and return what was settled of them.

    Without the keys of whoever was erased. The schema is brought to the backup's, and from there to this version's.

    Args:
        gate: of the empty case base.
        backup: as checked.
        lines: all that the ledgers say; None leaves every row as it was, for a look at what came (`settle` follows).
        told: hears how far it is.

    Raises:
        NotEmpty: something stands there already.
        BadArchive: a file cannot be read after all; nothing is kept then.
    """
    refuse_filled(gate)
    _bring_to(gate, backup.cases.revision)
    _take_over(gate, lines or [])
    keys = _rows_of(backup, keystore.record_key.name)
    while some := list(islice(keys, AT_ONCE)):
        gate.keys.take_back(some)
    try:
        with gate.engine.connect().execution_options(**PASS) as connection, connection.begin():
            done = 0
            for part in backup.cases.parts:
                for count in _insert(connection, backup.folder / CASES, part):
                    done += count
                    told("restoring", done, backup.rows)
            settled = Settled(0, 0) if lines is None else _settle(connection, gate, lines)
    except SQLAlchemyError as error:
        raise BadArchive(f"the database refused a row of the backup ({type(error).__name__})") from None
    schema.upgrade(gate.settings)
    return settled


def settle(gate: Gate, lines: Sequence[Line]) -> Settled:
    """Do to a restored case base what `load` does by the ledger's lines; return what was settled."""
    _take_over(gate, lines)
    with gate.engine.connect().execution_options(**PASS) as connection, connection.begin():
        return _settle(connection, gate, lines)


def _take_over(gate: Gate, lines: Sequence[Line]) -> None:
    """Destroy the keys of whoever was erased, and put what else ended into the ledger of this case base."""
    gate.keys.destroy(ledger.erased(lines))
    known = set(gate.keys.lines())
    gate.keys.note([line for line in ledger.ended(lines) if line not in known])


def _settle(connection: Connection, gate: Gate, lines: Sequence[Line]) -> Settled:
    _condemn(connection, ledger.erased(lines))
    others, ended, stopped = ledger.ended(lines), 0, 0
    for society in founding.codes(connection):
        see(connection, society)
        own = [line for line in others if line.society == society]
        ended += ending.end_again(connection, gate.vault, society, own, clock.now())
        stopped += halting.halt(connection, society, clock.now())
        numbering.count_on(connection, society, ending.operator(connection, society), clock.now())
    return Settled(ended, stopped)


def _bring_to(gate: Gate, revision: str) -> None:
    present = schema.revision(gate)
    if present is not None and present != revision:
        schema.downgrade(gate.settings, "base")
    schema.upgrade(gate.settings, revision)


def _insert(connection: Connection, folder: Path, part: Part) -> Iterator[int]:
    """Insert the rows of a part, society by society, and yield how many, batch by batch."""
    columns, rows = archive.read_part(folder, part, connection.dialect.name)
    names = [name for name, _ in columns]
    place = names.index("society") if "society" in names else None
    write = _writer(connection, part.table, columns)
    for society, of_it in groupby(rows, key=lambda row: None if place is None else row[place]):
        if society is not None:
            see(connection, society)
        while some := list(islice(of_it, AT_ONCE)):
            write(some)
            yield len(some)


def _writer(connection: Connection, name: str, columns: Columns) -> Callable[[list[list[Any]]], object]:
    """Return what writes rows into a table as its driver takes them.

    PostgreSQL refuses COPY under row-level security; arrays are nearly as quick.
    """
    quoted = connection.dialect.identifier_preparer.quote
    into = f"insert into {quoted(name)} ({', '.join(quoted(known) for known, _ in columns)})"
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"%s::{archive.ARRAYS[kind]}[]" for _, kind in columns)
        unnested = f"{into} select * from unnest({arrays})"  # noqa: S608  # names that the manifest proves, quoted

        def write(rows: list[list[Any]]) -> None:
            connection.exec_driver_sql(unnested, tuple(list(values) for values in zip(*rows, strict=True)))

        return write
    single = f"{into} values ({', '.join('?' * len(columns))})"
    return lambda rows: connection.exec_driver_sql(single, [tuple(row) for row in rows])


def _condemn(connection: Connection, erased: Sequence[Line]) -> None:
    """Mark the rows of whoever was erased, so that the next forgetting finds them whatever happens in between."""
    for society, lines in groupby(sorted(erased, key=lambda line: line.society), key=lambda line: line.society):
        see(connection, society)
        erasing.condemn_rows(connection, society, [line.subject_id for line in lines], clock.now())
