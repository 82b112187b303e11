"""Tell on a terminal what to ask next about each ranked query."""

import json
from typing import TextIO

from tracing.matching.batch import Job
from tracing.matching.questions import Candidate, next_questions


def tell_questions(job: Job, ranked: str, out: TextIO) -> None:
    """Write the best questions of each query, from the lines that `rank` wrote about it."""
    readings = {one.id: one for one in job.right}
    queries = {one.id: one for one in job.left}
    found: dict[str, list[Candidate]] = {}
    for line in ranked.splitlines():
        row = json.loads(line)
        found.setdefault(row["query"], []).append(Candidate(readings[row["right"]], row["weight"]))
    for query, candidates in found.items():
        asked = next_questions(job.engine, queries[query], candidates, job.prior())
        for question in asked:
            out.write(f"{query}: {question.gain:.2f} bits: {question.sentence}\n")
        if not asked:
            out.write(f"{query}: no missing fact would tell the candidates apart\n")
