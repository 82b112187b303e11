"""Hard name pairs, same and different, twenty cultures, twelve scripts: one case table with reasons."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tracing.matching.frequencies import TermFrequencies
from tracing.matching.names import AGREEING, compare_names, read_name

PAIRS = list(csv.DictReader(Path(__file__).with_name("hard_pairs.csv").read_text("utf-8").splitlines()))
COMMON = TermFrequencies()

TOO_FAR: dict[str, str] = {}
"""Same persons that the engine does not find by name alone, with the reason."""

TOO_NEAR = {
    "hp219": "given and father's name swapped: a clerk's swap in hp191, father and son here",
    "hp235": "a longer form of the same word",
    "hp245": "Gebre and Gebru are one class of spellings",
    "hp252": "Haile and Hailu are one class of spellings",
    "hp253": "a shortened and an extended chain, each part alike",
    "hp265": "one letter in eight, as a typing error would be",
}
"""Different persons that the engine takes for one by name alone, with the reason."""


def similarity(pair: dict[str, str]) -> float:
    outcome = compare_names([read_name(pair["name_a"])], [read_name(pair["name_b"])], COMMON)
    assert outcome is not None
    return outcome.similarity


def level(pair: dict[str, str]) -> int:
    outcome = compare_names([read_name(pair["name_a"])], [read_name(pair["name_b"])], COMMON)
    assert outcome is not None
    return outcome.level


def case(pair: dict[str, str]) -> object:
    return pytest.param(pair, id=f"{pair['id']} {pair['culture']}: {pair['why']}")


class TestSamePerson:
    @pytest.mark.parametrize(
        "pair", [case(pair) for pair in PAIRS if pair["label"] == "1" and pair["id"] not in TOO_FAR]
    )
    def test_reaches_a_level_that_speaks_for_one_person(self, pair: dict[str, str]) -> None:
        assert level(pair) < AGREEING


class TestDifferentPersons:
    @pytest.mark.parametrize(
        "pair", [case(pair) for pair in PAIRS if pair["label"] == "0" and pair["id"] not in TOO_NEAR]
    )
    def test_reaches_no_level_that_speaks_for_one_person(self, pair: dict[str, str]) -> None:
        assert level(pair) >= AGREEING


class TestExceptions:
    @pytest.mark.parametrize("pair", [case(pair) for pair in PAIRS if pair["id"] in TOO_NEAR | TOO_FAR])
    def test_leave_the_list_once_they_are_right(self, pair: dict[str, str]) -> None:
        assert (level(pair) < AGREEING) == (pair["id"] in TOO_NEAR)


def test_a_same_pair_stands_above_a_different_one_in_96_of_100_cases() -> None:
    same = [similarity(pair) for pair in PAIRS if pair["label"] == "1"]
    different = [similarity(pair) for pair in PAIRS if pair["label"] == "0"]
    above = sum((one > other) + 0.5 * (one == other) for one in same for other in different)
    assert above / (len(same) * len(different)) >= 0.96
