"""Back up the case base and the key store: two archives of one moment, written aside and put in place whole.

The case base is read in one transaction: nobody waits for it and it waits for nobody. The keys are read after it,
so that each record has its key, and into an archive of their own, which may be thrown away sooner.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, inspect, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import SQLModel

from tracing.gate import founding, keystore, schema
from tracing.gate.backups import archive
from tracing.gate.backups.archive import BadArchive, Manifest, Part
from tracing.gate.ledger import Line
from tracing.gate.opening import Gate
from tracing.kit import clock
from tracing.kit.db import PASS, READ_ONLY
from tracing.kit.errors import Unsafe
from tracing.kit.ids import new_id

CASES, KEYS = "cases", "keys"
BESIDE = frozenset({"alembic_version", keystore.record_key.name, keystore.erasure.name})
AT_ONCE = 5_000

Told = Callable[[str, int, int], None]
"""Hears (step, done, of how many)."""


def back_up(gate: Gate, folder: Path, told: Told) -> tuple[Manifest, Manifest]:
    """Write a backup into `folder`, which must not exist, and return its two manifests.

    The caller has put it on the trail. The ledger gets the backup's line: one that has it is newer than the backup.

    Raises:
        BadArchive: `folder` is there already.
        Unsafe: the case base holds a table that this version does not know.
    """
    if folder.exists():
        raise BadArchive(f"{folder} is there already; a backup goes into a folder of its own")
    mark = Line(new_id(), clock.now())
    gate.keys.note_backup(mark)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        cases = _write_cases(gate, aside / CASES, mark, told)
        keys = _write_keys(gate, aside / KEYS, mark, cases.revision, told)
        aside.replace(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return cases, keys


def _write_cases(gate: Gate, folder: Path, mark: Line, told: Told) -> Manifest:
    folder.mkdir(mode=0o700)
    parts: list[Part] = []
    with reading(gate) as connection:
        tables = known_tables(connection)
        for done, table in enumerate(tables, 1):
            rows = rows_of(connection, table)
            parts.append(_part(connection, folder, table, rows))
            told("writing", done, len(tables))
        manifest = Manifest(CASES, mark.subject_id, mark.at, str(schema.revision_at(connection)), tuple(parts))
    manifest.write(folder, gate.vault)
    return manifest


def _write_keys(gate: Gate, folder: Path, mark: Line, revision: str, told: Told) -> Manifest:
    folder.mkdir(mode=0o700)
    parts = []
    with gate.keys.reading() as connection:
        for table in (keystore.record_key, keystore.erasure):
            rows = _all(connection, _raw(table).order_by(*table.primary_key.columns))
            parts.append(_part(connection, folder, table, rows))
    told("keys", 1, 1)
    manifest = Manifest(KEYS, mark.subject_id, mark.at, revision, tuple(parts))
    manifest.write(folder, gate.vault)
    return manifest


def _part(connection: Connection, folder: Path, table: Table, rows: Iterator[Sequence[Any]]) -> Part:
    columns = archive.columns_of(table)
    return archive.write_part(folder, table.name, columns, rows, connection.dialect.name)


@contextmanager
def reading(gate: Gate) -> Iterator[Connection]:
    """Lend a connection that sees the case base as it is at one moment."""
    snapshot = {} if gate.embedded else {"isolation_level": "REPEATABLE READ"}
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}, **snapshot) as connection:
        yield connection


def known_tables(connection: Connection) -> list[Table]:
    """Return every table of the case base, those that others refer to first.

    Raises:
        Unsafe: the database and this version do not have the same tables; something would be left out.
    """
    tables = SQLModel.metadata.sorted_tables
    if {table.name for table in tables} != set(inspect(connection).get_table_names()) - BESIDE:
        raise Unsafe("the case base holds other tables than this version knows; `tracing migrate` may help")
    return tables


def rows_of(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Yield every row of a table as the driver gives it, by society and primary key.

    Row-level security shows one society at a time.
    """
    query = _raw(table)
    if "society" not in table.c:
        yield from _all(connection, query.order_by(*table.primary_key.columns))
        return
    others = [column for column in table.primary_key.columns if column.name != "society"]
    for society in founding.codes(connection):
        see(connection, society)
        yield from _all(connection, query.where(table.c.society == society).order_by(*others))


def see(connection: Connection, society: str) -> None:
    """Let PostgreSQL's row-level security show the rows of `society` until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("tracing.society", society, True)))


def _raw(table: Table) -> Any:
    """Return a select of every column without its type: what the driver gives is what is written."""
    return select(*(type_coerce(column, NullType()) for column in table.c)).select_from(table)


def _all(connection: Connection, query: Any) -> Iterator[Sequence[Any]]:
    for part in connection.execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
        yield from part


def digests(gate: Gate) -> dict[str, tuple[int, str]]:
    """Return, by table, how many rows the case base has, and their digest."""
    with reading(gate) as connection:
        return {
            table.name: archive.digest_of(
                archive.columns_of(table), rows_of(connection, table), connection.dialect.name
            )
            for table in known_tables(connection)
        }
