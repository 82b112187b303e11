"""Read and check the trail: for auditors, supervisors and the command line."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as core_select
from sqlmodel import col, select

from tracing.gate import trail
from tracing.gate.access import Access
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.tables import TrailEntry
from tracing.gate.trail import Verdict
from tracing.kit.db import PASS, READ_ONLY


def entries(
    access: Access,
    *,
    limit: int,
    after: int | None = None,
    subject_id: UUID | None = None,
    newest_first: bool = False,
) -> tuple[Sequence[TrailEntry], bool]:
    """Return at most `limit` rows of the society's trail by their numbers, and whether more follow.

    Args:
        access: with the permission `trail:read`.
        limit: rows at most.
        after: the number of the last row of the page before, in the same order.
        subject_id: only acts on this one record.
        newest_first: count down instead of up.
    """
    access.require(Permission.TRAIL_READ)
    query = select(TrailEntry).limit(limit + 1)
    query = query.order_by(col(TrailEntry.seq).desc() if newest_first else col(TrailEntry.seq))
    if after is not None:
        query = query.where(TrailEntry.seq < after if newest_first else TrailEntry.seq > after)
    if subject_id is not None:
        query = query.where(TrailEntry.subject_id == subject_id)
    found = access.session.exec(query).all()
    access.note("trail.read", subject_id, count=len(found[:limit]))
    return found[:limit], len(found) > limit


def verify(access: Access, gate: Gate, checkpoint: tuple[int, str] | None = None) -> Verdict:
    """Recompute the whole chain of the caller's society and note it; see `trail.verify`.

    It reads in a snapshot of its own that keeps nobody from writing, so a trail that grows meanwhile
    raises no false alarm. The row of this act itself comes after what was verified.
    """
    access.require(Permission.TRAIL_VERIFY)
    snapshot = {} if gate.embedded else {"isolation_level": "REPEATABLE READ"}
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}, **snapshot) as connection:
        if not gate.embedded:
            connection.execute(core_select(func.set_config("tracing.society", access.society, True)))
        verdict = trail.verify(connection, gate.vault, access.society, checkpoint)
    access.note("trail.verify", count=verdict.entries)
    return verdict
