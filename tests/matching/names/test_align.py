"""Alignment of tokens, on similarities written by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.arrays import Flags, Floats
from tracing.matching.names.align import ACCEPTED, NEAR, Alignment, align, drop_rescues

Grid = list[list[float]]


def aligned(*grids: Grid) -> Alignment:
    """Alignment of pairs with these similarities; all sides as long as the grid."""
    sizes = np.array([len(grid) for grid in grids]), np.array([len(grid[0]) for grid in grids])
    width = max(max(len(grid), len(grid[0])) for grid in grids)
    table = np.zeros((len(grids), width, width), np.float32)
    for place, grid in enumerate(grids):
        table[place, : len(grid), : len(grid[0])] = grid
    return align(table, *sizes)


class TestAlign:
    @pytest.mark.parametrize(
        ("grid", "partner", "why"),
        [
            ([[900, 0], [0, 900]], [0, 1], "each to its own"),
            ([[0, 900], [900, 0]], [1, 0], "in another order"),
            ([[900, 950], [0, 900]], [1, -1], "the best pair first, whatever it costs the rest"),
            ([[900, 900], [900, 900]], [0, 1], "near places first among equals"),
            ([[ACCEPTED - 1]], [-1], "too little alike to be a pair"),
            ([[900], [900]], [0, -1], "one token answers once"),
        ],
    )
    def test_gives_partners(self, grid: Grid, partner: list[int], why: str) -> None:
        assert aligned(grid).partner[0, : len(grid)].tolist() == partner, why

    def test_tokens_without_partner_are_free_on_their_side(self) -> None:
        found = aligned([[900, 0, 0], [0, 0, 0]])
        assert found.free[0].tolist() == [False, True, False]
        assert found.other_free[0].tolist() == [False, True, True]

    def test_what_is_somewhat_alike_is_near_and_still_free(self) -> None:
        found = aligned([[NEAR + 100]])
        assert (found.near[0, 0], found.near_partner[0, 0]) == (NEAR + 100, 0)
        assert found.free[0, 0]
        assert aligned([[NEAR - 1]]).near_partner[0, 0] == -1

    @given(st.lists(st.integers(0, 4), min_size=9, max_size=9), st.integers(1, 3), st.integers(1, 3))
    def test_finds_the_same_likeness_from_either_side(self, cells: list[int], rows: int, columns: int) -> None:
        grid = [[float(cells[r * 3 + c] * 250) for c in range(columns)] for r in range(rows)]
        there, back = aligned(grid), aligned([list(column) for column in zip(*grid, strict=True)])
        assert sorted(there.similarity[0].tolist()) == sorted(back.similarity[0].tolist())
        assert there.free[0].sum() == back.other_free[0].sum()

    @given(st.lists(st.lists(st.integers(0, 4), min_size=9, max_size=9), min_size=2, max_size=5))
    def test_a_pair_is_aligned_the_same_beside_others(self, tables: list[list[int]]) -> None:
        grids = [[[float(cells[r * 3 + c] * 250) for c in range(3)] for r in range(3)] for cells in tables]
        together = aligned(*grids)
        for place, grid in enumerate(grids):
            alone = aligned(grid)
            assert together.partner[place].tolist() == alone.partner[0].tolist()
            assert together.similarity[place].tolist() == alone.similarity[0].tolist()


class TestDropRescues:
    @staticmethod
    def dropped(grid: Grid, initial: list[bool], other: list[bool]) -> list[int]:
        found = aligned(grid)
        flags: list[Flags] = [np.array([side]) for side in (initial, other)]
        drop_rescues(found, *flags)
        held: Floats = found.similarity[0]
        assert (held[found.partner[0] < 0] == 0).all()
        partners: list[int] = found.partner[0].tolist()
        return partners

    def test_an_initial_does_not_answer_while_its_own_side_has_a_name_without_partner(self) -> None:
        assert self.dropped([[900, 0], [0, 860]], [False, True], [False, False]) == [0, 1]
        assert self.dropped([[860, 0], [0, 0]], [True, False], [False, False]) == [-1, -1]

    def test_two_initials_stay_together(self) -> None:
        assert self.dropped([[860, 0], [0, 0]], [True, False], [True, False]) == [0, -1]
