"""The life of a Red Cross Message: one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum

from tracing.gate.disclosing import Level


class Direction(StrEnum):
    TO_FOUND = "to_found"
    TO_ENQUIRER = "to_enquirer"


NEEDED: dict[Direction, Level] = {
    Direction.TO_ENQUIRER: Level.PASS_MESSAGE,
    Direction.TO_FOUND: Level.RECEIVE_MESSAGE,
}
"""The level of the found person's answer that each direction takes, at every step."""


class State(StrEnum):
    WRITTEN = "written"
    READ = "read"  # another worker has read it: family news only
    RETURNED = "returned"  # to its writer, with what must be left out
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    REFUSED = "refused"  # by the one it was for
    STOPPED = "stopped"  # the answer no longer allows it, or the pair is not clear any more


class Event(StrEnum):
    READ = "read"
    RETURN = "return"
    REWRITE = "rewrite"
    SEND = "send"
    DELIVER = "deliver"
    FAIL = "fail"
    REFUSE = "refuse"
    STOP = "stop"


class ReturnReason(StrEnum):
    """What must be left out, or why the text is no family news. A closed list: it stands in the clear."""

    ADDRESS_OR_PLACE = "address_or_place"
    CONTACT_POINT = "contact_point"
    MONEY = "money"
    OTHER_PERSONS = "other_persons"
    PRESSURE_OR_THREAT = "pressure_or_threat"
    NO_FAMILY_NEWS = "no_family_news"
    NOT_READABLE = "not_readable"


class FailReason(StrEnum):
    """Why a message could not be handed over."""

    NOT_REACHED = "not_reached"
    NO_SAFE_CONTACT = "no_safe_contact"
    ACCESS_OR_SECURITY = "access_or_security"
    DIED = "died"


Reason = ReturnReason | FailReason

REASONS: dict[Event, type[Reason]] = {Event.RETURN: ReturnReason, Event.FAIL: FailReason}
"""Which list the reason of a step is from; no other step takes one."""


class Flag(StrEnum):
    """What a text seems to hold that family news must not."""

    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    LINK = "link"
    MONEY = "money"
    PLACE = "place"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    ANOTHER_WORKER = "another_worker"  # the reader is another human than the one who entered it
    ALLOWED_NOW = "allowed_now"  # the answer in force allows this direction at this moment, and the pair is clear
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


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [row.event for row in TABLE if row.source == source and row.event is not Event.REWRITE]
