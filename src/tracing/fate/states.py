"""What a report of somebody's fate says, rests on, and comes to: one table, read top to bottom."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """What is said. Only the first is a death; the others are what a family can be given without one."""

    DECEASED = "deceased"
    PROBABLY_DECEASED = "probably_deceased"
    EVENT_ACCOUNT = "event_account"  # what probably happened to all who were there
    PARTIAL_ANSWER = "partial_answer"  # last seen alive where and when, and no more


OF_THE_LIVING = frozenset({Finding.EVENT_ACCOUNT, Finding.PARTIAL_ANSWER})
"""Findings that may say where somebody is who lives: what a found person has not agreed to is not told as a fate."""


OF_THE_DEAD = frozenset({Finding.DECEASED, Finding.PROBABLY_DECEASED})
"""Findings that are mistaken when the person was heard after the report was made."""


class Source(StrEnum):
    """Where the statement comes from."""

    CIVIL_REGISTER = "civil_register"
    HOSPITAL_OR_MORGUE = "hospital_or_morgue"
    FORENSIC_IDENTIFICATION = "forensic_identification"
    AUTHORITY_NOTIFICATION = "authority_notification"
    CEMETERY_OR_GRAVE = "cemetery_or_grave"
    COURT_DECLARATION = "court_declaration"
    EYE_WITNESSES = "eye_witnesses"
    FAMILY_STATEMENT = "family_statement"
    EVENT_LIST = "event_list"
    PARTNER_SOCIETY = "partner_society"


class State(StrEnum):
    PROPOSED = "proposed"
    UNDER_REVIEW = "under_review"
    ESTABLISHED = "established"
    REFUTED = "refuted"


class Event(StrEnum):
    CONFIRM = "confirm"  # another worker agrees that it must be reviewed
    ESTABLISH = "establish"
    REFUTE = "refute"


class Guard(StrEnum):
    """What must hold."""

    NONE = "none"
    ANOTHER_WORKER = "another_worker"
    ENOUGH_EVIDENCE = "enough_evidence"  # a death rests on a document, or on two witnesses apart; never on a sighting


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds."""

    source: State
    event: Event
    target: State
    guard: Guard


_S, _E, _G = State, Event, Guard

TABLE: tuple[Row, ...] = (
    Row(_S.PROPOSED, _E.CONFIRM, _S.UNDER_REVIEW, _G.ANOTHER_WORKER),
    Row(_S.UNDER_REVIEW, _E.ESTABLISH, _S.ESTABLISHED, _G.ENOUGH_EVIDENCE),
    *(Row(state, _E.REFUTE, _S.REFUTED, _G.NONE) for state in (_S.PROPOSED, _S.UNDER_REVIEW)),
)
BY_KEY = {(row.source, row.event): row for row in TABLE}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [row.event for row in TABLE if row.source == source]
