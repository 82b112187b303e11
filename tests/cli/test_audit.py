"""`audit` on both databases: whole, broken, rolled back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.cli.calls import call, done, refused
from tests.postgres import server
from tracing.kit.settings import Settings

Sql = Callable[[str], Any]


@pytest.fixture
def sql(base: Path, settings: Settings) -> Sql:
    """Somebody who can write the database, but holds no key."""
    url = settings.main_url
    engine = create_engine(url if settings.embedded else server().admin_url(url))

    def run(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    return run


class TestVerify:
    def test_a_whole_trail_is_told_by_its_rows(self, base: Path) -> None:
        assert done("audit", "verify") == "KE: whole, 1 rows\n"
        assert done("audit", "verify") == "KE: whole, 2 rows\n"

    def test_a_broken_one_is_exit_code_1_and_says_where(self, base: Path, sql: Sql) -> None:
        for _ in range(3):
            done("accounts", "list")
        sql("update trail_entry set act = 'nothing.happened' where seq = 2")
        assert refused("audit", "verify") == "Error: KE: a row was altered, at row 2"
        assert "at row 2" in refused("audit", "checkpoint")

    def test_an_end_that_was_cut_off_is_told_though_nothing_can_be_written_behind_it(
        self, base: Path, sql: Sql
    ) -> None:
        for _ in range(3):
            done("accounts", "list")
        sql("delete from trail_entry where seq > 2")
        sql("update trail_head set seq = 2, link = (select link from trail_entry where seq = 2 and society = 'KE')")
        assert "the end was cut off" in refused("audit", "verify")
        assert "the trail was altered" in refused("accounts", "list")

    def test_needs_the_permission(self, base: Path) -> None:
        done("accounts", "create", "nairobi-1", "--role", "caseworker", "--team", "nairobi")
        token = done("tokens", "issue", "nairobi-1").strip()
        assert "trail:verify" in refused("audit", "verify", token=token)


class TestCheckpoint:
    def test_kept_elsewhere_it_holds_for_ever(self, base: Path) -> None:
        kept = done("audit", "checkpoint").strip()
        for _ in range(2):
            done("accounts", "list")
        assert call("audit", "verify", "--checkpoint", kept).exit_code == 0

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # a file is put back most plainly
    def test_tells_a_database_that_was_put_back(self, base: Path, settings: Settings) -> None:
        before = (base / "tracing.db").read_bytes()
        for _ in range(3):
            done("accounts", "list")
        kept = done("audit", "checkpoint").strip()
        for path in base.glob("tracing.db-*"):
            path.unlink()
        (base / "tracing.db").write_bytes(before)
        assert call("audit", "verify").exit_code == 0
        assert "shorter than the checkpoint" in refused("audit", "verify", "--checkpoint", kept)

    @pytest.mark.parametrize("text", ["", "7", "7:", "0:" + "a" * 64, "1:" + "A" * 64, "-1:" + "a" * 64, "x" * 500])
    def test_of_another_form_is_a_wrong_call(self, text: str) -> None:
        refused("audit", "verify", f"--checkpoint={text}", code=2)
