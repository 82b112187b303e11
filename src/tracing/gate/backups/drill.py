"""What a restored case base must show before anybody relies on its backup: read-only looks, past the counters."""

from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from tracing.gate import founding, guard, ledger, schema, trail
from tracing.gate.backups import backup, ending
from tracing.gate.backups.restoring import Backup
from tracing.gate.ledger import Line, What
from tracing.gate.opening import Gate
from tracing.gate.tables import Record, Sealed
from tracing.gate.vault import Place, Unreadable, Vault, unseal

SAMPLE = 200
"""Details opened per table; which ones is drawn anew each time."""

_record: Any = Record.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of a sample of details: opened, without a key as the ledger has it, or lost."""

    opened: int
    erased: int
    lost: int


def unequal(gate: Gate, made: Backup) -> list[str]:
    """Return the tables whose rows are not those of the backup, counted and by digest.

    Of a backup with an older schema, whose rows were brought to this one, the numbers of rows alone.
    """
    found = backup.digests(gate)
    if made.cases.revision != schema.revision(gate):
        return [part.table for part in made.cases.parts if found.get(part.table, (0, ""))[0] != part.rows]
    return [part.table for part in made.cases.parts if found.get(part.table) != (part.rows, part.digest)]


def broken_trails(gate: Gate) -> list[str]:
    """Return the societies whose trail is not whole."""
    broken = []
    with backup.reading(gate) as connection:
        for society in founding.codes(connection):
            backup.see(connection, society)
            if trail.verify(connection, gate.vault, society).broken_at is not None:
                broken.append(society)
    return broken


def sample(gate: Gate) -> Sample:
    """Open a sample of the details of each table and society, and say what became of it."""
    erased = {line.key_id for line in gate.keys.lines()}
    counts = {"opened": 0, "erased": 0, "lost": 0}
    kinds = [kind for kind in dict.fromkeys(guard.tenanted()) if issubclass(kind, Sealed)]
    with backup.reading(gate) as connection:
        for society in founding.codes(connection):
            backup.see(connection, society)
            for kind in kinds:
                for row in _drawn(connection, kind, society):
                    counts["erased" if row.key_id in erased else _open(gate, kind, society, row)] += 1
    return Sample(**counts)


def _drawn(connection: Connection, kind: Any, society: str) -> list[Any]:
    table = kind.__table__
    ids = connection.execute(select(table.c.id).where(table.c.society == society)).scalars().all()
    drawn = Random().sample(list(ids), min(SAMPLE, len(ids)))  # noqa: S311  # which ones is no secret
    rows = connection.execute(
        select(table.c.id, table.c.key_id, table.c.details).where(table.c.society == society, table.c.id.in_(drawn))
    ).all()
    return [row for row in rows if row.details]


def _open(gate: Gate, kind: Any, society: str, row: Any) -> str:
    try:
        unseal(gate.keys.cipher(row.key_id), row.details, Place(kind.__tablename__, "details", society, row.id))
    except Unreadable:
        return "lost"
    return "opened"


def back_again(gate: Gate) -> int:
    """Return how many records whose key the ledger names are readable, or not forgotten."""
    erased = {line.key_id for line in gate.keys.lines() if line.key_id is not None}
    back = len(gate.keys.ciphers(erased))
    with backup.reading(gate) as connection:
        for society in founding.codes(connection):
            backup.see(connection, society)
            query = select(_record.c.key_id).where(_record.c.society == society, _record.c.forgotten_at.is_(None))
            back += len(erased & set(connection.execute(query).scalars()))
    return back


def in_force_again(gate: Gate) -> int:
    """Return how much of what the ledger says has ended is in force, without having been allowed anew since."""
    lines, back = ledger.ended(gate.keys.lines()), 0
    with backup.reading(gate) as connection:
        for society in founding.codes(connection):
            backup.see(connection, society)
            back += sum(_stands(connection, gate.vault, line) for line in lines if line.society == society)
    return back


def _stands(connection: Connection, vault: Vault, line: Line) -> bool:
    if line.what is not None and line.what in ending.STAMPED:
        table, stamp = ending.STAMPED[line.what], ending.STAMPS[line.what]
        mine = (table.c.society == line.society, table.c.id == ending.stamped_id(line), table.c[stamp].is_(None))
        return connection.execute(select(table.c.id).where(*mine)).first() is not None
    if line.what in ending.CONSENTS:
        return ending.standing(ending.decisions_of(connection, vault, line.society, line), line.at) is not None
    if line.what is What.PARTNER_WORDS:
        return ending.kept_words(connection, line) is not None
    return ending.standing(ending.answers_of(connection, line.society, line), line.at) is not None
