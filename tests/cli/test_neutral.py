import gzip
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tracing.cli import neutral
from tracing.cli.main import app
from tracing.matching.model import default_weights

RUN = CliRunner()

HASSAN = {"id": "a1", "names": ["Mohammed Ahmed Hassan"], "birth": "1990-05-12"}
HASSAN_AGAIN = {"id": "b1", "names": ["محمد أحمد حسن"], "birth": "1990"}
PETRENKO = {"id": "b2", "names": ["Oleksandr Petrenko"], "birth": "1975"}
AMINA = {"id": "b3", "names": ["Amina Yusuf"], "sex": "female"}


def write(path: Path, *lines: object) -> str:
    text = "".join((line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)) + "\n" for line in lines)
    path.write_text(text, "utf-8")
    return str(path)


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def call(*args: str, stdin: str | None = None) -> Result:
    result = RUN.invoke(app, list(args), input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def weighed(line: dict[str, Any]) -> list[float]:
    """Weight and probability of a pair and the weights of its evidence."""
    return [line.get("weight", 0), line.get("probability", 0), *(one["weight"] for one in line.get("evidence", ()))]


def said(line: dict[str, Any]) -> dict[str, Any]:
    """The rest of a line."""
    rest = {key: value for key, value in line.items() if key not in ("weight", "probability", "evidence")}
    return rest | {"evidence": [{**one, "weight": 0} for one in line.get("evidence", ())]}


class TestCompare:
    def test_prints_one_line_per_pair_in_order(self, tmp_path: Path) -> None:
        pairs = write(tmp_path / "p", {"left": HASSAN, "right": PETRENKO}, {"left": HASSAN, "right": HASSAN_AGAIN})
        result = call("compare", pairs)
        assert result.exit_code == 0
        lines = told(result)
        assert [(line["left"], line["right"]) for line in lines] == [("a1", "b2"), ("a1", "b1")]
        assert set(lines[0]) == {"left", "right", "weight", "probability", "band", "evidence"}
        assert set(lines[0]["evidence"][0]) == {"comparison", "level", "weight", "left", "right", "reason"}
        assert lines[0]["probability"] < 0.5 < lines[1]["probability"]

    def test_reads_standard_input(self) -> None:
        result = call("compare", "-", stdin=json.dumps({"left": HASSAN, "right": HASSAN_AGAIN}) + "\n")
        assert told(result)[0]["band"] == "strong"

    def test_pairs_compared_together_are_told_as_those_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Refused lines keep their places, also where they fill or end what is compared together."""
        one, two = {"left": HASSAN, "right": HASSAN_AGAIN}, {"left": PETRENKO, "right": AMINA}
        path = write(tmp_path / "p", "{broken", one, "[1]", "[2]", two, one, two, "{}")
        whole = call("compare", path)
        assert [line.get("line", line.get("left")) for line in told(whole)] == [1, "a1", 3, 4, "b2", "a1", "b2", 8]
        for at_once in (1, 2, 3):
            monkeypatch.setattr(neutral, "_PAIRS_AT_ONCE", at_once)
            parts = call("compare", path)
            assert (parts.exit_code, parts.stderr) == (whole.exit_code, whole.stderr)
            for mine, theirs in zip(told(parts), told(whole), strict=True):
                assert weighed(mine) == pytest.approx(weighed(theirs), abs=2e-4)
                assert said(mine) == said(theirs)

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("{broken", "not JSON"),
            ("[1]", "not a JSON object"),
            ('{"left": NaN}', "not JSON"),
            ('{"left": 1, "left": 2}', "a key occurs twice"),
            ('{"left": {"id": "a", "names": ["x"]}}', "right: is missing"),
            ('{"left": {"names": ["x"]}, "right": {}}', "left.id: is missing"),
            ('{"left": {"id": "a", "names": ["x"], "eyes": 1}, "right": {}}', "left.eyes: unknown key"),
            ('{"left": {"id": "a", "names": []}, "right": {}}', "left.names: at least one name"),
            ("[" * 100_000, "not JSON"),
        ],
    )
    def test_refuses_a_bad_line_in_its_place(self, tmp_path: Path, line: str, reason: str) -> None:
        good = {"left": HASSAN, "right": HASSAN_AGAIN}
        result = call("compare", write(tmp_path / "p", good, line, good))
        assert result.exit_code == 1
        lines = told(result)
        assert len(lines) == 3
        assert lines[1]["line"] == 2
        assert reason in lines[1]["error"]
        assert lines[0] == lines[2]

    def test_keeps_an_impossible_date_and_warns(self, tmp_path: Path) -> None:
        odd = {**HASSAN, "birth": "1990-02-31"}
        result = call("compare", write(tmp_path / "p", {"left": odd, "right": odd}))
        assert result.exit_code == 0
        assert "line 1: left.birth" in result.stderr
        assert "1990" not in result.stderr
        evidence = {one["comparison"]: one for one in told(result)[0]["evidence"]}
        assert evidence["birth"]["left"] == "1990-02-31"
        assert evidence["birth"]["weight"] > 0

    def test_prior_moves_the_probability(self, tmp_path: Path) -> None:
        pairs = write(tmp_path / "p", {"left": HASSAN, "right": AMINA})
        low, high = (told(call("compare", pairs, "--prior", prior))[0] for prior in ("0.001", "0.9"))
        assert low["weight"] == high["weight"]
        assert low["probability"] < high["probability"]

    def test_explained_pairs_are_drawn_on_standard_error(self, tmp_path: Path) -> None:
        result = call("compare", write(tmp_path / "p", {"left": HASSAN, "right": HASSAN_AGAIN}), "--explain")
        assert len(told(result)) == 1
        assert "sum" in result.stderr

    @pytest.mark.parametrize("args", [("compare",), ("compare", "nowhere.ndjson"), ("compare", "x", "--prior", "2")])
    def test_usage_errors_end_with_2(self, args: tuple[str, ...]) -> None:
        assert call(*args).exit_code == 2


class TestRank:
    def test_ranks_every_query_in_order_without_gaps(self, tmp_path: Path) -> None:
        queries = write(tmp_path / "q.ndjson", {**AMINA, "id": "q2"}, {**HASSAN, "id": "q1"})
        pool = write(tmp_path / "l.ndjson", PETRENKO, HASSAN_AGAIN, AMINA)
        result = call("rank", queries, pool, "--top", "2")
        assert result.exit_code == 0
        lines = told(result)
        assert [(line["query"], line["rank"]) for line in lines] == [
            ("q2", 1),
            ("q2", 2),
            ("q1", 1),
            ("q1", 2),
        ]
        assert [line["right"] for line in lines if line["rank"] == 1] == ["b3", "b1"]
        assert set(lines[0]) == {"query", "rank", "right", "weight", "probability"}

    def test_a_repeated_id_is_refused_and_the_rest_ranked(self, tmp_path: Path) -> None:
        pool = write(tmp_path / "l.ndjson", AMINA, {**PETRENKO, "id": "b3"}, HASSAN_AGAIN)
        result = call("rank", write(tmp_path / "q.ndjson", HASSAN), pool)
        assert result.exit_code == 1
        assert "line 2: id" in result.stderr
        assert {line["right"] for line in told(result)} == {"b1", "b3"}

    def test_questions_are_told_on_standard_error_and_change_no_line(self, tmp_path: Path) -> None:
        one, two = {**HASSAN, "mother": ["Halima Nur"]}, {**HASSAN, "id": "a2", "mother": ["Zainab Omar"]}
        files = write(tmp_path / "q.ndjson", {**HASSAN, "id": "q"}), write(tmp_path / "l.ndjson", one, two)
        plain, asked = call("rank", *files), call("rank", *files, "--questions")
        assert asked.stdout == plain.stdout
        assert "Ask for the mother's name" in asked.stderr
        assert "Ask for" not in plain.stderr


class TestMatchLists:
    def match(self, tmp_path: Path, *args: str, left: object = HASSAN, output: str = "o.ndjson") -> Result:
        one = write(tmp_path / "l.ndjson", left)
        two = write(tmp_path / "r.ndjson", HASSAN_AGAIN, PETRENKO, {**HASSAN_AGAIN, "id": "b9", "birth": "1950"})
        return call("match-lists", one, two, "--output", str(tmp_path / output), *args)

    def lines(self, tmp_path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (tmp_path / "o.ndjson").read_text("utf-8").splitlines()]

    def test_writes_pairs_best_first(self, tmp_path: Path) -> None:
        assert self.match(tmp_path, "--min-probability", "0").exit_code == 0
        found = self.lines(tmp_path)
        assert [(one["left"], one["right"]) for one in found] == [("a1", "b1"), ("a1", "b9")]
        assert list(found[0]) == ["left", "right", "weight", "probability", "band", "reasons"]
        assert found[0]["reasons"][0].startswith("The names ")

    def test_writes_nothing_to_standard_output(self, tmp_path: Path) -> None:
        result = self.match(tmp_path)
        assert result.stdout == ""
        assert "pairs compared" in result.stderr

    def test_top_and_least_probability_cut(self, tmp_path: Path) -> None:
        self.match(tmp_path, "--min-probability", "0", "--top", "1")
        assert len(self.lines(tmp_path)) == 1
        self.match(tmp_path, "--min-probability", "1")
        assert self.lines(tmp_path) == []

    def test_takes_each_person_once_when_asked(self, tmp_path: Path) -> None:
        result = self.match(tmp_path, "--min-probability", "0", "--each-once")
        assert [(one["left"], one["right"]) for one in self.lines(tmp_path)] == [("a1", "b1")]
        assert "better pair: 1 pairs" in result.stderr

    def test_hides_no_second_best_by_default(self, tmp_path: Path) -> None:
        result = self.match(tmp_path, "--min-probability", "0")
        assert len(self.lines(tmp_path)) == 2
        assert "better pair" not in result.stderr

    def test_writes_csv_by_the_ending(self, tmp_path: Path) -> None:
        self.match(tmp_path, "--min-probability", "0", output="o.csv")
        rows = (tmp_path / "o.csv").read_text("utf-8").splitlines()
        assert rows[0] == "left,right,weight,probability,band,reasons"
        assert rows[1].startswith("a1,b1,")

    def test_same_gives_each_pair_once_and_no_row_with_itself(self, tmp_path: Path) -> None:
        path = write(tmp_path / "l.ndjson", HASSAN, HASSAN_AGAIN, {**HASSAN, "id": "c"})
        args = ("--same", "--min-probability", "0", "--output", str(tmp_path / "o.ndjson"))
        assert call("match-lists", path, path, *args).exit_code == 0
        pairs = {frozenset((one["left"], one["right"])) for one in self.lines(tmp_path)}
        assert len(self.lines(tmp_path)) == len(pairs) == 3
        assert all(len(pair) == 2 for pair in pairs)

    def test_reads_csv_with_lists_and_pairs_of_values(self, tmp_path: Path) -> None:
        header = "id,names,birth,relatives,identifiers,last_place"
        row = 'x1,Mohamad Ahmad|Abu Omar,1990,sibling=Omar|spouse=Layla,phone=079 123,"High Street, Oldtown"'
        one = write(tmp_path / "l.csv", header, row)
        two = write(tmp_path / "r.ndjson", HASSAN)
        result = call("match-lists", one, two, "--output", str(tmp_path / "o.ndjson"), "--min-probability", "0")
        assert (result.exit_code, result.stderr.count("(warning)")) == (0, 0)
        assert self.lines(tmp_path)[0]["left"] == "x1"

    def test_reads_gzip(self, tmp_path: Path) -> None:
        path = tmp_path / "l.ndjson.gz"
        path.write_bytes(gzip.compress((json.dumps(HASSAN) + "\n").encode()))
        args = ("--output", str(tmp_path / "o.ndjson"))
        assert call("match-lists", str(path), write(tmp_path / "r.ndjson", HASSAN_AGAIN), *args).exit_code == 0

    def test_a_torn_gzip_ends_with_2(self, tmp_path: Path) -> None:
        path = tmp_path / "l.ndjson.gz"
        path.write_bytes(gzip.compress((json.dumps(HASSAN) + "\n").encode() * 500)[:-30])
        result = call("match-lists", str(path), str(path), "--same", "--output", str(tmp_path / "o.csv"))
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr

    @pytest.mark.parametrize(
        ("args", "reason"),
        [
            (("--output", "o.txt"), "--output must end"),
            (("--output", "o.csv", "--executor", "spark"), "spark"),
            (("--output", "o.csv", "--same"), "--same needs"),
            (("--output", "o.csv", "--each-once", "--top", "2"), "--top has no use"),
            (("--output", "no/such/folder/o.csv"), "no/such/folder"),
            ((), "output"),
        ],
    )
    def test_usage_errors_end_with_2(self, tmp_path: Path, args: tuple[str, ...], reason: str) -> None:
        one, two = write(tmp_path / "l.ndjson", HASSAN), write(tmp_path / "r.ndjson", PETRENKO)
        result = call("match-lists", one, two, *args)
        assert result.exit_code == 2
        assert reason in result.stderr

    @pytest.mark.parametrize(
        ("lines", "code", "reason"),
        [
            (("id,names,eyes", "1,Amina,brown"), 2, "eyes: unknown key"),
            (("id,id,names", "1,1,Amina"), 2, "occurs twice"),
            (("id,names", "1,Amina,more", "2,Amina"), 1, "line 2: has 3 cells"),
            (
                ("id,names,relatives", "1,Amina,Omar", "2,Amina,"),
                1,
                "line 2: relatives: must read relation=name",
            ),
            (("id,names", "1,", "2,Amina"), 1, "line 2: names"),
        ],
    )
    def test_broken_csv(self, tmp_path: Path, lines: tuple[str, ...], code: int, reason: str) -> None:
        path = write(tmp_path / "l.csv", *lines)
        result = call("match-lists", path, path, "--same", "--output", str(tmp_path / "o.csv"))
        assert result.exit_code == code
        assert reason in result.stderr


class TestEvaluate:
    def test_prints_the_figures(self, tmp_path: Path) -> None:
        path = write(
            tmp_path / "p",
            {"left": HASSAN, "right": HASSAN_AGAIN, "label": True},
            {"left": HASSAN, "right": PETRENKO, "label": False},
        )
        result = call("evaluate", path)
        assert result.exit_code == 0
        (found,) = told(result)
        expected = ["n", "auc", "f1", "precision", "recall", "recall_at_p99", "ece", "brier", "pairs_per_s"]
        assert list(found) == expected
        assert (found["n"], found["auc"], found["f1"]) == (2, 1.0, 1.0)

    def test_reliability_is_told_on_standard_error(self, tmp_path: Path) -> None:
        pair = {"left": HASSAN, "right": HASSAN_AGAIN, "label": True}
        result = call("evaluate", write(tmp_path / "p", pair), "--reliability")
        assert len(told(result)) == 1
        assert "0.9 to 1.0" in result.stderr
        assert "calibration error" in result.stderr

    def test_a_pair_without_a_label_is_refused(self, tmp_path: Path) -> None:
        result = call("evaluate", write(tmp_path / "p", {"left": HASSAN, "right": PETRENKO}))
        assert result.exit_code == 1
        assert "line 1: label" in result.stderr
        assert told(result)[0]["n"] == 0


class TestWeights:
    """--weights FILE, the same for all four."""

    def table(self, path: Path, **changes: object) -> str:
        shipped = json.loads(default_weights().to_json())
        path.write_text(json.dumps(shipped | changes), "utf-8")
        return str(path)

    def all_four(self, tmp_path: Path, weights: str) -> list[Result]:
        one, two = write(tmp_path / "l.ndjson", HASSAN), write(tmp_path / "r.ndjson", HASSAN_AGAIN)
        pairs = write(tmp_path / "p", {"left": HASSAN, "right": HASSAN_AGAIN, "label": True})
        out = str(tmp_path / "o.ndjson")
        return [
            call("compare", pairs, "--weights", weights),
            call("rank", one, two, "--weights", weights),
            call("match-lists", one, two, "--output", out, "--weights", weights),
            call("evaluate", pairs, "--weights", weights),
        ]

    def test_of_a_file_decide(self, tmp_path: Path) -> None:
        shipped = json.loads(default_weights().to_json())["levels"]
        names = {level: [0.5, 0.5] for level in shipped["names"]}
        mute = self.table(tmp_path / "w.json", levels=shipped | {"names": names})
        plain = self.table(tmp_path / "plain.json")
        pairs = write(tmp_path / "p", {"left": HASSAN, "right": HASSAN_AGAIN})
        before, same, after = (
            told(call("compare", pairs, *more))[0] for more in ((), ("--weights", plain), ("--weights", mute))
        )
        assert before == same
        assert after["weight"] < before["weight"]
        assert [result.exit_code for result in self.all_four(tmp_path, mute)] == [0, 0, 0, 0]

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"levels": {}}, "no weights for names"),
            ({"levels": []}, "not a weights table"),
            ({"slope": 0}, "slope"),
            ({"slope": "much"}, "not a weights table"),
            ({"share": 0}, "share"),
            ({"bands": {"strong": 0.5, "probable": 0.75, "possible": 0.2}}, "bands"),
        ],
    )
    def test_that_are_none_end_with_2(self, tmp_path: Path, changes: dict[str, object], reason: str) -> None:
        for result in self.all_four(tmp_path, self.table(tmp_path / "w.json", **changes)):
            assert result.exit_code == 2
            assert reason in result.stderr
            assert result.stdout == ""

    def test_that_cannot_be_read_end_with_2(self, tmp_path: Path) -> None:
        (tmp_path / "binary").write_bytes(b"\xff\xfe")
        for path in ("nowhere.json", "binary", "."):
            for result in self.all_four(tmp_path, str(tmp_path / path)):
                assert result.exit_code == 2
                assert "Error: " in result.stderr


class TestStart:
    @pytest.mark.slow
    def test_takes_no_longer_than_a_second_of_one_core(self, tmp_path: Path) -> None:
        path = write(tmp_path / "p", {"left": HASSAN, "right": HASSAN_AGAIN})
        command = [sys.executable, "-m", "tracing", "compare", path]
        best = 9.0
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(command, capture_output=True, check=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            assert json.loads(done.stdout)["left"] == "a1"
        assert best < 1.0
