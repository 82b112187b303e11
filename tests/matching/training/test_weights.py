from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.training.planted import AMONG, GUESS_U, SHAPES, M, U, draw, padded, weights
from tracing.matching.model import Weights
from tracing.matching.training.table import in_order
from tracing.matching.training.weights import estimate_u, expectation_maximisation, with_share

PAIRS = 30_000
LEAST_SEEN = 100


def bits(table: Weights) -> dict[tuple[str, str], float]:
    return {
        (shape.name, level): found
        for shape in SHAPES
        for level, found in zip(shape.levels, table.bits(shape.name, shape.levels, shape.agreeing), strict=True)
    }


class TestU:
    def test_is_the_share_of_random_pairs_at_each_level(self) -> None:
        found = estimate_u(draw(100_000, 0.0).levels, weights(), shapes=SHAPES)
        assert np.abs(np.log2(found / padded(U))).max() < 0.15

    def test_of_a_comparison_that_never_spoke_stays_that_of_the_start(self) -> None:
        levels = draw(1000, 0.0).levels
        levels[:, 1] = -1
        assert estimate_u(levels, weights(), shapes=SHAPES)[1].tolist() == pytest.approx(GUESS_U[1])

    def test_of_a_level_never_seen_stays_above_zero(self) -> None:
        levels = np.zeros((1000, len(SHAPES)), dtype=np.int8)
        found = estimate_u(levels, weights(), shapes=SHAPES)
        assert ((found > 0) & (found <= 1)).all()


class TestExpectationMaximisation:
    @pytest.mark.parametrize("prior", [0.02, 0.1, 0.4])
    @pytest.mark.parametrize("seed", [1, 2])
    def test_recovers_a_planted_truth_from_random_pairs(self, prior: float, seed: int) -> None:
        known = draw(PAIRS, prior, seed=seed)
        found = expectation_maximisation(
            known.levels, known.extra, weights(), u=padded(U), among_is_u=True, shapes=SHAPES
        )
        assert found.converged
        assert found.prior == pytest.approx(known.labels.mean(), rel=0.1)
        self.holds(found.weights, known.labels.sum())

    @pytest.mark.parametrize("prior", [0.1, 0.4])
    def test_recovers_it_from_candidates_that_share_a_key(self, prior: float) -> None:
        known = draw(PAIRS, prior, of_two=AMONG, seed=3)
        found = expectation_maximisation(known.levels, known.extra, weights(), u=padded(U), shapes=SHAPES)
        assert found.prior == pytest.approx(known.labels.mean(), rel=0.15)
        self.holds(found.weights, known.labels.sum(), slack=1.5)

    def test_taking_candidates_for_random_pairs_finds_too_many_true_ones(self) -> None:
        known = draw(PAIRS, 0.1, of_two=AMONG, seed=3)
        found = expectation_maximisation(
            known.levels, known.extra, weights(), u=padded(U), among_is_u=True, shapes=SHAPES
        )
        assert found.prior > 2 * known.labels.mean()

    def holds(self, table: Weights, true: int, slack: float = 1.0) -> None:
        """Every level seen often enough lies within half a bit (times `slack`) of the truth."""
        truth = bits(weights(M, U))
        for (comparison, level), found in bits(table).items():
            row = next(index for index, shape in enumerate(SHAPES) if shape.name == comparison)
            share = M[row][SHAPES[row].levels.index(level)]
            if share * true * 0.7 >= LEAST_SEEN:
                assert found == pytest.approx(truth[comparison, level], abs=0.5 * slack), (comparison, level)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000), st.integers(1, 300), st.floats(0.0, 1.0), st.floats(0.0, 0.9), st.booleans())
    def test_never_lowers_the_likelihood(
        self, seed: int, pairs: int, prior: float, silence: float, among_is_u: bool
    ) -> None:
        known = draw(pairs, prior, seed=seed, silence=silence)
        extra = np.random.default_rng(seed).exponential(2.0, known.extra.shape).astype(np.float32)
        found = expectation_maximisation(
            known.levels, extra, weights(), among_is_u=among_is_u, shapes=SHAPES, tolerance=0.0, most_steps=40
        )
        assert all(two >= one - 1e-9 * abs(one) for one, two in pairwise(found.history))
        assert ((found.probabilities >= 0) & (found.probabilities <= 1)).all()

    def test_is_the_same_each_time(self) -> None:
        known = draw(500, 0.2)
        one, two = (expectation_maximisation(known.levels, known.extra, weights(), shapes=SHAPES) for _ in range(2))
        assert one.weights == two.weights
        assert one.weights.version != "planted"

    def test_without_a_pair_that_speaks_keeps_the_start(self) -> None:
        silent = np.full((50, len(SHAPES)), -1, dtype=np.int8)
        found = expectation_maximisation(silent, np.zeros(silent.shape, np.float32), weights(), shapes=SHAPES)
        assert found.weights.levels == weights().levels

    def test_a_level_never_seen_moves_little(self) -> None:
        known = draw(2000, 0.3)
        levels = np.where(known.levels == 1, -1, known.levels)
        found = expectation_maximisation(levels, known.extra, weights(), shapes=SHAPES)
        start = weights().bits("place", SHAPES[4].levels, 2)[1]
        assert found.weights.bits("place", SHAPES[4].levels, 2)[1] == pytest.approx(start, abs=2.0)

    def test_more_pseudo_counts_keep_the_start(self) -> None:
        known = draw(2000, 0.3)
        moved = [
            sum(
                abs(one - bits(weights())[key])
                for key, one in bits(
                    expectation_maximisation(known.levels, known.extra, weights(), shapes=SHAPES, pseudo=pseudo).weights
                ).items()
            )
            for pseudo in (0.5, 50.0, 50_000.0)
        ]
        assert moved[0] > moved[1] > moved[2]

    def test_bits_of_rarity_are_not_counted_twice(self) -> None:
        """A level that always brings two bits of rarity weighs two less itself."""
        known = draw(PAIRS, 0.3)
        extra = known.extra.copy()
        extra[:, 3] = np.where(known.levels[:, 3] == 0, 2.0, 0.0)
        plain, rare = (
            bits(
                expectation_maximisation(
                    known.levels, given, weights(), u=padded(U), among_is_u=True, shapes=SHAPES
                ).weights
            )
            for given in (known.extra, extra)
        )
        assert plain["father", "same"] - rare["father", "same"] == pytest.approx(2.0, abs=0.1)


