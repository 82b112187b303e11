"""Work of which nothing stays: done like any other, so that it takes as long, and taken back before anybody sees it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from tracing.gate.access import Access
from tracing.kit.db import PASS


@contextmanager
def undone(access: Access) -> Iterator[None]:
    """Take back whatever is written within: from the case base, from the session, from the trail and the ledger.

    Rows that were read before must not be changed within: the session would not know that the change is gone.
    """
    session = access.session
    session.flush()
    connection, rows = Session.connection(session), list(session)  # held, so that no id is used again
    known = {id(row) for row in rows}
    acts, endings = len(access.acts), len(access.endings)
    connection.exec_driver_sql("SAVEPOINT undone", execution_options=PASS)
    try:
        yield
        session.flush()
    finally:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT undone", execution_options=PASS)
        connection.exec_driver_sql("RELEASE SAVEPOINT undone", execution_options=PASS)
        for row in [row for row in session if id(row) not in known]:
            session.expunge(row)
        del access.acts[acts:], access.endings[endings:]
