"""What a risk screen comes to, and why the glass is broken."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a screen allows. It is worked out from the answers, never typed in."""

    CLEAR = "clear"
    SECOND_APPROVER = "second_approver"  # outreach and disclosure need somebody of another team
    STOP = "stop"  # no outreach: the question itself would reveal the search to whom it must not


class GlassReason(StrEnum):
    """Why somebody must see what is withheld from them. A closed list: it stands in the clear."""

    DANGER_TO_LIFE = "danger_to_life"
    CHILD_AT_RISK = "child_at_risk"
    CASEWORKER_ABSENT = "caseworker_absent"
    COURT_OR_LAW = "court_or_law"
