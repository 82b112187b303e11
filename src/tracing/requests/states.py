"""The life of a sought person, whole (domain.md §6.1): one table, read top to bottom.

Some rows happen by hand; the others are brought about by an act elsewhere that holds their facts (a decided
suggestion, a verification, the found person's answer, a clarified fate, a telling) and never otherwise.
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
    VERIFYING = "verifying"
    LOCATED_PENDING_CONSENT = "located_pending_consent"
    FATE_REVIEW = "fate_review"
    OUTCOME_READY = "outcome_ready"
    REOPENED = "reopened"
    TRANSFERRED_OUT = "transferred_out"
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
    OPEN_VERIFICATION = "open_verification"
    REFUTE = "refute"
    VERIFY = "verify"
    REPORT_FATE = "report_fate"
    REFUTE_FATE = "refute_fate"
    ESTABLISH_FATE = "establish_fate"
    END_ASKING = "end_asking"
    HEAR_PARTNER = "hear_partner"
    ASK_AGAIN = "ask_again"
    CONCLUDE = "conclude"
    TRANSFER = "transfer"
    REOPEN = "reopen"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class Guard(StrEnum):
    """What must hold, checked on the server in the same transaction as the trail."""

    NONE = "none"
    NOTICE_AND_CONTACT = "notice_and_contact"  # information notice recorded; safe contact captured or marked none
    MATCHING_ALLOWED = "matching_allowed"  # a basis for match_within_society is in force
    ELIGIBLE = "eligible"  # the same, and the rules about children are kept
    REASON = "reason"  # a coded reason came with the event
    SHARING_ALLOWED = "sharing_allowed"  # a consent to share with a society is in force
    CONFIRMED_SUGGESTION = "confirmed_suggestion"  # a completed decision of the review
    LEAD_OPENED = "lead_opened"  # a worker opened the verification of a confirmed suggestion
    VERIFIED = "verified"  # identity and relationship established, by two workers where it is risky
    REFUTED = "refuted"  # the verification, or the review of a fate, came to nothing
    TWO_WORKERS_AND_EVIDENCE = "two_workers_and_evidence"  # a coded source, evidence, and another worker's eyes
    ANSWERED_BY_THE_FOUND = "answered_by_the_found"  # the asking of the found person came to an end
    ANSWER_CHANGED = "answer_changed"  # the found person withdrew or revised the answer
    TOLD_BY_PARTNER = "told_by_partner"  # a partner society sent what its found person lets the enquirer learn
    ENQUIRER_TOLD = "enquirer_told"  # told, nothing may be told, or unreachable after enough attempts


class ClosureReason(StrEnum):
    """Why a search ends by hand: reasons that rest on no finding (domain.md §6.5)."""

    ENQUIRER_WITHDREW = "enquirer_withdrew"
    ENQUIRER_DIED = "enquirer_died"
    DUPLICATE_OF = "duplicate_of"
    OUTSIDE_CRITERIA = "outside_criteria"
    MEANWHILE_IN_CONTACT = "meanwhile_in_contact"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    NOT_FOUND = "not_found_avenues_exhausted"
    SAFETY_STOP = "safety_stop"


class FindingReason(StrEnum):
    """Why a search is concluded: each rests on a recorded answer, fate, telling or attempts (domain.md §6.5).

    `found_not_disclosed` never leaves the society's own workers: outside it is a search that found nobody.
    """

    RECONNECTED_CONTACT = "reconnected_contact_exchanged"
    RECONNECTED_MESSAGE = "reconnected_message_only"
    REUNIFIED = "reunified"
    ALIVE_NO_CONTACT = "alive_informed_no_contact"
    FATE_DECEASED = "fate_clarified_deceased"
    FATE_PARTIAL = "fate_partially_clarified"
    FOUND_NOT_DISCLOSED = "found_not_disclosed"
    ENQUIRER_UNREACHABLE = "enquirer_unreachable"


class Outcome(StrEnum):
    """What an `outcome_ready` search has for the enquirer; kept as its reason."""

    SOMETHING_TO_TELL = "something_to_tell"
    NOTHING_TO_TELL = "nothing_to_tell"
    FATE_TO_TELL = "fate_to_tell"


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
    ENQUIRER_NOT_REACHED = "enquirer_not_reached"
    ENQUIRER_ASKED = "enquirer_asked"


Reason = ClosureReason | FindingReason | Outcome | DeclineReason | HoldReason
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
FOUND = (_S.VERIFYING, _S.LOCATED_PENDING_CONSENT, _S.FATE_REVIEW, _S.OUTCOME_READY)
BEFORE = (_S.PRE_CASE, _S.ELIGIBILITY_REVIEW)
ENDED = (_S.CLOSED, _S.WITHDRAWN, _S.TRANSFERRED_OUT)

TABLE: tuple[Row, ...] = (
    Row(_S.PRE_CASE, _E.SUBMIT, _S.ELIGIBILITY_REVIEW, _G.NOTICE_AND_CONTACT, _P.REQUESTS_WRITE),
    Row(_S.ELIGIBILITY_REVIEW, _E.ACCEPT, _S.OPEN, _G.ELIGIBLE, _P.SUGGESTIONS_READ),
    Row(_S.ELIGIBILITY_REVIEW, _E.DECLINE, _S.NOT_ACCEPTED, _G.REASON, _P.SUGGESTIONS_READ),
    Row(_S.NOT_ACCEPTED, _E.APPEAL, _S.ELIGIBILITY_REVIEW, _G.NONE, _P.REQUESTS_WRITE),
    Row(_S.OPEN, _E.START, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE),
    # Nobody is asked about a search in which somebody was found: only who may know of that learns so by asking.
    Row(_S.SEARCHING, _E.ASK_ENQUIRER, _S.AWAITING_ENQUIRER, _G.NONE, _P.SUGGESTIONS_READ),
    Row(_S.SEARCHING, _E.ASK_PARTNER, _S.AWAITING_PARTNER, _G.NONE, _P.SUGGESTIONS_READ),
    Row(_S.SEARCHING, _E.ASK_AUTHORITY, _S.AWAITING_AUTHORITY, _G.NONE, _P.SUGGESTIONS_READ),
    *(
        Row(state, _E.ANSWERED, _S.SEARCHING, _G.NONE, _P.REQUESTS_WRITE)
        for state in (_S.AWAITING_ENQUIRER, _S.AWAITING_PARTNER, _S.AWAITING_AUTHORITY)
    ),
    # From a confirmed match to the family. Undoing the match undoes all that rests on it.
    *(
        Row(state, _E.CONFIRM_LEAD, _S.LEAD_FOUND, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE)
        for state in UNDER_WAY
    ),
    *(
        Row(state, _E.UNDO_LEAD, _S.SEARCHING, _G.CONFIRMED_SUGGESTION, _P.SUGGESTIONS_DECIDE)
        for state in (_S.LEAD_FOUND, _S.VERIFYING, _S.LOCATED_PENDING_CONSENT, _S.OUTCOME_READY)
    ),
    *(
        Row(state, _E.OPEN_VERIFICATION, _S.VERIFYING, _G.LEAD_OPENED, _P.VERIFICATIONS_WRITE)
        for state in (_S.SEARCHING, _S.LEAD_FOUND)  # a search that was suspended has lost its place, not its lead
    ),
    Row(_S.VERIFYING, _E.REFUTE, _S.SEARCHING, _G.REFUTED, _P.VERIFICATIONS_WRITE),
    Row(_S.VERIFYING, _E.VERIFY, _S.LOCATED_PENDING_CONSENT, _G.VERIFIED, _P.VERIFICATIONS_WRITE),
    Row(_S.LOCATED_PENDING_CONSENT, _E.END_ASKING, _S.OUTCOME_READY, _G.ANSWERED_BY_THE_FOUND, _P.DISCLOSURES_WRITE),
    Row(_S.OUTCOME_READY, _E.ASK_AGAIN, _S.LOCATED_PENDING_CONSENT, _G.ANSWER_CHANGED, _P.DISCLOSURES_WRITE),
    # Who was found elsewhere was verified and asked there. What is being looked into here is not cut short by it.
    *(
        Row(state, _E.HEAR_PARTNER, _S.OUTCOME_READY, _G.TOLD_BY_PARTNER, _P.EXCHANGE_RECEIVE)
        for state in (*UNDER_WAY, _S.OUTCOME_READY)
    ),
    *(
        Row(state, _E.REPORT_FATE, _S.FATE_REVIEW, _G.TWO_WORKERS_AND_EVIDENCE, _P.FATES_CONFIRM)
        for state in (*UNDER_WAY, _S.VERIFYING, _S.LOCATED_PENDING_CONSENT)
    ),
    Row(_S.FATE_REVIEW, _E.REFUTE_FATE, _S.SEARCHING, _G.REFUTED, _P.FATES_WRITE),
    Row(_S.FATE_REVIEW, _E.ESTABLISH_FATE, _S.OUTCOME_READY, _G.TWO_WORKERS_AND_EVIDENCE, _P.FATES_CONFIRM),
    *(
        Row(state, _E.CONCLUDE, _S.CLOSED, _G.ENQUIRER_TOLD, _P.OUTCOMES_WRITE)
        for state in (*UNDER_WAY, _S.OUTCOME_READY, _S.SUSPENDED)
    ),
    # At any time.
    *(Row(state, _E.SUSPEND, _S.SUSPENDED, _G.NONE, _P.REQUESTS_WRITE) for state in (*UNDER_WAY, *FOUND)),
    Row(_S.SUSPENDED, _E.RESUME, _S.SEARCHING, _G.MATCHING_ALLOWED, _P.REQUESTS_WRITE),
    *(
        Row(state, _E.WITHDRAW, _S.WITHDRAWN, _G.NONE, _P.REQUESTS_WRITE)
        for state in (*BEFORE, *UNDER_WAY, *FOUND, _S.SUSPENDED, _S.REOPENED)
    ),
    *(
        Row(state, _E.CLOSE, _S.CLOSED, _G.REASON, _P.SUGGESTIONS_READ)
        for state in (*BEFORE, *UNDER_WAY, *FOUND, _S.SUSPENDED, _S.REOPENED)
    ),
    *(
        Row(state, _E.TRANSFER, _S.TRANSFERRED_OUT, _G.SHARING_ALLOWED, _P.REQUESTS_ASSIGN)
        for state in (*UNDER_WAY, _S.SUSPENDED)
    ),
    *(Row(state, _E.REOPEN, _S.REOPENED, _G.NONE, _P.SUGGESTIONS_READ) for state in ENDED),
    Row(_S.REOPENED, _E.RESUME, _S.SEARCHING, _G.MATCHING_ALLOWED, _P.REQUESTS_WRITE),
)

MATCHED: frozenset[State] = frozenset((*UNDER_WAY, *FOUND))
"""States in which the engine looks for the person; a lead, even a verified one, does not end that."""

BROUGHT: frozenset[Guard] = frozenset(
    {
        _G.CONFIRMED_SUGGESTION,
        _G.LEAD_OPENED,
        _G.VERIFIED,
        _G.REFUTED,
        _G.TWO_WORKERS_AND_EVIDENCE,
        _G.ANSWERED_BY_THE_FOUND,
        _G.ANSWER_CHANGED,
        _G.TOLD_BY_PARTNER,
        _G.ENQUIRER_TOLD,
    }
)
"""Guards whose rows no worker takes by hand: the act that holds the facts brings the event about."""

ASKED: frozenset[Guard] = frozenset({_G.NOTICE_AND_CONTACT, _G.ELIGIBLE})
"""Guards that look into the request's details."""

