"""Scoring with a least weight leaves work out, never a result."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.demo.casebase import persons
from tracing.matching import Engine, Person

ENGINE = Engine()
READ = [ENGINE.read(Person.from_neutral(record)) for record in persons(3, 400)[0]]
PLACES = st.integers(0, len(READ) - 1)


class TestScoreAbove:
    @given(PLACES, PLACES, st.floats(-40, 60))
    def test_gives_the_same_score_or_none_when_it_lies_below(self, left: int, right: int, least: float) -> None:
        full = ENGINE.score(READ[left], READ[right])
        found = ENGINE.score_above(READ[left], READ[right], least)
        if found is None:
            assert full.weight < least
        else:
            assert (found.levels, found.bits) == (full.levels, full.bits)
            assert found.weight == pytest.approx(full.weight)

    def test_without_a_least_weight_everything_is_scored(self) -> None:
        assert all(ENGINE.score_above(READ[0], other, -math.inf) is not None for other in READ)

    def test_a_bound_that_is_too_small_would_lose_pairs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        engine = Engine()
        monkeypatch.setattr(engine, "_bounds", tuple(b._replace(most=0.0) for b in engine._bounds))
        same = [one for one in READ if ENGINE.score(one, one).weight > 20]
        assert any(engine.score_above(one, one, 20.0) is None for one in same)


class TestLeastWeight:
    @given(st.floats(0.001, 0.999), st.integers(1, 1_000_000))
    def test_is_where_the_probability_is_reached(self, probability: float, pool: int) -> None:
        prior = ENGINE.prior(pool)
        weight = ENGINE.least_weight(probability, prior)
        assert ENGINE.probability(weight, prior) == pytest.approx(probability, rel=1e-6)

    def test_nothing_is_below_zero_and_all_is_below_one(self) -> None:
        assert ENGINE.least_weight(0.0, 0.5) == -math.inf
        assert ENGINE.least_weight(1.0, 0.5) == math.inf
