"""The worst errors of the engine, per culture or script, for reading by eye.

    python -m bench.quality.worst TASK --data ../shared/data [--by culture|script] [--top 10] [--group NAME]

Missed true pairs, the lowest weight first, and false pairs, the highest weight first, each with its evidence. An
error is what stands on the wrong side of the cut of the best F1; of a ranking, a partner that is not the first.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.quality.contenders import Engine
from bench.quality.metrics import cuts
from bench.quality.tasks import TASKS, Row, Task

FOLDER = Path("var") / "bench" / "quality"
_MISSED, _FALSE = "missed", "false"
Weights = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error: a true pair that was missed or a false one that was taken, `margin` bits beyond the cut."""

    kind: str
    group: str
    margin: float
    left: Row
    right: Row


def errors(task: Task, by: str) -> list[Wrong]:
    """All errors of the engine on a task, the worst first."""
    answer = Engine().answer(task)
    if task.kind == "pairs":
        found = _of_pairs(task, [float(line["weight"]) for line in answer.lines], by)
    else:
        id_of = "query" if task.kind == "rank" else "left"
        weights = {(line[id_of], line["right"]): float(line["weight"]) for line in answer.lines}
        found = _of_ranking(task, weights, by) if task.kind == "rank" else _of_lists(task, weights, by)
    return sorted(found, key=lambda wrong: -wrong.margin)


def _of_pairs(task: Task, weights: list[float], by: str) -> Iterator[Wrong]:
    best, _ = cuts(weights, task.labels, sum(task.labels))
    groups = task.groups.get(by, {})
    for at, (weight, label, pair) in enumerate(zip(weights, task.labels, task.left, strict=True)):
        if (weight >= best.score) != label:
            kind = _MISSED if label else _FALSE
            yield Wrong(kind, groups.get(str(at), "all"), abs(best.score - weight), pair["left"], pair["right"])


def _of_ranking(task: Task, weights: Weights, by: str) -> Iterator[Wrong]:
    """The partner that is not first, and who stands before it; a partner not in the list counts from the last place."""
    persons, queries = {row["id"]: row for row in task.right}, {row["id"]: row for row in task.left}
    groups = task.groups.get(by, {})
    of_query: dict[str, dict[str, float]] = defaultdict(dict)
    for (query, other), weight in weights.items():
        of_query[query][other] = weight
    for query, partner in sorted(task.gold):
        listed = of_query.get(query, {})
        if not listed:
            continue
        winner = max(listed, key=lambda other: listed[other])
        lost = listed[winner] - listed.get(partner, min(listed.values()))
        if winner != partner and (query, winner) not in task.gold:
            group = groups.get(query, "all")
            yield Wrong(_MISSED, group, lost, queries[query], persons[partner])
            yield Wrong(_FALSE, group, lost, queries[query], persons[winner])


def _of_lists(task: Task, weights: Weights, by: str) -> Iterator[Wrong]:
    """A true pair that the keys never brought together counts as the worst miss."""
    right = task.right or task.left
    one_of, other_of = {row["id"]: row for row in task.left}, {row["id"]: row for row in right}
    found = {tuple(sorted(pair)) if task.kind == "dedupe" else pair: weight for pair, weight in weights.items()}
    best, _ = cuts(list(found.values()), [pair in task.gold for pair in found], len(task.gold))
    groups = task.groups.get(by, {})
    lowest = min(found.values(), default=0.0) - 1
    for pair in sorted(task.gold):
        weight = found.get(pair, lowest)
        if weight < best.score:
            yield Wrong(_MISSED, groups.get(pair[1], "all"), best.score - weight, one_of[pair[0]], other_of[pair[1]])
    for (one, other), weight in found.items():
        if weight >= best.score and (one, other) not in task.gold:
            yield Wrong(_FALSE, groups.get(other, "all"), weight - best.score, one_of[one], other_of[other])


def show(wrong: list[Wrong], top: int) -> None:
    """Per group the worst of both kinds, with the engine's evidence."""
    by_group: dict[tuple[str, str], list[Wrong]] = defaultdict(list)
    for one in wrong:
        by_group[one.group, one.kind].append(one)
    chosen = [one for key in sorted(by_group) for one in by_group[key][:top]]
    pairs = [{"left": one.left, "right": one.right} for one in chosen]
    told = Engine().evidence(pairs) if pairs else []
    last = None
    for one, line in zip(chosen, told, strict=True):
        if (one.group, one.kind) != last:
            last = one.group, one.kind
            print(f"\n== {one.group}: {one.kind}, {len(by_group[last])} in all")
        print(f"{line['weight']:6.1f} bits, {one.margin:.1f} beyond the cut")
        print(f"    {_told(one.left)}\n    {_told(one.right)}")
        for item in line["evidence"]:
            words = f"{item['left']} | {item['right']}: {item['reason']}"
            print(f"      {item['weight']:+6.1f}  {item['comparison']}/{item['level']}: {words}")


def _told(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description="the engine's worst errors, for reading by eye")
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--by", choices=("culture", "script"), default="culture")
    parser.add_argument("--group", help="only this culture or script")
    parser.add_argument("--top", type=int, default=10, help="errors of each kind per group")
    parser.add_argument("--queries", type=int, default=300, help="queries of a ranking task, 0 for all")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    task = TASKS[asked.task](asked.data, asked.folder).sample(asked.queries)
    wrong = errors(task, asked.by)
    show([one for one in wrong if asked.group in (None, one.group)], asked.top)


if __name__ == "__main__":
    main()
