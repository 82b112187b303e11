"""Row-level security, the lock under the guard: an ordinary role with nothing but SQL gets no foreign row."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql

from tests.postgres import server
from tests.support import People, made, post, request_draft
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.gate.selfcheck import refuse_unsafe
from tracing.kit.errors import Unsafe
from tracing.kit.settings import Settings

# Looked up before anybody knows whose society is asking; neither holds anything of a person.
OPEN = {"account", "token"}

pytestmark = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@pytest.fixture
def filled(client: TestClient, people: People, settings: Settings) -> str:
    """URL of a database in which KE has one request and UG two."""
    for society in ("KE", "UG", "UG"):
        made(post(client, "/tracing-requests", request_draft(), people.auth(society=society)))
    return settings.main_url


@contextmanager
def raw(url: str, society: str | None) -> Iterator[psycopg.Connection]:
    """A connection without guard, on which `society` is set as the gate does it."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        if society is not None:
            connection.execute("select set_config('tracing.society', %s, true)", (society,))
        yield connection
        connection.rollback()


def tables(connection: psycopg.Connection) -> dict[str, tuple[bool, bool, int]]:
    """Return, for each table with a column `society`: security on, forced, number of policies."""
    rows = connection.execute(
        """
        select c.relname, c.relrowsecurity, c.relforcerowsecurity,
               (select count(*) from pg_policy p where p.polrelid = c.oid)
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where a.attname = 'society' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
        """
    ).fetchall()
    return {name: (on, forced, policies) for name, on, forced, policies in rows}


def societies(connection: psycopg.Connection, table: str) -> set[str]:
    query = sql.SQL("select distinct society from {}").format(sql.Identifier(table))
    return {row[0] for row in connection.execute(query).fetchall()}


class TestRowLevelSecurity:
    def test_is_forced_on_every_table_with_a_society(self, filled: str) -> None:
        with raw(filled, None) as connection:
            found = tables(connection)
        assert len(found) > 10
        assert {name for name, state in found.items() if state != (True, True, 1)} == OPEN

    def test_shows_the_set_society_and_without_one_nothing(self, filled: str) -> None:
        with raw(server().admin_url(filled), None) as admin:
            full = {name for name in tables(admin) if {"KE", "UG"} <= societies(admin, name)} - OPEN
        assert {"record", "consent", "match_key", "tracing_request", "sought_person", "trail_entry"} <= full
        for society, expected in (("KE", {"KE"}), ("UG", {"UG"}), ("XX", set()), (None, set())):
            with raw(filled, society) as connection:
                assert {name: societies(connection, name) for name in full} == dict.fromkeys(full, expected)

    def test_lets_nobody_write_a_foreign_row(self, filled: str) -> None:
        copy = sql.SQL(
            "insert into trail_entry select 'UG', 999, at, account_id, worker_id, act, outcome, subject_id,"
            " digest, count, request_id, link from trail_entry limit 1"
        )
        with raw(filled, "KE") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(copy)
        with raw(filled, "KE") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update trail_head set society = 'UG2'")

    def test_lets_nobody_change_or_delete_a_foreign_row(self, filled: str) -> None:
        with raw(filled, "KE") as connection:
            assert connection.execute("update record set purposes = 0 where society = 'UG'").rowcount == 0
            assert connection.execute("delete from trail_entry where society = 'UG'").rowcount == 0
            assert connection.execute("update record set purposes = 0").rowcount == 2

    def test_ends_with_the_transaction(self, filled: str, gate: Gate, people: People) -> None:
        with admitted(gate, people.token("caseworker"), Permission.REQUESTS_READ) as access:
            access.note("requests.list")
        connection = gate.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("select coalesce(current_setting('tracing.society', true), '')")
            assert cursor.fetchone() == ("",)
            cursor.execute("select count(*) from record")
            assert cursor.fetchone() == (0,)
        finally:
            connection.close()

    def test_is_asked_for_at_start_up(self, filled: str, gate: Gate) -> None:
        refuse_unsafe(gate)
        exempt = open_gate(Settings(data_dir=gate.settings.data_dir, database_url=server().admin_url(filled)))
        with pytest.raises(Unsafe, match="row-level security"):
            refuse_unsafe(exempt)
        exempt.close()


class TestPlantedFaults:
    """Take the lock away as an administrator and see the leak: the tests above can fail."""

    @pytest.mark.parametrize(
        "fault",
        [
            "alter table record no force row level security",
            "alter table record disable row level security",
            "create policy planted on record using (true)",
        ],
    )
    def test_is_a_leak(self, filled: str, fault: str) -> None:
        with psycopg.connect(server().admin_url(filled).replace("+psycopg", ""), autocommit=True) as admin:
            admin.execute(fault.encode())
        with raw(filled, "KE") as connection:
            assert societies(connection, "record") == {"KE", "UG"}
            assert tables(connection)["record"] != (True, True, 1)
