"""Train the score of two names (``names/score.py``): a logistic regression whose curves rise and whose signs are set.

Pairs come from the development data (labelled pairs; queries with their list; two lists with their truth). A pair of a
query and another person of the list is a pair of two persons; the nearest ones are taken, and some at random.

An alias may share one word with the name it stands for: that two such names are one person is unlikely, and yet
likelier than of any other name of the list. So aliases teach the order alone: each true pair less each other pair of
its query is a row that ought to be above 0.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Longs
from tracing.matching.batch import RANK_CAP, Job
from tracing.matching.engine import Engine
from tracing.matching.names.compare import seen_by_width
from tracing.matching.names.features import LINEAR, Features
from tracing.matching.person import Person
from tracing.matching.roster import Roster

KNOTS: Final = np.array((0, 20, 60, 120, 200, 300, 400, 500, 600, 700, 800, 880, 940, 1000), np.float32)
CURVES: Final = ("each", "rare_each", "mean", "rare_mean", "lowest")
_FALLING: Final = frozenset({"missing", "first_conflict", "order", "other_chain"})
"""Features that must never speak for one person; what the rest says is left to the data."""
_NEAREST: Final = 15
_RANDOM: Final = 12
_STRANGERS: Final = 8.0
"""How much all pairs of two persons count together, for each time that the true ones of a list do."""
_IN_ORDER: Final = 5.0
"""How much the order of one query's candidates counts."""
_PENALTY: Final = 2e-4
_ROUNDS: Final = 15
_SWEEPS: Final = 400

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs of names: [P, features] as ``design`` gives them, whether one person, what each counts, of which query."""

    rows: Matrix
    labels: Flags
    weights: Matrix
    queries: Longs


def design(seen: Features) -> Matrix:
    """Columns of which ``NameScore.bits`` is a weighted sum: curves at their knots, linear ones, 1."""
    marks = np.stack([np.interp(seen.similarity, KNOTS, unit) for unit in np.eye(len(KNOTS))], axis=-1)
    marks *= seen.paired[..., None]
    each = marks.sum(axis=1)
    each[:, 0] += seen.strangers
    count = np.maximum(seen.paired.sum(axis=1) + seen.strangers + seen.linear[:, 0], 1)
    rare = (marks * seen.rare[..., None]).sum(axis=1)
    rare[:, 0] += seen.stranger_rare
    over = seen.rare.sum(axis=1) + seen.stranger_rare + 0.3 * seen.missing_rare
    lowest = np.stack([np.interp(seen.lowest, KNOTS, unit) for unit in np.eye(len(KNOTS))], axis=-1)
    ones = np.ones((len(count), 1))
    return np.concatenate(
        (each, rare, each / count[:, None], rare / np.maximum(over, 1e-6)[:, None], lowest, seen.linear, ones), axis=1,
    )  # fmt: skip


def fit(samples: Sequence[Sample]) -> dict[str, Any]:
    """Coefficients of the best allowed regression, ready for ``NameScore.from_json``; the same for the same input."""
    rows = np.concatenate([sample.rows for sample in samples])
    labels = np.concatenate([sample.labels for sample in samples]).astype(np.float64)
    weights = np.concatenate([sample.weights for sample in samples])
    steps, sign = _steps()
    table = rows @ steps
    scale = np.sqrt((table**2 * weights[:, None]).sum(axis=0) / weights.sum()) + 1e-9
    penalty = np.append(np.full(table.shape[1] - 1, _PENALTY), 1e-9)
    zero = np.zeros(table.shape[1])
    found = newton(table / scale, labels, weights / weights.sum(), sign, penalty, zero) / scale
    return _as_table(steps @ found)


def _steps() -> tuple[Matrix, Matrix]:
    """(coefficients from rises between knots, sign allowed for each: 1, -1, or 0 for both)."""
    knots = len(KNOTS)
    blocks: list[Matrix] = []
    signs: list[float] = []
    size = knots * len(CURVES) + len(LINEAR) + 1
    for curve in range(len(CURVES)):
        for start in range(0 if curve < 2 else 1, knots):
            column = np.zeros(size)
            column[curve * knots + start : (curve + 1) * knots] = 1
            blocks.append(column)
            signs.append(0 if start == 0 else 1)
    for place, name in enumerate((*LINEAR, "intercept")):
        column = np.zeros(size)
        column[knots * len(CURVES) + place] = 1
        blocks.append(column)
        signs.append(-1 if name in _FALLING else 0)
    return np.column_stack(blocks), np.array(signs)


def newton(
    table: Matrix,
    labels: Matrix,
    weights: Matrix,
    sign: Matrix,
    penalty: Matrix,
    start: Matrix,
    offset: Matrix | float = 0.0,
) -> Matrix:
    """Newton's method on the penalised log loss within the signs (1, -1, 0: both).

    `penalty` draws each coefficient to `start`; `offset` is added to the log odds of each row.
    """
    at = start.copy()
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(table @ at + offset, -35, 35)))
        slope = table.T @ (weights * (chance - labels)) + penalty * (at - start)
        heavy = weights * np.maximum(chance * (1 - chance), 1e-6)
        curvature = (table * heavy[:, None]).T @ table + np.diag(penalty)
        new = _step(at, slope, curvature, sign)
        moved = float(np.abs(new - at).max())
        at = new
        if moved < 1e-4:
            break
    return at


def _step(at: Matrix, slope: Matrix, curvature: Matrix, sign: Matrix) -> Matrix:
    """Least point of the parabola within the signs, one coordinate after the other."""
    low, high = np.where(sign > 0, 0, -np.inf), np.where(sign < 0, 0, np.inf)
    new, rest = at.copy(), slope.copy()
    for _ in range(_SWEEPS):
        farthest = 0.0
        for place in range(len(new)):
            value = min(max(new[place] - rest[place] / curvature[place, place], low[place]), high[place])
            moved = value - new[place]
            if moved:
                rest += curvature[:, place] * moved
                new[place] = value
                farthest = max(farthest, abs(moved))
        if farthest < 1e-6:
            break
    return new


def _as_table(coefficients: Matrix) -> dict[str, Any]:
    bits = [round(float(value) / np.log(2), 4) for value in coefficients]
    knots = len(KNOTS)
    table: dict[str, Any] = {"knots": KNOTS.tolist()}
    for place, curve in enumerate(CURVES):
        table[curve] = bits[place * knots : (place + 1) * knots]
    rest = bits[knots * len(CURVES) :]
    table["linear"] = dict(zip(LINEAR, rest, strict=False))
    table["intercept"] = rest[-1]
    return table


def labelled(records: Sequence[dict[str, Any]], weight: float) -> Sample:
    """Sample of labelled pairs: first names of both sides."""
    engine = Engine()
    roster = Roster(engine.read(as_person(record[side])) for record in records for side in ("left", "right"))
    left = np.arange(0, len(roster), 2)
    labels = np.array([bool(record["label"]) for record in records])
    return _sample(engine, roster, left, left + 1, labels, np.full(len(left), weight))


def in_order(sample: Sample, weight: float) -> Sample:
    """Each true pair less each other pair of the same query, all rows of a true pair together counting `weight`."""
    rows, weights, queries = [], [], []
    for query in np.unique(sample.queries):
        at = np.flatnonzero(sample.queries == query)
        others = at[~sample.labels[at]]
        for true in at[sample.labels[at] & (sample.weights[at] > 0)]:
            rows.append(sample.rows[true] - sample.rows[others])
            weights.append(np.full(len(others), weight / max(len(others), 1)))
            queries.append(np.full(len(others), query))
    told = np.concatenate(queries)
    return Sample(np.concatenate(rows), np.ones(len(told), np.bool_), np.concatenate(weights), told)


def ranked(queries: Sequence[dict[str, Any]], listed: Sequence[dict[str, Any]], weight: float) -> Sample:
    """Sample of queries (``_gold``: ids of the list) with their own and the nearest and some other persons.

    A true pair in which no two tokens agree is a pseudonym, which no comparison of names can find: left out.
    """
    job = Job.of(map(as_person, queries), map(as_person, listed), RANK_CAP)
    gold = {(place, answer) for place, query in enumerate(queries) for answer in query["_gold"]}
    return _nearest(job, lambda one, other: (one, job.roster.ids[other]) in gold, weight, leave_strangers=True)


def linked(left: Sequence[dict[str, Any]], right: Sequence[dict[str, Any]], weight: float) -> Sample:
    """Sample of two lists: right persons hold the ids of their left partners in ``_gold``."""
    job = Job.of(map(as_person, left), map(as_person, right), RANK_CAP)
    gold = {(answer, record["id"]) for record in right for answer in record.get("_gold", ())}
    ids = job.roster.ids
    return _nearest(job, lambda one, other: (ids[one], ids[other]) in gold, weight, leave_strangers=True)


def _nearest(job: Job, is_true: Callable[[int, int], bool], weight: float, leave_strangers: bool) -> Sample:
    chance = np.random.default_rng(1)
    lefts: list[int] = []
    rights: list[int] = []
    for shard in job.shards():
        left, right, _ = job.candidates(shard)
        scores = job.score(left, right).weight
        for place in shard:
            at = np.flatnonzero(left == place)
            best = at[np.argsort(-scores[at], kind="stable")[:_NEAREST]]
            other = chance.choice(at, min(_RANDOM, len(at)), replace=False) if len(at) else at
            true = [pair for pair in at.tolist() if is_true(place, int(right[pair]))]
            for pair in dict.fromkeys((*true, *best.tolist(), *other.tolist())):
                lefts.append(place)
                rights.append(int(right[pair]))
    labels = np.array([is_true(one, other) for one, other in zip(lefts, rights, strict=True)])
    share = labels.sum() / max(len(labels) - labels.sum(), 1)
    weights = np.where(labels, weight, weight * share * _STRANGERS)
    sample = _sample(job.engine, job.roster, np.array(lefts), np.array(rights), labels, weights)
    if leave_strangers:
        agreeing = sample.rows[:, len(KNOTS) - 4 : len(KNOTS)].sum(axis=1) > 0
        sample = replace(sample, weights=np.where(labels & ~agreeing, 0, sample.weights))
    return sample


def _sample(engine: Engine, roster: Roster, left: Longs, right: Longs, labels: Flags, weights: NDArray[Any]) -> Sample:
    """The first names of each pair of persons."""
    own = roster.own
    one, other = own.items[own.starts[left]], own.items[own.starts[right]]
    rarities: Floats = engine.rarities(roster)
    rows = np.zeros((len(one), len(KNOTS) * len(CURVES) + len(LINEAR) + 1))
    for at, seen in seen_by_width(roster.book, one, other, rarities):
        rows[at] = design(seen)
    return Sample(rows, labels, weights.astype(np.float64), left)


def as_person(record: dict[str, Any]) -> Person:
    """Person of a record, without the keys that tell the truth."""
    return Person.from_neutral({key: value for key, value in record.items() if not key.startswith("_")})


def train(tasks: Path, lists: Sequence[tuple[Path, Path]], out: Path, tell: Callable[[str], None]) -> None:
    """Write the table.

    Args:
        tasks: folder with hard_pairs, name_bench_pairs, alias_* and tr_* queries and lists (NDJSON).
        lists: pairs of list files with their truth, fictional.
        out: file to write.
        tell: hears what is being read.
    """
    samples = list(_samples(tasks, lists, tell))
    tell(f"fitting {sum(len(sample.labels) for sample in samples)} pairs")
    out.write_text(json.dumps(fit(samples), indent=1) + "\n", "utf-8")


def _samples(tasks: Path, lists: Sequence[tuple[Path, Path]], tell: Callable[[str], None]) -> Iterator[Sample]:
    tell("labelled pairs")
    yield labelled(read_records(tasks / "hard_pairs.ndjson"), 6.0)
    yield labelled(read_records(tasks / "name_bench_pairs.ndjson"), 20.0)
    tell("aliases")
    listed = read_records(tasks / "alias_list.ndjson")
    yield in_order(ranked(read_records(tasks / "alias_queries.ndjson"), listed, _IN_ORDER), _IN_ORDER)
    for queries in sorted(tasks.glob("tr_*_queries.ndjson")):
        tell(queries.stem)
        listed = read_records(queries.with_name(queries.name.replace("_queries", "_list")))
        across = ranked(read_records(queries)[::5], listed, 0.5)
        yield across
        yield in_order(across, _IN_ORDER)
    for left, right in lists:
        tell(f"lists {left.name} and {right.name}")
        yield linked(read_records(left), read_records(right), 0.15)


def read_records(path: Path) -> list[dict[str, Any]]:
    """Objects of an NDJSON file."""
    lines: Iterable[str] = path.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
