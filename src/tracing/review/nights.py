"""The night's matching: everything new or changed against everything, shard by shard, resumable.

Short accesses start the run and read every person, slice by slice, so that the service goes on beside
the night; worker processes share them as columns (they are forked), find and score candidates over
read-only connections; one access per shard writes what they found, with consents checked again. A shard
that is written is never done twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import bulk, register
from tracing.gate.access import Access
from tracing.gate.bulk import Mark, Warrant
from tracing.gate.kinds import Kind
from tracing.gate.permissions import Permission
from tracing.kit.errors import NotFound
from tracing.kit.ids import new_id
from tracing.kit.settings import Settings
from tracing.matching import Reading
from tracing.review import store, suggest
from tracing.review.errors import NightUnderWay
from tracing.review.schemas import RunView
from tracing.review.states import DECIDED, RunState, State
from tracing.review.suggest import Pairs, Scored

if TYPE_CHECKING:
    from tracing.review.tables import MatchRun, Suggestion

SHARDS = 8
MOST_PER_PERSON = 40
"""Suggestions kept per sought person and night, the most probable first; the rest is noise that nobody reads."""
DEAD_AFTER = timedelta(minutes=15)
"""A run without a sign of life for so long was killed."""
SETTLED = timedelta(minutes=1)
"""What was saved so long before a run began was committed when it began."""
SURE = 0.5
"""A pair that is likelier than not is kept beyond that number, for the other side's sake."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the processes of one night share. Made in the parent, inherited by fork."""

    run_id: UUID
    warrant: Warrant
    pool: suggest.Pool
    marks: dict[UUID, Mark]
    prior: float
    minimum: float
    open_shards: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What one shard found, what came of it, and whether somebody asked the night to stop."""

    shard: int
    pairs: int
    suggested: int
    resurfaced: int
    stale: int
    stop_asked: bool


@dataclass(frozen=True, slots=True)
class Start:
    """A run that has begun: what is to be read, and what is still to be done."""

    run_id: UUID
    warrant: Warrant
    ids: tuple[UUID, ...]
    open_shards: tuple[int, ...]
    minimum: float


def begin(access: Access) -> Start | None:
    """Start a run, or take up the one that was stopped or killed; None when nothing is new or changed."""
    version = suggest.plain_engine(access.settings).version
    run = store.unfinished_run(access)
    if run is not None and (run.engine_version, run.shards) != (version, SHARDS):
        run.state, run.finished_at = RunState.DONE, access.now
        store.save_run(access, run)
        run = None
    last = store.last_done_run(access)
    if run is None and last is not None and last.engine_version != version:
        bulk.make_all_due(access)
    due = bulk.count_due(access)
    if run is None and not due:
        access.note("night.nothing_due", count=0)
        return None
    bulk.refresh_statistics(access)
    ids = register.ids_for_matching(access)
    if run is None:
        run = store.new_run(access, engine_version=version, shards=SHARDS)
    if run.state is RunState.QUEUED:
        run.due, run.pool, run.blocks_passed_over = due, len(ids), bulk.passed_over(access)
    run.stop_asked = run.stop_asked and run.state is RunState.QUEUED
    run.state, run.alive_at = RunState.RUNNING, access.now
    store.save_run(access, run)
    finished = {shard.shard for shard in store.shards(access, run.id)}
    access.note("night.begin", run.id, count=len(ids))
    return Start(
        run_id=run.id,
        warrant=bulk.warrant(access, SHARDS),
        ids=tuple(ids),
        open_shards=tuple(shard for shard in range(SHARDS) if shard not in finished),
        minimum=access.settings.suggest_min_probability,
    )


def read(access: Access, ids: Sequence[UUID]) -> tuple[dict[UUID, Reading], dict[UUID, Mark]]:
    """Return the readings of some records, and how they stood before they were read: one act on the trail."""
    access.note_page("night.read", ids)
    marks = bulk.marks(access, ids)
    return suggest.readings(access, ids), marks


def plan(settings: Settings, start: Start, read: Iterable[tuple[dict[UUID, Reading], dict[UUID, Mark]]]) -> Plan:
    """Return what the worker processes share; `read` gives the slices of `start.ids` as they were read."""
    marks: dict[UUID, Mark] = {}

    def everybody() -> Iterator[Reading]:
        for readings, stood in read:
            marks.update(stood)
            yield from readings.values()

    pool = suggest.Pool.counted(suggest.plain_engine(settings), everybody())
    pool.engine.prepare(pool.roster)
    prior = pool.engine.prior(len(pool.roster))
    return Plan(start.run_id, start.warrant, pool, marks, prior, start.minimum, start.open_shards)


def score(plan: Plan, pairs: Pairs) -> tuple[int, list[Scored]]:
    """Score one shard's candidates; runs in a worker process and touches no database."""
    compared, kept = suggest.score_pairs(plan.pool, pairs, prior=plan.prior, minimum=plan.minimum)
    return compared, _best(kept)


