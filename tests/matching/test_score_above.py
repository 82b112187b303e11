"""Scoring with a least weight leaves work out, never a result."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracing.demo.casebase import persons
from tracing.matching import Engine, Person
from tracing.matching.arrays import Floats, Levels
from tracing.matching.comparisons.base import Pairs
from tracing.matching.roster import Roster

ENGINE = Engine()
ROSTER = Roster(ENGINE.read(Person.from_neutral(record)) for record in persons(3, 400)[0])
SIZE = len(ROSTER)
PLACES = st.integers(0, SIZE - 1)
PAIRS = st.lists(st.tuples(PLACES, PLACES), max_size=60)


class TestScoreAbove:
    @settings(deadline=None)
    @given(PAIRS, st.floats(-40, 60))
    def test_gives_the_same_evidence_of_exactly_those_above(self, pairs: list[tuple[int, int]], least: float) -> None:
        left, right = np.array(pairs, np.int64).reshape(-1, 2).T
        full = ENGINE.score_pairs(ROSTER, left, right)
        at, found = ENGINE.score_above(ROSTER, left, right, least)
        assert at.tolist() == np.flatnonzero(full.weight >= least).tolist()
        assert np.array_equal(found.levels, full.levels[at])
        assert np.array_equal(found.bits, full.bits[at])
        assert np.array_equal(found.weight, full.weight[at])

    def test_without_a_least_weight_everything_is_scored(self) -> None:
        others = np.arange(SIZE)
        at, found = ENGINE.score_above(ROSTER, np.zeros_like(others), others, -math.inf)
        assert at.tolist() == others.tolist()
        assert len(found) == SIZE

    def test_leaves_work_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Else the whole of it would be a detour."""
        compared: list[int] = []
        true = Engine._compared

        def counting(engine: Engine, index: int, pairs: Pairs) -> tuple[Levels, Floats]:
            compared.append(len(pairs))
            return true(engine, index, pairs)

        monkeypatch.setattr(Engine, "_compared", counting)
        left, right = np.divmod(np.arange(2_000), SIZE)
        ENGINE.score_above(ROSTER, left, right, 30.0)
        assert min(compared) < max(compared) / 10

    def test_a_bound_that_is_too_small_would_lose_pairs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        everybody = np.arange(SIZE)
        engine = Engine()
        whole, _ = engine.score_above(ROSTER, everybody, everybody, 20.0)
        monkeypatch.setattr(engine, "_most", (0.0,) * len(engine._most))
        fewer, _ = engine.score_above(ROSTER, everybody, everybody, 20.0)
        assert len(fewer) < len(whole)


class TestLeastWeight:
    @given(st.floats(0.001, 0.999), st.integers(1, 1_000_000))
    def test_is_where_the_probability_is_reached(self, probability: float, pool: int) -> None:
        prior = ENGINE.prior(pool)
        weight = ENGINE.least_weight(probability, prior)
        assert ENGINE.probability(weight, prior) == pytest.approx(probability, rel=1e-6)

    def test_nothing_is_below_zero_and_all_is_below_one(self) -> None:
        assert ENGINE.least_weight(0.0, 0.5) == -math.inf
        assert ENGINE.least_weight(1.0, 0.5) == math.inf
