"""What must hold before the service starts to answer; each is something that would weaken a lock unseen."""

from sqlalchemy import Connection, column, select, table
from sqlalchemy.sql import func

from tracing.gate.opening import Gate
from tracing.kit.db import PASS, READ_ONLY
from tracing.kit.errors import Unsafe

FULL = 2

_role = table("pg_roles", column("rolname"), column("rolsuper"), column("rolbypassrls"))


def refuse_unsafe(gate: Gate) -> None:
    """Refuse a case base on which a lock would not hold.

    Raises:
        Unsafe: PostgreSQL would exempt our role from row-level security, or SQLite could lose an
            acknowledged commit at a power cut.
    """
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
        if gate.embedded:
            _refuse_forgetful_file(connection)
        else:
            _refuse_exempt_role(connection)


def _refuse_exempt_role(connection: Connection) -> None:
    query = select(_role.c.rolsuper, _role.c.rolbypassrls).where(_role.c.rolname == func.current_user())
    is_super, bypasses = connection.execute(query).one()
    if is_super or bypasses:
        raise Unsafe("the database role is exempt from row-level security; use one without SUPERUSER and BYPASSRLS")


def _refuse_forgetful_file(connection: Connection) -> None:
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if (journal, synchronous) != ("wal", FULL):
        raise Unsafe("the folder of the embedded database does not keep commits safe (WAL and FULL are needed)")
