"""Databases used again: what a test left in one is taken out, and what its template held is put back.

Making and dropping a database costs some 100 ms beside the 10 ms of a wash, and thousands of tests want one.
A database whose shape a test has changed, or that has become large, is not washed but dropped.
"""

from typing import Any

from psycopg import Connection, sql

KEPT = "as_it_was_made"
"""The schema that holds a copy of each table of a template."""
OURS = ["public", "tracing_keys"]
"""The schemas of the case base and of the key store, with its ledger."""
LARGE = 2_000
"""More rows than this leave enough dead ones behind to slow the next test."""
SHAPE = """
select md5(string_agg(line, '|' order by line)) from (
    select format('%s %s %s %s %s', oid, relname, relrowsecurity, relforcerowsecurity, relacl)
        from pg_class where relnamespace = 'public'::regnamespace
    union all select format('%s %s', attrelid, attname) from pg_attribute
        where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r')
    union all select format('%s %s %s', polrelid, polname, polqual) from pg_policy
    union all select format('%s %s %s', tgrelid, tgname, tgenabled) from pg_trigger
    union all select format('%s %s', proname, prosrc) from pg_proc where pronamespace = 'public'::regnamespace
) as lines(line)
"""


def keep(connection: Connection[Any]) -> None:
    """Copy each table of a template into `KEPT`, by the superuser's `connection`, and note the template's shape."""
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(KEPT)))
    for table in _tables(connection):
        connection.execute(sql.SQL("create table {} as table {}").format(_kept(table), sql.Identifier(*table)))
    connection.execute(sql.SQL("create table {} as {}").format(sql.Identifier(KEPT, "shape"), sql.SQL(SHAPE)))


def wash(connection: Connection[Any]) -> bool:
    """Bring a copy of a template back to what it was; False when it must be dropped instead.

    `connection` is the superuser's, so no row is hidden from it; whoever else is connected is sent away.
    """
    connection.execute(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    kept = sql.Identifier(KEPT, "shape")
    same = connection.execute(sql.SQL("select ({}) = (table {})").format(sql.SQL(SHAPE), kept)).fetchone()
    if same != (True,):
        return False
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")  # no trigger minds
        tables = _tables(connection)
        own = [sql.Identifier(*table) for table in tables]
        if sum(connection.execute(sql.SQL("delete from {}").format(table)).rowcount for table in own) > LARGE:
            return False
        for table in tables:
            connection.execute(sql.SQL("insert into {} table {}").format(sql.Identifier(*table), _kept(table)))
    connection.execute(
        "select setval(format('%%I.%%I', schemaname, sequencename)::regclass, start_value, false) "
        "from pg_sequences where schemaname = any(%s) and last_value is not null",
        [OURS],
    )
    return True


def _tables(connection: Connection[Any]) -> list[tuple[str, str]]:
    query = "select schemaname, tablename from pg_tables where schemaname = any(%s) order by schemaname, tablename"
    return [(str(schema), str(name)) for schema, name in connection.execute(query, [OURS])]


def _kept(table: tuple[str, str]) -> sql.Identifier:
    return sql.Identifier(KEPT, ".".join(table))
