"""Every statement about suggestions, decisions and runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import and_, case, col, exists, func, or_, select

from tracing.gate import bulk
from tracing.gate.access import Access
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.sealing import open_details, seal_again
from tracing.gate.tables import Record
from tracing.kit.ids import new_id
from tracing.review.states import ReasonCode, RunState, State, Verdict
from tracing.review.tables import Decision, MatchRun, MatchShard, Suggestion

SLICE = 400
FIRST = 2.0
"""Where a protected pair stands in the queue: before every probability."""


def find(access: Access, suggestion_id: UUID) -> Suggestion | None:
    """Return a suggestion of which both sides are in force for matching."""
    return access.session.exec(select(Suggestion).where(Suggestion.id == suggestion_id)).one_or_none()


def page(
    access: Access,
    *,
    limit: int,
    after: tuple[float, UUID] | None = None,
    states: Sequence[State] = (),
    bands: Sequence[str] = (),
    record_id: UUID | None = None,
) -> list[Suggestion]:
    """Return at most `limit` suggestions, those of protected persons first, then the most probable, after `after`.

    How probable a pair is tells whether a guessed place was right; so neither order nor band parts protected ones.
    """
    protected = exists(
        select(Record.id).where(
            Record.society == Suggestion.society,
            or_(Record.id == Suggestion.left_id, Record.id == Suggestion.right_id),
            col(Record.sensitivity) != Sensitivity.NORMAL,
        )
    )
    likely = case((protected, FIRST), else_=col(Suggestion.probability))
    query = select(Suggestion)
    if states:
        query = query.where(col(Suggestion.state).in_(states))
    if bands:
        query = query.where(or_(col(Suggestion.band).in_(bands), protected))
    if record_id is not None:
        query = query.where(or_(col(Suggestion.left_id) == record_id, col(Suggestion.right_id) == record_id))
    if after is not None:
        place, suggestion_id = after
        query = query.where(or_(likely < place, (likely == place) & (col(Suggestion.id) > suggestion_id)))
    query = query.order_by(likely.desc(), col(Suggestion.id)).limit(limit)
    return list(access.session.exec(query).all())


def save(access: Access, row: Suggestion, state: State) -> None:
    """Set the state and count the version up."""
    row.state = state
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def decisions(access: Access, suggestion_id: UUID) -> list[Decision]:
    """Return the decisions on a suggestion, oldest first."""
    query = select(Decision).where(Decision.suggestion_id == suggestion_id)
    return list(access.session.exec(query.order_by(col(Decision.decided_at), col(Decision.id))).all())


def notes(access: Access, rows: Sequence[Decision]) -> list[str]:
    """Return the decisions' notes, opened; "" where none was written."""
    return [plain.decode() for plain in open_details(access, rows)]


