"""`train` on files: a table comes out that the other commands take, and is told to people."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tracing.cli.main import app
from tracing.demo.casebase import two_lists
from tracing.matching import Weights
from tracing.matching.model import default_weights

RUN = CliRunner()
LEFT, RIGHT, GOLD = two_lists(3, 150, 0.5)


def call(*args: str) -> Result:
    result = RUN.invoke(app, list(args))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return str(path)


@pytest.fixture
def lists(tmp_path: Path) -> tuple[str, str]:
    """Two lists of fictional persons, half of whom stand in both."""
    return write(tmp_path / "l.ndjson", LEFT), write(tmp_path / "r.ndjson", RIGHT)


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    """75 pairs of one person and 150 of two, of which each left person has one."""
    ours, theirs = {row["id"]: row for row in LEFT}, {row["id"]: row for row in RIGHT}
    pairs = [{"left": ours[one], "right": theirs[two], "label": True} for one, two in GOLD]
    others = [
        {"left": one, "right": two, "label": False}
        for one, two in zip(LEFT, RIGHT, strict=True)
        if (one["id"], two["id"]) not in set(GOLD)
    ]
    mixed = [pair for place in range(len(others)) for pair in (*pairs[place : place + 1], others[place])]
    return write(tmp_path / "pairs.ndjson", mixed)


def made(path: Path) -> Weights:
    return Weights.from_json(path.read_text("utf-8"))


class TestLists:
    @pytest.mark.slow
    def test_give_a_table_without_labels(self, lists: tuple[str, str], tmp_path: Path) -> None:
        out = tmp_path / "w.json"
        result = call("train", *lists, "--output", str(out))
        assert result.exit_code == 0
        assert result.stdout == ""
        shipped, found = default_weights(), made(out)
        assert found.version.startswith(shipped.version + "+")
        assert found.levels["names"] != shipped.levels["names"]
        assert found.share == pytest.approx(0.5, abs=0.2)
        assert not list(tmp_path.glob("*.new"))

    def test_tell_bits_before_and_after_and_the_pairs_seen(self, lists: tuple[str, str], tmp_path: Path) -> None:
        result = call("train", *lists, "--output", str(tmp_path / "w.json"))
        header = next(line for line in result.stderr.splitlines() if line.startswith("comparison"))
        assert header.split("  ")[0] == "comparison"
        assert all(word in header for word in ("level", "bits before", "bits after", "pairs seen"))
        assert any(line.startswith("names") and "exact" in line for line in result.stderr.splitlines())
        assert "candidate pairs, pairs/s" not in result.stdout

    @pytest.mark.slow
    def test_give_the_same_table_each_time(self, lists: tuple[str, str], tmp_path: Path) -> None:
        found = []
        for name in ("one.json", "two.json"):
            call("train", *lists, "--output", str(tmp_path / name))
            found.append((tmp_path / name).read_bytes())
        assert found[0] == found[1]

    @pytest.mark.slow
    def test_of_one_list_with_itself(self, tmp_path: Path) -> None:
        both = write(tmp_path / "all.ndjson", LEFT + RIGHT)
        out = tmp_path / "w.json"
        assert call("train", both, both, "--same", "--output", str(out)).exit_code == 0
        assert made(out).share == pytest.approx(0.5, abs=0.25)

    @pytest.mark.slow
    def test_with_decisions_fit_how_far_the_sum_may_be_trusted(
        self, lists: tuple[str, str], labelled: str, tmp_path: Path
    ) -> None:
        plain, fitted = tmp_path / "a.json", tmp_path / "b.json"
        call("train", *lists, "--output", str(plain))
        result = call("train", *lists, "--decisions", labelled, "--output", str(fitted))
        assert result.exit_code == 0
        assert "calibration error" in result.stderr
        assert made(fitted).levels == made(plain).levels
        assert made(fitted).slope != made(plain).slope

    @pytest.mark.slow
    def test_begin_with_another_table(self, lists: tuple[str, str], tmp_path: Path) -> None:
        """A start worth a million sightings keeps its bits."""
        start = tmp_path / "start.json"
        shipped = json.loads(default_weights().to_json())
        shipped["levels"]["sex"] = {"same": [0.6, 0.5], "different": [0.3, 0.5]}
        start.write_text(json.dumps(shipped), "utf-8")
        out = tmp_path / "w.json"
        call("train", *lists, "--start", str(start), "--pseudo-counts", "1000000", "--output", str(out))
        before, after = (one.bits("sex", ("same", "different"), 1) for one in (made(start), made(out)))
        assert after == pytest.approx(before, abs=0.05)

    @pytest.mark.slow
    def test_a_refused_line_leaves_1_and_a_table(self, lists: tuple[str, str], tmp_path: Path) -> None:
        with Path(lists[0]).open("a", encoding="utf-8") as more:
            more.write("{broken\n")
        out = tmp_path / "w.json"
        assert call("train", *lists, "--output", str(out)).exit_code == 1
        assert made(out)


class TestDecisions:
    def test_give_a_table_and_say_how_calibrated_it_is(self, labelled: str, tmp_path: Path) -> None:
        out = tmp_path / "w.json"
        result = call("train", "--decisions", labelled, "--output", str(out))
        assert result.exit_code == 0
        assert "75 of one person; calibration error" in result.stderr
        assert made(out).levels != default_weights().levels

    def test_few_of_them_are_told(self, labelled: str, tmp_path: Path) -> None:
        few = tmp_path / "few.ndjson"
        few.write_text("".join(Path(labelled).read_text("utf-8").splitlines(keepends=True)[:12]), "utf-8")
        result = call("train", "--decisions", str(few), "--output", str(tmp_path / "w.json"))
        assert result.exit_code == 0
        assert "only 12 decisions" in result.stderr

    def test_the_table_serves_the_other_commands(self, labelled: str, tmp_path: Path) -> None:
        out = str(tmp_path / "w.json")
        call("train", "--decisions", labelled, "--output", out)
        before, after = (json.loads(call("evaluate", labelled, *more).stdout) for more in ((), ("--weights", out)))
        assert after["ece"] <= before["ece"] + 0.01


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "reason"),
        [
            (("--output", "w.json"), "nothing to learn from"),
            (("LEFT", "--output", "w.json"), "LEFT and RIGHT"),
            (("LEFT", "RIGHT"), "output"),
            (("LEFT", "RIGHT", "--same", "--output", "w.json"), "--same needs"),
            (("LEFT", "RIGHT", "--society", "KE", "--output", "w.json"), "--society"),
            (("LEFT", "nowhere.ndjson", "--output", "w.json"), "nowhere.ndjson"),
            (("LEFT", "RIGHT", "--output", "no/such/folder/w.json"), "cannot be written"),
            (("LEFT", "RIGHT", "--output", "."), "cannot be written"),
            (("LEFT", "RIGHT", "--output", "w.json", "--start", "nowhere.json"), "nowhere.json"),
            (("LEFT", "RIGHT", "--output", "w.json", "--pseudo-counts", "0"), "pseudo-counts"),
            (("LEFT", "EMPTY", "--output", "w.json"), "too short"),
            (("--decisions", "EMPTY", "--output", "w.json"), "both kinds"),
        ],
    )
    def test_errors_end_with_2_and_write_nothing(
        self,
        lists: tuple[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        args: tuple[str, ...],
        reason: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        named = {"LEFT": lists[0], "RIGHT": lists[1], "EMPTY": write(tmp_path / "empty.ndjson", [])}
        result = call("train", *(named.get(arg, arg) for arg in args))
        assert result.exit_code == 2
        assert reason in result.stderr
        assert not Path("w.json").exists()
