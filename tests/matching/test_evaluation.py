import pytest

from tracing.matching.evaluation import merit, reliability, wilson


class TestMerit:
    def test_of_a_perfect_order(self) -> None:
        found = merit([3.0, 2.0, -1.0, -2.0], [1.0, 1.0, 0.0, 0.0], [True, True, False, False])
        assert (found.auc, found.f1, found.recall_at_p99, found.ece, found.brier) == (1.0, 1.0, 1.0, 0.0, 0.0)

    def test_of_a_reversed_order(self) -> None:
        assert merit([-1.0, 1.0], [0.1, 0.9], [True, False]).auc == 0.0

    def test_ties_count_half(self) -> None:
        assert merit([1.0, 1.0], [0.5, 0.5], [True, False]).auc == 0.5

    def test_f1_takes_no_cut_between_equal_weights(self) -> None:
        found = merit([1.0, 1.0, 0.0], [0.9, 0.9, 0.1], [True, False, True])
        assert found.f1 == pytest.approx(0.8)
        assert found.precision == pytest.approx(2 / 3)
        assert (found.recall, found.recall_at_p99) == (1.0, 0.0)

    def test_calibration_is_the_gap_per_bin(self) -> None:
        assert merit([1.0, 1.0], [0.85, 0.85], [True, False]).ece == pytest.approx(0.35)

    def test_brier_is_the_mean_squared_error(self) -> None:
        assert merit([1.0, 0.0], [0.5, 0.5], [True, False]).brier == 0.25

    @pytest.mark.parametrize(("labels", "n"), [([], 0), ([False], 1)])
    def test_says_nothing_where_nothing_is_defined(self, labels: list[bool], n: int) -> None:
        found = merit([1.0] * n, [0.5] * n, labels)
        assert (found.n, found.auc, found.f1) == (n, None, None)


class TestReliability:
    def test_holds_stated_against_observed_in_every_range(self) -> None:
        found = reliability([0.05, 0.95, 0.97, 1.0], [False, True, True, False])
        assert [one.pairs for one in found] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
        assert (found[0].stated, found[0].observed) == (0.05, 0.0)
        assert found[9].observed == pytest.approx(2 / 3)
        assert (found[5].stated, found[5].observed, found[5].least, found[5].most) == (None, None, 0.0, 1.0)

    @pytest.mark.parametrize(
        ("true", "n", "least", "most"),
        [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
    )
    def test_intervals_are_wilsons(self, true: int, n: int, least: float, most: float) -> None:
        """The last row is the example of Newcombe (1998), table I."""
        assert wilson(true, n) == pytest.approx((least, most), abs=1e-4)
