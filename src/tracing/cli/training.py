"""`train`: weights from two lists without labels, from labelled pairs, or from a society's decisions.

Works on files alone like the other neutral commands; with --society it goes through the gate like any act.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from tracing.cli.files import is_one_file, labelled_pairs, leave, persons, say, stop, table
from tracing.cli.training_report import draw_table
from tracing.matching import Engine, Weights
from tracing.matching.arrays import Levels
from tracing.matching.batch import BLOCK_CAP, Job
from tracing.matching.model import default_weights
from tracing.matching.roster import Roster
from tracing.matching.training.calibration import check, fit, fit_bands, probabilities, weights_of
from tracing.matching.training.decisions import for_candidates, from_decisions
from tracing.matching.training.pairs import Extra, candidate_pairs, levels_of, random_pairs
from tracing.matching.training.table import renamed
from tracing.matching.training.weights import (
    PSEUDO,
    Trained,
    estimate_u,
    expectation_maximisation,
    strangers,
    with_offset,
    with_share,
)

_PROGRESS_SECONDS = 2.0
_FEW = 30


@dataclass(frozen=True, slots=True)
class Decided:
    """Pairs that people decided: evidence as arrays, and whether each is one person."""

    levels: Levels
    extra: Extra
    labels: list[bool]
    prior: "float | NDArray[np.float64]"
    free_prior: bool = False


def register(parent: typer.Typer) -> None:
    """Add the command to the main command."""
    parent.command(name="train")(train)


def train(
    left: Annotated[str | None, typer.Argument(metavar="LEFT", help="Persons: NDJSON or CSV.")] = None,
    right: Annotated[str | None, typer.Argument(metavar="RIGHT", help="Persons: NDJSON or CSV.")] = None,
    *,
    output: Annotated[str, typer.Option("-o", "--output", help="File to write the table to.")],
    same: Annotated[bool, typer.Option("--same", help="RIGHT is LEFT: one list with itself.")] = False,
    decisions: Annotated[
        str | None, typer.Option(metavar="LABELLED", show_default=False, help="Labelled pairs, as for evaluate.")
    ] = None,
    society: Annotated[
        str | None, typer.Option(show_default=False, help="Learn from the decisions of this society's case base.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(envvar="TRACING_TOKEN", show_default=False, help="Who acts, with --society.")
    ] = None,
    prior: Annotated[
        float, typer.Option(min=1e-9, max=1 - 1e-9, help="Prior probability of a labelled pair, as for evaluate.")
    ] = 0.5,
    start: Annotated[
        str | None, typer.Option(metavar="FILE", show_default=False, help="Table to begin with and to lean on.")
    ] = None,
    pseudo_counts: Annotated[
        float, typer.Option(min=0.01, max=1e6, help="Sightings that each level of that table is worth.")
    ] = PSEUDO,
    most_pairs: Annotated[
        int, typer.Option(min=1_000, help="Candidate pairs to learn from, and as many random ones, at most.")
    ] = 200_000,
) -> None:
    """Estimate the weights anew from lists or from decided pairs.

    LEFT RIGHT: u from random pairs, m by expectation maximisation over candidates; --decisions then fits how far
    the sum may be trusted. --decisions or --society alone: bits move as far as the decided pairs tell.
    The table is told on standard error: bits before and after, and the pairs seen.
    """
    if (left is None) != (right is None):
        stop("give LEFT and RIGHT, or neither")
    if society is not None and (left is not None or decisions is not None):
        stop("--society learns from the case base alone")
    if left is None and decisions is None and society is None:
        stop("nothing to learn from: give LEFT RIGHT, --decisions or --society")
    if left is not None and right is not None and same and not is_one_file(left, right):
        stop("--same needs RIGHT to be LEFT")
    before = default_weights() if start is None else table(start)
    _refuse_unwritable(output)
    refused = False
    if left is not None and right is not None:
        trained, after, refused = _from_lists(left, right, same, before, pseudo_counts, most_pairs)
        if decisions is not None:
            known, more = _labelled(decisions, after, prior)
            refused = refused or more
            after = _calibrated(known, before, after, after, pseudo_counts)
    elif decisions is not None:
        known, refused = _labelled(decisions, before, prior)
        trained, after = _from_decided(known, before, pseudo_counts)
    else:
        assert society is not None
        trained, after = _from_decided(_of_society(society, token), before, pseudo_counts)
    draw_table(before, after, trained, sys.stderr)
    _write(output, after)
    leave(refused)


def _from_lists(
    left: str, right: str, same: bool, before: Weights, pseudo: float, most: int
) -> tuple[Trained, Weights, bool]:
    people, some_refused = persons(left)
    others, more_refused = (people, False) if same else persons(right)
    if len(people) < 2 or len(others) < 2:
        stop("the lists are too short to learn from")
    job = Job.of(people, None if same else others, BLOCK_CAP, Engine(weights=before))
    one, other = random_pairs(job.left_size, job.right_size, same, most)
    at_random, rare = levels_of(job.engine, job.roster, one, other + job.right_first, _told("random pairs"))
    u = estimate_u(at_random[strangers(at_random, rare, before, len(others))], before)
    one, other, of_persons = candidate_pairs(job, most)
    if not len(one):
        stop("no two persons share a key: nothing to learn from")
    levels, extra = levels_of(job.engine, job.roster, one, other, _told("candidate pairs"))
    trained = expectation_maximisation(levels, extra, before, u=u, pseudo=pseudo)
    say(
        f"{len(levels)} candidate pairs, {trained.prior:.2%} of them one person; {len(trained.history)} steps, "
        f"{'converged' if trained.converged else 'not converged'}"
    )
    after = with_share(trained, of_persons, same)
    prior = after.prior(len(others) - same)
    after = for_candidates(replace(trained, weights=after), levels, extra, prior, pseudo=pseudo)
    return trained, after, some_refused or more_refused


def _labelled(path: str, weights: Weights, prior: float) -> tuple[Decided, bool]:
    pairs, refused = labelled_pairs(path)
    engine = Engine(weights=weights)
    roster = Roster(engine.read(side) for one, two, _ in pairs for side in (one, two))
    places = np.arange(0, len(roster), 2)
    levels, extra = levels_of(engine, roster, places, places + 1, _told("labelled pairs"))
    return Decided(levels, extra, [label for _, _, label in pairs], prior), refused


def _of_society(society: str, token: str | None) -> Decided:
    """The decisions of a case base; its modules are loaded here, so that files alone never wait for them."""
    levels, extra, labels, prior = import_module("tracing.cli.training_casebase").decided(society, token)
    return Decided(levels, extra, labels, prior, free_prior=True)


def _from_decided(known: Decided, before: Weights, pseudo: float) -> tuple[Trained, Weights]:
    if len(set(known.labels)) < 2:
        stop("decisions of both kinds are needed: some pairs that are one person, and some that are not")
    if len(known.labels) < _FEW:
        say(f"only {len(known.labels)} decisions: the table moves little")
    trained = from_decisions(
        known.levels,
        known.extra,
        known.labels,
        before,
        prior=known.prior,
        free_prior=known.free_prior,
        pseudo=pseudo,
    )
    after = with_offset(trained.weights, trained.offset) if known.free_prior else trained.weights
    return trained, _calibrated(known, before, after, None, pseudo)


def _calibrated(known: Decided, before: Weights, after: Weights, judged: Weights | None, pseudo: float) -> Weights:
    """`after` with slope and bands fitted to labels; says how calibrated both are, on pairs that were left out."""
    if len(set(known.labels)) < 2:
        stop("labels of both kinds are needed")
    weighed = weights_of(known.levels, known.extra, after)
    fitted = fit(weighed, known.labels, after, known.prior, free_prior=known.free_prior)
    bands = fit_bands(probabilities(weighed, fitted, known.prior), known.labels, after.bands)
    found = check(
        known.levels,
        known.extra,
        known.labels,
        before,
        judged,
        prior=known.prior,
        free_prior=known.free_prior,
        pseudo=pseudo,
    )
    say(f"{found.pairs} labelled pairs, {found.true} of one person; calibration error {_change(found.ece, 4)}")
    if found.auc is not None:
        say(f"area under the curve {_change(found.auc, 4)}; slope {_change((before.slope, fitted.slope), 3)}")
    return renamed(after, slope=round(fitted.slope, 3), bands=bands)


def _change(pair: tuple[float, float], digits: int) -> str:
    return f"{pair[0]:.{digits}f} before, {pair[1]:.{digits}f} after"


def _told(what: str) -> Callable[[int, int], None]:
    """Says on standard error how far it is, every two seconds and at the end."""
    start = last = time.perf_counter()

    def told(done: int, total: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if done == total or now - last >= _PROGRESS_SECONDS:
            last = now
            say(f"{done} of {total} {what}, {done / max(now - start, 1e-9):.0f} pairs/s")

    return told


def _refuse_unwritable(path: str) -> None:
    """Find out before the work, not after it; an old table stays until the new one is there."""
    folder = Path(path).absolute().parent
    if Path(path).is_dir() or not os.access(folder, os.W_OK):
        stop(f"{path}: cannot be written")


def _write(path: str, weights: Weights) -> None:
    """Write beside the place and move: a table is never half there."""
    made = Path(f"{path}.new")
    try:
        made.write_text(weights.to_json(), "utf-8")
        made.replace(path)
    except OSError as error:
        stop(f"{path}: {error.strerror or 'cannot be written'}")
    say(f"{path}: table {weights.version}")
