"""What a risk screen comes to."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a screen allows. It is worked out from the answers, never typed in."""

    CLEAR = "clear"
    SECOND_APPROVER = "second_approver"  # outreach and disclosure need somebody of another team
    STOP = "stop"  # no outreach: the question itself would reveal the search to whom it must not
