"""Where wrapped record keys live: apart from the case base, so that destroying a key outlives its backups.

Keys are minted in batches, in transactions of their own, before any record uses them. A crash
between the two leaves unused keys, never a record without its key. The erasure ledger stands here as well: a key
goes in the same transaction in which its line comes.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from tracing.gate import ledger
from tracing.gate.columns import Moment
from tracing.gate.ledger import Line, What
from tracing.gate.vault import Unreadable, Vault
from tracing.kit import clock
from tracing.kit.db import READ_ONLY
from tracing.kit.ids import new_id

SCHEMA = "tracing_keys"
BATCH = 64
CACHE = 20_000
LIFE_S = 60.0
"""How long a cipher is kept in memory: a key that another process destroyed opens nothing here after that."""
SLICE = 500  # SQLite takes 32,766 parameters, PostgreSQL 65,535; small statements are as quick

metadata = MetaData()
record_key = Table(
    "record_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)
erasure = Table(
    "erasure",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key_id", Uuid, unique=True),
    Column("subject_id", Uuid, nullable=False),
    Column("society", String(8), nullable=False),
    Column("at", Moment, nullable=False),
    Column("hashes", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Column("what", String(20), nullable=False, server_default=""),
    Column("about", String(40), nullable=False, server_default=""),
)
"""The ledger's lines; nothing here changes or deletes one."""


def line_of(row: Mapping[Any, Any]) -> Line:
    """Return the line that a row of the ledger's table is, also one from before other things than records ended."""
    what = What(row["what"]) if row.get("what") else None
    hashes = tuple(str(row["hashes"]).split())
    return Line(row["subject_id"], row["at"], row["key_id"], row["society"], hashes, what, str(row.get("about") or ""))


