"""Count on, in a case base that is being restored, behind whatever was numbered since its backup.

Messages and bundles to a partner are known there by their numbers. One that had the next number after the backup may
have arrived: another under the same number would be taken for it, acknowledged unseen, or refused.

Past the counters and in the transaction that brings the rows. The schema may be an older one: a table that is not
there yet has numbered nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    func,
    insert,
    inspect,
    select,
)

from tracing.gate.columns import Moment
from tracing.gate.partnering.partner_tables import Partner
from tracing.kit.ids import new_id

LEAP = 1_000_000
"""More than anybody sends between a backup and its restore; numbers go up to 2**53."""

_partner: Any = Partner.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_metadata = MetaData()


def _numbered(name: str, *columns: Column[Any]) -> Table:
    ids = [Column(one, Uuid) for one in ("id", "partner_id", "by")]
    known = (Column("society", String), Column("side", String), Column("number", BigInteger), Column("at", Moment))
    return Table(name, _metadata, *ids, *known, *columns)


_message = _numbered(
    "exchange_message",
    Column("message_id", Uuid),
    *(Column(one, String) for one in ("kind", "progress", "code", "reason", "finding", "found", "trouble")),
    Column("named", Boolean),
    Column("attempts", Integer),
    Column("not_before", Moment),
    Column("done_at", Moment),
)
_bundle = _numbered(
    "exchange_bundle",
    Column("begins", BigInteger),
    Column("count", Integer),
    *(Column(one, String) for one in ("digest", "refused")),
    Column("made_at", Moment),
)


def count_on(connection: Connection, society: str, by: UUID, now: datetime) -> None:
    """Let the next message and the next bundle to each partner of a society have numbers that none had before."""
    present = set(inspect(connection).get_table_names())
    if not {_partner.name, _message.name} <= present:
        return
    for partner_id in connection.execute(select(_partner.c.id).where(_partner.c.society == society)).scalars().all():
        mine = {"society": society, "partner_id": partner_id, "side": "sent", "by": by, "at": now}
        _leap(connection, _message, mine, _never_sent(now))
        if _bundle.name in present:
            _leap(connection, _bundle, mine, {"count": 0, "digest": "", "refused": "", "made_at": now})


def _never_sent(now: datetime) -> dict[str, Any]:
    """Return what stands in the row that takes the number: a message that was stopped before it was written."""
    words = dict.fromkeys(("code", "reason", "finding", "found"), "")
    stands = {"kind": "receipt", "progress": "stopped", "trouble": "restored", "named": False, "attempts": 0}
    return {"message_id": new_id(), **words, **stands, "not_before": now, "done_at": now}


def _leap(connection: Connection, table: Table, mine: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    rows = table.c
    to_them = (rows.society == mine["society"], rows.partner_id == mine["partner_id"], rows.side == mine["side"])
    highest = connection.execute(select(func.max(rows.number)).where(*to_them)).scalar_one() or 0
    number = highest + LEAP
    given: dict[str, Any] = {"id": new_id(), "number": number, "begins": number, **mine, **values}
    present = {column["name"] for column in inspect(connection).get_columns(table.name)} & set(rows.keys())
    connection.execute(insert(table).values({name: value for name, value in given.items() if name in present}))
