import json
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matching.people import person
from tracing.matching import Engine, Person
from tracing.matching.batch import SHARD, Blocks, Job, Keys, run
from tracing.matching.lists import Matching

ENGINE = Engine()
NAMES = (
    "Mohammed Ahmed Hassan",
    "محمد أحمد حسن",
    "Oleksandr Petrenko",
    "Nguyen Thi Lan",
    "Hassan Ahmed Mohammed",
)


def people(prefix: str, *names: str) -> list[Person]:
    return [person(f"{prefix}{index}", name) for index, name in enumerate(names)]


def job(left: Iterable[Person], right: Iterable[Person] | None, cap: int = 300) -> Job:
    return Job.of(left, right, cap, ENGINE)


def met(left: Iterable[Person], right: Iterable[Person], cap: int = 300) -> tuple[list[int], int]:
    """(places in the right list that the first left person meets, how many left persons have a cut block)."""
    known = job(left, right, cap)
    one, other, cut = known.candidates(range(known.left_size))
    return (other[one == 0] - known.right_first).tolist(), cut


def blocks(*keys: list[int], cap: int = 300) -> Blocks:
    starts = np.cumsum([0, *map(len, keys)])
    return Blocks(starts, np.array([key for held in keys for key in held], np.int64), 0, len(keys), cap)


def meet(index: Blocks, *keys: list[int]) -> tuple[set[tuple[int, int]], list[bool]]:
    owners = np.repeat(np.arange(len(keys)), [len(held) for held in keys])
    left, right, cut = index.meet(owners, np.array([key for held in keys for key in held], np.int64))
    found = list(zip(left.tolist(), right.tolist(), strict=True))
    assert found == sorted(set(found)), "each pair once and in order"
    return set(found), cut.tolist()


class TestKeys:
    def test_of_a_person_stand_between_two_starts(self) -> None:
        keys = Keys()
        for one in people("p", *NAMES):
            keys.add(ENGINE.read(one))
        starts, numbers = keys.arrays()
        assert len(starts) == len(NAMES) + 1
        assert starts[-1] == len(numbers)
        assert set(numbers[starts[0] : starts[1]]) & set(numbers[starts[1] : starts[2]]), "one name in two scripts"


class TestBlocks:
    @pytest.mark.parametrize(
        ("index", "asked", "expected", "cut", "why"),
        [
            (([1], [1, 2], [3]), [1], {0, 1}, [False], "all who have the key"),
            (([1], [1, 2], [3]), [1, 2], {0, 1}, [False], "who shares two keys is met once"),
            (([1], [1, 2], [3]), [9], set(), [], "a key that nobody has"),
            (([1], [1], [1], [2]), [1, 2], {3}, [False], "a block too large is left out"),
            (([1], [1], [1], [2]), [1], {0, 1}, [True], "who has only large blocks keeps one, cut at the cap"),
            (([1, 2], [1, 2], [1, 2], [1]), [1, 2], {0, 1}, [True], "the smallest of several large ones"),
            ((), [1], set(), [], "an empty list"),
        ],
    )
    def test_meet(
        self, index: tuple[list[int], ...], asked: list[int], expected: set[int], cut: list[bool], why: str
    ) -> None:
        found, was_cut = meet(blocks(*index, cap=2), asked)
        assert {right for _, right in found} == expected, why
        assert was_cut == cut, why

    def test_say_what_the_cap_leaves_out(self) -> None:
        told = blocks([1, 2], [1, 2], [1], [1], cap=2).trimmed()
        assert (told.blocks, told.members) == (1, 4)

    @given(
        st.lists(st.lists(st.integers(0, 6), max_size=4, unique=True), max_size=12),
        st.lists(st.lists(st.integers(0, 6), max_size=4, unique=True), max_size=8),
        st.integers(1, 12),
    )
    def test_meet_as_a_slow_and_plain_count_does(
        self, index: list[list[int]], asked: list[list[int]], cap: int
    ) -> None:
        size = {key: sum(key in held for held in index) for key in range(7)}
        expected = set()
        for owner, keys in enumerate(asked):
            known = [key for key in keys if size[key]]
            fits = [key for key in known if size[key] <= cap]
            smallest = min(known, key=lambda key: (size[key], keys.index(key)), default=None)
            for key in fits or ([smallest] if smallest is not None else []):
                members = [place for place, held in enumerate(index) if key in held]
                expected |= {(owner, place) for place in members[:cap]}
        found, cut = meet(blocks(*index, cap=cap), *asked)
        if not any(cut):
            assert found == expected
        else:
            assert {owner for owner, _ in found} == {owner for owner, _ in expected}
            assert len(found) == len(expected)


class TestJob:
    def test_finds_who_shares_a_key(self) -> None:
        assert met(people("l", "Mohamad Ahmad"), people("r", *NAMES)) == ([0, 1, 4], 0)

    def test_leaves_out_large_blocks_and_reports_them(self) -> None:
        right = people("r", *["Amina Yusuf"] * 9, "Amina Petrenko", "Oleksandr Petrenko")
        left = people("l", "Amina Petrenko")
        assert met(left, right, cap=3) == ([9, 10], 0)
        assert job(left, right, 3).blocks.trimmed().blocks > 0

    def test_who_has_only_large_blocks_keeps_a_cut_one(self) -> None:
        assert met(people("l", "Amina Yusuf"), people("r", *["Amina Yusuf"] * 9), cap=3) == ([0, 1, 2], 1)

    def test_the_order_of_shards_changes_no_pair(self) -> None:
        known = job(people("l", *NAMES * 3), people("r", *NAMES))
        whole = known.candidates(range(15))
        parts = [known.candidates(range(at, at + 5)) for at in (0, 5, 10)]
        assert np.array_equal(whole[0], np.concatenate([part[0] for part in parts]))
        assert np.array_equal(whole[1], np.concatenate([part[1] for part in parts]))

    def test_the_prior_follows_the_other_side(self) -> None:
        both = people("p", *NAMES)
        assert job(both, None).prior() == ENGINE.prior(len(NAMES) - 1)
        assert job(both[:2], both).prior() == ENGINE.prior(len(NAMES))


class TestSame:
    def test_compares_each_unordered_pair_once(self) -> None:
        work = Matching(None, 0.0, False)
        parts = run(job(people("p", *NAMES), None), work, 1)
        lines = [json.loads(line) for part in parts for line in part.text.splitlines()]
        pairs = [tuple(sorted((line["left"], line["right"]))) for line in lines]
        assert len(set(pairs)) == len(pairs)
        assert all(left != right for left, right in pairs)
        assert set(combinations(("p0", "p1", "p4"), 2)) <= set(pairs)


class TestRun:
    def test_gives_the_same_text_from_one_process_and_from_two(self) -> None:
        left = people("l", *NAMES * (SHARD // 2))
        right = people("r", *NAMES * 8)
        work = Matching(3, 0.0, False)
        one, two = ([part.text for part in run(job(left, right), work, workers)] for workers in (1, 2))
        assert one == two
        assert len(one) == 3

    def test_passes_on_what_goes_wrong_in_a_process(self) -> None:
        with pytest.raises(ZeroDivisionError):
            list(run(job(people("l", *NAMES * SHARD), people("r", *NAMES)), _broken, 2))


def _broken(_job: Job, _shard: range) -> float:
    return 1 / 0
