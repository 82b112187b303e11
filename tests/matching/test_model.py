import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching import Engine, Weights, WeightsError
from tracing.matching.model import default_weights


def table(**levels: dict[str, list[float]]) -> str:
    bands = {"strong": 0.95, "probable": 0.75, "possible": 0.2}
    factors = {"share": 0.5, "slope": 1.0, "against": 1.0, "rarity": {"sex": 0.5}}
    return json.dumps({"version": "t", **factors, "bands": bands, "levels": levels})


class TestBits:
    def test_are_the_log_of_m_over_u(self) -> None:
        weights = Weights.from_json(table(sex={"same": [0.8, 0.1], "different": [0.1, 0.8]}))
        assert weights.bits("sex", ("same", "different"), 1) == (3.0, -3.0)

    _share = st.floats(0.001, 1.0)

    @given(st.lists(st.tuples(_share, _share), min_size=3, max_size=6))
    def test_of_agreement_never_rise_nor_fall_below_zero_whatever_was_trained(
        self, pairs: list[tuple[float, float]]
    ) -> None:
        names = tuple(f"l{index}" for index in range(len(pairs)))
        weights = Weights.from_json(table(x={name: list(pair) for name, pair in zip(names, pairs, strict=True)}))
        agreeing = len(pairs) - 1
        bits = weights.bits("x", names, agreeing)
        assert all(one >= two for one, two in pairwise(bits[:agreeing]))
        assert all(bit >= 0 for bit in bits[:agreeing])
        assert bits[agreeing] <= 0

    def test_a_level_without_weights_is_an_error(self) -> None:
        with pytest.raises(WeightsError, match="no weights for sex: different"):
            Weights.from_json(table(sex={"same": [0.8, 0.1]})).bits("sex", ("same", "different"), 1)


class TestTable:
    @pytest.mark.parametrize("text", ["", "[]", "{}", table(sex={"same": [0.0, 1.0]}), table(sex={"same": [2.0, 1.0]})])
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(WeightsError):
            Weights.from_json(text)

    @pytest.mark.parametrize(
        "changes",
        [
            {"share": 0},
            {"share": -1},
            {"share": math.inf},
            {"slope": 0},
            {"slope": math.nan},
            {"slope": 9},
            {"against": 0.9},
            {"against": math.nan},
            {"against": 9},
            {"rarity": {"names": -0.1}},
            {"rarity": {"names": math.inf}},
            {"rarity": None},
            {"bands": {"strong": 0.5, "probable": 0.7, "possible": 0.2}},
            {"bands": {"strong": 1.5, "probable": 0.7, "possible": 0.2}},
        ],
    )
    def test_refuses_figures_out_of_range(self, changes: dict[str, object]) -> None:
        with pytest.raises(WeightsError):
            Weights.from_json(json.dumps(json.loads(table()) | changes))

    def test_reads_what_it_writes(self) -> None:
        shipped = default_weights()
        assert Weights.from_json(shipped.to_json()) == shipped

    def test_the_shipped_one_has_every_level_and_no_other(self) -> None:
        known = {one.name: set(one.levels) for one in Engine().comparisons}
        assert {name: set(levels) for name, levels in default_weights().levels.items()} == known

    def test_an_engine_takes_another_table(self) -> None:
        shipped = default_weights()
        other = replace(shipped, version="mine")
        assert Engine(weights=other).version.endswith("/mine")


class TestProbability:
    def test_one_bit_doubles_the_odds(self) -> None:
        weights = Weights.from_json(table())
        assert weights.probability(1.0, 0.5) == pytest.approx(2 / 3)
        assert weights.probability(math.log2(99), 0.01) == pytest.approx(0.5)

    def test_a_slope_flattens_but_leaves_the_weight_that_outweighs_a_pool(self) -> None:
        steep = Weights.from_json(table())
        flat = replace(steep, slope=0.5)
        for pool in (10, 5_000):
            assert flat.least_weight(0.5, flat.prior(pool)) == pytest.approx(steep.least_weight(0.5, steep.prior(pool)))
            assert flat.least_weight(0.9, flat.prior(pool)) > steep.least_weight(0.9, steep.prior(pool))

    def test_a_weight_below_zero_counts_more_and_one_above_as_before(self) -> None:
        plain = replace(Weights.from_json(table()), slope=0.5)
        firm = replace(plain, against=2.0)
        assert firm.probability(-3.0, 0.5) == pytest.approx(1 / 9)
        assert firm.probability(3.0, 0.5) == plain.probability(3.0, 0.5)

    @given(st.floats(-40, 40), st.floats(0, 10), st.floats(1, 4), st.floats(0.001, 0.5))
    def test_a_greater_weight_is_never_less_probable(
        self, weight: float, more: float, against: float, prior: float
    ) -> None:
        weights = replace(Weights.from_json(table()), slope=0.76, against=against)
        assert weights.probability(weight + more, prior) >= weights.probability(weight, prior)

    @given(st.floats(0.01, 0.99), st.floats(0.001, 0.5))
    def test_least_weight_is_where_a_probability_is_reached(self, probability: float, prior: float) -> None:
        flat = replace(Weights.from_json(table()), slope=0.76, against=1.5)
        assert flat.probability(flat.least_weight(probability, prior), prior) == pytest.approx(probability)