def add_decision(
    access: Access,
    suggestion: Suggestion,
    *,
    verdict: Verdict,
    reason: ReasonCode,
    note: str,
    led_to: State,
    key_id: UUID,
    seen_as: tuple[str, str],
) -> Decision:
    """Add a decision; its note is sealed with the sought person's key `key_id`."""
    decision_id = new_id()
    row = Decision(
        society=access.society,
        id=decision_id,
        suggestion_id=suggestion.id,
        left_id=suggestion.left_id,
        right_id=suggestion.right_id,
        key_id=key_id,
        details=seal_again(access, Decision, decision_id, key_id, note.encode()),
        verdict=verdict,
        reason=reason,
        led_to=led_to,
        decided_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
        left_as=seen_as[0],
        right_as=seen_as[1],
        decided_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def confirmed_others(access: Access, record_id: UUID, besides: UUID) -> int:
    """Return how many other suggestions confirm where a record leads; a duplicate request is no lead."""
    query = select(func.count(col(Suggestion.id))).where(
        or_(col(Suggestion.left_id) == record_id, col(Suggestion.right_id) == record_id),
        Suggestion.state == State.CONFIRMED_SAME_PERSON,
        Suggestion.right_kind != Kind.SOUGHT,
        Suggestion.id != besides,
    )
    return access.session.exec(query).one()


def found_for(access: Access, sought_id: UUID) -> list[UUID]:
    """Return the right sides of the suggestions that stand confirmed about a sought person, other searches aside."""
    query = select(Suggestion.right_id).where(
        Suggestion.left_id == sought_id,
        Suggestion.state == State.CONFIRMED_SAME_PERSON,
        Suggestion.right_kind != Kind.SOUGHT,
    )
    return list(access.session.exec(query.order_by(col(Suggestion.right_id))).all())


def rejected_as(access: Access, suggestion_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return, by suggestion, how both sides stood when it was last rejected."""
    found: dict[UUID, tuple[str, str]] = {}
    for start in range(0, len(suggestion_ids), SLICE):
        query = (
            select(Decision)
            .where(col(Decision.suggestion_id).in_(suggestion_ids[start : start + SLICE]))
            .where(Decision.led_to == State.REJECTED)
            .order_by(col(Decision.decided_at), col(Decision.id))
        )
        found |= {d.suggestion_id: (d.left_as, d.right_as) for d in access.session.exec(query).all()}
    return found


def decided(access: Access) -> list[Suggestion]:
    """Return every suggestion of the society that stands confirmed or rejected as one person, by id.

    A relationship that was refuted says nothing of whether both are one person.
    """
    strangers = select(Decision.suggestion_id).where(Decision.reason == ReasonCode.RELATIONSHIP_REFUTED)
    told_apart = and_(Suggestion.state == State.REJECTED, col(Suggestion.id).not_in(strangers))
    query = select(Suggestion).where(or_(Suggestion.state == State.CONFIRMED_SAME_PERSON, told_apart))
    return list(access.session.exec(query.order_by(col(Suggestion.id))).all())


def of_lefts(access: Access, left_ids: Sequence[UUID]) -> list[Suggestion]:
    """Return every suggestion of some sought persons, held: nobody decides one while its scores are replaced."""
    found: list[Suggestion] = []
    for start in range(0, len(left_ids), SLICE):
        part = left_ids[start : start + SLICE]
        query = select(Suggestion).where(col(Suggestion.left_id).in_(part)).order_by(col(Suggestion.id))
        found += access.session.exec(query.with_for_update()).all()
    return found


def upsert(access: Access, rows: Sequence[dict[str, object]]) -> None:
    """Insert suggestions, or bring those of the same pair up to date."""
    bulk.upsert(access, Suggestion, rows, key=("society", "left_id", "right_id"))


def new_run(access: Access, *, engine_version: str, shards: int) -> MatchRun:
    """Return the row of a new run, not yet added."""
    return MatchRun(
        society=access.society,
        id=new_id(),
        state=RunState.QUEUED,
        engine_version=engine_version,
        started_at=access.now,
        alive_at=access.now,
        started_by=access.caller.account_id,
        shards=shards,
    )


def last_done_run(access: Access) -> MatchRun | None:
    """Return the latest run that is done."""
    query = select(MatchRun).where(MatchRun.state == RunState.DONE).order_by(col(MatchRun.started_at).desc())
    return access.session.exec(query.limit(1)).first()


def find_run(access: Access, run_id: UUID) -> MatchRun | None:
    """Return a run of the society."""
    return access.session.exec(select(MatchRun).where(MatchRun.id == run_id)).one_or_none()


def unfinished_run(access: Access) -> MatchRun | None:
    """Return the latest run that is not done."""
    query = select(MatchRun).where(MatchRun.state != RunState.DONE).order_by(col(MatchRun.started_at).desc())
    return access.session.exec(query.limit(1)).first()


def runs(access: Access, *, limit: int) -> list[MatchRun]:
    """Return the latest runs, newest first."""
    return list(access.session.exec(select(MatchRun).order_by(col(MatchRun.started_at).desc()).limit(limit)).all())


def shards(access: Access, run_id: UUID) -> list[MatchShard]:
    """Return the finished shards of a run."""
    return list(access.session.exec(select(MatchShard).where(MatchShard.run_id == run_id)).all())


def add_shard(
    access: Access, run_id: UUID, shard: int, *, pairs: int, suggested: int, resurfaced: int, stale: int
) -> None:
    """Note a finished shard with its counts."""
    access.session.add(
        MatchShard(
            society=access.society,
            run_id=run_id,
            shard=shard,
            pairs=pairs,
            suggested=suggested,
            resurfaced=resurfaced,
            stale=stale,
            finished_at=access.now,
        )
    )


def save_run(access: Access, run: MatchRun) -> None:
    """Save a changed run."""
    access.session.add(run)
    access.session.flush()
