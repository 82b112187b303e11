"""Engines and the raw session. Only the gate may import this module."""

from typing import Any, Never

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from sqlmodel import Session, create_engine

# Execution option that lets a statement pass the wall of `gate.guard`; the value is
# an object that only this module holds, so no string in a statement can forge it.
PASS = {"tracing_pass": object()}
READ_ONLY = "tracing_read_only"


class GuardedSession(Session):
    """A session that answers only through statements which the guard has seen."""

    def connection(self, *_: object, **__: object) -> Never:
        """Refuse: a bare connection walks around the guard."""
        raise RuntimeError("a guarded session lends no connection")

    def get(self, *_: object, **__: object) -> Never:
        """Refuse: the identity map answers without the filter; select by id instead."""
        raise RuntimeError("select by id: the identity map would answer for withdrawn rows")

    get_one = get

    def refresh(self, *_: object, **__: object) -> Never:
        """Refuse: a refresh reads without the filter."""
        raise RuntimeError("select again: a refresh reads without the filter")

    def bulk_insert_mappings(self, *_: object, **__: object) -> Never:
        """Refuse: bulk writes skip the flush check."""
        raise RuntimeError("bulk writes skip the guard; use gate.bulk")

    bulk_save_objects = bulk_update_mappings = bulk_insert_mappings


def open_engine(url: str, *, pool_size: int = 20, pool_overflow: int = 30, pool_timeout_s: float = 5.0) -> Engine:
    """Return an engine with the pragmas and the transaction habits that this service relies on.

    SQLite: WAL, synchronous FULL (NORMAL loses commits at a power cut), writes begin immediate
    (a deferred begin fails with "database is locked" under several writers).
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            connect_args={"check_same_thread": False, "timeout": 30},
            pool_size=pool_size,
            max_overflow=pool_overflow,
            pool_timeout=pool_timeout_s,
        )
        event.listen(engine, "connect", _sqlite_habits)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_overflow,
        pool_timeout=pool_timeout_s,
        connect_args={"options": "-c timezone=UTC -c statement_timeout=600000"},
    )


def open_reader(url: str) -> Engine:
    """Return an engine for a worker process: no pool, transactions that only read."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": 30}, poolclass=NullPool)
        event.listen(engine, "connect", _sqlite_habits)
        event.listen(engine, "connect", _sqlite_query_only)
        event.listen(engine, "begin", _sqlite_begin_deferred)
        return engine
    return create_engine(
        url, poolclass=NullPool, connect_args={"options": "-c timezone=UTC -c default_transaction_read_only=on"}
    )


def _sqlite_habits(dbapi: Any, _: object) -> None:
    dbapi.isolation_level = None  # the begin event below opens transactions, not the driver
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
        "cache_size=-65536",
    ):
        dbapi.execute(f"PRAGMA {pragma}")


def _sqlite_query_only(dbapi: Any, _: object) -> None:
    dbapi.execute("PRAGMA query_only=ON")


def _sqlite_begin(connection: Connection) -> None:
    immediate = not connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN", execution_options=PASS)


def _sqlite_begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN", execution_options=PASS)
