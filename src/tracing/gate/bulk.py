"""The one place with set-based statements: the night's candidate join and its upserts.

Everywhere else a statement goes row by row through the guard. Here the guard's own condition
(`guard.in_force`) is written into the join, on both sides, and a warrant from an admitted access
says for whom: a worker process holds a warrant and a read-only connection, never an access.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, bindparam, case, distinct, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from tracing.gate import guard
from tracing.gate.access import Access
from tracing.gate.kinds import Kind
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.register import EPOCH
from tracing.gate.tables import MatchKey, Protected, Record
from tracing.kit.db import PASS, READ_ONLY

SLICE = 400

_key: Any = MatchKey.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_record: Any = Record.__table__  # type: ignore[attr-defined]  # the same


@dataclass(frozen=True, slots=True)
class Warrant:
    """What a worker of the night may read: candidate ids of one society, as consents stood at `now`.

    Attributes:
        shards: into how many parts the run is cut, by the left id.
        cap: most persons that may share a blocking key before it is passed over.
    """

    society: str
    now: datetime
    shards: int
    cap: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How a record stood when the night read it.

    Attributes:
        matched_as: keyed hash of what the engine sees of it.
        touched_at: when its register row was last changed.
        due: whether the night has still to match it.
    """

    matched_as: str
    touched_at: datetime
    due: bool


def warrant(access: Access, shards: int) -> Warrant:
    """Return a warrant for the night that `access` was opened for.

    Raises:
        Refused: the caller may not run the night.
        Unguarded: the access was not opened for matching.
    """
    _require_night(access)
    return Warrant(access.society, access.now, shards, access.settings.block_cap)


def marks(access: Access, ids: Sequence[UUID]) -> dict[UUID, Mark]:
    """Return how those of `ids` stand that are in force for matching.

    To be asked for before their details are: what changes in between then looks changed, never matched.

    Raises:
        Refused, Unguarded: as for `warrant`.
    """
    _require_night(access)
    found: dict[UUID, Mark] = {}
    for start in range(0, len(ids), SLICE):
        query = select(_record.c.id, _record.c.matched_as, _record.c.updated_at, _record.c.match_due).where(
            _record.c.society == access.society,
            _record.c.id.in_(list(ids[start : start + SLICE])),
            guard.in_force(_record.c, Use.MATCH, access.now),
        )
        rows = _connection(access).execute(query, execution_options=PASS)
        found |= {row.id: Mark(row.matched_as, row.updated_at, row.match_due) for row in rows}
    return found


def refresh_statistics(access: Access) -> None:
    """Let the database count its keys anew: without, SQLite joins persons before keys, which is quadratic."""
    connection = _connection(access)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA analysis_limit=2000", execution_options=PASS)
    for table in (_key.name, _record.name):
        connection.exec_driver_sql(f"ANALYZE {table}", execution_options=PASS)


def candidates(gate: Gate, paper: Warrant, shard: int) -> Iterator[tuple[UUID, UUID]]:
    """Yield each distinct pair (sought person, other record) of a shard that shares a blocking key.

    Both sides have `match_within_society` in force, at least one of them is due, they do not belong to
    the same request, and of two sought persons the smaller id comes first.
    """
    with gate.engine.connect().execution_options(**PASS, **{READ_ONLY: True}) as connection:
        _set_society(connection, paper.society)
        rows = connection.execution_options(yield_per=10_000).execute(candidate_statement(paper, shard))
        for row in rows:
            yield row[0], row[1]


def candidate_statement(paper: Warrant, shard: int) -> Select[Any]:
    """Return the candidate join of a shard; the same text on every dialect, compiled by SQLAlchemy."""
    blocks = _blocks(paper).cte("block")
    a, b, left, right = _key.alias("a"), _key.alias("b"), _record.alias("l"), _record.alias("r")
    return (
        select(left.c.id, right.c.id)
        .distinct()
        .select_from(blocks)
        .join(a, and_(a.c.society == paper.society, a.c.key == blocks.c.key, a.c.epoch == EPOCH))
        .join(left, and_(left.c.society == a.c.society, left.c.id == a.c.record_id))
        .join(b, and_(b.c.society == a.c.society, b.c.key == a.c.key, b.c.epoch == EPOCH))
        .join(right, and_(right.c.society == b.c.society, right.c.id == b.c.record_id))
        .where(
            a.c.shard % paper.shards == shard,
            left.c.kind == Kind.SOUGHT,
            (right.c.kind != Kind.SOUGHT) | (left.c.id < right.c.id),
            func.coalesce(left.c.parent_id, left.c.id) != func.coalesce(right.c.parent_id, right.c.id),
            left.c.match_due.is_(True) | right.c.match_due.is_(True),
            guard.in_force(left.c, Use.MATCH, paper.now),
            guard.in_force(right.c, Use.MATCH, paper.now),
        )
    )


