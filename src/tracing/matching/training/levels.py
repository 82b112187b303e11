"""Fit the bits of every comparison level at once, from pairs whose truth is known.

A logistic regression on which level each comparison reaches. Its start, which it may leave only as far as the pairs
demand, is the table that was reasoned by hand (``data/weights_reasoned.json``); agreement stays at 0 bits or more and
monotone, conflict at 0 or less. Comparisons of one family's members depend on each other (names, father, place), which
counting level by level would not see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from tracing.matching.arrays import Flags, Longs
from tracing.matching.batch import BLOCK_CAP, Job
from tracing.matching.engine import MOST_INSIDE, Engine
from tracing.matching.model import Weights
from tracing.matching.roster import Roster
from tracing.matching.training.names import Matrix, as_person, newton, read_records

VERSION: Final = "2026.5"
_PENALTY: Final = 1e-5
_KEPT: Final = 0.35
"""Share of the pairs of two persons that is looked at; each then counts for as many as it stands for."""
_SAME_SEX: Final = 0.9
"""Bits of the same sex, fixed: half of all persons share it, so it can never tell more than one bit."""
_REASONED: Final = ("names", "place")
"""Comparisons whose rarity keeps its reasoned share: fictional lists draw from few names and hold no addresses."""
_WORTH_A_LOOK: Final = -7.0
"""Log2 odds from which pairs count for the slope: below, hardly anybody looks."""
_LABELLED: Final = (("name_bench_pairs", 6.0), ("hard_pairs", 2.0))


@dataclass(frozen=True, slots=True)
class Seen:
    """Pairs.

    Attributes:
        marks: [P, all levels] how far each level is reached.
        rarity: [P, comparisons] bits of rarity.
        offset: [P] bits that are not fitted: what lies within the best level of names.
        prior: log2 odds of a pair.
        labels, weights: truth, and how much each pair counts.
    """

    marks: Matrix
    rarity: Matrix
    offset: Matrix
    labels: Flags
    weights: Matrix
    prior: float = 0.0


def train(tasks: Path, lists: Sequence[tuple[Path, Path]], out: Path, tell: Callable[[str], None]) -> None:
    """Write the weights table.

    Args:
        tasks: folder with the labelled pairs of names (NDJSON), which keep names alone calibrated.
        lists: pairs of list files with their truth, fictional.
        out: file to write.
        tell: hears what is being read.
    """
    text = files("tracing.matching.data").joinpath("weights_reasoned.json").read_text("utf-8")
    start = Weights.from_json(text)
    engine = Engine(weights=replace(start, rarity=dict.fromkeys(start.rarity, 1.0)))
    seen: list[Seen] = []
    shares: list[Matrix] = []
    for number, (left, right) in enumerate(lists):
        tell(f"lists {left.name} and {right.name}")
        pairs, among_true = _linked(engine, read_records(left), read_records(right), number)
        seen.append(pairs)
        shares.append(among_true)
    for task, weight in _LABELLED:
        tell(task)
        seen.append(_labelled(engine, read_records(tasks / f"{task}.ndjson"), weight))
    tell(f"fitting {sum(len(one.labels) for one in seen)} pairs")
    bits, rarity, odds = _fit(engine, seen, start)
    slope, shift = _calibrated(odds, seen[: len(lists)])
    made = replace(
        start,
        version=VERSION,
        share=float(f"{2 ** (shift / slope):.3g}"),
        slope=round(slope, 3),
        against=round(fit_against(odds, seen[: len(lists)], slope), 3),
        rarity={name: round(counted, 3) for name, counted in rarity.items()},
        levels=_levels(engine, bits, np.sum(shares, axis=0)),
    )
    out.write_text(made.to_json(), "utf-8")


def _linked(
    engine: Engine, left: Sequence[dict[str, Any]], right: Sequence[dict[str, Any]], seed: int
) -> tuple[Seen, Matrix]:
    """Candidates of two lists, and how many true pairs reach each level."""
    job = Job.of(map(as_person, left), map(as_person, right), BLOCK_CAP, engine)
    gold = {(answer, record["id"]) for record in right for answer in record.get("_gold", ())}
    met = [job.candidates(shard)[:2] for shard in job.shards()]
    lefts, rights = (np.concatenate([pair[side] for pair in met]) for side in (0, 1))
    ids = job.roster.ids
    labels = np.array([(ids[one], ids[two]) in gold for one, two in zip(lefts.tolist(), rights.tolist(), strict=True)])
    chance = np.random.default_rng(seed)
    kept = labels | (chance.random(len(labels)) < _KEPT)
    seen = _seen(job.engine, job.roster, lefts[kept], rights[kept], labels[kept], np.where(labels[kept], 1, 1 / _KEPT))
    prior = np.log2(job.prior() / (1 - job.prior()))
    among_true = _marks(job.engine, job.score(lefts[labels], rights[labels]).levels).sum(axis=0)
    return replace(seen, prior=float(prior)), among_true


def _labelled(engine: Engine, records: Sequence[dict[str, Any]], weight: float) -> Seen:
    roster = Roster(engine.read(as_person(record[side])) for record in records for side in ("left", "right"))
    places = np.arange(0, len(roster), 2)
    labels = np.array([bool(record["label"]) for record in records])
    return _seen(engine, roster, places, places + 1, labels, np.full(len(labels), weight))


def _seen(engine: Engine, roster: Roster, left: Longs, right: Longs, labels: Flags, weights: Matrix) -> Seen:
    """Names lie between two levels, so both are marked in part."""
    scores = engine.score_pairs(roster, left, right)
    marks = _marks(engine, scores.levels)
    inside = engine.inside_names(roster, left, right)
    level = scores.levels[:, 0]
    between = np.flatnonzero(level > 0)
    marks[between, level[between]] -= inside[between]
    marks[between, level[between] - 1] += inside[between]
    rarity = scores.bits.astype(np.float64)
    for column, info in enumerate(engine.comparisons):
        first = _place(engine, info.name, 0)
        rarity[:, column] -= marks[:, first : first + len(info.levels)] @ engine.level_bits(info.name)
    rarity[scores.levels < 0] = 0
    offset = np.where(level == 0, inside * np.float64(MOST_INSIDE), 0)
    rarity[:, 0] -= offset
    return Seen(marks, np.maximum(rarity, 0), offset, labels, weights.astype(np.float64))


def _marks(engine: Engine, levels: Any) -> Matrix:
    """[P, all levels] 1 where a comparison reaches a level."""
    blocks = []
    for column, info in enumerate(engine.comparisons):
        block = np.zeros((len(levels), len(info.levels)))
        said = np.flatnonzero(levels[:, column] >= 0)
        block[said, levels[said, column]] = 1
        blocks.append(block)
    return np.concatenate(blocks, axis=1)


def _fit(engine: Engine, seen: Sequence[Seen], start: Weights) -> tuple[Matrix, dict[str, float], Matrix]:
    """(bits of all levels, in the order of ``Engine.comparisons``; shares of rarity; log2 odds of each pair)."""
    rises, sign = _rises(engine)
    table = np.concatenate([engine.level_bits(info.name) for info in engine.comparisons])
    names = [info.name for info in engine.comparisons]
    rare = [names.index(name) for name in start.rarity]
    begin = np.concatenate((np.linalg.lstsq(rises, table, rcond=None)[0], list(start.rarity.values()), (0.0,)))
    marks = np.concatenate([one.marks for one in seen])
    rarity = np.concatenate([one.rarity for one in seen])[:, rare]
    offset = np.concatenate([one.offset + one.prior for one in seen])
    sex, kept = _place(engine, "sex", 0), [list(start.rarity).index(name) for name in _REASONED]
    offset += marks[:, sex] * _SAME_SEX + rarity[:, kept] @ [start.rarity[name] for name in _REASONED]
    marks[:, sex], rarity[:, kept] = 0, 0
    labels = np.concatenate([one.labels for one in seen]).astype(np.float64)
    weights = np.concatenate([one.weights for one in seen])
    rows = np.column_stack((marks @ rises, rarity, np.ones(len(marks)))) * np.log(2)
    penalty = np.append(np.full(len(begin) - 1, _PENALTY), 1e-9)
    signs = np.concatenate((sign, np.ones(len(rare)), (0.0,)))
    found = newton(rows, labels, weights / weights.sum(), signs, penalty, begin, offset * np.log(2))
    bits: Matrix = rises @ found[: len(sign)]
    bits[sex] = _SAME_SEX
    counted = dict(zip(start.rarity, found[len(sign) : -1].tolist(), strict=True))
    return bits, counted, rows[:, :-1] @ found[:-1] / np.log(2) + offset


def _calibrated(odds: Matrix, seen: Sequence[Seen]) -> tuple[float, float]:
    """(slope, shift) of the log2 odds of the pairs of lists that are worth a look; `odds` begin with theirs."""
    labels = np.concatenate([one.labels for one in seen]).astype(np.float64)
    weights = np.concatenate([one.weights for one in seen])
    told = odds[: len(labels)] >= _WORTH_A_LOOK
    rows = np.column_stack((odds[: len(labels)], np.ones(len(labels))))[told] * np.log(2)
    counted = weights[told] / weights[told].sum()
    slope, shift = newton(rows, labels[told], counted, np.zeros(2), np.full(2, 1e-9), np.array((1.0, 0.0))).tolist()
    return slope, shift


def fit_against(odds: Matrix, seen: Sequence[Seen], slope: float) -> float:
    """Factor on weights below 0, at least 1, from the pairs of lists at even odds; `odds` begin with theirs.

    At even odds true pairs and pairs of two persons count the same: with a pool's prior, a weight below 0 is hopeless
    whatever the factor.
    """
    labels = np.concatenate([one.labels for one in seen])
    weights = np.concatenate([one.weights for one in seen])
    prior = np.concatenate([np.full(len(one.labels), one.prior) for one in seen])
    told = (odds[: len(labels)] - prior) * slope * np.log(2)
    counted = weights * np.where(labels, 1 / weights[labels].sum(), 1 / weights[~labels].sum()) / 2
    rows, above = np.minimum(told, 0)[:, None], np.maximum(told, 0)
    found = newton(rows, labels.astype(np.float64), counted, np.ones(1), np.full(1, 1e-9), np.ones(1), above)
    return max(1.0, float(found[0]))


def _rises(engine: Engine) -> tuple[Matrix, Matrix]:
    """(bits of levels from free numbers, their signs): agreement is a sum of rises, conflict is free below 0."""
    size = sum(len(info.levels) for info in engine.comparisons)
    columns: list[Matrix] = []
    signs: list[float] = []
    for info in engine.comparisons:
        first = _place(engine, info.name, 0)
        for level in range(len(info.levels)):
            column = np.zeros(size)
            agrees = level < info.agreeing
            column[first if agrees else first + level : first + level + 1] = 1
            columns.append(column)
            signs.append(1 if agrees else -1)
    return np.column_stack(columns), np.array(signs)


def _place(engine: Engine, comparison: str, level: int) -> int:
    place = 0
    for info in engine.comparisons:
        if info.name == comparison:
            return place + level
        place += len(info.levels)
    raise KeyError(comparison)


def _levels(engine: Engine, bits: Matrix, among_true: Matrix) -> dict[str, dict[str, tuple[float, float]]]:
    """Both m and u of every level: m as seen among true pairs, u as the bits ask for; less where u would pass 1."""
    table: dict[str, dict[str, tuple[float, float]]] = {}
    for info in engine.comparisons:
        first = _place(engine, info.name, 0)
        counted = among_true[first : first + len(info.levels)] + 0.5
        table[info.name] = {}
        for level, share in zip(info.levels, counted / counted.sum(), strict=True):
            ratio = float(2 ** bits[first + info.levels.index(level)])
            m = min(float(share), 0.98, 0.98 * ratio)
            table[info.name][level] = float(f"{m:.4g}"), float(f"{m / ratio:.4g}")
    return table
