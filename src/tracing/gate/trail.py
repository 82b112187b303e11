"""The trail: one row per act on personal data, chained per society under a key outside the database.

`link = HMAC(trail key, previous link | canonical row)`: whoever holds only the database can neither
edit, drop, insert nor reorder rows unseen. Cutting off the end is found by the head, rolling back the
whole database by a checkpoint kept elsewhere (`tracing audit checkpoint`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from tracing.gate.tables import TrailEntry, TrailHead
from tracing.gate.vault import Vault
from tracing.kit.db import PASS

GENESIS = "0" * 64
PAGE = 2000

_entry: Any = TrailEntry.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_head: Any = TrailHead.__table__  # type: ignore[attr-defined]  # the same


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, to which record or to how many.

    Attributes:
        act: `<resource>.<verb>`, e.g. ``requests.read``.
        subject_id: the one record, or None for a page or a run.
        digest: keyed hash of the ids of a page, "" for one record.
        count: how many records.
        outcome: ``done`` or ``refused``.
    """

    act: str
    subject_id: UUID | None = None
    digest: str = ""
    count: int = 1
    outcome: str = "done"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, and under which request id."""

    society: str
    account_id: UUID
    worker_id: UUID
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `broken_at` is the first sequence number that does not hold."""

    society: str
    entries: int
    link: str
    broken_at: int | None
    reason: str


def append(connection: Connection, vault: Vault, actor: Actor, acts: Sequence[Act], at: datetime) -> None:
    """Add `acts` to the end of the actor's society's chain, inside the caller's transaction."""
    society = actor.society
    head = connection.execute(
        select(_head.c.seq, _head.c.link).where(_head.c.society == society).with_for_update(), execution_options=PASS
    ).one_or_none()
    seq, link = (0, GENESIS) if head is None else (head.seq, head.link)
    rows = []
    for act in acts:
        seq += 1
        row: dict[str, Any] = {
            "society": society,
            "seq": seq,
            "at": at,
            "account_id": actor.account_id,
            "worker_id": actor.worker_id,
            "act": act.act,
            "outcome": act.outcome,
            "subject_id": act.subject_id,
            "digest": act.digest,
            "count": act.count,
            "request_id": actor.request_id,
        }
        link = row["link"] = _link(vault, link, row)
        rows.append(row)
    connection.execute(insert(_entry), rows, execution_options=PASS)
    if head is None:
        connection.execute(insert(_head).values(society=society, seq=seq, link=link), execution_options=PASS)
    else:
        connection.execute(
            update(_head).where(_head.c.society == society).values(seq=seq, link=link), execution_options=PASS
        )


def _link(vault: Vault, previous: str, row: dict[str, Any]) -> str:
    fields = {name: _plain(value) for name, value in row.items() if name != "link"}
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return vault.hash("trail", f"{previous}|{canonical}")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def verify(connection: Connection, vault: Vault, society: str, checkpoint: tuple[int, str] | None = None) -> Verdict:
    """Recompute the chain of `society` and say where it breaks first, if it does.

    Args:
        connection: reads only.
        vault: holds the trail key.
        society: whose chain.
        checkpoint: an earlier (sequence number, link) kept outside; the chain must still pass through it.
    """
    seq, link = 0, GENESIS
    for row in _rows(connection, society):
        seq += 1
        expected = _link(vault, link, dict(row._mapping))
        if row.seq != seq:
            return Verdict(society, seq - 1, link, seq, "a row is missing")
        if row.link != expected:
            return Verdict(society, seq - 1, link, seq, "a row was altered")
        link = expected
        if checkpoint is not None and checkpoint[0] == seq and checkpoint[1] != link:
            return Verdict(society, seq, link, seq, "the chain left the checkpoint")
    head = connection.execute(select(_head).where(_head.c.society == society), execution_options=PASS).one_or_none()
    if (head.seq, head.link) != (seq, link) if head is not None else seq:
        return Verdict(society, seq, link, seq + 1, "the end was cut off or the head altered")
    if checkpoint is not None and checkpoint[0] > seq:
        return Verdict(society, seq, link, seq + 1, "the chain is shorter than the checkpoint")
    return Verdict(society, seq, link, None, "whole")


def _rows(connection: Connection, society: str) -> Iterator[Any]:
    last = 0
    while True:
        rows = connection.execute(
            select(_entry).where(_entry.c.society == society, _entry.c.seq > last).order_by(_entry.c.seq).limit(PAGE),
            execution_options=PASS,
        ).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].seq
