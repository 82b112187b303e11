"""The life of what two societies have with each other about one person: one table for both sides.

Each side keeps its own row of it. What the other side did comes as a receipt or an answer, and is an event here.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a message is (domain.md §5.9)."""

    REQUEST_SEARCH = "request_search"
    SHARE_FOR_INFORMATION = "share_for_information"
    TRANSFER_CASE = "transfer_case"
    SEND_MESSAGE = "send_message"
    ASK_QUESTION = "ask_question"
    PROVIDE_ANSWER = "provide_answer"
    REVOKE = "revoke"
    RECEIPT = "receipt"


OPENING = frozenset({Kind.REQUEST_SEARCH, Kind.SHARE_FOR_INFORMATION, Kind.TRANSFER_CASE})
"""Kinds that begin something; every other message is about one of these."""
TALK = frozenset({Kind.SEND_MESSAGE, Kind.ASK_QUESTION, Kind.PROVIDE_ANSWER})
ALWAYS = frozenset({Kind.REVOKE, Kind.RECEIPT})
"""Kinds that need no agreement: without them nothing could be taken back or acknowledged."""


class Side(StrEnum):
    """Whose row it is."""

    SENT = "sent"  # by us
    RECEIVED = "received"  # from the partner


class State(StrEnum):
    DRAFT = "draft"  # waits in the outbox
    SENT = "sent"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    RETURNED = "returned"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Event(StrEnum):
    PROPOSE = "propose"
    DELIVER = "deliver"
    ARRIVE = "arrive"
    ACCEPT = "accept"
    REFUSE = "refuse"
    PROGRESS = "progress"
    ANSWER = "answer"
    RETURN = "return"
    REVOKE = "revoke"
    EXPIRE = "expire"


class RefusalReason(StrEnum):
    """Why a receiving society does not take something up. Codes: they travel and stand in the clear."""

    OUTSIDE_CRITERIA = "outside_criteria"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    NO_CAPACITY = "no_capacity"
    NO_ACCESS = "no_access"
    DUPLICATE = "duplicate"
    SAFETY = "safety"
    NO_LAWFUL_BASIS = "no_lawful_basis"


class RevocationReason(StrEnum):
    """Why a sender takes something back."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    ENQUIRER_WITHDREW = "enquirer_withdrew"
    SENT_IN_ERROR = "sent_in_error"
    SAFETY = "safety"
    SEARCH_ENDED = "search_ended"


class Finding(StrEnum):
    """What an answer says. None of these says who, where, or how somebody is."""

    POSSIBLE_MATCH = "possible_match"
    NO_MATCH = "no_match"
    FACTS = "facts"  # an answer to a question, in words
    TOLD = "told"  # what the found person lets the enquirer learn


class Progress(StrEnum):
    """Where a message stands on its way."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up after the last try
    STOPPED = "stopped"  # the consent that it rested on ended before it left


@dataclass(frozen=True, slots=True)
class Row:
    """One row: on `side`, in `source`, `event` leads to `target`; `ours` when a worker or the courier here does it."""

    side: Side
    source: State
    event: Event
    target: State
    ours: bool


_D, _S, _E = Side, State, Event
OPEN = (_S.RECEIVED, _S.ACCEPTED, _S.IN_PROGRESS, _S.ANSWERED)
TAKEN_UP = (_S.ACCEPTED, _S.IN_PROGRESS, _S.ANSWERED)
LEFT = (_S.DRAFT, _S.SENT)
"""Of what was sent and not heard of: the partner may answer before we have written down that it left."""
LASTING = (*LEFT, *OPEN)
ENDED_THERE = (_S.REFUSED, _S.RETURNED, _S.EXPIRED)
"""Of what was sent and is over: the partner ought to let nobody see it any more, and may hold it all the same."""

TABLE: tuple[Row, ...] = (
    Row(_D.SENT, _S.DRAFT, _E.PROPOSE, _S.DRAFT, ours=True),
    Row(_D.SENT, _S.DRAFT, _E.DELIVER, _S.SENT, ours=True),
    *(Row(_D.SENT, state, _E.ARRIVE, _S.RECEIVED, ours=False) for state in LEFT),
    *(Row(_D.SENT, state, _E.ACCEPT, _S.ACCEPTED, ours=False) for state in (*LEFT, _S.RECEIVED)),
    *(Row(_D.SENT, state, _E.REFUSE, _S.REFUSED, ours=False) for state in LASTING),
    *(Row(_D.SENT, state, _E.PROGRESS, _S.IN_PROGRESS, ours=False) for state in LASTING),
    *(Row(_D.SENT, state, _E.ANSWER, _S.ANSWERED, ours=False) for state in LASTING),
    *(Row(_D.SENT, state, _E.RETURN, _S.RETURNED, ours=False) for state in LASTING),
    *(Row(_D.SENT, state, _E.REVOKE, _S.REVOKED, ours=True) for state in (*LASTING, *ENDED_THERE)),
    *(Row(_D.SENT, state, _E.EXPIRE, _S.EXPIRED, ours=True) for state in LASTING),
    Row(_D.RECEIVED, _S.RECEIVED, _E.ACCEPT, _S.ACCEPTED, ours=True),
    *(Row(_D.RECEIVED, state, _E.REFUSE, _S.REFUSED, ours=True) for state in (_S.RECEIVED, _S.ACCEPTED)),
    *(Row(_D.RECEIVED, state, _E.PROGRESS, _S.IN_PROGRESS, ours=True) for state in (_S.ACCEPTED, _S.ANSWERED)),
    *(Row(_D.RECEIVED, state, _E.ANSWER, _S.ANSWERED, ours=True) for state in TAKEN_UP),
    *(Row(_D.RECEIVED, state, _E.RETURN, _S.RETURNED, ours=True) for state in TAKEN_UP),
    *(Row(_D.RECEIVED, state, _E.REVOKE, _S.REVOKED, ours=False) for state in (*OPEN, _S.REFUSED, _S.RETURNED)),
    *(Row(_D.RECEIVED, state, _E.EXPIRE, _S.EXPIRED, ours=True) for state in OPEN),
)
BY_KEY = {(row.side, row.source, row.event): row for row in TABLE}

RECEIPTS: dict[State, Event] = {
    _S.RECEIVED: _E.ARRIVE,
    _S.ACCEPTED: _E.ACCEPT,
    _S.REFUSED: _E.REFUSE,
    _S.IN_PROGRESS: _E.PROGRESS,
    _S.ANSWERED: _E.ANSWER,
    _S.RETURNED: _E.RETURN,
}
"""What a receipt that says so is to the sender; one that says `revoked` or `expired` acknowledges."""


def find(side: Side, source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((side, source, event))
