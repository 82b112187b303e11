"""What the list commands do with a shard of the left list, as text lines ready to be written.

Both works run in the processes of `batch.run`: they return text, so that only text travels.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tracing.matching.arrays import Longs
from tracing.matching.batch import Job
from tracing.matching.evidence import Scores
from tracing.matching.ranking import best_first

COLUMNS = ("left", "right", "weight", "probability", "band", "reasons")
FULL_SCAN = 10_000
"""A list of at most so many persons is ranked whole: a tenth of a second a query, and no key can miss anybody."""


class Line(NamedTuple):
    """One pair as it is written, and the places of both persons in the roster."""

    left: int
    right: int
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One shard's lines. `compared` counts pairs, `cut` persons left with part of one large block.

    `lines` holds the same pairs where they are still to be chosen from; `text` is empty then.
    """

    text: str
    persons: int
    compared: int
    cut: int
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """Writes every pair of at least `min_probability`; of each left person the best `top` (None: all).

    With `keeps_lines` a part holds them line by line, for `each_once`.

    Lines come in the order of the left list, for one person by falling weight, ties by the right id.
    """

    top: int | None
    min_probability: float
    is_csv: bool
    keeps_lines: bool = False

    def __call__(self, job: Job, shard: range) -> Part:
        prior = job.prior()
        left, right, cut = job.candidates(shard)
        least = job.engine.least_weight(self.min_probability, prior)
        at, scores = job.engine.score_above(job.roster, left, right, least)
        lines = self._lines(job, left[at], right[at], scores, prior)
        if self.keeps_lines:
            return Part("", len(shard), len(left), cut, tuple(lines))
        return Part("".join([line.text for line in lines]), len(shard), len(left), cut)

    def _lines(self, job: Job, left: Longs, right: Longs, scores: Scores, prior: float) -> Iterator[Line]:
        ids, engine = job.roster.ids, job.engine
        known: dict[bytes, str] = {}
        for place in _ordered(job, left, right, scores, self.top):
            weight = float(scores.weight[place])
            probability = engine.probability(weight, prior)
            pattern = scores.levels[place].tobytes()
            reasons = known.get(pattern)
            if reasons is None:
                reasons = known[pattern] = self._joined(engine.reasons(scores.score(place)))
            one, other = int(left[place]), int(right[place])
            text = self._line(ids[one], ids[other], round(weight, 4), probability, engine.band(probability), reasons)
            yield Line(one, other, weight, text)

    def _joined(self, reasons: tuple[str, ...]) -> str:
        return " | ".join(reasons) if self.is_csv else json.dumps(reasons, ensure_ascii=False)

    def _line(self, left: str, right: str, weight: float, probability: float, band: str, reasons: str) -> str:
        if not self.is_csv:
            ids = f'"left":{_text(left)},"right":{_text(right)}'
            return f'{{{ids},"weight":{weight},"probability":{probability},"band":"{band}","reasons":{reasons}}}\n'
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow([left, right, weight, probability, band, reasons])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Writes the best `top` candidates of each left person, rank 1 first, whatever their probability."""

    top: int

    def __call__(self, job: Job, shard: range) -> Part:
        prior = job.prior()
        lines: list[str] = []
        compared = cut = 0
        for left, right, is_cut in self._candidates(job, shard):
            scores = job.score(left, right)
            compared, cut = compared + len(left), cut + is_cut
            for place, pair in enumerate(_ordered(job, left, right, scores, self.top), 1):
                weight = float(scores.weight[pair])
                record = {
                    "query": job.roster.ids[left[pair]],
                    "rank": place,
                    "right": job.roster.ids[right[pair]],
                    "weight": round(weight, 4),
                    "probability": job.engine.probability(weight, prior),
                }
                lines.append(json_line(record))
        return Part("".join(lines), len(shard), compared, cut)

    def _candidates(self, job: Job, shard: range) -> Iterator[tuple[Longs, Longs, int]]:
        """Per left person: candidates by keys; the whole list when it is short, or the keys bring fewer than `top`."""
        whole = np.arange(job.right_first, job.right_first + job.right_size)
        for place in shard:
            if job.right_size > FULL_SCAN:
                left, right, cut = job.candidates(range(place, place + 1))
                if len(left) >= self.top:
                    yield left, right, cut
                    continue
            yield np.full(len(whole), place), whole, 0


def each_once(lines: Iterable[Line], ids: list[str]) -> list[Line]:
    """Of many pairs those in which each person stands once at most: the best pair first, then the best of the rest.

    Pairs of one weight are taken in the order of their ids; what comes out stands in the order that came in.
    """
    given = list(lines)
    by_weight = sorted(range(len(given)), key=lambda at: (-given[at].weight, ids[given[at].left], ids[given[at].right]))
    taken: set[int] = set()
    kept: list[int] = []
    for at in by_weight:
        pair = {given[at].left, given[at].right}
        if taken.isdisjoint(pair):
            taken |= pair
            kept.append(at)
    return [given[at] for at in sorted(kept)]


def json_line(record: dict[str, object]) -> str:
    """One NDJSON line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ordered(job: Job, left: Longs, right: Longs, scores: Scores, top: int | None) -> Iterator[int]:
    """Places of the pairs to write: of each left person (pairs stand in their order) the best ones.

    A pair about which nothing could be compared stands behind those that were compared.
    """
    ids = job.roster.ids
    weights = scores.order
    starts = np.flatnonzero(np.diff(left, prepend=-1, append=-1))
    for start, stop in pairwise(starts.tolist()):
        names = [ids[place] for place in right[start:stop].tolist()]
        yield from (start + place for place in best_first(weights[start:stop], names, top))
