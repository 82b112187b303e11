"""`exchange`: what waits is delivered, told as a table, and stopped cleanly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import call, done, listed
from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tracing.cli import exchange


@pytest.fixture
def two(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The pair, which the commands find by themselves; their network is the loop."""
    monkeypatch.setenv("TRACING_DATA_DIR", str(pair.desk.gate.settings.data_dir))
    if (url := pair.desk.gate.settings.database_url) is not None:
        monkeypatch.setenv("TRACING_DATABASE_URL", url.get_secret_value())
    monkeypatch.setattr(exchange, "Outbound", lambda _: pair.loop)
    return pair


def operator(pair: Pair, society: str = "KE") -> str:
    return pair.desk.people.token("operator", society)


class TestDeliver:
    def test_what_waits_is_told_and_delivered(self, two: Pair) -> None:
        ask(two)
        (row,) = listed("exchange", "deliver", token=operator(two))
        assert row == {"partner": "UG", "number": 1, "kind": "request_search", "became": "delivered", "trouble": ""}
        assert listed("exchange", "deliver", token=operator(two)) == []
        (sent,) = listed("exchange", "list", token=operator(two))
        assert (sent["progress"], sent["kind"]) == ("delivered", "request_search")
        (came,) = listed("exchange", "list", "--received", token=operator(two, "UG"))
        assert came["message_id"] == sent["message_id"]
        assert "Amina" not in done("exchange", "list", token=operator(two))

    def test_what_is_not_delivered_is_an_exit_code(self, two: Pair) -> None:
        ask(two)
        two.loop.down = True
        result = call("exchange", "deliver", token=operator(two))
        assert result.exit_code == 1
        assert "http-503" in result.stdout

    def test_what_was_withdrawn_is_taken_back(self, two: Pair) -> None:
        _, sought, _ = ask(two)
        two.settle()
        two.desk.withdraw(sought, "share_with_society")
        assert [row["kind"] for row in listed("exchange", "deliver", token=operator(two))] == ["revoke"]

    def test_others_may_not(self, two: Pair) -> None:
        assert call("exchange", "deliver", token=two.desk.people.token("caseworker")).exit_code == 1


def test_sigterm_ends_a_watch_cleanly(base: Path) -> None:
    command = [sys.executable, "-m", "tracing", "exchange", "deliver", "--watch", "60"]
    child = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stderr is not None
    assert child.stderr.readline() == b"a round every 60 s; SIGTERM ends it\n"
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out, err) == (0, b"", b"")
