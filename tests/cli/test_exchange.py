"""`exchange`: what waits is delivered, told as a table, and stopped cleanly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.calls import call, done, listed, refused
from tests.exchange.conftest import pair as pair  # a fixture
from tests.exchange.pair import Pair
from tests.exchange.test_way import ask
from tracing.bundles.envelope import LARGEST
from tracing.cli import conformance, exchange
from tracing.exchange import delivering


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

    @pytest.mark.slow
    def test_what_is_not_delivered_is_an_exit_code(self, two: Pair) -> None:
        ask(two)
        two.loop.down = True
        result = call("exchange", "deliver", token=operator(two))
        assert result.exit_code == 1
        assert "http-503" in result.stdout

    def test_what_was_given_up_is_sent_again(self, two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        _, sought, _ = ask(two)
        two.settle()
        two.desk.withdraw(sought, "register")
        two.loop.down = True
        with monkeypatch.context() as patch:
            patch.setattr(delivering, "MOST_TRIES", 1)
            assert call("exchange", "deliver", token=operator(two)).exit_code == 1
        two.loop.down = False
        given_up = listed("exchange", "list", token=operator(two))[-1]
        assert (given_up["kind"], given_up["progress"]) == ("revoke", "failed")
        (line,) = listed("exchange", "again", given_up["id"], token=operator(two))
        assert (line["kind"], line["progress"]) == ("revoke", "waiting")
        assert "on its way" in refused("exchange", "again", given_up["id"], token=operator(two))
        two.settle()
        assert two.desk.get("/tasks", kind="not_taken_back").json()["items"] == []

    @pytest.mark.slow
    def test_what_was_withdrawn_is_taken_back(self, two: Pair) -> None:
        _, sought, _ = ask(two)
        two.settle()
        two.desk.withdraw(sought, "share_with_society")
        assert [row["kind"] for row in listed("exchange", "deliver", token=operator(two))] == ["revoke"]

    @pytest.mark.slow
    def test_others_may_not(self, two: Pair) -> None:
        assert call("exchange", "deliver", token=two.desk.people.token("caseworker")).exit_code == 1


@pytest.mark.parametrize("seconds", ["0", "nan", "inf", "1e300"])
def test_a_round_comes_at_least_once_a_day(base: Path, seconds: str) -> None:
    result = call("exchange", "deliver", "--watch", seconds)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--watch" in result.stderr


@pytest.mark.slow
def test_sigterm_ends_a_watch_cleanly(base: Path) -> None:
    command = [sys.executable, "-m", "tracing", "exchange", "deliver", "--watch", "60"]
    child = subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stderr is not None
    assert child.stderr.readline() == b"a round every 60 s; SIGTERM ends it\n"
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=20)
    assert (child.returncode, out, err) == (0, b"", b"")


class TestBundles:
    def test_are_written_carried_and_taken(self, two: Pair, tmp_path: Path) -> None:
        for _ in range(3):
            ask(two)
        out = tmp_path / "to-ug.bundle"
        rows = listed("exchange", "export", "UG", "-o", str(out), "--max-bytes", "1024", token=operator(two))
        assert [(row["bundle"], row["messages"]) for row in rows] == [(1, 1), (2, 1), (3, 1)]
        assert [Path(row["file"]).name for row in rows] == ["to-ug.bundle", "to-ug-2.bundle", "to-ug-3.bundle"]
        assert out.stat().st_mode & 0o077 == 0
        assert "stands there already" in refused("exchange", "export", "UG", "-o", str(out), token=operator(two))

        result = call("exchange", "import", rows[2]["file"], token=operator(two, "UG"))
        assert result.exit_code == 0
        assert result.stderr == f"{rows[2]['file']}: bundles 1 to 2 are missing from KE\n"
        missing = [r for r in listed("exchange", "bundles", token=operator(two, "UG")) if r["became"] == "missing"]
        assert [(row["number"], row["last"]) for row in missing] == [(1, 2)]
        (row,) = listed("exchange", "import", rows[0]["file"], token=operator(two, "UG"))
        assert (row["taken"], row["known"]) == (1, 0)
        (row,) = listed("exchange", "import", rows[0]["file"], token=operator(two, "UG"))
        assert (row["taken"], row["known"]) == (0, 1)

        back = tmp_path / "to-ke.bundle"
        done("exchange", "export", "KE", "-o", str(back), token=operator(two, "UG"))
        (row,) = listed("exchange", "import", str(back), token=operator(two))
        assert row["acknowledged"] == 2
        assert [r["progress"] for r in listed("exchange", "list", token=operator(two))] == [
            "delivered",
            "waiting",
            "delivered",
        ]

    def test_what_is_refused_is_one_line_without_echo(self, two: Pair, tmp_path: Path) -> None:
        ask(two)
        out = tmp_path / "out"
        done("exchange", "export", "UG", "-o", str(out), token=operator(two))
        assert "none of our keys opens it" in refused("exchange", "import", str(out), token=operator(two))
        out.write_bytes(out.read_bytes()[:-1])
        assert "none of our keys opens it" in refused("exchange", "import", str(out), token=operator(two, "UG"))
        (tmp_path / "big").write_bytes(bytes(LARGEST + 1))
        assert "too large" in refused("exchange", "import", str(tmp_path / "big"), token=operator(two, "UG"))
        assert "no such partner" in refused("exchange", "export", "CH", "-o", str(tmp_path / "x"), token=operator(two))

    @pytest.mark.slow
    def test_a_message_that_is_refused_is_named_by_number_and_code(self, two: Pair, tmp_path: Path) -> None:
        _, _, ours = ask(two)
        two.say("KE", ours, {"kind": "ask_question", "text": "Where was Amina seen? " * 40})
        out = tmp_path / "out"
        rows = listed("exchange", "export", "UG", "-o", str(out), "--max-bytes", "1024", token=operator(two))
        result = call("exchange", "import", rows[1]["file"], token=operator(two, "UG"))
        assert result.exit_code == 1
        assert f"{rows[1]['file']}: message 2: not-yet\n" in result.stderr
        assert "Amina" not in result.stderr + result.stdout


class TestCheck:
    @pytest.mark.slow
    def test_prints_a_table_and_passes_only_whole(self, two: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(conformance, "Outbound", lambda _: two.loop)
        rows = listed("exchange", "check", "UG", token=operator(two))
        assert {row["result"] for row in rows} == {"pass"}
        assert rows[0] == {"probe": "a receipt is taken", "expected": "200 202", "answer": 202, "result": "pass"}
        two.loop.down = True
        result = call("exchange", "check", "UG", token=operator(two))
        assert (result.exit_code, result.stdout.count("FAIL")) == (1, len(rows))
