"""Each migration goes up on an empty database, down and up again with rows in it, and ends at the models."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Column, Engine, Integer, MetaData, create_engine, inspect, text
from sqlmodel import SQLModel

from tests.badinput.world import tables
from tests.conftest import DATABASES
from tests.postgres import server
from tests.support import People, made, post, request_draft
from tracing.app import create_app
from tracing.gate.opening import open_gate
from tracing.gate.schema import downgrade, is_current, scripts, upgrade
from tracing.kit.settings import Settings

OURS = {"alembic_version", "record_key", "erasure"}  # Alembic's own, and the key store's, which no migration touches


def revisions() -> list[Script]:
    """Return every migration, the oldest first."""
    return list(reversed(list(ScriptDirectory(str(scripts())).walk_revisions())))


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database without a schema."""
    if request.param == "sqlite":
        yield Settings(data_dir=tmp_path)
        return
    url = server().fresh()
    yield Settings(data_dir=tmp_path, database_url=SecretStr(url))
    server().drop(url)


def names(settings: Settings) -> set[str]:
    return {name for name, _ in tables(settings)} - OURS


def engine_of(settings: Settings) -> Engine:
    """Return an engine past every lock."""
    return create_engine(settings.main_url if settings.embedded else server().admin_url(settings.main_url))


def fill_every_table(engine: Engine) -> int:
    """Put a row into each empty table of ours, whatever its columns, and return how many tables there are."""
    found = MetaData()
    found.reflect(engine, only=lambda name, _: name not in OURS)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            row = {column.name: sample(column) for column in table.columns if not column.nullable}
            if connection.execute(table.select().limit(1)).first() is None:
                connection.execute(table.insert().values(row))
    return len(found.sorted_tables)


def sample(column: "Column[object]") -> object:
    """Return a value that a column takes."""
    kind = str(column.type).upper()
    if isinstance(column.type, Integer) or kind.startswith(("INT", "BIGINT", "SMALLINT")):
        return 1
    if kind.startswith(("FLOAT", "DOUBLE", "REAL", "NUMERIC")):
        return 0.5
    if kind.startswith("BOOL"):
        return True
    if kind.startswith(("BLOB", "BYTEA")):
        return b"\1"
    if kind.startswith(("DATETIME", "TIMESTAMP")):
        return text("current_timestamp")
    if kind.startswith(("UUID", "CHAR(32)")):
        return text("'00000000000040008000000000000000'")
    return "x"


class TestMigration:
    def test_of_an_empty_database_ends_at_this_version(self, empty: Settings) -> None:
        upgrade(empty)
        gate = open_gate(empty)
        assert is_current(gate)
        gate.close()
        assert len(names(empty)) > 10

    def test_run_again_changes_nothing(self, empty: Settings) -> None:
        upgrade(empty)
        before = sorted(tables(empty))
        upgrade(empty)
        assert sorted(tables(empty)) == before

    def test_down_to_the_beginning_leaves_nothing(self, empty: Settings) -> None:
        upgrade(empty)
        downgrade(empty, "base")
        assert names(empty) == set()

    @pytest.mark.parametrize("revision", revisions(), ids=lambda revision: revision.revision)
    def test_goes_down_and_up_again_with_rows_in_every_table(self, empty: Settings, revision: Script) -> None:
        upgrade(empty, revision.revision)
        shape = names(empty)
        engine = engine_of(empty)
        assert fill_every_table(engine) == len(shape)
        assert all(rows for name, rows in tables(empty) if name in shape)
        downgrade(empty, str(revision.down_revision or "base"))
        upgrade(empty, revision.revision)
        assert names(empty) == shape
        assert fill_every_table(engine)
        engine.dispose()

    def test_there_is_one_line_of_them(self) -> None:
        assert len(ScriptDirectory(str(scripts())).get_heads()) == 1
        assert all(revision.doc for revision in revisions())


class TestSchema:
    def test_of_the_last_migration_is_that_of_the_models(self, settings: Settings) -> None:
        assert self._differences(settings) == []

    def test_that_differs_is_seen(self, settings: Settings) -> None:
        engine = engine_of(settings)
        with engine.begin() as connection:
            connection.execute(text("alter table sighting add column plain_name varchar(60)"))
            connection.execute(text("drop index ix_match_key_record"))
        engine.dispose()
        assert {found[0] for found in self._differences(settings)} == {"remove_column", "add_index"}

    @pytest.mark.parametrize("settings", ["postgresql"], indirect=True)  # SQLite has no such thing
    def test_every_person_table_is_shut_by_row_level_security(self, settings: Settings) -> None:
        engine = engine_of(settings)
        query = "select relname from pg_class where relkind = 'r' and relrowsecurity and relforcerowsecurity"
        with engine.connect() as connection:
            shut = {row[0] for row in connection.execute(text(query))}
            tenanted = {
                name
                for name in inspect(connection).get_table_names()
                if any(column["name"] == "society" for column in inspect(connection).get_columns(name))
            }
        engine.dispose()
        assert tenanted - shut == {"account", "token"}

    def _differences(self, settings: Settings) -> list[tuple[object, ...]]:
        engine = engine_of(settings)
        try:
            with engine.connect() as connection:
                options = {"include_object": lambda _o, name, kind, _r, _c: not (kind == "table" and name in OURS)}
                context = MigrationContext.configure(connection, opts=options)
                found: list[tuple[object, ...]] = compare_metadata(context, SQLModel.metadata)
                return found
        finally:
            engine.dispose()


class TestRecords:
    def test_written_before_a_migration_run_again_are_still_read(self, settings: Settings, people: People) -> None:
        with TestClient(create_app(settings)) as client:
            view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        upgrade(settings)
        with TestClient(create_app(settings)) as client:
            shown = client.get(f"/v1/tracing-requests/{view['id']}", headers=people.auth())
            assert made(shown, 200) == view
