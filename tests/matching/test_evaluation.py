import pytest

from tracing.matching.evaluation import merit


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
