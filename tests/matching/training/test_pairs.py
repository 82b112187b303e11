import numpy as np
import pytest

from tests.matching.people import person
from tracing.matching.batch import Job
from tracing.matching.training import pairs as pairs_module
from tracing.matching.training.calibration import weights_of
from tracing.matching.training.pairs import SHAPES, candidate_pairs, levels_of, random_pairs

PEOPLE = [
    person("a", "Mohammed Ahmed Hassan", sex="male", birth="1990"),
    person("b", "محمد أحمد حسن", sex="male", birth="1990-05-12"),
    person("c", "Oleksandr Petrenko", sex="male", birth="1975"),
    person("d", "Zdzisława Brzęczyszczykiewicz", sex="female"),
    person("e", "Zdzislawa Brzeczyszczykiewicz"),
]


def job(same: bool) -> Job:
    return Job.of(PEOPLE, None if same else PEOPLE, 200)


class TestLevels:
    def test_and_extra_add_up_to_the_engines_weight(self) -> None:
        known = job(same=True)
        pairs = random_pairs(5, 5, True, 100)
        levels, extra = levels_of(known.engine, known.roster, *pairs)
        assert levels.dtype == np.int8
        assert levels.shape == extra.shape == (10, len(SHAPES))
        assert extra.dtype == np.float32
        expected = known.engine.score_pairs(known.roster, *pairs).weight
        assert weights_of(levels, extra, known.engine.weights).tolist() == pytest.approx(expected.tolist(), abs=1e-3)
        assert extra.sum() > 0

    def test_extra_is_never_negative_and_silence_has_none(self) -> None:
        known = job(same=True)
        levels, extra = levels_of(known.engine, known.roster, *random_pairs(5, 5, True, 100))
        assert (extra >= 0).all()
        assert (extra[levels < 0] == 0).all()

    def test_are_told_slice_by_slice_and_do_not_depend_on_slices(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = job(same=True)
        pairs = random_pairs(5, 5, True, 100)
        whole = levels_of(known.engine, known.roster, *pairs)
        told: list[tuple[int, int]] = []
        monkeypatch.setattr(pairs_module, "SLICE", 4)
        parts = levels_of(known.engine, known.roster, *pairs, lambda done, total: told.append((done, total)))
        assert told == [(4, 10), (8, 10), (10, 10)]
        assert np.array_equal(whole[0], parts[0])
        assert np.allclose(whole[1], parts[1], atol=1e-5)


class TestCandidates:
    def test_share_a_key_and_stand_once(self) -> None:
        left, right, persons = candidate_pairs(job(same=True), 1000)
        found = list(zip(left.tolist(), right.tolist(), strict=True))
        assert {(0, 1), (3, 4)} <= set(found)
        assert (0, 2) not in found
        assert len(found) == len(set(found))
        assert all(one < two for one, two in found)
        assert persons == len(PEOPLE)

    def test_of_two_lists_are_places_in_their_roster(self) -> None:
        left, right, persons = candidate_pairs(job(same=False), 1000)
        assert {(0, 5), (0, 6), (3, 9)} <= set(zip(left.tolist(), right.tolist(), strict=True))
        assert persons == len(PEOPLE)

    def test_stop_after_the_person_who_fills_the_number(self) -> None:
        left, _, persons = candidate_pairs(job(same=False), 1)
        assert persons < len(PEOPLE)
        assert len(set(left.tolist())) == 1

    def test_are_those_that_match_lists_compares(self) -> None:
        known = job(same=True)
        left, right, _ = candidate_pairs(known, 1000)
        one, other, _ = known.candidates(range(len(PEOPLE)))
        assert set(zip(left.tolist(), right.tolist(), strict=True)) == set(
            zip(one.tolist(), other.tolist(), strict=True)
        )


class TestRandom:
    @pytest.mark.parametrize(
        ("lefts", "rights", "same", "most", "expected"),
        [
            (3, 4, False, 100, 12),
            (4, 4, True, 100, 6),
            (100, 100, False, 50, 50),
            (100, 100, True, 50, 50),
            (1, 1, True, 9, 0),
            (5, 5, True, 9, 9),
        ],
    )
    def test_are_so_many_without_repeats(self, lefts: int, rights: int, same: bool, most: int, expected: int) -> None:
        one, two = random_pairs(lefts, rights, same, most)
        assert len(one) == len(set(zip(one.tolist(), two.tolist(), strict=True))) == expected
        assert ((one >= 0) & (one < lefts) & (two >= 0) & (two < rights)).all()
        assert not same or (one < two).all()

    def test_are_the_same_each_time(self) -> None:
        assert np.array_equal(random_pairs(500, 500, False, 40), random_pairs(500, 500, False, 40))
