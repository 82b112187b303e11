import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.people import person, persons
from tracing.matching import Person, TermFrequencies, read
from tracing.matching.arrays import combinations
from tracing.matching.comparisons.base import Pairs
from tracing.matching.roster import Roster
from tracing.matching.telling import KnownPairs

COMMON = TermFrequencies()


class TestKnownPairs:
    @pytest.mark.slow
    @settings(max_examples=60)
    @given(st.lists(persons(), min_size=2, max_size=5))
    def test_know_what_a_comparison_finds(self, people: list[Person]) -> None:
        roster = Roster(map(read, people))
        left, right = (side.ravel() for side in np.indices((len(people), len(people))))
        plain = Pairs(roster, left, right, COMMON)
        known = KnownPairs(plain)
        for given_names in (roster.own, roster.kin):
            _, one, other = combinations(given_names, left, given_names, right)
            rows = given_names.items[one], given_names.items[other]
            assert known.names(*rows).level.tolist() == plain.names(*rows).level.tolist()
            assert np.allclose(known.names(*rows).score, plain.names(*rows).score, atol=1e-4)

    def test_compare_what_they_were_not_made_for(self) -> None:
        people = person("a", "Ali", father=("Hassan",)), person("b", "Omar", father=("حسن", "Yusuf"))
        roster = Roster(map(read, people))
        plain = Pairs(roster, np.array([0]), np.array([1]), COMMON)
        rows = roster.father.items[[0, 0]], roster.father.items[[1, 2]]
        assert KnownPairs(plain).names(*rows).level.tolist() == plain.names(*rows).level.tolist()

    def test_of_some_are_pairs_that_know_as_much(self) -> None:
        roster = Roster(read(person(str(number), name)) for number, name in enumerate(("Ali", "Omar", "Zainab")))
        known = KnownPairs(Pairs(roster, np.array([0, 1]), np.array([1, 2]), COMMON))
        part = known.of(slice(1, 2))
        assert (len(part), part.left.tolist(), part.right.tolist()) == (1, [1], [2])
        rows = roster.own.items[[0]], roster.own.items[[1]]
        assert part.names(*rows).level.tolist() == known.names(*rows).level.tolist()
