"""Work that one process of several does at a time."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Function, func, select

from tracing.gate.opening import Gate
from tracing.kit.db import PASS


@contextmanager
def alone(gate: Gate, work: str) -> Iterator[bool]:
    """Yield whether no other process of this case base does `work`; none begins it while the block lasts.

    The lock is the connection's: it is free again as soon as a process dies. An embedded database is served by one
    process, so there is nobody to ask.
    """
    if gate.embedded:
        yield True
        return
    key = int.from_bytes(hashlib.sha256(work.encode()).digest()[:8], "big", signed=True)
    with gate.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = _ask(connection, func.pg_try_advisory_lock(key))
        try:
            yield ours
        finally:
            if ours:
                _ask(connection, func.pg_advisory_unlock(key))


def _ask(connection: Connection, asked: Function[bool]) -> bool:
    return bool(connection.execute(select(asked), execution_options=PASS).scalar_one())
