"""Scoring with a least weight leaves work out, never a result."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.people import persons as people
from tracing.demo.casebase import persons
from tracing.matching import Engine, Person
from tracing.matching.arrays import Flags, Floats, Levels, Longs
from tracing.matching.comparisons.base import Pairs
from tracing.matching.frequencies import TermFrequencies
from tracing.matching.roster import Roster

ENGINE = Engine()
ROSTER = Roster(ENGINE.read(Person.from_neutral(record)) for record in persons(3, 400)[0])
SIZE = len(ROSTER)
SOME = np.append(np.repeat(np.arange(20), SIZE), np.arange(SIZE)), np.tile(np.arange(SIZE), 21)
"""Some persons with everybody, and everybody with herself."""
NAMES = [comparison.name for comparison in ENGINE.comparisons]
HOPED_FOR = [comparison.name for comparison in ENGINE.comparisons if comparison.agreeing]
SLACK = 1e-4
PLACES = st.integers(0, SIZE - 1)
PAIRS = st.lists(st.tuples(PLACES, PLACES), max_size=60)


class TestScoreAbove:
    @pytest.mark.slow
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

    @pytest.mark.parametrize("comparison", ["names", "birth"])
    def test_a_bound_that_is_too_tight_would_lose_pairs(self, comparison: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Planted: the engine hopes for nothing from one comparison."""
        whole, _ = ENGINE.score_above(ROSTER, *SOME, 20.0)
        monkeypatch.setattr(Engine, "_at_best", without(comparison))
        fewer, _ = ENGINE.score_above(ROSTER, *SOME, 20.0)
        assert len(fewer) < len(whole)


class TestAtBest:
    def test_no_comparison_surpasses_it(self) -> None:
        assert not surpassing(*SOME).any()

    @settings(deadline=None)
    @given(people("a"), people("b"))
    def test_nor_does_one_of_any_two_persons(self, left: Person, right: Person) -> None:
        roster = Roster((ENGINE.read(left), ENGINE.read(right)))
        assert not surpassing(np.array([0, 0]), np.array([1, 0]), roster).any()

    @pytest.mark.parametrize("comparison", HOPED_FOR)
    def test_one_that_hopes_for_nothing_is_surpassed(self, comparison: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Engine, "_at_best", without(comparison))
        assert surpassing(*SOME)[:, NAMES.index(comparison)].any()

    def test_nothing_is_hoped_for_from_the_silent(self) -> None:
        silent = np.flatnonzero(ROSTER.father.counts == 0)
        best = ENGINE._at_best(Pairs(ROSTER, silent, silent, TermFrequencies()))
        assert len(silent)
        assert not best[:, NAMES.index("father")].any()


def without(comparison: str) -> Callable[[Engine, Pairs], Floats]:
    """An engine's `_at_best` that hopes for nothing from one comparison."""
    true = Engine._at_best

    def too_tight(engine: Engine, pairs: Pairs) -> Floats:
        best = true(engine, pairs)
        best[:, NAMES.index(comparison)] = 0
        return best

    return too_tight


def surpassing(left: Longs, right: Longs, roster: Roster = ROSTER) -> Flags:
    """Per pair and comparison, whether it gave more bits than were hoped for."""
    best = ENGINE._at_best(Pairs(roster, left, right, TermFrequencies()))
    out: Flags = ENGINE.score_pairs(roster, left, right).bits > best + SLACK
    return out


class TestLeastWeight:
    @given(st.floats(0.001, 0.999), st.integers(1, 1_000_000))
    def test_is_where_the_probability_is_reached(self, probability: float, pool: int) -> None:
        prior = ENGINE.prior(pool)
        weight = ENGINE.least_weight(probability, prior)
        assert ENGINE.probability(weight, prior) == pytest.approx(probability, rel=1e-6)

    def test_nothing_is_below_zero_and_all_is_below_one(self) -> None:
        assert ENGINE.least_weight(0.0, 0.5) == -math.inf
        assert ENGINE.least_weight(1.0, 0.5) == math.inf
