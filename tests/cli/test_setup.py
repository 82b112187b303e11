"""`migrate` and `setup`: from nothing to a society with an operator, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calls import call, done, listed, refused
from tests.postgres import server


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder that does not exist yet, and an empty database."""
    folder = tmp_path / "new"
    monkeypatch.setenv("TRACING_DATA_DIR", str(folder))
    if request.param == "sqlite":
        yield folder
        return
    url = server().fresh()
    monkeypatch.setenv("TRACING_DATABASE_URL", url)
    yield folder
    server().drop(url)


class TestMigrate:
    def test_makes_the_schema_once(self, nothing: Path) -> None:
        assert done("migrate").startswith("from nothing to ")
        assert done("migrate").startswith("already at ")

    def test_other_commands_ask_for_it(self, nothing: Path) -> None:
        assert "tracing migrate" in refused("accounts", "list", token="x")


class TestSetup:
    def test_from_nothing_there_is_an_operator_who_may_act(self, nothing: Path) -> None:
        said = done("setup", "--society", "KE")
        kept = nothing / "operator.token"
        assert said == f"KE: founded, kept in {kept}\n"
        assert kept.stat().st_mode & 0o777 == 0o600
        assert [row["label"] for row in listed("accounts", "list")] == ["operator"]

    def test_a_second_time_is_refused(self, base: Path) -> None:
        before = (base / "operator.token").read_text()
        assert "founded before" in refused("setup", "--society", "KE")
        assert (base / "operator.token").read_text() == before

    def test_a_second_society_does_not_take_the_firsts_token(self, base: Path) -> None:
        before = (base / "operator.token").read_text()
        done("setup", "--society", "UG")
        assert (base / "operator.token").read_text() == before
        token = (base / "operator.UG.token").read_text().strip()
        assert done("audit", "verify", token=token).startswith("UG: whole")

    def test_a_lost_token_is_made_again_and_the_old_one_ends(self, base: Path) -> None:
        old = (base / "operator.token").read_text().strip()
        (base / "operator.token").unlink()
        assert "who acts is not known" in refused("accounts", "list")
        done("setup", "--society", "KE", "--new-token")
        assert listed("accounts", "list")
        assert "no valid token" in refused("accounts", "list", token=old)
        assert done("audit", "verify").startswith("KE: whole")

    def test_a_society_that_was_never_founded_has_no_token_to_make_again(self, base: Path) -> None:
        assert "not been founded" in refused("setup", "--society", "UG", "--new-token")

    def test_a_code_that_is_none_is_refused(self, nothing: Path) -> None:
        assert "TRACING_SOCIETY" in refused("setup", "--society", "Kenya")


class TestWhoActs:
    def test_a_token_that_others_may_read_is_not_used(self, base: Path) -> None:
        (base / "operator.token").chmod(0o640)
        assert "0600" in refused("accounts", "list")

    def test_the_option_outranks_the_environment_and_that_the_file(self, base: Path) -> None:
        assert call("accounts", "list").exit_code == 0
        assert "no valid token" in refused("accounts", "list", token="wrong")
        good = (base / "operator.token").read_text().strip()
        assert call("accounts", "list", "--token", good, token="wrong").exit_code == 0
