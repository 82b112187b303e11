from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching.people import person, persons
from tracing.matching import Engine, Person, Relative, TermFrequencies, read
from tracing.matching.roster import RELATIONS, Roster

ENGINE = Engine()
MOHAMMED = person("a", "Mohammed Ahmed", sex="male", birth="1990", father=("Hassan",), birth_place="Aleppo")
AMINA = person("b", "Amina", relatives=(Relative("sibling", "Omar"), Relative("child", "Ali Karim")))
NOBODY = person("c", "???")


def roster(*people: Person) -> Roster:
    return Roster(map(read, people))


class TestRoster:
    def test_keeps_the_order_and_holds_each_name_once(self) -> None:
        found = roster(AMINA, MOHAMMED, replace(MOHAMMED, id="d"))
        assert (found.ids, len(found)) == (["b", "a", "d"], 3)
        full = [name.full for name in found.book.names]
        assert len(full) == len(set(full)) == 5

    def test_is_silent_where_a_person_is(self) -> None:
        found = roster(NOBODY)
        assert found.own.counts.tolist() == found.father.counts.tolist() == found.kin.counts.tolist() == [0]
        assert (found.sex[0], found.birth_row[0], found.birth_place[0], found.nationality[0]) == (0, -1, -1, -1)

    def test_holds_a_place_once_however_it_is_spelled(self) -> None:
        told = ("Moskva", "Aleppo", "Moscow", "Москва", "Aleppo, Syria")
        found = roster(*(person(place, birth_place=place) for place in told))
        assert found.birth_place.tolist() == [0, 1, 0, 0, 2]
        assert [place.text for place in found.place_texts] == ["Moskva", "Aleppo", "Aleppo, Syria"]

    def test_knows_relations_by_number(self) -> None:
        assert [RELATIONS[number] for number in roster(MOHAMMED, AMINA).kin_relation] == ["sibling", "child"]

    @pytest.mark.parametrize(
        ("one", "expected", "why"),
        [(MOHAMMED, True, "two tokens"), (AMINA, False, "a mononym"), (NOBODY, False, "no name")],
    )
    def test_tells_who_has_a_chain_of_names(self, one: Person, expected: bool, why: str) -> None:
        assert roster(AMINA, one, MOHAMMED).has_chain[1] == expected, why

    def test_rarities_follow_the_frequencies_asked(self) -> None:
        found = roster(MOHAMMED, AMINA)
        common = TermFrequencies.counted([read(MOHAMMED)] * 5_000)
        plain, counted = found.rarities(TermFrequencies()).copy(), found.rarities(common)
        assert (counted <= 14).all()
        assert not np.array_equal(plain, counted)
        assert found.rarities(common) is counted

    def test_of_nobody_can_be_asked(self) -> None:
        empty, none = Roster(()), np.empty(0, np.int64)
        assert len(ENGINE.score_pairs(empty, none, none)) == 0
        assert ENGINE.explain_pairs(empty, (), (), ()) == []

    def test_prepared_it_scores_the_same(self) -> None:
        plain, ready = roster(MOHAMMED, AMINA), roster(MOHAMMED, AMINA)
        ENGINE.prepare(ready)
        assert ENGINE.score_pairs(ready, *PAIR).score(0) == ENGINE.score_pairs(plain, *PAIR).score(0)


PAIR = np.array([0]), np.array([1])


class TestBatch:
    """A pair's evidence is its own: it depends neither on who else stands in the roster, nor on other pairs."""

    @pytest.mark.slow
    @settings(max_examples=20, deadline=None)
    @given(st.lists(persons(), min_size=2, max_size=8))
    def test_of_one_is_a_batch_of_many(self, people: list[Person]) -> None:
        readings = [read(replace(one, id=str(place))) for place, one in enumerate(people)]
        left, right = (side.ravel() for side in np.indices((len(people), len(people))))
        many = ENGINE.score_pairs(Roster(readings), left, right)
        for place, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            alone = ENGINE.score(readings[one], readings[other])
            assert many.score(place).levels == alone.levels
            assert many.score(place).bits == pytest.approx(alone.bits, abs=1e-4)

    @pytest.mark.slow
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(persons("a"), persons("b")), min_size=1, max_size=5))
    def test_told_together_pairs_say_what_they_say_alone(self, pairs: list[tuple[Person, Person]]) -> None:
        readings = [(read(one), read(other)) for one, other in pairs]
        together = ENGINE.compare_pairs(readings)
        for found, (one, other) in zip(together, readings, strict=True):
            alone = ENGINE.compare(one, other)
            words = [(e.comparison, e.level, e.left, e.right, e.reason) for e in alone.evidence]
            assert [(e.comparison, e.level, e.left, e.right, e.reason) for e in found.evidence] == words
            assert found.weight == pytest.approx(alone.weight, abs=1e-3)
