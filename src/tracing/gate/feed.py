"""The trail as a feed: what happened since a row, for those who tell others outside. Ids, never names."""

from collections.abc import Collection, Sequence

from sqlalchemy import func
from sqlalchemy import select as core_select
from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.opening import Gate
from tracing.gate.tables import TrailEntry, TrailHead
from tracing.kit.db import PASS, READ_ONLY


def head(access: Access) -> int:
    """Return the number of the last row of the society's trail; rows up to it are all there."""
    return access.session.exec(select(TrailHead.seq)).one()


def acts_after(access: Access, seq: int, acts: Collection[str], *, limit: int) -> Sequence[TrailEntry]:
    """Return at most `limit` rows behind number `seq` of `acts` that were done, in their order.

    The caller decides what its own caller may know of them, and notes the act.
    """
    query = select(TrailEntry).where(
        TrailEntry.seq > seq, col(TrailEntry.act).in_(sorted(acts)), TrailEntry.outcome == "done"
    )
    return access.session.exec(query.order_by(col(TrailEntry.seq)).limit(limit)).all()


def has_more(gate: Gate, society: str, seq: int, acts: Collection[str]) -> bool:
    """Return whether one of `acts` stands behind number `seq`: a look that leaves no row and tells nothing else."""
    entry = TrailEntry.__table__.c  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    query = core_select(entry.seq).where(entry.society == society, entry.seq > seq, entry.act.in_(sorted(acts)))
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
        if not gate.embedded:
            connection.execute(core_select(func.set_config("tracing.society", society, True)))
        return connection.execute(query.limit(1)).first() is not None
