"""Neutral commands: compare, rank, match-lists and evaluate, on files alone, without settings or database.

NDJSON goes to standard output, everything else to standard error. Exit code 0: all lines good; 1: some were
refused, the others are done; 2: the command cannot run.
"""

import dataclasses
import os
import sys
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from tracing.cli.files import (
    WeightsFile,
    engine_of,
    is_one_file,
    labelled_pairs,
    leave,
    persons,
    readable,
    say,
    stop,
    warn,
)
from tracing.cli.questions import tell_questions
from tracing.matching import Comparison, files
from tracing.matching.batch import BLOCK_CAP, RANK_CAP, Job, run
from tracing.matching.evaluation import merit
from tracing.matching.lists import COLUMNS, Line, Matching, Part, Ranking, each_once, json_line
from tracing.matching.roster import Roster

_PROGRESS_SECONDS = 2.0
_PAIRS_AT_ONCE = 200
"""Pairs that are compared together; at a terminal each line is answered at once."""


class Executor(StrEnum):
    """Where the pairs of two lists are compared."""

    local = "local"


_PairsFile = Annotated[
    str,
    typer.Argument(metavar="PAIRS", help='NDJSON lines {"left": person, "right": person}; - reads stdin.'),
]
_Prior = Annotated[float, typer.Option(min=1e-9, max=1 - 1e-9, help="Prior probability of a pair.")]
_Workers = Annotated[int | None, typer.Option(min=1, help="Processes; one per core by default.")]


def register(parent: typer.Typer) -> None:
    """Add the neutral commands to the main command."""
    parent.command(name="compare")(compare)
    parent.command(name="rank")(rank)
    parent.command(name="match-lists")(match_lists)
    parent.command(name="evaluate")(evaluate)


def compare(
    pairs: _PairsFile,
    prior: _Prior = 0.5,
    explain: Annotated[bool, typer.Option("--explain", help="Also draw each pair's evidence on stderr.")] = False,
    weights: WeightsFile = None,
) -> None:
    """Compare pairs of persons.

    One line per pair: weight, probability, band and evidence.
    """
    engine = engine_of(weights)
    refused = False
    at_once = 1 if pairs == "-" and sys.stdin.isatty() else _PAIRS_AT_ONCE
    lines = readable(files.pairs(pairs))
    while chunk := list(islice(lines, at_once)):
        whole = [(engine.read(line.left), engine.read(line.right)) for line in chunk if line.left and line.right]
        found = iter(engine.compare_pairs(whole, prior))
        for line in chunk:
            warn(pairs, line.line, line.warnings)
            if line.left is None or line.right is None:
                refused = True
                say(f"{pairs}: line {line.line}: {line.error}")
                sys.stdout.write(json_line({"line": line.line, "error": line.error}))
                continue
            compared = next(found)
            sys.stdout.write(_comparison(compared))
            if explain:
                import_module("tracing.cli.waterfall").draw(compared, sys.stderr)
    leave(refused)


def rank(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Persons to look for: NDJSON or CSV.")],
    candidates: Annotated[str, typer.Argument(metavar="LIST", help="Persons to look among: NDJSON or CSV.")],
    top: Annotated[int, typer.Option(min=1, help="Candidates per query.")] = 10,
    workers: _Workers = None,
    questions: Annotated[
        bool, typer.Option("--questions", help="Also tell on stderr which missing fact would separate them best.")
    ] = False,
    weights: WeightsFile = None,
) -> None:
    """Rank the persons of a list for each person looked for.

    One line per candidate: query, rank, right, weight, probability.
    """
    queries, some_refused = persons(query)
    pool, more_refused = persons(candidates)
    job = Job.of(queries, pool, RANK_CAP, engine_of(weights))
    for part in _progress(run(job, Ranking(top), _processes(workers)), len(queries)):
        sys.stdout.write(part.text)
        if questions:
            tell_questions(job.engine, queries, pool, part.text, job.prior(), sys.stderr)
    leave(some_refused or more_refused)


