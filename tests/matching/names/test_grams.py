"""Groups of letters: what two names have in common whatever became of their words."""

import numpy as np
import pytest

from tracing.matching.names.grams import Grams


def likeness(one: str, other: str) -> tuple[float, float]:
    cosine, share = Grams([one.split(), other.split()]).likeness(np.array([0], np.int32), np.array([1], np.int32))
    return float(cosine[0]), float(share[0])


class TestLikeness:
    @pytest.mark.parametrize(
        ("one", "nearer", "farther", "why"),
        [
            ("tariq shinwari", "tariquddin shinwari gul", "faruq shirazi", "one word is cut short"),
            ("nurmohammad", "nur mohammad", "gul ahmad", "two words are written as one"),
            ("omar zbigniewski", "anna zbigniewski", "anna maria omar", "the rarer part says more"),
        ],
    )
    def test_is_more(self, one: str, nearer: str, farther: str, why: str) -> None:
        assert likeness(one, nearer)[0] > likeness(one, farther)[0], why

    def test_of_one_name_is_one_and_of_two_without_a_group_nothing(self) -> None:
        assert likeness("karim nasser", "nasser karim") == pytest.approx((1, 1))
        assert likeness("karim", "oz") == (0, 0)

    def test_of_a_part_is_the_whole_of_the_shorter_name(self) -> None:
        cosine, share = likeness("kravets", "olena maria kravets")
        assert share == pytest.approx(1)
        assert cosine < 0.9

    def test_does_not_tell_which_side_is_which(self) -> None:
        for one, other in (
            ("tariq shinwari", "tariquddin shinwari"),
            ("ana maria lopez", "maria ana lobez"),
            ("", "ana"),
        ):
            assert likeness(one, other) == likeness(other, one)

    def test_does_not_hang_on_what_stands_beside_a_pair(self) -> None:
        names = [["karim"], ["karima", "nasser"], ["abdulrahman", "mohammad", "nasseruddin"], [], ["oz"]]
        left, right = np.divmod(np.arange(25, dtype=np.int32), 5)
        together = np.stack(Grams(names).likeness(left, right))
        for pair in range(25):
            alone = np.stack(Grams(names).likeness(left[[pair]], right[[pair]]))
            assert (together[:, [pair]] == alone).all()

    def test_of_nobody_is_nothing(self) -> None:
        nobody = np.zeros(0, np.int32)
        assert [found.tolist() for found in Grams([]).likeness(nobody, nobody)] == [[], []]
