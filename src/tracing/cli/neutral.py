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
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import numpy as np
import typer

from tracing.cli.waterfall import draw
from tracing.matching import Comparison, Engine, Person, PersonWarning, files
from tracing.matching.batch import BLOCK_CAP, RANK_CAP, Job, run
from tracing.matching.evaluation import merit
from tracing.matching.lists import COLUMNS, Matching, Part, Ranking, json_line
from tracing.matching.roster import Roster

SOME_REFUSED = 1
CANNOT_RUN = 2
_PROGRESS_SECONDS = 2.0

Line = TypeVar("Line")


class Executor(StrEnum):
    """Where the pairs of two lists are compared."""

    local = "local"
    spark = "spark"


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
    waterfall: Annotated[bool, typer.Option(help="Also draw each pair's evidence on stderr.")] = False,
) -> None:
    """Compare pairs of persons: one line per pair with weight, probability, band and evidence."""
    engine = Engine()
    refused = False
    for line in _readable(files.pairs(pairs)):
        _warn(pairs, line.line, line.warnings)
        if line.left is None or line.right is None:
            refused = True
            _say(f"{pairs}: line {line.line}: {line.error}")
            sys.stdout.write(json_line({"line": line.line, "error": line.error}))
            continue
        found = engine.compare(engine.read(line.left), engine.read(line.right), prior)
        sys.stdout.write(_comparison(found))
        if waterfall:
            draw(found, sys.stderr)
    _leave(refused)


def rank(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Persons to look for: NDJSON or CSV.")],
    candidates: Annotated[str, typer.Argument(metavar="LIST", help="Persons to look among: NDJSON or CSV.")],
    top: Annotated[int, typer.Option(min=1, help="Candidates per query.")] = 10,
    workers: _Workers = None,
) -> None:
    """Rank the persons of a list for each query person: query, rank, right, weight, probability."""
    queries, some_refused = _persons(query)
    pool, more_refused = _persons(candidates)
    job = Job.of(queries, pool, RANK_CAP)
    for part in _progress(run(job, Ranking(top), _processes(workers)), len(queries)):
        sys.stdout.write(part.text)
    _leave(some_refused or more_refused)


def match_lists(
    left: Annotated[str, typer.Argument(metavar="LEFT", help="Persons: NDJSON or CSV.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT", help="Persons: NDJSON or CSV.")],
    output: Annotated[str, typer.Option(help="File to write, ending in .ndjson or .csv.")],
    same: Annotated[bool, typer.Option("--same", help="RIGHT is LEFT: match a list with itself.")] = False,
    top: Annotated[int | None, typer.Option(min=1, help="Best pairs per left person; all by default.")] = None,
    min_probability: Annotated[float, typer.Option(min=0.0, max=1.0, help="Leave out less probable pairs.")] = 0.1,
    workers: _Workers = None,
    executor: Annotated[Executor, typer.Option(help="Where to compare.")] = Executor.local,
) -> None:
    """Match two lists of persons: left, right, weight, probability, band and reasons of each pair."""
    if executor is Executor.spark:
        _stop("--executor spark needs the extra: pip install 'tracing[spark]'")
    if not output.endswith((".ndjson", ".csv")):
        _stop("--output must end in .ndjson or .csv")
    if same and not _is_one_file(left, right):
        _stop("--same needs RIGHT to be LEFT")
    people, some_refused = _persons(left)
    others, more_refused = ([], False) if same else _persons(right)
    job = Job.of(people, None if same else others, BLOCK_CAP)
    is_csv = output.endswith(".csv")
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as out:
            out.write(",".join(COLUMNS) + "\n" if is_csv else "")
            parts = run(job, Matching(top, min_probability, is_csv), _processes(workers))
            for part in _progress(parts, job.left_size, job):
                out.write(part.text)
    except OSError as error:
        _stop(f"{output}: {error.strerror or 'cannot be written'}")
    _leave(some_refused or more_refused)


def evaluate(
    labelled: Annotated[
        str, typer.Argument(metavar="LABELLED", help='Pairs with "label": true or false; - reads stdin.')
    ],
    prior: _Prior = 0.5,
) -> None:
    """Measure the engine on labelled pairs: AUC, best F1, recall at precision .99, calibration, speed."""
    engine = Engine()
    lines = list(_readable(files.pairs(labelled, labelled=True)))
    for line in lines:
        _warn(labelled, line.line, line.warnings)
        if line.error:
            _say(f"{labelled}: line {line.line}: {line.error}")
    sides = [(line.left, line.right) for line in lines if line.left is not None and line.right is not None]
    labels = [bool(line.label) for line in lines if line.left is not None]
    start = time.perf_counter()
    roster = Roster(engine.read(person) for pair in sides for person in pair)
    weights = engine.score_pairs(roster, places := np.arange(0, len(roster), 2), places + 1).weight.tolist()
    seconds = time.perf_counter() - start
    probabilities = [engine.probability(weight, prior) for weight in weights]
    found = dataclasses.asdict(merit(weights, probabilities, labels))
    found = {key: round(value, 4) if isinstance(value, float) else value for key, value in found.items()}
    sys.stdout.write(json_line({**found, "pairs_per_s": round(len(sides) / seconds, 1) if seconds else None}))
    _leave(len(sides) < len(lines))


def _comparison(found: Comparison) -> str:
    record = dataclasses.asdict(found)
    record["weight"] = round(found.weight, 4)
    for one in record["evidence"]:
        one["weight"] = round(one["weight"], 4)
    return json_line(record)


def _persons(path: str) -> tuple[list[Person], bool]:
    """Good persons of a file, and whether any line was refused."""
    found: list[Person] = []
    refused = False
    for line in _readable(files.persons(path)):
        _warn(path, line.line, line.warnings)
        if line.person is None:
            refused = True
            _say(f"{path}: line {line.line}: {line.error}")
        else:
            found.append(line.person)
    return found, refused


def _readable(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines; a file that cannot be read ends the command."""
    try:
        yield from lines
    except files.FileError as error:
        _stop(str(error))


def _warn(path: str, line: int, warnings: Iterable[PersonWarning]) -> None:
    for field, reason in warnings:
        _say(f"{path}: line {line}: {field}: {reason} (warning)")


def _progress(parts: Iterable[Part], persons: int, job: Job | None = None) -> Iterator[Part]:
    """The same parts, told on standard error: how far, at what speed, and what large blocks left out."""
    start = told = time.perf_counter()
    done = compared = cut = 0
    for part in parts:
        done, compared, cut = done + part.persons, compared + part.compared, cut + part.cut
        now = time.perf_counter()
        if now - told >= _PROGRESS_SECONDS:
            told = now
            _say(f"{done} of {persons} persons, {compared} pairs, {compared / (now - start):.0f} pairs/s")
        yield part
    _say(f"{done} persons, {compared} pairs compared in {time.perf_counter() - start:.1f} s")
    if job is not None and (trimmed := job.blocks.trimmed()).blocks:
        _say(
            f"left out as too common: {trimmed.blocks} blocks of more than {job.blocks.cap} persons "
            f"({trimmed.members} places); {cut} persons kept one of them, cut"
        )


def _processes(workers: int | None) -> int:
    return workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else workers or 1


def _is_one_file(left: str, right: str) -> bool:
    try:
        return left == right or Path(left).samefile(right)
    except OSError:
        return False


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _leave(some_refused: bool) -> None:
    sys.stdout.flush()
    if some_refused:
        raise typer.Exit(SOME_REFUSED)


def _stop(reason: str) -> NoReturn:
    _say(f"Error: {reason}")
    raise typer.Exit(CANNOT_RUN)
