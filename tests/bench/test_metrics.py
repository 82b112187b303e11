from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality.metrics import cut_at, cuts, link_figures, nearest, pair_figures, rank_figures

SCORED = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=40)


class TestCuts:
    def test_the_best_f1_counts_true_pairs_that_were_never_compared(self) -> None:
        best, _ = cuts([3.0, 2.0, 1.0], [True, True, False], total=4)
        assert (best.precision, best.recall, best.score) == (1.0, 0.5, 2.0)

    def test_equal_scores_are_cut_together(self) -> None:
        best, precise = cuts([2.0, 2.0, 1.0], [True, False, True], total=2)
        assert best.recall == 1.0
        assert precise.recall == 0.0

    def test_recall_at_a_precision_of_99_looks_past_a_lone_early_error(self) -> None:
        scores = [float(200 - at) for at in range(200)]
        labels = [at != 0 for at in range(200)]
        _, precise = cuts(scores, labels, total=199)
        assert precise.recall == 1.0

    def test_no_pair_at_all_is_no_recall(self) -> None:
        best, precise = cuts([], [], total=3)
        assert (best.f1, precise.recall) == (0.0, 0.0)

    @given(SCORED)
    def test_no_other_cut_has_a_better_f1(self, scored: list[tuple[int, bool]]) -> None:
        total = sum(label for _, label in scored)
        best, _ = cuts([float(score) for score, _ in scored], [label for _, label in scored], total)
        for least in range(10):
            taken = [label for score, label in scored if score >= least]
            assert cut_at(sum(taken), len(taken), total).f1 <= best.f1 + 1e-12

    @given(SCORED)
    def test_the_order_of_the_pairs_changes_nothing(self, scored: list[tuple[int, bool]]) -> None:
        total = sum(label for _, label in scored)
        turned = scored[::-1]
        found = [
            cuts([float(score) for score, _ in order], [label for _, label in order], total)
            for order in (scored, turned)
        ]
        assert found[0] == found[1]


class TestPairs:
    def test_a_perfect_order_has_an_auc_of_one(self) -> None:
        figures = pair_figures([2.0, 1.0], [1.0, 0.0], [True, False])
        assert (figures["auc"], figures["f1"], figures["ece"]) == (1.0, 1.0, 0.0)

    def test_pairs_of_one_kind_have_no_auc(self) -> None:
        assert pair_figures([1.0], [0.5], [True])["auc"] is None
        assert pair_figures([1.0], [0.5], [False])["f1"] is None


class TestRanks:
    def test_a_partner_outside_the_list_counts_as_missed(self) -> None:
        figures = rank_figures([1, 10, 11, None])
        assert (figures["r1"], figures["r10"], figures["r50"]) == (0.25, 0.5, 0.75)
        assert figures["mrr"] == pytest.approx((1 + 1 / 10 + 1 / 11) / 4)

    def test_no_query_has_no_figure(self) -> None:
        assert rank_figures([])["r1"] is None


class TestLinks:
    def test_blocking_recall_counts_true_pairs_that_were_compared(self) -> None:
        found = {("s1", "q1"): (5.0, 0.9), ("s1", "q2"): (1.0, 0.2)}
        figures, best = link_figures(found, {("s1", "q1"), ("s2", "q2")})
        assert (figures["blocking"], figures["precision"], figures["recall"]) == (0.5, 1.0, 0.5)
        assert best.score == 5.0

    def test_calibration_looks_at_the_likeliest_pairs_of_each_left_person(self) -> None:
        chances, labels = nearest([("s1", 0.1, False), ("s1", 0.9, True), ("s2", 0.2, False)], top=1)
        assert (chances, labels) == ([0.9, 0.2], [True, False])
