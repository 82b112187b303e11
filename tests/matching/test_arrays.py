import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.arrays import Ragged, best_of, combinations, meet, texts

LISTS = st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6)


class TestRagged:
    @given(LISTS)
    def test_gives_back_what_was_packed(self, lists: list[list[int]]) -> None:
        packed = Ragged.of(lists)
        assert packed.counts.tolist() == [len(one) for one in lists]
        spans = zip(packed.starts[:-1], packed.starts[1:], strict=True)
        assert [packed.items[first:last].tolist() for first, last in spans] == lists

    @given(LISTS, st.data(), st.integers(0, 5))
    def test_is_padded_with_minus_one_and_cut_at_the_width(
        self, lists: list[list[int]], data: st.DataObject, width: int
    ) -> None:
        rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=5))
        found = Ragged.of(lists).padded(np.array(rows, np.int64), width)
        assert found.shape == (len(rows), width)
        assert found.tolist() == [(lists[row] + [-1] * width)[:width] for row in rows]

    @given(LISTS)
    def test_tells_the_sum_and_the_greatest_of_each(self, lists: list[list[int]]) -> None:
        packed = Ragged.of(lists)
        assert packed.sums(packed.items).tolist() == list(map(sum, lists))
        assert packed.greatest(packed.items.astype(np.float32)).tolist() == [max(one, default=0) for one in lists]


class TestMeet:
    @given(st.lists(st.tuples(*[st.integers(-3, 4)] * 5), min_size=1, max_size=9))
    def test_is_to_have_a_number_in_common_that_is_not_negative(self, rows: list[tuple[int, ...]]) -> None:
        table = np.array(rows, np.int32)
        expected = [bool({one for one in row[:2] if one >= 0} & set(row[2:])) for row in rows]
        assert meet(table[:, :2], table[:, 2:]).tolist() == expected


class TestTexts:
    @given(st.lists(st.text(max_size=3)))
    def test_are_those_given(self, given_ones: list[str]) -> None:
        assert texts(given_ones).tolist() == given_ones

    def test_with_a_mark_between_texts_inside_are_those_given(self) -> None:
        assert texts(["a\0b", "c"]).tolist() == ["a\0b", "c"]


class TestCombinations:
    @given(LISTS, LISTS, st.data())
    def test_are_every_item_with_every_item_pair_by_pair(
        self, ones: list[list[int]], others: list[list[int]], data: st.DataObject
    ) -> None:
        places = st.tuples(st.integers(0, len(ones) - 1), st.integers(0, len(others) - 1))
        pairs = data.draw(st.lists(places, max_size=6))
        left, right = np.array(pairs, np.int64).reshape(-1, 2).T
        one, other = Ragged.of(ones), Ragged.of(others)
        pair, here, there = combinations(one, left, other, right)
        found = list(zip(pair.tolist(), one.items[here].tolist(), other.items[there].tolist(), strict=True))
        assert found == [(p, a, b) for p, (i, j) in enumerate(pairs) for a in ones[i] for b in others[j]]


class TestBestOf:
    @pytest.mark.parametrize(
        ("groups", "keys", "expected", "why"),
        [
            ([0, 0, 1], [[1, 2, 0]], [1, 2], "the highest of each group"),
            ([1, 0, 0], [[5, 1, 2]], [2, 0], "groups come out in rising order"),
            ([0, 0, 0], [[2, 2, 1], [0, 1, 9]], [1], "ties by the next key"),
            ([0, 0], [[2, 2], [1, 1]], [0], "then the earliest"),
            ([3], [[0]], [0], "groups that do not occur have none"),
            ([], [[]], [], "nothing"),
        ],
    )
    def test_takes(self, groups: list[int], keys: list[list[float]], expected: list[int], why: str) -> None:
        found = best_of(np.array(groups, np.int64), *(np.array(key, np.float64) for key in keys))
        assert found.tolist() == expected, why
