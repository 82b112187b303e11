"""Work of which nothing stays unless it is kept: it takes as long either way, and what is not kept nobody sees."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from tracing.gate.access import Access
from tracing.kit.db import PASS


@contextmanager
def apart(access: Access, *, kept: bool) -> Iterator[None]:
    """Keep what is written within, or take it back: from the case base, the session, the trail and the ledger.

    Rows that were read before must not be changed within: the session would not know that the change is gone.
    """
    session = access.session
    session.flush()
    connection, rows = Session.connection(session), list(session)  # held, so that no id is used again
    known = {id(row) for row in rows}
    acts, endings = len(access.acts), len(access.endings)
    connection.exec_driver_sql("SAVEPOINT apart", execution_options=PASS)
    try:
        yield
        session.flush()
    finally:
        if not kept:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT apart", execution_options=PASS)
        connection.exec_driver_sql("RELEASE SAVEPOINT apart", execution_options=PASS)
        for row in [row for row in session if id(row) not in known and not kept]:
            session.expunge(row)
        if not kept:
            del access.acts[acts:], access.endings[endings:]
