"""The life of a sought person (domain.md §6.1), as far as `lead_found` and back: one table, read top to bottom.

Verification, disclosure, outcome and transfer are later rows of the same table.
"""

from dataclasses import dataclass
from enum import StrEnum

from tracing.gate.permissions import Permission


class State(StrEnum):
    """Where the search for one person stands."""

    PRE_CASE = "pre_case"
    ELIGIBILITY_REVIEW = "eligibility_review"
    NOT_ACCEPTED = "not_accepted"
    OPEN = "open"
    SEARCHING = "searching"
    AWAITING_ENQUIRER = "awaiting_enquirer"
    AWAITING_PARTNER = "awaiting_partner"
    AWAITING_AUTHORITY = "awaiting_authority"
    LEAD_FOUND = "lead_found"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Event(StrEnum):
    """What happens to a search."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    DECLINE = "decline"
    APPEAL = "appeal"
    START = "start"
    ASK_ENQUIRER = "ask_enquirer"
    ASK_PARTNER = "ask_partner"
    ASK_AUTHORITY = "ask_authority"
    ANSWERED = "answered"
    CONFIRM_LEAD = "confirm_lead"
    UNDO_LEAD = "undo_lead"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class Guard(StrEnum):
    """What must hold, checked on the server in the same transaction as the trail."""

    NONE = "none"
    NOTICE_AND_CONTACT = "notice_and_contact"  # information notice recorded; safe contact captured or marked none
    MATCHING_ALLOWED = "matching_allowed"  # a basis for match_within_society is in force
    REASON = "reason"  # a coded reason came with the event
    CONFIRMED_SUGGESTION = "confirmed_suggestion"  # only a completed decision of the review brings this event


class ClosureReason(StrEnum):
    """Reasons that need no verified finding (settled.md 36); the others come with verification."""

    ENQUIRER_WITHDREW = "enquirer_withdrew"
    DUPLICATE_OF = "duplicate_of"
    OUTSIDE_CRITERIA = "outside_criteria"


class DeclineReason(StrEnum):
    """Why a request is not accepted (domain.md §4.3); what a society accepts is its own rule."""

    NOT_A_CLOSE_RELATIVE = "not_a_close_relative"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    ALREADY_IN_CONTACT = "already_in_contact"
    OWN_ATTEMPTS_POSSIBLE = "own_attempts_possible"
    THIRD_PARTY_ABOUT_A_CHILD = "third_party_about_a_child"
    LEGAL_OR_FINANCIAL_DISPUTE = "legal_or_financial_dispute"
    GENEALOGY = "genealogy"
    POLICE_MATTER = "police_matter"
    WITHIN_COUNTRY = "within_country"
    NOT_ACCEPTED_FOR_SAFETY = "not_accepted_for_safety"


class HoldReason(StrEnum):
    """Why a search is asked about, held up, taken up again or withdrawn; never needed."""

    MORE_INFORMATION_NEEDED = "more_information_needed"
    INFORMATION_RECEIVED = "information_received"
    ACCESS_OR_SECURITY = "access_or_security"
    SAFETY_OF_THE_PERSON = "safety_of_the_person"
    ENQUIRER_UNREACHABLE = "enquirer_unreachable"
    ENQUIRER_ASKED = "enquirer_asked"


Reason = ClosureReason | DeclineReason | HoldReason
"""Closed lists: a reason stands in the clear, and free words could name somebody."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: in `source`, `event` leads to `target` if `guard` holds and the caller has `who`."""

    source: State
    event: Event
    target: State
    guard: Guard
    who: Permission


_S, _E, _G, _P = State, Event, Guard, Permission
UNDER_WAY = (
    _S.OPEN,
    _S.SEARCHING,
    _S.AWAITING_ENQUIRER,
    _S.AWAITING_PARTNER,
    _S.AWAITING_AUTHORITY,
    _S.LEAD_FOUND,
)
BEFORE = (_S.PRE_CASE, _S.ELIGIBILITY_REVIEW)

TABLE: tuple[Row, ...] = (
    Row(_S.PRE_CASE, _E.SUBMIT, _S.ELIGIBILITY_REVIEW, _G.NOTICE_AND_CONTACT, _P.REQUESTS_WRITE),
    Row(_S.ELIGIBILITY_REVIEW, _E.ACCEPT, _S.OPEN, _G.MATCHING_ALLOWED, _P.SUGGESTIONS_READ),
    Row(_S.ELIGIBILITY_REVIEW, _E.DECLINE, _S.NOT_ACCEPTED, _G.REASON, _P.SUGGESTIONS_READ),
    Row(_S.NOT_ACCEPTED, _E.APPEAL, _S.ELIGIBILITY_REVIEW, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.OPEN, _E.START, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.SEARCHING, _E.ASK_ENQUIRER, _S.AWAITING_ENQUIRER, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.SEARCHING, _E.ASK_PARTNER, _S.AWAITING_PARTNER, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.SEARCHING, _E.ASK_AUTHORITY, _S.AWAITING_AUTHORITY, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.AWAITING_ENQUIRER, _E.ANSWERED, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.AWAITING_PARTNER, _E.ANSWERED, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.AWAITING_AUTHORITY, _E.ANSWERED, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE),
    *(
        Row(state, _E.CONFIRM_LEAD, _S.LEAD_FOUND, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE)
        for state in UNDER_WAY
    ),
    Row(_S.LEAD_FOUND, _E.UNDO_LEAD, _S.SEARCHING, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE),
    *(Row(state, _E.SUSPEND, _S.SUSPENDED, _G.NONE, _P.REQUESTS_WRITE) for state in UNDER_WAY),
    Row(_S.SUSPENDED, _E.RESUME, _S.SEARCHING, _G.MATCHING_ALLOWED, _P.REQUESTS_WRITE),
    *(
        Row(state, _E.WITHDRAW, _S.WITHDRAWN, _G.NONE, _P.REQUESTS_WRITE)
        for state in (*BEFORE, *UNDER_WAY, _S.SUSPENDED)
    ),
    *(Row(state, _E.CLOSE, _S.CLOSED, _G.REASON, _P.SUGGESTIONS_READ) for state in (*BEFORE, *UNDER_WAY, _S.SUSPENDED)),
)

MATCHED: frozenset[State] = frozenset(UNDER_WAY)
"""States in which the engine looks for the person; finding a lead does not end the search."""

BY_KEY = {(row.source, row.event): row for row in TABLE}
WHO: dict[Event, Permission] = {row.event: row.who for row in TABLE}
"""The permission that an event needs, whatever the state: it is asked for before the record is looked up."""

REASONS: dict[Event, type[Reason]] = {Event.CLOSE: ClosureReason, Event.DECLINE: DeclineReason}
"""Which list the reason of a step is from; of any other step, `HoldReason`."""

REASON_BY_CODE: dict[str, Reason] = {
    reason.value: reason for kind in (ClosureReason, DeclineReason, HoldReason) for reason in kind
}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))