def _blocks(paper: Warrant) -> Select[Any]:
    """Return the keys that somebody due shares with somebody else, but not with more than the cap."""
    return (
        select(_key.c.key)
        .join(_record, and_(_record.c.society == _key.c.society, _record.c.id == _key.c.record_id))
        .where(_key.c.society == paper.society, _key.c.epoch == EPOCH, guard.in_force(_record.c, Use.MATCH, paper.now))
        .group_by(_key.c.key)
        .having(func.count().between(2, paper.cap), func.max(case((_record.c.match_due.is_(True), 1), else_=0)) == 1)
    )


def passed_over(access: Access) -> int:
    """Return how many blocking keys more persons in force for matching share than the cap allows."""
    big = (
        select(_key.c.key)
        .join(_record, and_(_record.c.society == _key.c.society, _record.c.id == _key.c.record_id))
        .where(
            _key.c.society == access.society,
            _key.c.epoch == EPOCH,
            guard.in_force(_record.c, Use.MATCH, access.now),
        )
        .group_by(_key.c.key)
        .having(func.count() > access.settings.block_cap)
        .subquery()
    )
    return int(_connection(access).execute(select(func.count()).select_from(big), execution_options=PASS).scalar_one())


def sharing(access: Access, numbers: Sequence[int], *, kinds: Iterable[Kind], most: int) -> list[UUID]:
    """Return at most `most` records of `kinds` in force for matching that share keys, most shared keys first."""
    shared = func.count(distinct(_key.c.key))
    query = (
        select(_key.c.record_id)
        .join(_record, and_(_record.c.society == _key.c.society, _record.c.id == _key.c.record_id))
        .where(
            _key.c.society == access.society,
            _key.c.epoch == EPOCH,
            _key.c.key.in_(list(numbers)),
            _record.c.kind.in_(list(kinds)),
            guard.in_force(_record.c, Use.MATCH, access.now),
        )
        .group_by(_key.c.record_id)
        .order_by(shared.desc(), _key.c.record_id)
        .limit(most)
    )
    return list(_connection(access).execute(query, execution_options=PASS).scalars())


def upsert(access: Access, kind: type[Protected], rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
    """Insert `rows` of `kind`, replacing all but id and creation time of rows with the same `key`.

    Raises:
        Unguarded: a row names another society.
    """
    if any(row["society"] != access.society for row in rows):
        raise guard.Unguarded("a row of another society was about to be written")
    table: Any = kind.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    connection = _connection(access)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    kept = {"id", "society", "created_at", *key}
    changed = {name: statement.excluded[name] for name in (rows[0] if rows else ()) if name not in kept}
    for start in range(0, len(rows), SLICE):
        connection.execute(
            statement.on_conflict_do_update(index_elements=list(key), set_=changed),
            list(rows[start : start + SLICE]),
            execution_options=PASS,
        )


def matched(access: Access, seen: Mapping[UUID, datetime]) -> None:
    """Mark records as matched that were last changed at the very moment that the night saw, by their id.

    A moment alone would not do: what was saved before the night began may be committed after it has read.
    """
    if not seen:
        return
    _connection(access).execute(
        update(_record)
        .where(
            _record.c.society == access.society,
            _record.c.id == bindparam("seen_id"),
            _record.c.updated_at == bindparam("seen_at"),
            _record.c.match_due.is_(True),
        )
        .values(match_due=False),
        [{"seen_id": record_id, "seen_at": at} for record_id, at in seen.items()],
        execution_options=PASS,
    )


def count_due(access: Access) -> int:
    """Return how many records in force for matching are new or changed."""
    due = select(func.count()).where(
        _record.c.society == access.society,
        _record.c.match_due.is_(True),
        guard.in_force(_record.c, Use.MATCH, access.now),
    )
    return int(_connection(access).execute(due, execution_options=PASS).scalar_one())


def make_all_due(access: Access) -> int:
    """Make every record of the society due, as a new engine version asks for; return how many."""
    return int(
        _connection(access)
        .execute(
            update(_record).where(_record.c.society == access.society).values(match_due=True), execution_options=PASS
        )
        .rowcount
    )


def _require_night(access: Access) -> None:
    access.require(Permission.NIGHT_RUN)
    if access.use is not Use.MATCH:
        raise guard.Unguarded("the night's matching needs an access for matching")


def _connection(access: Access) -> Connection:
    access.session.flush()
    return Session.connection(access.session)


def _set_society(connection: Connection, society: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.set_config("tracing.society", society, True)))
