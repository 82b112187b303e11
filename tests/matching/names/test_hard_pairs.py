"""Hard name pairs, same and different, twenty cultures, twelve scripts: one case table with reasons."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.matching.names.pairs import outcomes
from tracing.matching.names import AGREEING

PAIRS = list(csv.DictReader(Path(__file__).with_name("hard_pairs.csv").read_text("utf-8").splitlines()))
FOUND = outcomes([(pair["name_a"], pair["name_b"]) for pair in PAIRS])
LEVEL = {pair["id"]: int(level) for pair, level in zip(PAIRS, FOUND.level, strict=True)}
SCORE = {pair["id"]: float(score) for pair, score in zip(PAIRS, FOUND.score, strict=True)}
ALIKE = {
    "hp235": "a longer form of the same word",
    "hp245": "Gebre and Gebru are spelt alike",
    "hp252": "Haile and Hailu are spelt alike",
    "hp265": "one letter in eight, as a typing error would be",
    "hp269": "Thi and Van tell the sex, and no name",
}
"""Different persons whose names alone may look like one, with the reason."""
SAME = [pair["id"] for pair in PAIRS if pair["label"] == "1"]
DIFFERENT = [pair["id"] for pair in PAIRS if pair["label"] == "0"]


class TestLevels:
    def test_95_of_100_same_persons_agree(self) -> None:
        assert sum(LEVEL[pair] < AGREEING for pair in SAME) / len(SAME) >= 0.95

    def test_80_of_100_different_persons_do_not_agree(self) -> None:
        assert sum(LEVEL[pair] >= AGREEING for pair in DIFFERENT) / len(DIFFERENT) >= 0.8

    def test_hardly_any_different_persons_are_exact_or_equivalent(self) -> None:
        assert {pair for pair in DIFFERENT if LEVEL[pair] < 2} <= ALIKE.keys()

    def test_hardly_any_same_persons_stand_on_the_lowest_level(self) -> None:
        assert sum(LEVEL[pair] == 7 for pair in SAME) <= 1


def test_a_same_pair_stands_above_a_different_one_in_95_of_100_cases() -> None:
    above = sum((SCORE[one] > SCORE[other]) + 0.5 * (SCORE[one] == SCORE[other]) for one in SAME for other in DIFFERENT)
    assert above / (len(SAME) * len(DIFFERENT)) >= 0.95