class TestOrder:
    @given(st.lists(st.floats(-20, 20), min_size=1, max_size=8), st.integers(0, 8))
    def test_agreement_never_rises_nor_falls_below_zero_and_conflict_never_speaks_for(
        self, values: list[float], agreeing: int
    ) -> None:
        agreeing = min(agreeing, len(values))
        found = in_order(values, [1.0] * len(values), agreeing)
        assert len(found) == len(values)
        assert all(one >= two - 1e-9 for one, two in pairwise(found[:agreeing]))
        assert all(value >= 0 for value in found[:agreeing])
        assert all(value <= 0 for value in found[agreeing:])

    def test_neighbours_out_of_order_share_their_mean_by_the_pairs_seen(self) -> None:
        assert in_order([1.0, 4.0, 0.5], [3.0, 1.0, 9.0], 3) == [1.75, 1.75, 0.5]

    def test_leaves_alone_what_is_in_order(self) -> None:
        assert in_order([5.0, 2.0, -1.0, -0.5], [1.0] * 4, 2) == [5.0, 2.0, -1.0, -0.5]


class TestShare:
    def test_counts_both_persons_of_a_pair_of_one_list(self) -> None:
        known = draw(5000, 0.2)
        found = expectation_maximisation(known.levels, known.extra, weights(), shapes=SHAPES)
        true = found.probabilities.sum()
        assert with_share(found, 2000, False).share == pytest.approx(true / 2000, rel=0.01)
        assert with_share(found, 2000, True).share == pytest.approx(2 * true / 2000, rel=0.01)
