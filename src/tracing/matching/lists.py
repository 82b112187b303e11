"""What the list commands do with a shard of the left list, as text lines ready to be written.

Both works run in the processes of `batch.run`: they return text, so that only text travels.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest

from tracing.matching.batch import Job, Scored

COLUMNS = ("left", "right", "weight", "probability", "band", "reasons")
FULL_SCAN = 1_000
"""A list of at most so many persons is ranked whole: keys would save no time."""


@dataclass(frozen=True, slots=True)
class Part:
    """One shard's lines. `compared` counts pairs, `cut` persons left with part of one large block."""

    text: str
    persons: int
    compared: int
    cut: int


@dataclass(frozen=True, slots=True)
class Matching:
    """Writes every pair of at least `min_probability`; of each left person the best `top` (None: all).

    Lines come in the order of the left list, for one person by falling weight, ties by the right id.
    """

    top: int | None
    min_probability: float
    is_csv: bool

    def __call__(self, job: Job, shard: range) -> Part:
        prior = job.prior()
        lines: list[tuple[object, ...]] = []
        compared = cut = 0
        for position in shard:
            scored, is_cut = job.scored(position)
            compared += len(scored)
            cut += is_cut
            for pair in _best(job, scored, self.top):
                probability = job.engine.probability(pair.score.weight, prior)
                if probability < self.min_probability:
                    break
                lines.append(self._line(job, pair, probability))
        return Part(self._text(lines), len(shard), compared, cut)

    def _line(self, job: Job, pair: Scored, probability: float) -> tuple[object, ...]:
        return (
            job.left[pair.left].id,
            job.right[pair.right].id,
            round(pair.score.weight, 4),
            probability,
            job.engine.band(probability),
            list(job.engine.reasons(pair.score)),
        )

    def _text(self, lines: Iterable[tuple[object, ...]]) -> str:
        if not self.is_csv:
            return "".join(json_line(dict(zip(COLUMNS, line, strict=True))) for line in lines)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for *values, reasons in lines:
            assert isinstance(reasons, list)
            writer.writerow([*values, " | ".join(reasons)])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Writes the best `top` candidates of each left person, rank 1 first, whatever their probability."""

    top: int

    def __call__(self, job: Job, shard: range) -> Part:
        prior = job.prior()
        lines: list[str] = []
        compared = cut = 0
        for position in shard:
            scored, is_cut = self._scored(job, position)
            compared += len(scored)
            cut += is_cut
            for place, pair in enumerate(_best(job, scored, self.top), 1):
                weight = pair.score.weight
                lines.append(
                    json_line(
                        {
                            "query": job.left[position].id,
                            "rank": place,
                            "right": job.right[pair.right].id,
                            "weight": round(weight, 4),
                            "probability": job.engine.probability(weight, prior),
                        }
                    )
                )
        return Part("".join(lines), len(shard), compared, cut)

    def _scored(self, job: Job, position: int) -> tuple[list[Scored], bool]:
        """Candidates by keys; the whole list when it is short, or when the keys bring fewer than `top`."""
        if len(job.right) > FULL_SCAN:
            scored, is_cut = job.scored(position)
            if len(scored) >= self.top:
                return scored, is_cut
        return job.scan(position), False


def json_line(record: dict[str, object]) -> str:
    """One NDJSON line."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _best(job: Job, scored: list[Scored], top: int | None) -> list[Scored]:
    """By falling weight, ties by the right id."""
    right = job.right

    def place(pair: Scored) -> tuple[float, str]:
        return -pair.score.weight, right[pair.right].id

    return sorted(scored, key=place) if top is None else nsmallest(top, scored, key=place)
