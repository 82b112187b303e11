"""Databases used again: what a test left in one is taken out, and what its template held is put back.

Making and dropping a database costs some 100 ms beside the 10 ms of a wash, and thousands of tests want one.
A database whose shape a test has changed, or that has become large, is not washed but dropped.
"""

from typing import Any

from psycopg import Connection, sql

KEPT = "as_it_was_made"
"""The schema that holds a copy of each table of a template."""
LARGE = 2_000
"""More rows than this leave enough dead ones behind to slow the next test."""
OURS = """(
    select oid from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'as_it_was_made')
)"""
HERE = f"relnamespace in {OURS}"
SHAPE = f"""
select md5(string_agg(line, '|' order by line)) from (
    select format('%s %s %s %s %s', oid, relname, relrowsecurity, relforcerowsecurity, relacl)
        from pg_class where {HERE}
    union all select format('%s %s', attrelid, attname) from pg_attribute
        where attrelid in (select oid from pg_class where {HERE} and relkind = 'r')
    union all select format('%s %s %s', polrelid, polname, polqual) from pg_policy
    union all select format('%s %s %s', tgrelid, tgname, tgenabled) from pg_trigger
    union all select format('%s %s', proname, prosrc) from pg_proc where pronamespace in {OURS}
) as lines(line)
"""  # noqa: S608  # our own words
Named = tuple[str, str]
"""A schema and a table or sequence in it."""


def keep(connection: Connection[Any]) -> None:
    """Copy each table of a template into `KEPT`, by the superuser's `connection`, and note the template's shape."""
    tables = _all(connection, "r")
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(KEPT)))
    for named in tables:
        connection.execute(sql.SQL("create table {} as table {}").format(_kept(named), sql.Identifier(*named)))
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
    tables = _all(connection, "r")
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")  # no trigger minds
        gone = 0
        for named in tables:
            gone += connection.execute(sql.SQL("delete from {}").format(sql.Identifier(*named))).rowcount
            connection.execute(sql.SQL("insert into {} table {}").format(sql.Identifier(*named), _kept(named)))
    for named in _all(connection, "S"):
        connection.execute("select setval(%s::regclass, 1, false)", (sql.Identifier(*named).as_string(),))
    return gone <= LARGE


def _all(connection: Connection[Any], kind: str) -> list[Named]:
    """Return the tables (`r`) or sequences (`S`) of all schemas that are neither PostgreSQL's nor `KEPT`."""
    query = f"select relnamespace::regnamespace::text, relname from pg_class where relkind = %s and {HERE}"  # noqa: S608  # our own words
    return [(str(schema), str(name)) for schema, name in connection.execute(query.encode(), (kind,))]


def _kept(named: Named) -> sql.Identifier:
    return sql.Identifier(KEPT, ".".join(named))
