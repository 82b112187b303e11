from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.people import person, persons
from tracing.matching import Engine, Person
from tracing.matching.questions import FIELDS, Candidate, Question, expected_gain, next_questions

ENGINE = Engine()
HIS_SONS = (
    person("a", "Ali Hassan Omar", mother=("Halima Nur",), birth="1990"),
    person("b", "Ali Hassan Omar", mother=("Zainab Yusuf",), birth="1990"),
)


def asked(query: Person, *others: Person, hidden: frozenset[str] = frozenset()) -> tuple[Question, ...]:
    one = ENGINE.read(query)
    candidates = [Candidate(two := ENGINE.read(other), ENGINE.score(one, two).weight, hidden) for other in others]
    return next_questions(ENGINE, one, candidates, 0.01, most=9)


class TestNextQuestions:
    def test_asks_for_the_fact_that_tells_namesakes_apart(self) -> None:
        (found,) = asked(person("q", "Ali Hassan Omar", birth="1990"), *HIS_SONS)
        assert (found.comparison, found.field) == ("mother", "mother's name")
        assert found.sentence.startswith("Ask for the mother's name: 2 of the 2 best candidates tell it")

    def test_never_asks_for_what_the_query_tells(self) -> None:
        query = person("q", "Ali Hassan Omar", birth="1990", mother=("Halima Nur",))
        assert asked(query, *HIS_SONS) == ()

    def test_never_asks_for_what_no_candidate_tells(self) -> None:
        bare = [replace(one, mother=(), birth=None) for one in HIS_SONS]
        assert asked(person("q", "Ali Hassan Omar"), *bare) == ()

    def test_never_hints_at_what_is_hidden(self) -> None:
        query = person("q", "Ali Hassan Omar", birth="1990")
        assert asked(query, *HIS_SONS, hidden=frozenset({"mother"})) == ()

    def test_without_candidates_asks_nothing(self) -> None:
        assert asked(person("q", "Ali")) == ()

    def test_ranks_a_date_of_birth_above_the_sex(self) -> None:
        two = [replace(one, sex="male", mother=()) for one in HIS_SONS]
        found = [one.comparison for one in asked(person("q", "Ali Hassan Omar"), *two)]
        assert found[0] == "birth"
        assert "sex" not in found[:1]

    def test_every_field_has_a_comparison_of_the_engine(self) -> None:
        assert {field.comparison for field in FIELDS} <= {one.name for one in ENGINE.comparisons}

    @settings(max_examples=20)
    @given(persons("q"), st.lists(persons(), max_size=3))
    def test_gains_are_in_range_best_first_and_the_same_each_time(self, query: Person, others: list[Person]) -> None:
        numbered = [replace(one, id=str(place)) for place, one in enumerate(others)]
        found = asked(query, *numbered)
        assert found == asked(query, *numbered)
        gains = [one.gain for one in found]
        assert gains == sorted(gains, reverse=True)
        assert all(0 < gain <= np.log2(len(others) + 1) + 1e-3 for gain in gains)


class TestExpectedGain:
    FAIR = np.array([0.0])
    TELLS = np.array([True])

    def test_of_a_fact_that_decides_is_all_that_is_open(self) -> None:
        m, u = np.array([1 - 1e-9, 1e-9]), np.array([1e-9, 1 - 1e-9])
        assert expected_gain(self.FAIR, self.TELLS, m, u) == pytest.approx(1.0, abs=1e-3)

    def test_of_a_fact_that_says_nothing_is_nothing(self) -> None:
        same = np.array([0.3, 0.7])
        assert expected_gain(self.FAIR, self.TELLS, same, same) == pytest.approx(0.0, abs=1e-9)

    def test_of_a_fact_that_no_candidate_tells_is_nothing(self) -> None:
        m, u = np.array([0.9, 0.1]), np.array([0.1, 0.9])
        assert expected_gain(self.FAIR, np.array([False]), m, u) == pytest.approx(0.0, abs=1e-9)

    def test_is_the_textbook_mutual_information(self) -> None:
        """A symmetric channel with error 0.1: 1 - H(0.1) = 0.531 bits."""
        m, u = np.array([0.9, 0.1]), np.array([0.1, 0.9])
        assert expected_gain(self.FAIR, self.TELLS, m, u) == pytest.approx(0.531, abs=0.06)

    def test_is_small_when_hardly_anything_is_open(self) -> None:
        m, u = np.array([0.9, 0.1]), np.array([0.1, 0.9])
        assert expected_gain(np.array([12.0]), self.TELLS, m, u) < 0.01
