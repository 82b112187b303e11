import csv
import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.matching.people import person
from tracing.matching import Engine, Person
from tracing.matching.batch import Job
from tracing.matching.lists import COLUMNS, FULL_SCAN, Line, Matching, Part, Ranking, each_once

ENGINE = Engine()
NAMES = ("Mohammed Ahmed Hassan", "محمد أحمد حسن", "Oleksandr Petrenko", "Nguyen Thi Lan", "Hassan Ahmed Mohammed")


def people(prefix: str, *names: str) -> list[Person]:
    return [person(f"{prefix}{index}", name) for index, name in enumerate(names)]


def part_of(work: Matching | Ranking, left: list[Person], right: list[Person]) -> Part:
    job = Job.of(left, right, 300, ENGINE)
    return work(job, range(len(left)))


def rows(part: Part) -> list[dict[str, object]]:
    return [json.loads(line) for line in part.text.splitlines()]


class TestMatching:
    def test_writes_pairs_in_the_order_of_the_left_list_best_first(self) -> None:
        found = rows(part_of(Matching(None, 0.0, False), people("l", *NAMES[:2]), people("r", *NAMES)))
        assert [row["left"] for row in found] == sorted(str(row["left"]) for row in found)
        for left in ("l0", "l1"):
            weights = [float(str(row["weight"])) for row in found if row["left"] == left]
            assert weights == sorted(weights, reverse=True)
            assert len(weights) >= 3

    def test_keeps_the_best_of_each_left_person(self) -> None:
        every = rows(part_of(Matching(None, 0.0, False), people("l", *NAMES), people("r", *NAMES)))
        best = rows(part_of(Matching(1, 0.0, False), people("l", *NAMES), people("r", *NAMES)))
        first = {str(row["left"]): row for row in reversed(every)}
        assert best == [first[left] for left in sorted(first)]

    def test_leaves_out_what_is_less_probable(self) -> None:
        every = rows(part_of(Matching(None, 0.0, False), people("l", *NAMES), people("r", *NAMES)))
        found = rows(part_of(Matching(None, 0.3, False), people("l", *NAMES), people("r", *NAMES)))
        assert found == [row for row in every if float(str(row["probability"])) >= 0.3]
        assert 0 < len(found) < len(every)

    def test_writes_the_same_facts_as_csv(self) -> None:
        plain = rows(part_of(Matching(None, 0.0, False), people("l", *NAMES), people("r", *NAMES)))
        part = part_of(Matching(None, 0.0, True), people("l", *NAMES), people("r", *NAMES))
        told = [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(part.text.splitlines())]
        assert [(row["left"], row["right"], float(row["weight"])) for row in told] == [
            (row["left"], row["right"], row["weight"]) for row in plain
        ]

    def test_an_id_with_quotes_comes_back_as_it_was(self) -> None:
        odd = person('a"b,\\c', NAMES[0])
        assert rows(part_of(Matching(None, 0.0, False), [odd], people("r", NAMES[0])))[0]["left"] == odd.id
        part = part_of(Matching(None, 0.0, True), [odd], people("r", NAMES[0]))
        assert next(csv.reader(part.text.splitlines()))[0] == odd.id

    def test_counts_persons_and_pairs(self) -> None:
        part = part_of(Matching(None, 1.0, False), people("l", *NAMES), people("r", *NAMES))
        assert (part.persons, part.text) == (5, "")
        assert part.compared >= 9


IDS = ["l0", "l1", "l2", "l3", "r4", "r5", "r6", "r7"]
LINES = st.lists(
    st.builds(Line, st.integers(0, 3), st.integers(4, 7), st.sampled_from((-1.0, 0.5, 2.0, 9.5)), st.just("")),
    max_size=16,
    unique_by=lambda line: line[:2],
)


class TestEachOnce:
    def test_takes_the_best_pair_first(self) -> None:
        lines = [Line(0, 4, 9.0, "a"), Line(0, 5, 8.0, "b"), Line(1, 4, 7.0, "c"), Line(1, 5, 1.0, "d")]
        assert [line.text for line in each_once(lines, IDS)] == ["a", "d"]

    def test_of_one_weight_the_ids_decide(self) -> None:
        lines = [Line(0, 5, 9.0, "b"), Line(0, 4, 9.0, "a")]
        assert [line.text for line in each_once(lines, IDS)] == ["a"]

    def test_a_person_on_both_sides_of_one_list_is_one_person(self) -> None:
        lines = [Line(0, 1, 9.0, "a"), Line(1, 2, 8.0, "b"), Line(2, 3, 7.0, "c")]
        assert [line.text for line in each_once(lines, IDS)] == ["a", "c"]

    @given(LINES, st.randoms())
    def test_nobody_stands_twice_and_what_is_left_out_has_a_better_pair(
        self, lines: list[Line], random: Random
    ) -> None:
        kept = each_once(lines, IDS)
        for side in (0, 1):
            assert len({line[side] for line in kept}) == len(kept)
        for line in set(lines) - set(kept):
            rivals = [one for one in kept if one.left == line.left or one.right == line.right]
            assert max(one.weight for one in rivals) >= line.weight
        shuffled = random.sample(lines, len(lines))
        assert set(each_once(shuffled, IDS)) == set(kept)

    def test_the_lines_are_those_that_are_written_without(self) -> None:
        plain = part_of(Matching(None, 0.0, False), people("l", *NAMES), people("r", *NAMES))
        part = part_of(Matching(None, 0.0, False, True), people("l", *NAMES), people("r", *NAMES))
        assert ("".join(line.text for line in part.lines), part.text) == (plain.text, "")
        assert (part.persons, part.compared, part.cut) == (plain.persons, plain.compared, plain.cut)


class TestRanking:
    def test_fills_the_ranks_from_the_whole_list_when_keys_bring_too_few(self) -> None:
        right = people("r", *NAMES * (FULL_SCAN // 4))
        found = rows(part_of(Ranking(400), people("l", "Nguyen Thi Lan"), right))
        assert [row["rank"] for row in found] == list(range(1, 401))
        weights = [float(str(row["weight"])) for row in found]
        assert weights == sorted(weights, reverse=True)

    def test_looks_at_the_whole_of_a_short_list(self) -> None:
        found = rows(part_of(Ranking(9), people("l", "Zdzisława Wiśniewska"), people("r", *NAMES)))
        assert len(found) == len(NAMES)

    def test_breaks_ties_by_id(self) -> None:
        found = rows(part_of(Ranking(3), people("l", "Amina Yusuf"), people("r", *["Amina Yusuf"] * 4)[::-1]))
        assert [row["right"] for row in found] == ["r0", "r1", "r2"]

    def test_begins_anew_with_each_query(self) -> None:
        found = rows(part_of(Ranking(2), people("l", *NAMES[:2]), people("r", *NAMES)))
        assert [(row["query"], row["rank"]) for row in found] == [("l0", 1), ("l0", 2), ("l1", 1), ("l1", 2)]
