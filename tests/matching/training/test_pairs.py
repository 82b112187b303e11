import numpy as np
import pytest

from tests.matching.people import person
from tracing.matching import Engine, TermFrequencies
from tracing.matching.training.calibration import weights_of
from tracing.matching.training.pairs import SHAPES, candidate_pairs, levels_of, random_pairs

PEOPLE = [
    person("a", "Mohammed Ahmed Hassan", sex="male", birth="1990"),
    person("b", "محمد أحمد حسن", sex="male", birth="1990-05-12"),
    person("c", "Oleksandr Petrenko", sex="male", birth="1975"),
    person("d", "Zdzisława Brzęczyszczykiewicz", sex="female"),
    person("e", "Zdzislawa Brzeczyszczykiewicz"),
]


@pytest.fixture
def engine() -> Engine:
    readings = [Engine().read(one) for one in PEOPLE]
    return Engine(TermFrequencies.counted(name for one in readings for name in one.names))


class TestLevels:
    def test_and_extra_add_up_to_the_engines_weight(self, engine: Engine) -> None:
        readings = [engine.read(one) for one in PEOPLE]
        pairs = [(0, 1), (3, 4)]
        levels, extra = levels_of(engine, readings, readings, pairs)
        assert levels.dtype == np.int8
        assert levels.shape == extra.shape == (2, len(SHAPES))
        assert extra.dtype == np.float32
        expected = [engine.score(readings[one], readings[two]).weight for one, two in pairs]
        assert weights_of(levels, extra, engine.weights).tolist() == pytest.approx(expected, abs=1e-3)
        assert extra[1].sum() > 0

    def test_extra_is_never_negative_and_stands_only_on_agreement(self, engine: Engine) -> None:
        readings = [engine.read(one) for one in PEOPLE]
        pairs = random_pairs(5, 5, True, 100)
        levels, extra = levels_of(engine, readings, readings, pairs)
        for column, shape in enumerate(SHAPES):
            agrees = (levels[:, column] >= 0) & (levels[:, column] < shape.agreeing)
            assert (extra[:, column] >= 0).all()
            assert (extra[~agrees, column] == 0).all()

    def test_tells_how_far_it_is(self, engine: Engine) -> None:
        readings = [engine.read(one) for one in PEOPLE]
        told: list[tuple[int, int]] = []
        levels_of(engine, readings, readings, [(0, 1)] * 3, lambda done, total: told.append((done, total)))
        assert told[-1] == (3, 3)


class TestCandidates:
    def test_share_a_key_and_stand_once(self, engine: Engine) -> None:
        readings = [engine.read(one) for one in PEOPLE]
        found, persons = candidate_pairs(readings, readings, True, 1000)
        assert {(0, 1), (3, 4)} <= set(found)
        assert (0, 2) not in found
        assert all(one < two for one, two in found)
        assert persons == len(PEOPLE)

    def test_stop_after_the_person_who_fills_the_number(self, engine: Engine) -> None:
        readings = [engine.read(one) for one in PEOPLE]
        found, persons = candidate_pairs(readings, readings, False, 1)
        assert persons < len(PEOPLE)
        assert len({one for one, _ in found}) == 1


class TestRandom:
    @pytest.mark.parametrize(
        ("lefts", "rights", "same", "most", "expected"),
        [
            (3, 4, False, 100, 12),
            (4, 4, True, 100, 6),
            (100, 100, False, 50, 50),
            (100, 100, True, 50, 50),
            (1, 1, True, 9, 0),
        ],
    )
    def test_are_so_many_without_repeats(self, lefts: int, rights: int, same: bool, most: int, expected: int) -> None:
        found = random_pairs(lefts, rights, same, most)
        assert len(found) == len(set(found)) == expected
        assert all(0 <= one < lefts and 0 <= two < rights for one, two in found)
        assert not same or all(one < two for one, two in found)

    def test_are_the_same_each_time(self) -> None:
        assert random_pairs(500, 500, False, 40) == random_pairs(500, 500, False, 40)