def match_lists(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="Persons: NDJSON or CSV.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="Persons: NDJSON or CSV.")],
    output: Annotated[str, typer.Option("-o", "--output", help="File to write, ending in .ndjson or .csv.")],
    same: Annotated[bool, typer.Option("--same", help="RIGHT is LEFT: match a list with itself.")] = False,
    top: Annotated[int | None, typer.Option(min=1, help="Best pairs per left person; all by default.")] = None,
    once: Annotated[
        bool, typer.Option("--each-once", help="No list holds anybody twice: take each person once, best pair first.")
    ] = False,
    min_probability: Annotated[float, typer.Option(min=0.0, max=1.0, help="Leave out less probable pairs.")] = 0.1,
    workers: _Workers = None,
    executor: Annotated[
        Executor, typer.Option(help="Where to compare: on this machine.")
    ] = Executor.local,  # one so far
    weights: WeightsFile = None,
) -> None:
    """Match two lists of persons.

    One line per pair: left, right, weight, probability, band and reasons.
    """
    if not output.endswith((".ndjson", ".csv")):
        stop("--output must end in .ndjson or .csv")
    if same and not is_one_file(left, right):
        stop("--same needs RIGHT to be LEFT")
    if once and top is not None:
        stop("--each-once leaves one pair per person, so --top has no use")
    people, some_refused = persons(left)
    others, more_refused = ([], False) if same else persons(right)
    job = Job.of(people, None if same else others, BLOCK_CAP, engine_of(weights))
    del people, others  # what was written is not needed any more, and would stand in memory beside the columns
    is_csv = output.endswith(".csv")
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as out:
            out.write(",".join(COLUMNS) + "\n" if is_csv else "")
            parts = run(job, Matching(top, min_probability, is_csv, once), _processes(workers))
            out.writelines(_texts(_progress(parts, job.left_size, job), job.roster.ids))
    except OSError as error:
        stop(f"{output}: {error.strerror or 'cannot be written'}")
    leave(some_refused or more_refused)


def evaluate(
    labelled: Annotated[
        str, typer.Argument(metavar="LABELLED", help='Pairs with "label": true or false; - reads stdin.')
    ],
    prior: _Prior = 0.5,
    reliability: Annotated[
        bool, typer.Option("--reliability", help="Also tell calibration bin by bin, on stderr.")
    ] = False,
    weights: WeightsFile = None,
) -> None:
    """Measure the engine on labelled pairs.

    AUC, best F1, recall at precision .99, calibration, speed.
    """
    engine = engine_of(weights)
    pairs, some_refused = labelled_pairs(labelled)
    labels = [label for _, _, label in pairs]
    start = time.perf_counter()
    roster = Roster(engine.read(person) for one, other, _ in pairs for person in (one, other))
    weighed = engine.score_pairs(roster, places := np.arange(0, len(roster), 2), places + 1).weight.tolist()
    seconds = time.perf_counter() - start
    probabilities = [engine.probability(weight, prior) for weight in weighed]
    found = dataclasses.asdict(merit(weighed, probabilities, labels))
    found = {key: round(value, 4) if isinstance(value, float) else value for key, value in found.items()}
    sys.stdout.write(json_line({**found, "pairs_per_s": round(len(pairs) / seconds, 1) if seconds else None}))
    if reliability:
        import_module("tracing.cli.reliability").draw_reliability(probabilities, labels, sys.stderr)
    leave(some_refused)


def _comparison(found: Comparison) -> str:
    record = dataclasses.asdict(found)
    record["weight"] = round(found.weight, 4)
    for one in record["evidence"]:
        one["weight"] = round(one["weight"], 4)
    return json_line(record)


def _progress(parts: Iterable[Part], persons: int, job: Job | None = None) -> Iterator[Part]:
    """The same parts, told on standard error: how far, at what speed, and what large blocks left out."""
    start = told = time.perf_counter()
    done = compared = cut = 0
    for part in parts:
        done, compared, cut = done + part.persons, compared + part.compared, cut + part.cut
        now = time.perf_counter()
        if now - told >= _PROGRESS_SECONDS:
            told = now
            say(f"{done} of {persons} persons, {compared} pairs, {compared / (now - start):.0f} pairs/s")
        yield part
    say(f"{done} persons, {compared} pairs compared in {time.perf_counter() - start:.1f} s")
    if job is not None and (trimmed := job.blocks.trimmed()).blocks:
        say(
            f"left out as too common: {trimmed.blocks} blocks of more than {job.blocks.cap} persons "
            f"({trimmed.members} places); {cut} persons kept one of them, cut"
        )


def _texts(parts: Iterable[Part], ids: list[str]) -> Iterator[str]:
    """What is to be written, part by part; then, of lines that were kept, those in which each person stands once."""
    lines: list[Line] = []
    for part in parts:
        yield part.text
        lines.extend(part.lines)
    kept = each_once(lines, ids)
    yield from (line.text for line in kept)
    if lines:
        say(f"left out as one of the two stands in a better pair: {len(lines) - len(kept)} pairs")


def _processes(workers: int | None) -> int:
    return workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or 1