def _best(kept: Sequence[Scored]) -> list[Scored]:
    by_left: dict[UUID, list[Scored]] = {}
    for scored in kept:
        by_left.setdefault(scored.left, []).append(scored)
    chosen: list[Scored] = []
    for found in by_left.values():
        found.sort(key=lambda s: (-s.weight, s.right))
        chosen += found[:MOST_PER_PERSON]
        chosen += [s for s in found[MOST_PER_PERSON:] if s.probability >= SURE]
    return chosen


def announce(access: Access, plan: Plan) -> None:
    """Put the open shards on the trail, one act each, before a worker reads candidates."""
    _show_life(access, plan.run_id)
    access.note("night.shards", plan.run_id, count=len(plan.open_shards))
    for _ in plan.open_shards:
        access.note("night.shard", plan.run_id, count=len(plan.marks))


def keep(access: Access, plan: Plan, shard: int, pairs: int, found: Sequence[Scored]) -> Counts:
    """Write what a shard found: new pairs, changed ones, rejected ones that are back; and say what came of it."""
    run = _show_life(access, plan.run_id)
    access.note("night.keep", plan.run_id, count=len(found))
    if any(done.shard == shard for done in store.shards(access, run.id)):
        return Counts(shard, pairs, 0, 0, 0, run.stop_asked)  # another process of the same run was quicker
    records = register.records(access, [i for s in found for i in (s.left, s.right)])
    lefts = [i for i in plan.marks if register.shard_of(i) % SHARDS == shard]
    standing = {(row.left_id, row.right_id): row for row in store.of_lefts(access, lefts)}
    rejected_as = store.rejected_as(access, [row.id for row in standing.values() if row.state is State.REJECTED])
    rows: list[dict[str, object]] = []
    suggested = resurfaced = 0
    for scored in found:
        row = standing.pop((scored.left, scored.right), None)
        left, right = records.get(scored.left), records.get(scored.right)
        if left is None or right is None:
            continue  # a consent ended while the shard was scored
        seen_as = (left.matched_as, right.matched_as)
        if seen_as != _read_as(plan, scored.left, scored.right):
            continue  # it was changed while the shard was scored, and is due again
        if row is None:
            rows.append(_row(access, plan, scored, right.kind, seen_as))
            suggested += 1
            continue
        state, why = _state_after(row, rejected_as.get(row.id), seen_as)
        resurfaced += row.state is State.REJECTED and state is not row.state
        scored_as = (row.left_as, row.right_as, row.engine_version)
        if state not in DECIDED and (state is not row.state or scored_as != (*seen_as, plan.pool.engine.version)):
            rows.append(_row(access, plan, scored, right.kind, seen_as, standing=row, state=state, why=why))
    stale = _grow_stale(access, plan, list(standing.values()))
    store.upsert(access, rows)
    counts = Counts(shard, pairs, suggested, resurfaced, stale, run.stop_asked)
    store.add_shard(access, plan.run_id, shard, pairs=pairs, suggested=suggested, resurfaced=resurfaced, stale=stale)
    return counts


def _read_as(plan: Plan, left: UUID, right: UUID) -> tuple[str, str]:
    return plan.marks[left].matched_as, plan.marks[right].matched_as


def _state_after(
    row: "Suggestion", rejected_as: tuple[str, str] | None, now: tuple[str, str]
) -> tuple[State, str | None]:
    """Return the state of a standing pair that was found again, and why it is back if it is.

    A rejected pair is compared with what the worker who rejected it had before them, which may be newer than
    what was scored.
    """
    if row.state is State.STALE:
        return State.SUGGESTED, None
    was = rejected_as or (row.left_as, row.right_as)
    if row.state is not State.REJECTED or was == now:
        return row.state, row.resurface_reason
    changed = [side for side, a, b in zip(("sought_person", "other_record"), was, now, strict=True) if a != b]
    return State.SUGGESTED, "changed:" + "+".join(changed)


def _grow_stale(access: Access, plan: Plan, rows: Sequence["Suggestion"]) -> int:
    """Mark undecided pairs stale whose sides changed so that they are no longer found."""
    records = register.records(access, [i for row in rows for i in (row.left_id, row.right_id)])
    stale = 0
    for row in rows:
        left, right = records.get(row.left_id), records.get(row.right_id)
        if left is None or right is None or State(row.state) in (*DECIDED, State.STALE):
            continue
        seen_as = (left.matched_as, right.matched_as)
        if left.id not in plan.marks or right.id not in plan.marks or seen_as != _read_as(plan, left.id, right.id):
            continue  # it was changed or came back while the shard was scored, and is due again
        if (row.left_as, row.right_as) != seen_as or row.engine_version != plan.pool.engine.version:
            store.save(access, row, State.STALE)
            stale += 1
    return stale


