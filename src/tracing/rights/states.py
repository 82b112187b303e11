"""The life of a data subject's request: one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Which right is used."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    ERASURE = "erasure"


class State(StrEnum):
    RECEIVED = "received"
    IDENTIFIED = "identified"
    PROPOSED = "proposed"  # an erasure that another worker must approve
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    IDENTIFY = "identify"
    PROPOSE = "propose"
    CARRY_OUT = "carry_out"
    TURN_DOWN = "turn_down"
    REFUSE = "refuse"
    EXTEND = "extend"
    WITHDRAW = "withdraw"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    IDENTITY = "identity"  # how the identity was checked is recorded
    NOT_ERASURE = "not_erasure"
    ERASURE = "erasure"
    ANOTHER_WORKER = "another_worker"
    REASON = "reason"
    ONCE = "once"  # the clock is extended once, with a reason


class RefusalReason(StrEnum):
    """Why a request is refused or put off. A closed list: it stands in the clear."""

    IDENTITY_NOT_SHOWN = "identity_not_shown"
    NOT_THE_SUBJECT = "not_the_subject"
    HARM_TO_OTHERS = "harm_to_others"
    LEGAL_OBLIGATION = "legal_obligation"
    ARCHIVE_IN_PUBLIC_INTEREST = "archive_in_public_interest"
    MANIFESTLY_UNFOUNDED = "manifestly_unfounded"
    COMPLEX = "complex"


class IdentityMethod(StrEnum):
    """How somebody showed who they are."""

    IDENTITY_DOCUMENT = "identity_document"
    KNOWN_TO_WORKER = "known_to_worker"
    QUESTIONS_ANSWERED = "questions_answered"  # facts that only they know and that were not told to them
    CALLED_BACK = "called_back"  # at a contact that was on record before
    COURT_OR_AUTHORITY = "court_or_authority"


class Claimant(StrEnum):
    """As whom they were identified."""

    SUBJECT = "subject"
    PARENT = "parent"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"  # with a written mandate of the subject
    COURT = "court"


class RetentionReason(StrEnum):
    """Why a record is kept longer. A closed list: it stands in the clear."""

    SEARCH_GOES_ON = "search_goes_on"
    WISH_OF_THE_PERSON = "wish_of_the_person"
    LEGAL_CLAIM = "legal_claim"
    LEGAL_OBLIGATION = "legal_obligation"
    ARCHIVE_IN_PUBLIC_INTEREST = "archive_in_public_interest"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds."""

    source: State
    event: Event
    target: State
    guard: Guard


_S, _E, _G = State, Event, Guard
OPEN = (_S.RECEIVED, _S.IDENTIFIED, _S.PROPOSED)

TABLE: tuple[Row, ...] = (
    Row(_S.RECEIVED, _E.IDENTIFY, _S.IDENTIFIED, _G.IDENTITY),
    Row(_S.IDENTIFIED, _E.CARRY_OUT, _S.DONE, _G.NOT_ERASURE),
    Row(_S.IDENTIFIED, _E.PROPOSE, _S.PROPOSED, _G.ERASURE),
    Row(_S.PROPOSED, _E.CARRY_OUT, _S.DONE, _G.ANOTHER_WORKER),
    Row(_S.PROPOSED, _E.TURN_DOWN, _S.IDENTIFIED, _G.NONE),
    *(Row(state, _E.REFUSE, _S.REFUSED, _G.REASON) for state in OPEN),
    *(Row(state, _E.EXTEND, state, _G.ONCE) for state in OPEN),
    *(Row(state, _E.WITHDRAW, _S.WITHDRAWN, _G.NONE) for state in OPEN),
)
BY_KEY = {(row.source, row.event): row for row in TABLE}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [row.event for row in TABLE if row.source == source]
