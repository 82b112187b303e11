"""The tests' own PostgreSQL: real, ordinary by role, and gone with the process that started it."""

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.postgres import server

ROOT = Path(__file__).parents[2]
STARTS = """
import sys
from tests.postgres import server
print(server().admin_url(server().fresh()).rsplit("=", 1)[1], flush=True)
sys.stdin.read()
"""


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(question.encode()).fetchall()


def fill(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")


class TestDatabases:
    def test_are_copies_of_a_template_and_apart_from_each_other(self) -> None:
        template = server().template("house", fill)
        one, two = server().fresh(template), server().fresh(template)
        with psycopg.connect(one.replace("+psycopg", "")) as connection:
            connection.execute("insert into kept values (2)")
        assert ask(one, "select n from kept order by n") == [(1,), (2,)]
        assert ask(two, "select n from kept") == [(1,)]

    def test_given_back_are_as_the_template_again(self) -> None:
        template = server().template("house", fill)
        one = server().fresh(template)
        with psycopg.connect(one.replace("+psycopg", "")) as connection:
            connection.execute("insert into kept values (2)")
            connection.commit()
            server().give_back(one)  # although somebody is connected
        again = server().fresh(template)
        assert again == one
        assert ask(again, "select n from kept") == [(1,)]

    def test_of_another_shape_are_not_used_again(self) -> None:
        template = server().template("house", fill)
        one = server().fresh(template)
        with psycopg.connect(one.replace("+psycopg", "")) as connection:
            connection.execute("alter table kept add column m int")
        server().give_back(one)
        assert server().fresh(template) != one

    def test_belong_to_a_role_that_row_level_security_binds(self) -> None:
        url = server().fresh()
        asked = "select rolsuper, rolbypassrls, rolcreatedb, rolcreaterole from pg_roles where rolname = user"
        assert ask(url, asked) == [(False, False, False, False)]
        assert ask(server().admin_url(url), "select rolsuper from pg_roles where rolname = user") == [(True,)]

    def test_can_be_dropped_while_somebody_is_connected(self) -> None:
        url = server().fresh()
        with psycopg.connect(url.replace("+psycopg", "")):
            server().drop(url)
        with pytest.raises(psycopg.OperationalError):
            ask(url, "select 1")

    def test_of_others_are_not_dropped(self) -> None:
        with pytest.raises(ValueError, match="not made here"):
            server().drop(server().admin_url(server().fresh()).replace("tracing_test", "postgres"))


class TestServer:
    @pytest.mark.slow
    @pytest.mark.parametrize("death", ["kill", "terminate", "end"])
    def test_goes_with_the_process_that_started_it(self, death: str) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdout is not None
            assert process.stdin is not None
            folder = Path(process.stdout.readline().strip().replace("%2F", "/"))
            assert (folder / "data" / "postmaster.pid").exists()
            {"kill": process.kill, "terminate": process.terminate, "end": process.stdin.close}[death]()
            process.wait(30)
        for _ in range(200):
            if not folder.parent.exists():
                break
            time.sleep(0.1)
        assert not folder.parent.exists()
