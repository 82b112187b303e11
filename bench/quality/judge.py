"""From what a contender wrote to its figures: overall, and per culture and script."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bench.quality.contenders import Answer
from bench.quality.metrics import cut_at, cuts, link_figures, pair_figures, rank_figures
from bench.quality.tasks import Task

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Result:
    """Figures of one contender on one task. `groups`: kind of group → group → figures, with `n`."""

    task: str
    kind: str
    contender: str
    n: int
    figures: Figures
    seconds: float
    per_second: float
    mib: float
    kept: bool
    groups: dict[str, dict[str, Figures]] = field(default_factory=dict)


def judge(task: Task, contender: str, answer: Answer) -> Result:
    """Measure an answer; raises ValueError when it does not answer the task."""
    judges: Mapping[str, Callable[[Task, Answer], tuple[Figures, dict[str, dict[str, Figures]]]]] = {
        "pairs": _pairs,
        "rank": _rank,
    }
    figures, groups = judges.get(task.kind, _link)(task, answer)
    n = len(task.labels) if task.kind == "pairs" else len(task.left)
    speed = n / answer.seconds if answer.seconds else 0.0
    return Result(task.name, task.kind, contender, n, figures, answer.seconds, speed, answer.mib, answer.kept, groups)


def _pairs(task: Task, answer: Answer) -> tuple[Figures, dict[str, dict[str, Figures]]]:
    lines = answer.lines
    if len(lines) != len(task.labels):
        raise ValueError(f"{len(lines)} answers for {len(task.labels)} pairs")
    weights = [float(line["weight"]) for line in lines]
    chances = [float(line["probability"]) for line in lines]
    best, _ = cuts(weights, task.labels, sum(task.labels))
    groups: dict[str, dict[str, Figures]] = {}
    for kind, group_of in task.groups.items():
        groups[kind] = {}
        for group, members in _members(group_of, map(str, range(len(lines)))).items():
            at = [int(member) for member in members]
            labels = [task.labels[i] for i in at]
            figures = pair_figures([weights[i] for i in at], [chances[i] for i in at], labels)
            wrong = sum((weights[i] >= best.score) != task.labels[i] for i in at)
            groups[kind][group] = {"n": float(len(at)), "auc": figures["auc"], "wrong": float(wrong)}
    return pair_figures(weights, chances, task.labels), groups


def _rank(task: Task, answer: Answer) -> tuple[Figures, dict[str, dict[str, Figures]]]:
    best: dict[str, int] = {}
    last: dict[str, int] = defaultdict(int)
    for line in answer.lines:
        query, rank = line["query"], int(line["rank"])
        last[query] += 1
        if rank != last[query]:
            raise ValueError(f"ranks of {query} do not run 1, 2, 3: {rank} in place {last[query]}")
        if (query, line["right"]) in task.gold:
            best.setdefault(query, rank)
    queries = [row["id"] for row in task.left]
    groups: dict[str, dict[str, Figures]] = {}
    for kind, group_of in task.groups.items():
        groups[kind] = {}
        for group, members in _members(group_of, queries).items():
            figures = rank_figures([best.get(member) for member in members])
            groups[kind][group] = {"n": float(len(members)), **figures}
    return rank_figures([best.get(query) for query in queries]), groups


def _link(task: Task, answer: Answer) -> tuple[Figures, dict[str, dict[str, Figures]]]:
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for line in answer.lines:
        one, other = line["left"], line["right"]
        if task.kind == "dedupe":
            if one == other:
                continue
            one, other = min(one, other), max(one, other)
        scored = float(line["weight"]), float(line["probability"])
        found[one, other] = max(scored, found.get((one, other), scored))
    figures, best = link_figures(found, task.gold)
    groups: dict[str, dict[str, Figures]] = {}
    for kind, group_of in task.groups.items():
        total, taken, hits = defaultdict(int), defaultdict(int), defaultdict(int)  # type: ignore[var-annotated]  # three in one line
        for _, right in task.gold:
            total[group_of[right]] += 1
        for pair, (weight, _) in found.items():
            if weight >= best.score:
                taken[group_of[pair[1]]] += 1
                hits[group_of[pair[1]]] += pair in task.gold
        groups[kind] = {}
        for group in total:
            cut = cut_at(hits[group], taken[group], total[group])
            figures_of = {"n": float(total[group]), "f1": cut.f1, "precision": cut.precision, "recall": cut.recall}
            groups[kind][group] = dict(figures_of)
    return figures, groups


def _members(group_of: Mapping[str, str], ids: Iterable[str]) -> dict[str, list[str]]:
    """Ids by group, in the order of the groups' names."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        found[group_of[one]].append(one)
    return dict(sorted(found.items()))