BY_KEY = {(row.source, row.event): row for row in TABLE}


class PublicStatus(StrEnum):
    """What an enquirer may see of a search (domain.md §6.1): fewer words than states, on purpose."""

    RECEIVED = "received"
    BEING_ASSESSED = "being_assessed"
    UNDER_WAY = "search_under_way"
    NEED_INFORMATION = "need_information_from_you"
    SPEAK_TO_YOU = "we_would_like_to_speak_to_you"
    CLOSED = "closed"


PUBLIC: dict[State, PublicStatus] = {
    _S.PRE_CASE: PublicStatus.RECEIVED,
    _S.ELIGIBILITY_REVIEW: PublicStatus.BEING_ASSESSED,
    _S.NOT_ACCEPTED: PublicStatus.CLOSED,
    _S.OPEN: PublicStatus.UNDER_WAY,
    _S.SEARCHING: PublicStatus.UNDER_WAY,
    _S.AWAITING_ENQUIRER: PublicStatus.NEED_INFORMATION,
    _S.AWAITING_PARTNER: PublicStatus.UNDER_WAY,
    _S.AWAITING_AUTHORITY: PublicStatus.UNDER_WAY,
    _S.LEAD_FOUND: PublicStatus.UNDER_WAY,
    _S.VERIFYING: PublicStatus.UNDER_WAY,
    _S.LOCATED_PENDING_CONSENT: PublicStatus.UNDER_WAY,
    _S.FATE_REVIEW: PublicStatus.UNDER_WAY,
    _S.OUTCOME_READY: PublicStatus.UNDER_WAY,
    _S.REOPENED: PublicStatus.UNDER_WAY,
    _S.TRANSFERRED_OUT: PublicStatus.UNDER_WAY,
    _S.SUSPENDED: PublicStatus.UNDER_WAY,
    _S.WITHDRAWN: PublicStatus.CLOSED,
    _S.CLOSED: PublicStatus.CLOSED,
}
"""What a state shows where nothing stood before; see `public`."""


