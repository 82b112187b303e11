"""The tasks: files of neutral persons with their truth, from the data folder, from FEBRL and from the case base.

The rows never enter the project: the data folder is named by an option, FEBRL 4 comes inside a peer's package,
the case base is made anew from its seed. Keys that begin with `_` are the truth and are taken out of what a
contender reads.
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bench.quality import casebase
from bench.quality.scripts import both, script

Row = dict[str, Any]
_ORDER = 20
"""Seed of the order in which queries are taken: a sample is always the beginning of the larger one."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `kind` is pairs, rank, link or dedupe.

    pairs: `left` holds `{left, right}` and `labels` runs in step. rank: `left` holds queries, `right` the list.
    link: two lists; dedupe: `left` with itself. `gold` holds true pairs (left id, right id), of a rank task
    (query id, list id). `groups` maps a kind of group (culture, script) to the group of each pair's number,
    query id or right id.
    """

    name: str
    kind: str
    left: list[Row]
    right: list[Row] = field(default_factory=list)
    labels: list[bool] = field(default_factory=list)
    gold: frozenset[tuple[str, str]] = frozenset()
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def sample(self, queries: int) -> "Task":
        """The same rank task with the first `queries` queries (0: all); other tasks unchanged."""
        if self.kind != "rank" or not queries or queries >= len(self.left):
            return self
        left = self.left[:queries]
        ids = {row["id"] for row in left}
        gold = frozenset(pair for pair in self.gold if pair[0] in ids)
        return Task(self.name, self.kind, left, self.right, [], gold, self.groups)


def bare(row: Row) -> Row:
    """A row without its truth."""
    return {key: value for key, value in row.items() if not key.startswith("_")}


def full_name(row: Row) -> str:
    """The first name of a neutral person as text."""
    name = row["names"][0]
    return name if isinstance(name, str) else str(name["full"])


def load(path: Path) -> list[Row]:
    """Rows of an NDJSON file, gzip by its ending."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def hard_pairs(data: Path) -> Task:
    """Hard name pairs, with culture and scripts."""
    with (data / "names" / "hard_pairs.csv").open(encoding="utf-8") as file:
        cultures = {row["id"]: row["culture"] for row in csv.DictReader(file)}
    task = pairs(data, "hard_pairs")
    told = [cultures.get(row["left"]["id"][:-1], "?") for row in task.left]
    culture = {str(at): name.split("/")[0].split(" (")[0] for at, name in enumerate(told)}
    return Task(task.name, task.kind, task.left, [], task.labels, groups={**task.groups, "culture": culture})


def pairs(data: Path, name: str) -> Task:
    """A file of labelled pairs."""
    return labelled(name, load(data / "tasks" / f"{name}.ndjson"))


def labelled(name: str, rows: Iterable[Row]) -> Task:
    """A task of `{left, right, label}`; culture is the right person's `_culture` where it has one."""
    rows = list(rows)
    made = [{"left": bare(row["left"]), "right": bare(row["right"])} for row in rows]
    scripts = {str(at): both(full_name(row["left"]), full_name(row["right"])) for at, row in enumerate(rows)}
    culture = {str(at): row["right"]["_culture"] for at, row in enumerate(rows) if "_culture" in row["right"]}
    groups = {"script": scripts} | ({"culture": culture} if culture else {})
    return Task(name, "pairs", made, [], [bool(row["label"]) for row in rows], groups=groups)


def ranking(data: Path, name: str) -> Task:
    """Queries against a list; `_gold` of a query names its partners."""
    return ranked(name, load(data / "tasks" / f"{name}_queries.ndjson"), load(data / "tasks" / f"{name}_list.ndjson"))


def ranked(name: str, queries: list[Row], candidates: list[Row]) -> Task:
    """A rank task; the queries in an order of their own, so that the first hundred are a fair sample."""
    queries = sorted(queries, key=lambda row: str(row["id"]))
    Random(_ORDER).shuffle(queries)
    gold = frozenset((row["id"], partner) for row in queries for partner in row["_gold"])
    known = {row["id"]: row for row in candidates}
    scripts = {row["id"]: both(full_name(row), full_name(known[row["_gold"][0]])) for row in queries}
    culture = {row["id"]: row["_culture"] for row in queries if "_culture" in row}
    groups = {"script": scripts} | ({"culture": culture} if culture else {})
    return Task(name, "rank", [bare(row) for row in queries], [bare(row) for row in candidates], [], gold, groups)


