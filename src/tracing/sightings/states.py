"""The life of a sighting or self-registration (domain.md §6.2): one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum

from tracing.gate.permissions import Permission


class State(StrEnum):
    """Where a sighting stands; only `active` and `linked` ones take part in matching, and copies in any."""

    RECEIVED = "received"
    TRIAGE = "triage"
    CLARIFY_WITH_REPORTER = "clarify_with_reporter"
    NOT_ACTIONABLE = "not_actionable"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    LINKED = "linked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What happens to a sighting."""

    TAKE_UP = "take_up"
    ASK_REPORTER = "ask_reporter"
    CLARIFIED = "clarified"
    REJECT = "reject"
    ACCEPT = "accept"
    ACTIVATE = "activate"
    RECONSIDER = "reconsider"
    LINK = "link"
    UNLINK = "unlink"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


class Guard(StrEnum):
    """What must hold, checked in the same transaction as the trail."""

    NONE = "none"
    REASON = "reason"  # a coded reason came with the event
    CONFIRMED_SUGGESTION = "confirmed_suggestion"  # only a completed decision of the review brings this event
    OVER = "over"  # the record's registration has ended; only the night brings this event


class Flag(StrEnum):
    """What a triage rule found; any flag keeps a new sighting waiting for a worker."""

    NO_PLACE = "no_place"
    PLACE_IS_CONTACT = "place_is_contact"
    PLACE_IS_NAME = "place_is_name"
    PLACE_IS_REPORTERS = "place_is_reporters"
    PLACE_IS_LAST_RESIDENCE = "place_is_last_residence"
    NO_NAME = "no_name"
    ONLY_INITIALS = "only_initials"
    SEEN_BEFORE_BIRTH = "seen_before_birth"


class TriageReason(StrEnum):
    """Why a sighting was moved. A closed list: it stands in the clear, and free words could name somebody."""

    PLACE_UNKNOWN = "place_unknown"
    PLACE_OF_REPORTER = "place_of_reporter"
    PERSON_UNRECOGNISABLE = "person_unrecognisable"
    HEARSAY = "hearsay"
    CONTRADICTORY = "contradictory"
    REPORTER_UNREACHABLE = "reporter_unreachable"
    REPORTER_WITHDREW = "reporter_withdrew"
    DUPLICATE = "duplicate"
    NEWER_REPORT = "newer_report"
    OUTSIDE_PURPOSE = "outside_purpose"
    NEW_INFORMATION = "new_information"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds and the caller has `who`."""

    source: State
    event: Event
    target: State
    guard: Guard
    who: Permission


_S, _E, _G, _P = State, Event, Guard, Permission
STANDING = (_S.RECEIVED, _S.TRIAGE, _S.CLARIFY_WITH_REPORTER, _S.ACCEPTED, _S.ACTIVE, _S.LINKED)

TABLE: tuple[Row, ...] = (
    Row(_S.RECEIVED, _E.TAKE_UP, _S.TRIAGE, _G.NONE, _P.SIGHTINGS_WRITE),
    Row(_S.TRIAGE, _E.ASK_REPORTER, _S.CLARIFY_WITH_REPORTER, _G.NONE, _P.SIGHTINGS_TRIAGE),
    Row(_S.CLARIFY_WITH_REPORTER, _E.CLARIFIED, _S.TRIAGE, _G.NONE, _P.SIGHTINGS_WRITE),
    Row(_S.TRIAGE, _E.REJECT, _S.NOT_ACTIONABLE, _G.REASON, _P.SIGHTINGS_TRIAGE),
    Row(_S.CLARIFY_WITH_REPORTER, _E.REJECT, _S.NOT_ACTIONABLE, _G.REASON, _P.SIGHTINGS_TRIAGE),
    Row(_S.TRIAGE, _E.ACCEPT, _S.ACCEPTED, _G.NONE, _P.SIGHTINGS_TRIAGE),
    Row(_S.ACCEPTED, _E.ACTIVATE, _S.ACTIVE, _G.NONE, _P.SIGHTINGS_WRITE),
    # Back to a worker: the reporter called again, or a change raised a flag. Nothing is rejected for good.
    *(
        Row(state, _E.RECONSIDER, _S.TRIAGE, _G.NONE, _P.SIGHTINGS_TRIAGE)
        for state in (_S.NOT_ACTIONABLE, _S.ACCEPTED, _S.ACTIVE)
    ),
    Row(_S.ACTIVE, _E.LINK, _S.LINKED, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE),
    Row(_S.LINKED, _E.UNLINK, _S.ACTIVE, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE),
    Row(_S.ACTIVE, _E.SUPERSEDE, _S.SUPERSEDED, _G.REASON, _P.SIGHTINGS_TRIAGE),
    *(Row(state, _E.EXPIRE, _S.EXPIRED, _G.OVER, _P.NIGHT_RUN) for state in STANDING),
    *(Row(state, _E.WITHDRAW, _S.WITHDRAWN, _G.NONE, _P.SIGHTINGS_WRITE) for state in STANDING),
)

MATCHED: frozenset[State] = frozenset({_S.ACTIVE, _S.LINKED})
"""States in which the engine compares the sighting; a link does not end that."""

BY_KEY = {(row.source, row.event): row for row in TABLE}
WHO: dict[Event, Permission] = {row.event: row.who for row in TABLE}
"""The permission that an event needs, whatever the state: it is asked for before the record is looked up."""

TAKEN_UP = (_E.TAKE_UP,)
PASSED = (_E.TAKE_UP, _E.ACCEPT, _E.ACTIVATE)
"""What the rules bring about at once: with any flag the first, without one the second."""


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [
        row.event for row in TABLE if row.source == source and row.guard not in (Guard.CONFIRMED_SUGGESTION, Guard.OVER)
    ]


def walk(events: tuple[Event, ...]) -> State:
    """Return where `events` lead a new sighting, each by its row of the table.

    Raises:
        KeyError: the table has no such row.
    """
    state = State.RECEIVED
    for event in events:
        state = BY_KEY[state, event].target
    return state
