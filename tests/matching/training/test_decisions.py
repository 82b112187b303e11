from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.training.planted import AMONG, SHAPES, M, U, draw, weights
from tests.matching.training.test_weights import bits
from tracing.matching.training.calibration import check, fit, fit_bands, probabilities, weights_of
from tracing.matching.training.decisions import from_decisions


class TestFromDecisions:
    @pytest.mark.slow
    def test_recovers_a_planted_truth(self) -> None:
        known = draw(40_000, 0.5, silence=0.2)
        found = from_decisions(known.levels, known.extra, known.labels.tolist(), weights(), shapes=SHAPES)
        truth = bits(weights(M, U))
        assert found.converged
        for key, value in bits(found.weights).items():
            assert value == pytest.approx(truth[key], abs=0.4), key

    def test_recovers_it_though_only_strong_pairs_were_shown(self) -> None:
        """Whoever counts levels among the shown pairs takes the choice for the world."""
        known = draw(300_000, 0.02)
        start = replace(weights(), share=0.02)
        shown = weights_of(known.levels, known.extra, start, SHAPES) > 3.0
        levels, labels = known.levels[shown], known.labels[shown]
        found = from_decisions(levels, known.extra[shown], labels.tolist(), start, prior=0.02, shapes=SHAPES)
        truth = bits(weights(M, U))
        seen = {
            (shape.name, level): found.seen[row, place]
            for row, shape in enumerate(SHAPES)
            for place, level in enumerate(shape.levels)
        }
        errors = [abs(value - truth[key]) for key, value in bits(found.weights).items() if seen[key] > 300]
        naive = np.log2(
            (np.array([[np.mean(levels[labels, 0] == place) for place in range(4)]]) + 1e-6)
            / (np.array([[np.mean(levels[~labels, 0] == place) for place in range(4)]]) + 1e-6)
        )[0]
        assert max(errors) < 0.6
        assert abs(naive[0] - truth["names", "same"]) > 2.0

    @pytest.mark.slow
    def test_finds_a_prior_that_was_off(self) -> None:
        known = draw(40_000, 0.2, silence=0.2)
        found = from_decisions(
            known.levels,
            known.extra,
            known.labels.tolist(),
            weights(M, U),
            prior=0.05,
            free_prior=True,
            shapes=SHAPES,
            pseudo=1000.0,
        )
        odds = np.log2(0.2 / 0.8) - np.log2(0.05 / 0.95)
        assert found.offset == pytest.approx(odds, abs=0.2)

    def test_few_decisions_move_the_table_little(self) -> None:
        known = draw(10, 0.5)
        found = from_decisions(known.levels, known.extra, known.labels.tolist(), weights(), shapes=SHAPES)
        start = bits(weights())
        assert all(abs(value - start[key]) < 2.5 for key, value in bits(found.weights).items())

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 200), st.floats(0.0, 1.0), st.booleans())
    def test_keeps_the_order_and_never_lowers_the_likelihood(
        self, seed: int, pairs: int, prior: float, free_prior: bool
    ) -> None:
        known = draw(pairs, prior, of_two=AMONG, seed=seed)
        labels = (np.random.default_rng(seed).random(pairs) < 0.5).tolist()  # noise breaks the order most
        found = from_decisions(known.levels, known.extra, labels, weights(), free_prior=free_prior, shapes=SHAPES)
        assert all(two >= one - 1e-9 * (1 + abs(one)) for one, two in pairwise(found.history))
        for shape in SHAPES:
            reached = [np.log2(m / u) for m, u in found.weights.levels[shape.name].values()]
            assert all(one >= two - 1e-4 for one, two in pairwise(reached[: shape.agreeing]))
            assert all(value >= -1e-4 for value in reached[: shape.agreeing])
            assert all(value <= 1e-4 for value in reached[shape.agreeing :])

    def test_is_the_same_each_time(self) -> None:
        known = draw(300, 0.5)
        labels = known.labels.tolist()
        one, two = (from_decisions(known.levels, known.extra, labels, weights(), shapes=SHAPES) for _ in range(2))
        assert one.weights == two.weights


