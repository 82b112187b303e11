"""The trail: one row per act on personal data, chained per society under a key outside the database.

`link = HMAC(trail key, previous link | canonical row)`: whoever holds only the database can neither
edit, drop, insert nor reorder rows unseen. Cutting off the end is found by the head, which carries a keyed
seal of its own and is asked for it before every new link; rolling back the whole database is found by a
checkpoint kept elsewhere (`tracing audit checkpoint`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from tracing.gate.tables import TrailEntry, TrailHead
from tracing.gate.vault import Vault
from tracing.kit.db import PASS
from tracing.kit.errors import TracingError

GENESIS = "0" * 64
PAGE = 2000

_entry: Any = TrailEntry.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_head: Any = TrailHead.__table__  # type: ignore[attr-defined]  # the same
_end = select(_head).where(_head.c.society == bindparam("of")).with_for_update()
_move = update(_head).where(_head.c.society == bindparam("of"))


class Tampered(TracingError):
    """The end of the trail is not the one that this service wrote. Nothing is answered on top of it."""

    code = "trail-tampered"
    title = "The trail was altered"


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


def begin(connection: Connection, vault: Vault, actor: Actor, act: Act, at: datetime) -> None:
    """Begin the chain of a society that is being founded. Fails on the key when it has one."""
    first, link = _chained(vault, actor, [act], at, 0, GENESIS)
    connection.execute(insert(_entry), first, execution_options=PASS)
    head = {"society": actor.society, "seq": 1, "link": link, "seal": _seal(vault, actor.society, 1, link)}
    connection.execute(insert(_head), [head], execution_options=PASS)


def append(connection: Connection, vault: Vault, actor: Actor, acts: Sequence[Act], at: datetime) -> None:
    """Add `acts` to the end of the actor's society's chain, inside the caller's transaction.

    Raises:
        Tampered: the chain has no end, or one that this service did not write.
    """
    society = actor.society
    head = connection.execute(_end, {"of": society}, execution_options=PASS).one_or_none()
    if head is None or head.seal != _seal(vault, society, head.seq, head.link):
        raise Tampered("the trail was altered; nothing is answered until `tracing audit verify` was looked into")
    rows, link = _chained(vault, actor, acts, at, head.seq, head.link)
    connection.execute(insert(_entry), rows, execution_options=PASS)
    seq = head.seq + len(rows)
    moved = {"of": society, "seq": seq, "link": link, "seal": _seal(vault, society, seq, link)}
    connection.execute(_move, moved, execution_options=PASS)


def _chained(
    vault: Vault, actor: Actor, acts: Sequence[Act], at: datetime, seq: int, link: str
) -> tuple[list[dict[str, Any]], str]:
    """Return the rows of `acts` behind row `seq` that ends in `link`, and the new last link."""
    rows = []
    for act in acts:
        seq += 1
        row: dict[str, Any] = {
            "society": actor.society,
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
    return rows, link


def _seal(vault: Vault, society: str, seq: int, link: str) -> str:
    return vault.hash("trail head", f"{society}|{seq}|{link}")


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
        connection: reads only, in one snapshot: a link added meanwhile must not look like an altered end.
        vault: holds the trail key.
        society: whose chain.
        checkpoint: an earlier (sequence number, link) kept outside; the chain must still pass through it.
    """
    seq, link = 0, GENESIS
    for row in _rows(connection, society):
        seq += 1
        expected = _link(vault, link, dict(row))
        if row["seq"] != seq:
            return Verdict(society, seq - 1, link, seq, "a row is missing or was put in")
        if row["link"] != expected:
            return Verdict(society, seq - 1, link, seq, "a row was altered")
        link = expected
        if checkpoint is not None and checkpoint[0] == seq and checkpoint[1] != link:
            return Verdict(society, seq, link, seq, "the chain left the checkpoint")
    head = connection.execute(select(_head).where(_head.c.society == society), execution_options=PASS).one_or_none()
    if checkpoint is not None and checkpoint[0] > seq:
        return Verdict(society, seq, link, seq + 1, "the chain is shorter than the checkpoint")
    if head is None or (head.seq, head.link, head.seal) != (seq, link, _seal(vault, society, seq, link)):
        return Verdict(society, seq, link, seq + 1, "the end was cut off or the head altered")
    return Verdict(society, seq, link, None, "whole")


def _rows(connection: Connection, society: str) -> Iterator[Any]:
    page = select(_entry).where(_entry.c.society == society).order_by(_entry.c.seq).limit(PAGE)
    rows = connection.execute(page, execution_options=PASS).mappings().all()  # from the lowest number, be it below 1
    while rows:
        yield from rows
        rows = connection.execute(page.where(_entry.c.seq > rows[-1]["seq"]), execution_options=PASS).mappings().all()
