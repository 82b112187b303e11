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


def public(state: str, reason: str | None) -> str:
    """Return the public status of a search."""
    if state == "outcome_ready" and reason in ("something_to_tell", "fate_to_tell"):
        return "we_would_like_to_speak_to_you"
    return SHOWN.get(state, UNDER_WAY)


def at_once(before: str | None, after: str) -> bool:
    """Return whether a change shows when it happens; the others wait for the next date of the cadence."""
    if after == UNDER_WAY:
        return before in (None, "received", "being_assessed")
    return before is None or after != "closed"