class KeyStore:
    """Hands out fresh record keys, finds them again, destroys them. Safe to share between threads."""

    def __init__(self, engine: Engine, vault: Vault, ledger_path: Path) -> None:
        schema = SCHEMA if engine.dialect.name == "postgresql" else None
        self._engine = engine.execution_options(schema_translate_map={None: schema})
        self._reading = self._engine.execution_options(**{READ_ONLY: True})
        self._vault = vault
        self._ledger_path = ledger_path
        self._spare: deque[tuple[UUID, AESGCM]] = deque()
        self._known: OrderedDict[UUID, tuple[AESGCM, float]] = OrderedDict()
        self._lock = Lock()

    def fresh(self) -> tuple[UUID, AESGCM]:
        """Return the id and the cipher of a key that no record uses yet; it is already stored."""
        with self._lock:
            if not self._spare:
                self._mint()
            key_id, cipher = self._spare.popleft()
            self._remember(key_id, cipher)
            return key_id, cipher

    def ciphers(self, key_ids: Iterable[UUID]) -> Mapping[UUID, AESGCM]:
        """Return the ciphers of `key_ids`; a destroyed key is left out."""
        wanted = set(key_ids)
        with self._lock:
            self._let_go()
            found = {key_id: self._known[key_id][0] for key_id in wanted if key_id in self._known}
        missing = list(wanted - found.keys())
        for start in range(0, len(missing), SLICE):
            found |= self._read(missing[start : start + SLICE])
        with self._lock:
            for key_id in missing:
                if key_id in found:
                    self._remember(key_id, found[key_id])
        return found

    def cipher(self, key_id: UUID) -> AESGCM:
        """Return the cipher of one key.

        Raises:
            Unreadable: the key was destroyed.
        """
        try:
            return self.ciphers((key_id,))[key_id]
        except KeyError:
            raise Unreadable("the key of this record was destroyed") from None

    def destroy(self, lines: Iterable[Line]) -> int:
        """Delete the keys of `lines` for good and return how many stood. What they sealed is never read again.

        The lines stand in the ledger's file before the first key goes, and in its table in the same
        transaction. A key that the ledger names already is destroyed again if it stands, without a second line.
        """
        doomed = {line.key_id: line for line in lines if line.key_id is not None}
        known = self._named(list(doomed))
        fresh = [line for key_id, line in doomed.items() if key_id not in known]
        ledger.append(self._ledger_path, self._vault, fresh)
        gone = 0
        with self._engine.begin() as connection:
            if fresh:
                dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
                line = dialect.insert(erasure).on_conflict_do_nothing(index_elements=["key_id"])
                connection.execute(line, [self._row(line) for line in fresh])
            for start in range(0, len(doomed), SLICE):
                part = list(doomed)[start : start + SLICE]
                gone += connection.execute(delete(record_key).where(record_key.c.id.in_(part))).rowcount
        with self._lock:
            for key_id in doomed:
                self._known.pop(key_id, None)
        self._empty_journal()
        return gone

    def note_backup(self, line: Line) -> None:
        """Put a backup's own line into the ledger: whoever holds it knows all that was erased before."""
        self.note([line])

    def note(self, lines: Sequence[Line]) -> None:
        """Put lines into the ledger, its file first, for which no key is destroyed."""
        if not lines:
            return
        ledger.append(self._ledger_path, self._vault, lines)
        with self._engine.begin() as connection:
            connection.execute(insert(erasure), [self._row(line) for line in lines])

    def lines(self) -> list[Line]:
        """Return the ledger's table, oldest first.

        Raises:
            LedgerAltered: a line does not hold.
        """
        with self._reading.begin() as connection:
            rows = connection.execute(select(erasure).order_by(erasure.c.number)).mappings().all()
        return [ledger.proved(self._vault, line_of(row), str(row["mac"])) for row in rows]

    def _row(self, line: Line) -> dict[str, object]:
        return {
            "key_id": line.key_id,
            "subject_id": line.subject_id,
            "society": line.society,
            "at": line.at,
            "hashes": " ".join(line.hashes),
            "mac": line.mac(self._vault),
            "what": line.what or "",
            "about": line.about,
        }

    def _named(self, key_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of `key_ids` that the ledger's table names."""
        found: set[UUID] = set()
        with self._reading.begin() as connection:
            for start in range(0, len(key_ids), SLICE):
                part = key_ids[start : start + SLICE]
                found |= set(connection.execute(select(erasure.c.key_id).where(erasure.c.key_id.in_(part))).scalars())
        return found

    def _empty_journal(self) -> None:
        """Leave no page of before the deletion in SQLite's journal; a reader that is in the way is waited for."""
        if self._engine.dialect.name != "sqlite":
            return
        connection = self._engine.raw_connection()  # no transaction may be open
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    def count(self) -> int:
        """Return how many keys stand, spare ones included."""
        with self._reading.begin() as connection:
            return int(connection.execute(select(func.count()).select_from(record_key)).scalar_one())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that sees the key store as it is at one moment."""
        snapshot = {"isolation_level": "REPEATABLE READ"} if self._engine.dialect.name == "postgresql" else {}
        with self._reading.connect().execution_options(**snapshot) as connection:
            yield connection

    def take_back(self, rows: Iterable[Mapping[str, object]]) -> int:
        """Put wrapped keys back that are not there, from a backup, and return how many came.

        None of a key that the ledger names: whoever was erased stays erased.
        """
        wanted = {row["id"]: row for row in rows}
        named = self._named([key_id for key_id in wanted if isinstance(key_id, UUID)])
        fresh = [row for key_id, row in wanted.items() if key_id not in named]
        if not fresh:
            return 0
        with self._engine.begin() as connection:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(record_key).on_conflict_do_nothing(index_elements=["id"])
            return connection.execute(statement, fresh).rowcount

    def dispose(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    def _mint(self) -> None:
        ids = [new_id() for _ in range(BATCH)]
        now: datetime = clock.now()
        wrapped = {key_id: self._vault.new_record_key(key_id) for key_id in ids}
        with self._engine.begin() as connection:
            rows = [{"id": key_id, "wrapped": key, "created_at": now} for key_id, key in wrapped.items()]
            connection.execute(insert(record_key), rows)
        self._spare.extend((key_id, self._vault.unwrap(key_id, key)) for key_id, key in wrapped.items())

    def _read(self, key_ids: list[UUID]) -> dict[UUID, AESGCM]:
        with self._reading.begin() as connection:
            rows = connection.execute(select(record_key).where(record_key.c.id.in_(key_ids))).all()
        return {row.id: self._vault.unwrap(row.id, row.wrapped) for row in rows}

    def _remember(self, key_id: UUID, cipher: AESGCM) -> None:
        self._known[key_id] = (cipher, time.monotonic() + LIFE_S)
        self._known.move_to_end(key_id)
        while len(self._known) > CACHE:
            self._known.popitem(last=False)

    def _let_go(self) -> None:
        """Drop the ciphers whose time is over; they stand in the order in which it ends."""
        now = time.monotonic()
        while self._known and next(iter(self._known.values()))[1] <= now:
            self._known.popitem(last=False)
