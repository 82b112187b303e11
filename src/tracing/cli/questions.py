"""Tell on a terminal what to ask next about each ranked query."""

import json
from collections.abc import Iterable
from typing import TextIO

from tracing.matching import Engine, Person
from tracing.matching.questions import Candidate, next_questions


def tell_questions(
    engine: Engine, queries: Iterable[Person], pool: Iterable[Person], ranked: str, prior: float, out: TextIO
) -> None:
    """Write the best questions of each query, from the lines that `rank` wrote about it.

    Args:
        engine: that ranked.
        queries: persons, among them all that the lines name.
        pool: likewise.
        ranked: the lines.
        prior: of one pair.
        out: where to.
    """
    asked_for, known = ({one.id: one for one in side} for side in (queries, pool))
    found: dict[str, list[Candidate]] = {}
    for line in ranked.splitlines():
        row = json.loads(line)
        found.setdefault(row["query"], []).append(Candidate(engine.read(known[row["right"]]), row["weight"]))
    for query, candidates in found.items():
        asked = next_questions(engine, engine.read(asked_for[query]), candidates, prior)
        for question in asked:
            out.write(f"{query}: {question.gain:.2f} bits: {question.sentence}\n")
        if not asked:
            out.write(f"{query}: no missing fact would tell the candidates apart\n")
