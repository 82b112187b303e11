"""The asking of a found person (domain.md §6.4), and the life of a release: two tables, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where the asking stands."""

    NOT_STARTED = "not_started"
    REACHING = "reaching"
    INFORMED = "informed"
    GRANTED = "granted"
    DECLINED = "declined"
    DEFERRED = "deferred"
    NOT_REACHABLE = "not_reachable"
    LACKS_CAPACITY = "lacks_capacity"
    GUARDIAN_NEEDED = "guardian_needed"
    DECEASED = "deceased"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    REACH_OUT = "reach_out"
    INFORM = "inform"
    GRANT = "grant"
    DECLINE = "decline"
    DEFER = "defer"
    GIVE_UP = "give_up"
    FIND_INCAPABLE = "find_incapable"
    ASK_GUARDIAN = "ask_guardian"
    LEARN_OF_DEATH = "learn_of_death"
    WITHDRAW = "withdraw"
    REVISE = "revise"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    SCREENED = "screened"  # verified, never-disclose list and risk screen clear; approved where two are asked
    ASKED = "asked"  # the person themself was asked and is no child; silence is never consent
    GUARDIAN = "guardian"  # given by a parent, guardian or court
    NOT_GROWN = "not_grown"  # a child, or of unknown age; who is grown answers, or is found incapable first
    UNTIL = "until"  # a date until when
    ATTEMPTS = "attempts"  # enough tries on enough channels over enough days


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds."""

    source: State
    event: Event
    target: State
    guard: Guard


_S, _E, _G = State, Event, Guard
ASKING = (_S.REACHING, _S.INFORMED)
BEFORE_ANSWER = (_S.REACHING, _S.INFORMED, _S.DEFERRED, _S.GUARDIAN_NEEDED, _S.LACKS_CAPACITY)
ANSWERED = (_S.GRANTED, _S.DECLINED, _S.WITHDRAWN)
BY_OTHERS = (_S.LACKS_CAPACITY, _S.GUARDIAN_NEEDED, _S.DECEASED)

TABLE: tuple[Row, ...] = (
    *(Row(state, _E.REACH_OUT, _S.REACHING, _G.SCREENED) for state in (_S.NOT_STARTED, _S.DEFERRED, _S.NOT_REACHABLE)),
    # Come of age, well again, or not dead after all: they are asked themselves.
    *(Row(state, _E.REACH_OUT, _S.REACHING, _G.SCREENED) for state in BY_OTHERS),
    Row(_S.REACHING, _E.INFORM, _S.INFORMED, _G.SCREENED),  # what was clear when reaching out may not be any more
    Row(_S.INFORMED, _E.GRANT, _S.GRANTED, _G.ASKED),
    Row(_S.INFORMED, _E.DECLINE, _S.DECLINED, _G.ASKED),
    *(Row(state, _E.DEFER, _S.DEFERRED, _G.UNTIL) for state in ASKING),
    *(Row(state, _E.GIVE_UP, _S.NOT_REACHABLE, _G.ATTEMPTS) for state in (_S.REACHING, _S.DEFERRED)),
    *(Row(state, _E.FIND_INCAPABLE, _S.LACKS_CAPACITY, _G.NONE) for state in ASKING),
    *(Row(state, _E.ASK_GUARDIAN, _S.GUARDIAN_NEEDED, _G.NOT_GROWN) for state in ASKING),
    Row(_S.LACKS_CAPACITY, _E.ASK_GUARDIAN, _S.GUARDIAN_NEEDED, _G.NONE),
    Row(_S.GUARDIAN_NEEDED, _E.GRANT, _S.GRANTED, _G.GUARDIAN),
    Row(_S.GUARDIAN_NEEDED, _E.DECLINE, _S.DECLINED, _G.GUARDIAN),
    *(
        Row(state, _E.LEARN_OF_DEATH, _S.DECEASED, _G.NONE)
        for state in (*BEFORE_ANSWER, _S.NOT_REACHABLE, *ANSWERED)  # nobody is told "alive and well" of the dead
    ),
    *(Row(state, _E.WITHDRAW, _S.WITHDRAWN, _G.NONE) for state in (_S.GRANTED, _S.DECLINED)),
    *(Row(state, _E.REVISE, _S.INFORMED, _G.NONE) for state in ANSWERED),
)
BY_KEY = {(row.source, row.event): row for row in TABLE}

ENDED: frozenset[State] = frozenset((*ANSWERED, _S.NOT_REACHABLE, _S.LACKS_CAPACITY))
"""States in which the search has its outcome; all but `granted` have nothing to tell.

`deceased` is none of them: the search waits for the report of the fate, which is not possible from an outcome. Where
no fate is established, the person may be reached out to again.
"""


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [row.event for row in TABLE if row.source == source]


class NamedAs(StrEnum):
    """How the enquirer was named to the found person, who is asked first: do you want to know who?"""

    NOBODY = "nobody"
    RELATIONSHIP_ONLY = "relationship_only"
    FULL_NAME = "full_name"


class ReleaseState(StrEnum):
    """Where the telling of an enquirer stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    TOLD = "told"
    TURNED_DOWN = "turned_down"
    STOPPED = "stopped"  # the answer was withdrawn or revised before anybody was told


UNTOLD = (ReleaseState.PROPOSED, ReleaseState.APPROVED)
"""States of releases that a changed answer stops."""
