"""The life of a Red Cross Message: one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    TO_FOUND = "to_found"
    TO_ENQUIRER = "to_enquirer"


class State(StrEnum):
    WRITTEN = "written"
    READ = "read"  # another worker has read it: family news only
    RETURNED = "returned"  # to its writer, with what must be left out
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    REFUSED = "refused"  # by the one it was for
    STOPPED = "stopped"  # the answer no longer allows it


class Event(StrEnum):
    READ = "read"
    RETURN = "return"
    REWRITE = "rewrite"
    SEND = "send"
    DELIVER = "deliver"
    FAIL = "fail"
    REFUSE = "refuse"
    STOP = "stop"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    ANOTHER_WORKER = "another_worker"  # the reader is another human than the one who entered it
    ALLOWED_NOW = "allowed_now"  # the found person's answer in force allows this direction at this moment
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds."""

    source: State
    event: Event
    target: State
    guard: Guard


_S, _E, _G = State, Event, Guard
UNDER_WAY = (_S.WRITTEN, _S.READ, _S.RETURNED, _S.SENT)

TABLE: tuple[Row, ...] = (
    Row(_S.WRITTEN, _E.READ, _S.READ, _G.ANOTHER_WORKER),
    Row(_S.WRITTEN, _E.RETURN, _S.RETURNED, _G.REASON),
    *(Row(state, _E.REWRITE, _S.WRITTEN, _G.NONE) for state in (_S.WRITTEN, _S.RETURNED, _S.READ)),
    Row(_S.READ, _E.SEND, _S.SENT, _G.ALLOWED_NOW),
    Row(_S.SENT, _E.DELIVER, _S.DELIVERED, _G.ALLOWED_NOW),
    Row(_S.SENT, _E.FAIL, _S.UNDELIVERABLE, _G.REASON),
    Row(_S.SENT, _E.REFUSE, _S.REFUSED, _G.NONE),
    Row(_S.UNDELIVERABLE, _E.SEND, _S.SENT, _G.ALLOWED_NOW),
    *(Row(state, _E.STOP, _S.STOPPED, _G.NONE) for state in UNDER_WAY),
)
BY_KEY = {(row.source, row.event): row for row in TABLE}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))
