"""Habits of an embedded database, asked of the driver itself: the tests' own engines leave out waiting for the disk."""

import sqlite3
from pathlib import Path

import pytest

from tracing.kit import db


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("synchronous", 2), ("journal_mode", "wal"), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)],
)
def test_of_an_embedded_database_lose_no_commit_and_leave_no_words(tmp_path: Path, pragma: str, value: object) -> None:
    connection = sqlite3.connect(tmp_path / "one.db")
    db._sqlite_habits(connection, None)
    assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)
    connection.close()


def test_of_the_tests_wait_for_no_disk(tmp_path: Path) -> None:
    for opened in (db.open_engine, db.open_reader):
        engine = opened(f"sqlite:///{tmp_path / 'one.db'}")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 0
        engine.dispose()
