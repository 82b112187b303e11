"""Open everything that stands behind the gate, once per process."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Lock, Semaphore

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from tracing.gate import guard
from tracing.gate.keystore import KeyStore
from tracing.gate.rooms import Rooms
from tracing.gate.vault import Vault, master_key
from tracing.kit.db import open_engine, open_reader
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings


@dataclass(frozen=True)
class Gate:
    """The case base, the vault and the key store of one process. Holds no session and no caller.

    Attributes:
        turn: on the embedded database, held while a transaction writes: threads queue here in
            order instead of polling the file's lock.
        queue: how many threads may wait for their turn.
        rooms: how many messages of each partner are worked on.
    """

    settings: Settings
    engine: Engine
    vault: Vault
    keys: KeyStore
    queue: Semaphore
    turn: Lock = field(default_factory=Lock)
    rooms: Rooms = field(default_factory=Rooms)

    @property
    def embedded(self) -> bool:
        """True on SQLite."""
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self.keys.dispose()


def open_gate(settings: Settings, *, reader: bool = False) -> Gate:
    """Return the gate for `settings`; with `reader`, one whose case base can only be read.

    Raises:
        Unsafe: a setting would make the service unsafe.
    """
    if settings.embedded and settings.workers > 1:
        raise Unsafe("the embedded database serves one worker; set TRACING_DATABASE_URL to use more")
    if settings.embedded:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for url in (settings.main_url, settings.key_store_url):
        _make_private(url)
    vault = Vault(master_key(settings))
    pool = {"pool_size": settings.pool_size, "pool_overflow": settings.pool_overflow}
    engine = (
        open_reader(settings.main_url)
        if reader
        else open_engine(settings.main_url, pool_timeout_s=settings.pool_timeout_s, **pool)
    )
    guard.install(engine)
    keys_engine = open_engine(settings.key_store_url, pool_size=4, pool_overflow=16)
    return Gate(settings, engine, vault, KeyStore(keys_engine, vault, settings.ledger_path), _queue(settings.threads))


def _queue(threads: int) -> Semaphore:
    """Return room for four in five of the server's threads to wait for the embedded database.

    Whoever holds the turn needs a thread to go on: if all of them waited for it, nobody would move.
    """
    return BoundedSemaphore(threads * 4 // 5)


def _make_private(url: str) -> None:
    """Make the file of an embedded database before SQLite does, readable by its owner only."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and path != ":memory:" and not Path(path).exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