def _row(
    access: Access,
    plan: Plan,
    scored: Scored,
    right_kind: Kind,
    seen_as: tuple[str, str],
    *,
    standing: "Suggestion | None" = None,
    state: State = State.SUGGESTED,
    why: str | None = None,
) -> dict[str, object]:
    levels, bits = suggest.packed(scored)
    return {
        "society": access.society,
        "id": standing.id if standing is not None else new_id(),
        "left_id": scored.left,
        "right_id": scored.right,
        "right_kind": right_kind,
        "state": state,
        "weight": scored.weight,
        "probability": scored.probability,
        "prior": plan.prior,
        "band": scored.band,
        "levels": levels,
        "bits": bits,
        "engine_version": plan.pool.engine.version,
        "left_as": seen_as[0],
        "right_as": seen_as[1],
        "resurface_reason": why,
        "run_id": plan.run_id,
        "version": 1 if standing is None else standing.version + 1,
        "created_at": access.now if standing is None else standing.created_at,
        "updated_at": access.now,
    }


def end(access: Access, plan: Plan, *, forgotten: int, reminders: int, complete: bool) -> RunView:
    """Close a run: done when every shard is written, stopped otherwise."""
    access.require(Permission.NIGHT_RUN)
    run = _run(access, plan.run_id)
    run.state = RunState.DONE if complete else RunState.STOPPED
    run.finished_at = access.now if complete else None
    run.forgotten += forgotten
    run.reminders += reminders
    if complete:
        bulk.matched(access, _matched(plan, run))
    store.save_run(access, run)
    access.note("night.end", run.id)
    return _view(access, run)


def _matched(plan: Plan, run: "MatchRun") -> dict[UUID, datetime]:
    """Return the due records that every shard has met as they are, with when they were last changed.

    Shards that an earlier process wrote have met only what stood before the run began.
    """
    alone = len(plan.open_shards) == SHARDS
    before = run.started_at - SETTLED
    return {i: mark.touched_at for i, mark in plan.marks.items() if mark.due and (alone or mark.touched_at <= before)}


def ask_to_stop(access: Access, run_id: UUID) -> RunView:
    """Ask a running night to stop after the shard that it is at.

    Raises:
        NotFound: there is no such run.
    """
    run = _run(access, run_id)
    run.stop_asked = run.state in (RunState.QUEUED, RunState.RUNNING)
    store.save_run(access, run)
    access.note("night.ask_to_stop", run.id)
    return _view(access, run)


def queue(access: Access) -> RunView:
    """Return a run that a process is about to begin.

    Raises:
        NightUnderWay: a run of the society is queued or running and showed life within `DEAD_AFTER`.
    """
    run = store.unfinished_run(access)
    if run is not None and run.state is not RunState.STOPPED and run.alive_at > access.now - DEAD_AFTER:
        raise NightUnderWay("a night of this society is running")
    if run is None:
        run = store.new_run(access, engine_version=suggest.plain_engine(access.settings).version, shards=SHARDS)
    run.state, run.stop_asked, run.alive_at = RunState.QUEUED, False, access.now
    store.save_run(access, run)
    access.note("night.queue", run.id)
    return _view(access, run)


def show(access: Access, run_id: UUID) -> RunView:
    """Return a run with its counts.

    Raises:
        NotFound: there is no such run.
    """
    run = _run(access, run_id)
    access.note("runs.read", run.id)
    return _view(access, run)


def latest(access: Access, *, limit: int) -> list[RunView]:
    """Return the latest runs, newest first."""
    found = store.runs(access, limit=limit)
    access.note_page("runs.list", [run.id for run in found])
    return [_view(access, run) for run in found]


def _show_life(access: Access, run_id: UUID) -> "MatchRun":
    run = _run(access, run_id)
    run.alive_at = access.now
    store.save_run(access, run)
    return run


def _run(access: Access, run_id: UUID) -> "MatchRun":
    run = store.find_run(access, run_id)
    if run is None:
        raise NotFound("no such run")
    return run


def _view(access: Access, run: "MatchRun") -> RunView:
    finished = store.shards(access, run.id)
    return RunView(
        id=run.id,
        state=run.state.value,
        engine_version=run.engine_version,
        started_at=run.started_at,
        finished_at=run.finished_at,
        progress=len(finished) / run.shards if run.shards else 1.0,
        due=run.due,
        pool=run.pool,
        forgotten=run.forgotten,
        reminders=run.reminders,
        blocks_passed_over=run.blocks_passed_over,
        pairs=sum(s.pairs for s in finished),
        suggested=sum(s.suggested for s in finished),
        resurfaced=sum(s.resurfaced for s in finished),
        stale=sum(s.stale for s in finished),
    )
