"""What one act changed, read beside the product: every row of every table, and the rows that the trail gained.

Nothing of the product's code is used here, only its database and the names of its tables and acts.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

SOCIETY = "KE"
UNWATCHED = frozenset({"trail_entry", "trail_head", "alembic_version", "sqlite_stat1", "match_key"})
ABOUT: dict[str, tuple[str, ...]] = {
    "record": ("id",),
    "tracing_request": ("id",),
    "sought_person": ("id",),
    "sighting": ("id",),
    "status_entry": ("request_id",),
    "consent": ("record_id",),
    "contact_attempt": ("record_id",),
    "contact_schedule": ("record_id",),
    "broken_glass": ("record_id",),
    "case_code": ("request_id",),
    "task": ("record_id",),
    "proposal": ("record_id",),
    "subject_request": ("record_id",),
    "fate_report": ("sought_id",),
    "telling": ("sought_id",),
    "closure": ("sought_id",),
    "suggestion": ("left_id", "right_id"),
    "decision": ("left_id", "right_id"),
    "risk_screen": ("found_id", "sought_id"),
    "verification": ("found_id", "sought_id"),
    "interview": ("found_id", "sought_id"),
    "disclosure_case": ("found_id", "sought_id"),
    "disclosure_release": ("found_id", "sought_id"),
    "disclosure_answer": ("found_id", "sought_id"),
    "family_message": ("found_id", "sought_id"),
}
"""Whom a row is about; the tables that are not here are about nobody."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One row that an act made, changed or took away."""

    table: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        found = self.after or self.before
        assert found is not None
        return found

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that differ; all of a row that is new or gone."""
        if self.before is None or self.after is None:
            return frozenset(self.row)
        return frozenset(name for name, value in self.after.items() if value != self.before[name])

    @property
    def steps(self) -> int:
        """How many changes of one thing this is, as its version counts them; without one, 1 when it is new or revoked."""
        if "version" not in self.row or self.after is None:
            return int(self.before is None or "revoked_at" in self.columns)
        return int(self.after["version"]) - (int(self.before["version"]) if self.before else 0)

    @property
    def about(self) -> frozenset[UUID]:
        return frozenset(UUID(self.row[column]) for column in ABOUT.get(self.table, ()))


@dataclass(frozen=True)
class Entry:
    """One row of the trail."""

    act: str
    outcome: str
    subject: UUID | None


@dataclass(frozen=True)
class Seen:
    """What is different since the look before."""

    changes: tuple[Change, ...] = ()
    trail: tuple[Entry, ...] = ()

    def of(self, table: str) -> list[Change]:
        return [change for change in self.changes if change.table == table]

    def new(self, table: str) -> list[Change]:
        return [change for change in self.of(table) if change.before is None]

    @cached_property
    def done(self) -> Counter[tuple[str, UUID | None]]:
        """How often the trail says each (act, subject)."""
        return Counter((entry.act, entry.subject) for entry in self.trail if entry.outcome == "done")


class Watch:
    """Keeps the rows as they stood at the last look."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._names = {
            table: tuple(str(row[1]) for row in self._connection.execute(f"PRAGMA table_info({table})"))
            for (table,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            if table not in UNWATCHED
        }
        self._selects = {table: f"SELECT rowid, * FROM {table} ORDER BY rowid" for table in self._names}  # noqa: S608  # their names
        self._rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in self._names}
        self._stamp = self._seq = -1
        self._index: dict[str, dict[str, Row]] = {}

    def close(self) -> None:
        self._connection.close()

    def look(self) -> Seen:
        """Return what is different since the last look."""
        (stamp,) = self._connection.execute("PRAGMA data_version").fetchone()
        if stamp == self._stamp:
            return Seen()
        self._stamp = stamp
        changes = [change for table in self._names for change in self._changes(table)]
        query = "SELECT seq, act, outcome, subject_id FROM trail_entry WHERE society = ? AND seq > ? ORDER BY seq"
        rows = self._connection.execute(query, (SOCIETY, self._seq)).fetchall()
        self._seq = rows[-1][0] if rows else self._seq
        trail = [Entry(act, outcome, UUID(subject) if subject else None) for _, act, outcome, subject in rows]
        return Seen(tuple(changes), tuple(trail))

    def _changes(self, table: str) -> list[Change]:
        rows = self._connection.execute(self._selects[table]).fetchall()
        if rows == self._rows[table]:
            return []
        known, now = ({row[0]: row for row in some} for some in (self._rows[table], rows))
        self._rows[table] = rows
        self._index.pop(table, None)
        return [
            Change(table, self._named(table, known.get(key)), self._named(table, now.get(key)))
            for key in sorted(now.keys() | known.keys())
            if now.get(key) != known.get(key)
        ]

    def _named(self, table: str, row: tuple[Any, ...] | None) -> Row | None:
        return None if row is None else dict(zip(self._names[table], row[1:], strict=True))

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table as they stood at the last look, oldest first."""
        return list(self._by_id(table).values())

    def find(self, table: str, row_id: UUID) -> Row:
        """Return one row by its id."""
        return self._by_id(table)[row_id.hex]

    def _by_id(self, table: str) -> dict[str, Row]:
        if table not in self._index:
            found = (self._named(table, row) for row in self._rows[table])
            self._index[table] = {row.get("id", str(place)): row for place, row in enumerate(found) if row is not None}
        return self._index[table]