class TestCalibration:
    def test_finds_the_slope_of_weights_that_are_twice_too_sure(self) -> None:
        rng = np.random.default_rng(0)
        weighed = rng.normal(0, 6, 20_000)
        labels = rng.random(20_000) < 1 / (1 + 2.0 ** -(0.5 * weighed))
        found = fit(weighed, labels.tolist(), weights())
        assert found.slope == pytest.approx(0.5, abs=0.02)
        assert found.offset == pytest.approx(0.0, abs=1e-6)

    def test_finds_the_slope_whatever_weights_below_zero_count(self) -> None:
        rng = np.random.default_rng(0)
        weighed = rng.normal(0, 6, 20_000)
        labels = rng.random(20_000) < 1 / (1 + 2.0 ** -(0.5 * np.where(weighed < 0, 1.6 * weighed, weighed)))
        found = fit(weighed, labels.tolist(), replace(weights(), against=1.6))
        assert found.slope == pytest.approx(0.5, abs=0.02)
        stated = probabilities(np.array([-5.0, 5.0]), found)
        assert stated.tolist() == pytest.approx([1 / (1 + 2**4.0), 1 / (1 + 2**-2.5)], abs=0.02)

    def test_a_free_prior_takes_the_share_of_true_pairs(self) -> None:
        rng = np.random.default_rng(0)
        weighed = rng.normal(0, 6, 20_000)
        labels = rng.random(20_000) < 1 / (1 + 2.0 ** -(0.8 * weighed - 2.0))
        found = fit(weighed, labels.tolist(), weights(), free_prior=True)
        assert found.slope == pytest.approx(0.8, abs=0.04)
        assert found.offset == pytest.approx(-2.0, abs=0.15)

    @pytest.mark.parametrize("labels", [[True] * 5, [False] * 5, [True, False, True, False, True]])
    def test_few_labels_keep_the_slope_near_the_starts(self, labels: list[bool]) -> None:
        assert fit(np.array([5.0, -3.0, 2.0, -8.0, 1.0]), labels, weights()).slope == pytest.approx(1.0, abs=0.4)

    def test_training_lowers_the_error_on_pairs_left_out(self) -> None:
        known = draw(4000, 0.5)
        start = replace(weights(), slope=2.0)
        found = check(known.levels, known.extra, known.labels.tolist(), start, shapes=SHAPES)
        assert found.ece[1] < found.ece[0]
        assert found.auc is not None
        assert found.auc[1] > found.auc[0] - 0.002
        assert (found.pairs, found.true) == (4000, known.labels.sum())

    def test_probabilities_follow_the_prior(self) -> None:
        even = fit(np.array([1.0, -1.0]), [True, False], weights())
        assert probabilities(np.zeros(1), even, 0.2)[0] == pytest.approx(0.2)


class TestBands:
    def test_stay_below_two_hundred_labels(self) -> None:
        assert fit_bands(np.linspace(0, 1, 100), [True] * 100, (0.95, 0.75, 0.2)) == (0.95, 0.75, 0.2)

    def test_stay_about_where_probabilities_are_what_they_say(self) -> None:
        rng = np.random.default_rng(1)
        p = rng.random(20_000)
        found = fit_bands(p, (rng.random(20_000) < p).tolist(), (0.95, 0.75, 0.2))
        assert found == pytest.approx((0.95, 0.75, 0.2), abs=0.04)

    def test_rise_where_probabilities_are_too_sure_but_stay_in_their_ranges(self) -> None:
        rng = np.random.default_rng(1)
        p = rng.random(20_000)
        found = fit_bands(p, (rng.random(20_000) < p**4).tolist(), (0.95, 0.75, 0.2))
        assert 0.95 < found[0] <= 0.995
        assert 0.75 < found[1] <= 0.9
        assert 0.2 < found[2] <= 0.4
