import json
from collections.abc import Sequence

import pytest

from tests.matching.people import person
from tracing.matching import Engine, Reading
from tracing.matching.batch import SHARD, Index, Job, run
from tracing.matching.lists import Matching, Ranking

ENGINE = Engine()


def readings(prefix: str, *names: str) -> list[Reading]:
    return [ENGINE.read(person(f"{prefix}{index}", name)) for index, name in enumerate(names)]


def job(left: Sequence[Reading], right: Sequence[Reading], same: bool = False, cap: int = 300) -> Job:
    return Job(ENGINE, left, right, Index.of(right, cap), same)


NAMES = (
    "Mohammed Ahmed Hassan",
    "محمد أحمد حسن",
    "Oleksandr Petrenko",
    "Nguyen Thi Lan",
    "Hassan Ahmed Mohammed",
)


class TestIndex:
    def test_finds_who_shares_a_key(self) -> None:
        right = readings("r", *NAMES)
        assert Index.of(right).candidates(readings("l", "Mohamad Ahmad")[0]) == ([0, 1, 4], False)

    def test_leaves_out_large_blocks_and_reports_them(self) -> None:
        right = readings("r", *["Amina Yusuf"] * 9, "Amina Petrenko", "Oleksandr Petrenko")
        index = Index.of(right, cap=3)
        assert index.candidates(readings("l", "Amina Petrenko")[0]) == ([9, 10], False)
        assert index.trimmed().blocks > 0

    def test_who_has_only_large_blocks_keeps_a_cut_one(self) -> None:
        index = Index.of(readings("r", *["Amina Yusuf"] * 9), cap=3)
        assert index.candidates(readings("l", "Amina Yusuf")[0]) == ([0, 1, 2], True)


class TestSame:
    def test_compares_each_unordered_pair_once(self) -> None:
        both = readings("p", *NAMES)
        work = Matching(None, 0.0, False)
        lines = [json.loads(line) for part in run(job(both, both, True), work, 1) for line in part.text.splitlines()]
        met = [tuple(sorted((line["left"], line["right"]))) for line in lines]
        assert len(set(met)) == len(met)
        assert all(left != right for left, right in met)
        assert {("p0", "p1"), ("p0", "p4"), ("p1", "p4")} <= set(met)


class TestRun:
    def test_gives_the_same_text_from_one_process_and_from_two(self) -> None:
        left = readings("l", *NAMES * (SHARD // 2))
        work = Matching(3, 0.0, False)
        one, two = ([part.text for part in run(job(left, left[:40]), work, workers)] for workers in (1, 2))
        assert one == two
        assert len(one) == 3

    def test_passes_on_what_goes_wrong_in_a_process(self) -> None:
        left = readings("l", *NAMES * SHARD)
        with pytest.raises(ZeroDivisionError):
            list(run(job(left, left[:5]), _broken, 2))


def _broken(_job: Job, _shard: range) -> float:
    return 1 / 0


class TestRanking:
    def test_fills_the_ranks_from_the_whole_list_when_keys_bring_too_few(self) -> None:
        right = readings("r", *NAMES * 250)
        part = Ranking(400)(job(readings("l", "Nguyen Thi Lan"), right), range(1))
        lines = [json.loads(line) for line in part.text.splitlines()]
        assert [line["rank"] for line in lines] == list(range(1, 401))
        weights = [line["weight"] for line in lines]
        assert weights == sorted(weights, reverse=True)

    def test_breaks_ties_by_id(self) -> None:
        right = readings("r", *["Amina Yusuf"] * 4)[::-1]
        part = Ranking(3)(job(readings("l", "Amina Yusuf"), right), range(1))
        assert [json.loads(line)["right"] for line in part.text.splitlines()] == ["r0", "r1", "r2"]
