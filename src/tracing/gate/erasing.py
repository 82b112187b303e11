"""Forgetting, in the one order that a crash cannot harm: trail row, keys, rows.

1. `condemn` (an erasure) or the end of the undo window (the night) settles who goes, and the trail says so.
2. `KeyStore.destroy` writes the ledger and destroys the keys: from here on nobody reads the details.
3. `forget` drops what would find the record and blanks what other rows hold of the person.

A crash after any step is finished by the next night, which finds the record still hidden and not forgotten.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, or_, select, update
from sqlmodel import Session

from tracing.gate import guard, suppression
from tracing.gate.access import Access
from tracing.gate.ledger import Line
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.gate.tables import IdempotencyKey, MatchKey, Protected, Record
from tracing.kit.db import PASS

SLICE = 400
CONDEMNED = datetime(1970, 1, 1, tzinfo=UTC)
"""Ends the retention of whoever is to be erased: before any undo window, and no consent outlasts it."""

_key: Any = MatchKey.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_record: Any = Record.__table__  # type: ignore[attr-defined]  # the same
_idempotency: Any = IdempotencyKey.__table__  # type: ignore[attr-defined]  # the same

ERASERS = {Use.FORGET: Permission.NIGHT_RUN, Use.DATA_SUBJECT: Permission.DATA_SUBJECT_ACT}


def condemn(access: Access, ids: Sequence[UUID]) -> None:
    """Hide records at once and for good; the caller notes the act, then the keys may go.

    Raises:
        Refused: the caller may not forget.
        Unguarded: the access was opened for another use.
    """
    for part, _ in _mine(access, ids):
        condemn_rows(_connection(access), access.society, part, access.now)


def condemn_rows(connection: Connection, society: str, ids: Sequence[UUID], now: datetime) -> None:
    """Do the same without an access, for a restore, whose case base nobody can enter yet."""
    for start in range(0, len(ids), SLICE):
        part = list(ids[start : start + SLICE])
        mine = and_(_record.c.society == society, _record.c.id.in_(part), _record.c.forgotten_at.is_(None))
        connection.execute(
            update(_record)
            .where(mine)
            .values(
                purposes=0,
                matchable=False,
                match_due=False,
                expires_at=CONDEMNED,
                match_until=CONDEMNED,
                retain_until=CONDEMNED,
                hidden_at=CONDEMNED,
                updated_at=now,
            ),
            execution_options=PASS,
        )
        _drop_keys(connection, society, part)


def condemned(access: Access, ids: Sequence[UUID]) -> set[UUID]:
    """Return those of `ids` whose erasure was decided and is not finished."""
    query = select(_record.c.id).where(_record.c.retain_until == CONDEMNED, _record.c.forgotten_at.is_(None))
    found: set[UUID] = set()
    for _, mine in _mine(access, ids):
        found |= set(_connection(access).execute(query.where(mine), execution_options=PASS).scalars())
    return found


def lines(access: Access, ids: Sequence[UUID], hashes: Mapping[UUID, Sequence[str]]) -> list[Line]:
    """Return what the ledger will say of those of `ids` that are not forgotten; their keys are named in it.

    Args:
        access: for forgetting, or for the person's own rights.
        ids: records.
        hashes: by record, the hashes that a feed would bring the person under; the sender's row id is added.
    """
    query = select(_record.c.id, _record.c.key_id, _record.c.home_hash).where(_record.c.forgotten_at.is_(None))
    made = []
    for _, mine in _mine(access, ids):
        for row in _connection(access).execute(query.where(mine), execution_options=PASS):
            known = [*hashes.get(row.id, ()), *([row.home_hash] if row.home_hash else [])]
            made.append(Line(row.id, access.now, row.key_id, access.society, tuple(sorted(known))))
    return made


def forget(access: Access, lines: Sequence[Line]) -> None:
    """Drop what finds the records of `lines` and what other rows hold of them; their keys are destroyed already.

    Raises:
        Refused: the caller may not forget.
        Unguarded: the access was opened for another use.
    """
    suppression.add(access, [one for line in lines if line.society == access.society for one in line.hashes])
    for part, mine in _mine(access, [line.subject_id for line in lines]):
        connection = _connection(access)
        _drop_keys(connection, access.society, part)
        _expire_idempotency(connection, access, part)
        for kind in _about_persons():
            if kind.erased_as:
                table: Any = kind.__table__
                about = and_(table.c.society == access.society, _about(kind, part))
                connection.execute(update(table).where(about).values(**kind.erased_as), execution_options=PASS)
        connection.execute(
            update(_record)
            .where(mine, _record.c.forgotten_at.is_(None))
            .values(forgotten_at=access.now, purposes=0, matchable=False, match_due=False),
            execution_options=PASS,
        )


def _mine(access: Access, ids: Sequence[UUID]) -> Iterator[tuple[list[UUID], ColumnElement[bool]]]:
    """Yield `ids` in slices, each with the condition that they are the society's records.

    Raises:
        Refused, Unguarded: as for `forget`.
    """
    if access.use not in ERASERS:
        raise guard.Unguarded("forgetting needs an access for it")
    access.require(ERASERS[access.use])
    for start in range(0, len(ids), SLICE):
        part = list(ids[start : start + SLICE])
        yield part, and_(_record.c.society == access.society, _record.c.id.in_(part))


def _about_persons() -> list[type[Any]]:
    return [kind for kind in dict.fromkeys(guard.tenanted()) if issubclass(kind, Protected)]


def _about(kind: type[Any], ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a row of `kind` is about one of `ids`, from whichever side."""
    return or_(*(kind.__table__.c[column].in_(ids) for column in kind.record_columns))


def _drop_keys(connection: Connection, society: str, ids: Sequence[UUID]) -> None:
    mine = and_(_key.c.society == society, _key.c.record_id.in_(ids))
    connection.execute(delete(_key).where(mine), execution_options=PASS)


def _expire_idempotency(connection: Connection, access: Access, ids: Sequence[UUID]) -> None:
    """Blank the keyed hashes of what was sent about the persons.

    The key itself stays, so that a late retry is refused instead of registering the person anew.
    """
    for kind in _about_persons():
        table: Any = kind.__table__
        if "id" not in table.c:
            continue
        about: Select[Any] = select(table.c.id).where(table.c.society == access.society, _about(kind, ids))
        mine = and_(_idempotency.c.society == access.society, _idempotency.c.made_id.in_(about))
        connection.execute(update(_idempotency).where(mine).values(fingerprint=""), execution_options=PASS)


def _connection(access: Access) -> Connection:
    access.session.flush()
    return Session.connection(access.session)
