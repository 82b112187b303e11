"""What an enquirer may see of a search (domain.md §6.1), written out once more: the product's table is held to it."""

UNDER_WAY = "search_under_way"
SHOWN = {
    "pre_case": "received",
    "eligibility_review": "being_assessed",
    "not_accepted": "closed",
    "awaiting_enquirer": "need_information_from_you",
    "withdrawn": "closed",
    "closed": "closed",
}
"""States that show; every other one is `search_under_way`, also that of somebody found who said no."""


FOUND = ("lead_found", "verifying", "located_pending_consent", "fate_review", "outcome_ready")
SPEAK = "we_would_like_to_speak_to_you"
TO_TELL = {"disclosure_release": "approved", "family_message": "read", "fate_report": "established"}
"""States in which something was approved that an enquirer is to learn."""


def public(state: str) -> str:
    """Return the public status of a search that shows nothing yet."""
    return SHOWN.get(state, UNDER_WAY)


def follows(shown: str, before: str, state: str) -> str:
    """Return the public status of a search that went from one state to another, and showed `shown` before."""
    if state in FOUND or (before in FOUND and state == "searching"):
        return shown
    after = public(state)
    if after == "closed":
        return after
    if shown == SPEAK:
        return shown
    answered = before.startswith("awaiting_") and state == "searching"
    return shown if shown == SHOWN["awaiting_enquirer"] and after == UNDER_WAY and not answered else after


def at_once(before: str | None, after: str) -> bool:
    """Return whether a change shows when it happens; the others wait for the next date of the cadence."""
    if after == UNDER_WAY:
        return before in (None, "received", "being_assessed")
    return before is None or after != "closed"
