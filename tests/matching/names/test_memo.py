"""A table of fixed size never tells the value of another number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.arrays import Floats, Longs
from tracing.matching.names.memo import Memo

CODES = st.lists(st.integers(0, 2**40), min_size=1, max_size=60, unique=True)


class TestMemo:
    @given(CODES, st.integers(1, 32))
    def test_what_it_knows_is_right(self, codes: list[int], slots: int) -> None:
        memo, asked = Memo(slots, 2**40), np.array(codes, np.int64)
        memo.put(asked, np.arange(len(codes), dtype=np.float32))
        values, known = memo.get(asked)
        assert known.any()
        assert values[known].tolist() == np.flatnonzero(known).tolist()

    def test_with_room_enough_it_knows_what_was_put_last(self) -> None:
        memo = Memo(1 << 12, 9)
        one, other = np.array([7]), np.array([8])
        memo.put(one, np.array([1.5], np.float32))
        memo.put(other, np.array([2.5], np.float32))
        memo.put(one, np.array([3.5], np.float32))
        values, known = memo.get(np.array([7, 8, 9]))
        assert known.tolist() == [True, True, False]
        assert values[:2].tolist() == [3.5, 2.5]

    def test_a_newer_number_takes_the_slot_of_an_older_one(self) -> None:
        memo = Memo(2, 31)
        for code in range(1, 20):
            memo.put(np.array([code]), np.array([code], np.float32))
        _, known = memo.get(np.arange(1, 20))
        assert 1 <= known.sum() <= 2
        assert known[-1]

    def test_two_of_one_slot_stand_side_by_side(self) -> None:
        memo = Memo(2, 31)
        memo.put(np.array([1, 2]), np.array([1, 2], np.float32))
        values, known = memo.get(np.array([1, 2]))
        assert known.all()
        assert values.tolist() == [1, 2]

    def test_has_no_more_slots_than_numbers(self) -> None:
        assert Memo(1 << 30, 100)._values.size == 128

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 8, 1000, 1023, 1024])
    def test_no_two_numbers_look_alike(self, limit: int) -> None:
        memo = Memo(4, limit)
        everybody = np.arange(limit + 1)
        memo.put(everybody, everybody.astype(np.float32))
        values, known = memo.get(everybody)
        assert values[known].tolist() == everybody[known].tolist()
        assert np.count_nonzero(known) <= 8

    def test_asks_for_what_is_new_once(self) -> None:
        memo, asked = Memo(1 << 12, 9, (2,)), []

        def twice_and_thrice(codes: Longs) -> Floats:
            asked.append(codes.tolist())
            return np.stack((codes * 2, codes * 3), axis=1).astype(np.float32)

        assert memo.ask(np.array([5, 4, 5]), twice_and_thrice).tolist() == [[10, 15], [8, 12], [10, 15]]
        assert memo.ask(np.array([4, 6]), twice_and_thrice).tolist() == [[8, 12], [12, 18]]
        assert asked == [[4, 5], [6]]
