"""Where wrapped record keys live: apart from the case base, so that destroying a key outlives its backups.

Keys are minted in batches, in transactions of their own, before any record uses them. A crash
between the two leaves unused keys, never a record without its key.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from threading import Lock
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, Uuid, delete, insert, select

from tracing.gate.columns import Moment
from tracing.gate.vault import Unreadable, Vault
from tracing.kit import clock
from tracing.kit.db import READ_ONLY
from tracing.kit.ids import new_id

SCHEMA = "tracing_keys"
BATCH = 64
CACHE = 20_000
SLICE = 500  # SQLite takes 32,766 parameters, PostgreSQL 65,535; small statements are as quick

metadata = MetaData()
record_key = Table(
    "record_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
)


class KeyStore:
    """Hands out fresh record keys, finds them again, destroys them. Safe to share between threads."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        schema = SCHEMA if engine.dialect.name == "postgresql" else None
        self._engine = engine.execution_options(schema_translate_map={None: schema})
        self._reading = self._engine.execution_options(**{READ_ONLY: True})
        self._vault = vault
        self._spare: deque[tuple[UUID, AESGCM]] = deque()
        self._known: OrderedDict[UUID, AESGCM] = OrderedDict()
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
            found = {key_id: self._known[key_id] for key_id in wanted if key_id in self._known}
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

    def destroy(self, key_ids: Iterable[UUID]) -> int:
        """Delete keys for good and return how many stood. What they sealed can never be read again."""
        doomed = list(key_ids)
        gone = 0
        with self._engine.begin() as connection:
            for start in range(0, len(doomed), SLICE):
                gone += connection.execute(
                    delete(record_key).where(record_key.c.id.in_(doomed[start : start + SLICE]))
                ).rowcount
        with self._lock:
            for key_id in doomed:
                self._known.pop(key_id, None)
        self._empty_journal()
        return gone

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
            return len(connection.execute(select(record_key.c.id)).all())

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
        self._known[key_id] = cipher
        self._known.move_to_end(key_id)
        while len(self._known) > CACHE:
            self._known.popitem(last=False)