def dedupe(data: Path, name: str) -> Task:
    """One list with itself; `_cluster` tells who is who."""
    rows = load(data / "tasks" / f"{name}.ndjson.gz")
    clusters: dict[str, list[str]] = {}
    for row in rows:
        clusters.setdefault(row["_cluster"], []).append(row["id"])
    gold = {
        (min(one, two), max(one, two)) for ids in clusters.values() for at, one in enumerate(ids) for two in ids[:at]
    }
    return Task(name, "dedupe", [bare(row) for row in rows], [], [], frozenset(gold))


def linked(name: str, left: list[Row], right: list[Row]) -> Task:
    """Two lists; the right rows carry `_gold`."""
    gold = frozenset((partner, row["id"]) for row in right for partner in row.get("_gold", ()))
    culture = {row["id"]: row["_culture"] for row in right if "_culture" in row}
    groups = {"culture": culture} if culture else {}
    if culture:
        known = {row["id"]: row for row in left}
        groups["script"] = {
            row["id"]: both(full_name(row), full_name(known[row["_gold"][0]])) if row["_gold"] else _alone(row)
            for row in right
        }
    return Task(name, "link", [bare(row) for row in left], [bare(row) for row in right], [], gold, groups)


def _alone(row: Row) -> str:
    """Group of a right person without a partner: false pairs count where Latin meets its script."""
    return both("a", full_name(row))


def fictional(name: str) -> Task:
    """The case base as pairs, as a ranking of the right list's shared persons, or as two lists."""
    lists = casebase.two_lists()
    if name == "casebase_pairs":
        return labelled(name, casebase.labelled_pairs(lists))
    if name == "casebase_rank":
        return ranked(name, [row for row in lists.right if row["_gold"]], lists.left)
    return linked(name, lists.left, lists.right)


Loader = Callable[[Path, Path], Task]
"""A function of the data folder and of the folder that holds FEBRL 4."""


def _febrl(_data: Path, made: Path) -> Task:
    return linked("febrl4", load(made / "febrl4_left.ndjson"), load(made / "febrl4_right.ndjson"))


def _of_data(maker: Callable[[Path, str], Task], name: str, data: Path, _made: Path) -> Task:
    return maker(data, name)


TRANSLITERATIONS = ("arabic", "hebrew", "russian", "chinese", "korean", "katakana", "japanese")
TASKS: dict[str, Loader] = {
    "hard_pairs": lambda data, _made: hard_pairs(data),
    "name_bench_pairs": partial(_of_data, pairs, "name_bench_pairs"),
    "casebase_pairs": lambda _data, _made: fictional("casebase_pairs"),
    "alias": partial(_of_data, ranking, "alias"),
    **{f"tr_{name}": partial(_of_data, ranking, f"tr_{name}") for name in TRANSLITERATIONS},
    "casebase_rank": lambda _data, _made: fictional("casebase_rank"),
    "historical": partial(_of_data, dedupe, "historical"),
    "febrl4": _febrl,
    "casebase": lambda _data, _made: fictional("casebase"),
}


def chosen(only: Iterable[str]) -> list[str]:
    """Names of tasks; `tr` stands for all seven. Raises ValueError for a name that is none."""
    asked = [name for word in only for name in ([f"tr_{t}" for t in TRANSLITERATIONS] if word == "tr" else [word])]
    unknown = [name for name in asked if name not in TASKS]
    if unknown:
        raise ValueError(f"no such task: {', '.join(unknown)}; there are {', '.join(TASKS)}")
    return [name for name in TASKS if name in asked] if asked else list(TASKS)


def sizes(task: Task) -> str:
    """Size of a task in words."""
    if task.kind == "pairs":
        return f"{len(task.labels)} pairs, {sum(task.labels)} true"
    if task.kind == "rank":
        return f"{len(task.left)} of {len(task.right)}"
    if task.kind == "dedupe":
        return f"{len(task.left)}, {len(task.gold)} true pairs"
    return f"{len(task.left)} x {len(task.right)}, {len(task.gold)} true pairs"


def script_counts(rows: Iterable[Row]) -> Counter[str]:
    """How many persons are written in which script, by their first name."""
    return Counter(script(full_name(row)) for row in rows)