def public(before: PublicStatus | None, event: Event, state: State) -> PublicStatus:
    """Return what an enquirer may see of a search once `event`, by hand or a conclusion, has led to `state`.

    A question stays until it is answered, and the wish to speak to the enquirer stays, until the search has ended:
    what happens behind them neither shows them nor takes them back.
    """
    after = PUBLIC[state]
    if after is PublicStatus.CLOSED or before is None:
        return after
    if before is PublicStatus.SPEAK_TO_YOU:
        return before
    asked = before is PublicStatus.NEED_INFORMATION and event is not Event.ANSWERED
    return before if asked and after is PublicStatus.UNDER_WAY else after


def is_shown(step: Row) -> bool:
    """Return whether a step may change what an enquirer sees: by hand, or the conclusion; nothing else does."""
    return step.guard not in BROUGHT or step.event is Event.CONCLUDE


def shows_at_once(before: PublicStatus | None, after: PublicStatus) -> bool:
    """Return whether a change may be seen when it happens; the others wait for the next date of the cadence.

    At once comes what precedes any search, and what asks the enquirer for something. How such an asking ends
    waits: a question that vanishes unanswered would tell that a lead was found.
    """
    if after is PublicStatus.UNDER_WAY:
        return before in (None, PublicStatus.RECEIVED, PublicStatus.BEING_ASSESSED)
    return after is not PublicStatus.CLOSED


WHO: dict[Event, Permission] = {row.event: row.who for row in TABLE}
"""The permission that an event needs, whatever the state: it is asked for before the record is looked up."""

REASONS: dict[Event, type[Reason]] = {
    Event.CLOSE: ClosureReason,
    Event.CONCLUDE: FindingReason,
    Event.DECLINE: DeclineReason,
    Event.END_ASKING: Outcome,
    Event.HEAR_PARTNER: Outcome,
    Event.ESTABLISH_FATE: Outcome,
}
"""Which list the reason of a step is from; of any other step, `HoldReason`."""

REASON_BY_CODE: dict[str, Reason] = {
    reason.value: reason
    for kind in (ClosureReason, FindingReason, Outcome, DeclineReason, HoldReason)
    for reason in kind
}


def find(source: State, event: Event) -> Row | None:
    """Return the row for `event` in `source`, or None: what is not in the table is not possible."""
    return BY_KEY.get((source, event))


def possible(source: str) -> list[Event]:
    """Return what can happen by hand in `source`, in the order of the table."""
    return [row.event for row in TABLE if row.source == source and row.guard not in BROUGHT]
