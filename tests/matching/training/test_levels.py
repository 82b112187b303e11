import numpy as np
import pytest

from tracing.matching.training.levels import Seen, fit_against


def seen(weights: np.ndarray, labels: np.ndarray, prior: float = 0.0) -> Seen:
    nothing = np.zeros((len(weights), 0))
    return Seen(nothing, nothing, np.zeros(len(weights)), labels, np.ones(len(weights)), prior)


class TestAgainst:
    @pytest.mark.parametrize(("planted", "expected"), [(1.6, 1.6), (1.0, 1.0), (0.5, 1.0)])
    def test_is_found_from_pairs_of_either_kind_but_never_below_one(self, planted: float, expected: float) -> None:
        rng = np.random.default_rng(0)
        weights = rng.normal(0, 6, 40_000)
        odds = 0.8 * np.where(weights < 0, planted * weights, weights)
        labels = rng.random(len(weights)) < 1 / (1 + 2.0**-odds)
        prior = -12.0
        found = fit_against(weights + prior, [seen(weights, labels, prior)], 0.8)
        assert found == pytest.approx(expected, abs=0.12)

    def test_takes_pairs_of_two_persons_for_as_many_as_true_ones(self) -> None:
        rng = np.random.default_rng(1)
        weights = rng.normal(0, 6, 40_000)
        labels = rng.random(len(weights)) < 1 / (1 + 2.0 ** -np.where(weights < 0, 1.6 * weights, weights))
        few = labels | (rng.random(len(weights)) < 0.2)
        balanced = fit_against(weights, [seen(weights, labels)], 1.0)
        assert fit_against(weights[few], [seen(weights[few], labels[few])], 1.0) == pytest.approx(balanced, abs=0.12)
