from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from random import Random

import pytest

from bench.quality.casebase import Lists, labelled_pairs, two_lists
from bench.quality.ear import ALPHABETS, LISTENERS, by_ear, in_letters
from bench.quality.scripts import script
from bench.quality.tasks import bare, full_name
from tracing.demo.registry import CULTURES
from tracing.matching import Person

SIZE = 900


@pytest.fixture(scope="module")
def lists() -> Lists:
    return two_lists(SIZE)


class TestTruth:
    def test_a_third_of_either_list_stands_in_the_other(self, lists: Lists) -> None:
        assert (len(lists.left), len(lists.right), len(lists.gold)) == (SIZE, SIZE, SIZE // 3)

    def test_the_right_rows_carry_the_gold_pairs(self, lists: Lists) -> None:
        told = {(partner, row["id"]) for row in lists.right for partner in row["_gold"]}
        assert told == set(lists.gold)

    def test_ids_are_distinct_and_tell_the_side(self, lists: Lists) -> None:
        assert len({row["id"] for row in (*lists.left, *lists.right)}) == 2 * SIZE
        assert {row["id"][0] for row in lists.left} == {"s"}
        assert {row["id"][0] for row in lists.right} == {"q"}

    def test_partners_are_of_one_culture(self, lists: Lists) -> None:
        culture = {row["id"]: row["_culture"] for row in (*lists.left, *lists.right)}
        assert all(culture[left] == culture[right] for left, right in lists.gold)

    def test_kin_of_a_shared_person_stand_on_the_other_side(self, lists: Lists) -> None:
        families = Counter(lists.family_of[row["id"]] for row in lists.left)
        near = [right for left, right in lists.gold if families[lists.family_of[right]] > 1]
        assert len(near) > len(lists.gold) / 4


class TestVariety:
    def test_all_cultures_and_many_scripts_are_there(self, lists: Lists) -> None:
        assert {row["_culture"] for row in lists.right} == {culture.key for culture in CULTURES}
        assert len({row["_script"] for row in lists.right}) >= 10

    def test_the_script_said_is_the_script_written(self, lists: Lists) -> None:
        wrong = [row for row in (*lists.left, *lists.right) if script(full_name(row)) != row["_script"]]
        assert wrong == []

    def test_shared_persons_are_mostly_written_differently(self, lists: Lists) -> None:
        name = {row["id"]: full_name(row).casefold() for row in (*lists.left, *lists.right)}
        same = sum(name[left] == name[right] for left, right in lists.gold)
        assert 0 < same < len(lists.gold) / 2

    def test_the_engine_reads_every_row_without_the_truth(self, lists: Lists) -> None:
        for row in (*lists.left, *lists.right):
            assert Person.from_neutral(bare(row), []).id == row["id"]


class TestDeterminism:
    @pytest.mark.slow
    def test_one_seed_gives_one_case_base(self, lists: Lists) -> None:
        assert two_lists(SIZE) == lists
        assert two_lists(SIZE, seed=1).left != lists.left

    def test_a_process_with_another_hash_seed_makes_the_same(self, lists: Lists) -> None:
        code = f"import json; from bench.quality.casebase import two_lists; print(json.dumps(two_lists({SIZE}).right))"
        run = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(run.stdout) == lists.right

    @pytest.mark.parametrize(("size", "shared"), [(0, 0.3), (10, 1.5), (10, -0.1)])
    def test_impossible_lists_are_refused(self, size: int, shared: float) -> None:
        with pytest.raises(ValueError, match="size"):
            two_lists(size, shared=shared)


class TestPairs:
    def test_a_third_is_true_and_no_pair_comes_twice(self, lists: Lists) -> None:
        pairs = labelled_pairs(lists, 600)
        ids = [(pair["left"]["id"], pair["right"]["id"]) for pair in pairs]
        assert len(set(ids)) == len(ids) == 600
        assert sum(pair["label"] for pair in pairs) == 200
        assert all((pair in set(lists.gold)) == row["label"] for pair, row in zip(ids, pairs, strict=True))

    def test_no_row_tells_its_partner(self, lists: Lists) -> None:
        assert all(not pair["right"]["_gold"] for pair in labelled_pairs(lists, 60))


class TestEar:
    @pytest.mark.parametrize("listener", LISTENERS)
    def test_every_listener_leaves_a_capital_and_something_to_read(self, listener: str) -> None:
        for word in ("Shukri", "Hawa", "Dzhamila", "Youssef", "Xasan", "H"):
            written = by_ear(Random(1), word, listener)
            assert written[0].isupper()
            assert written.isalpha()

    def test_a_french_listener_writes_ou_and_ch(self) -> None:
        heard = {by_ear(Random(seed), "Shukur", "french") for seed in range(50)}
        assert "Choukour" in heard
        assert "Shukur" in heard

    @pytest.mark.parametrize("letters", ALPHABETS)
    def test_another_alphabet_leaves_no_latin_letter(self, letters: str) -> None:
        assert script(in_letters("Abdulqadir", letters)) == letters

    def test_a_greek_word_ends_in_a_final_sigma(self) -> None:
        assert in_letters("Abbas", "Grek") == "Αμπμπας"
