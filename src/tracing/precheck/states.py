"""How far a blind pre-check has come."""

from enum import StrEnum

PRE_CHECK = "pre_check"
"""What is agreed on with a partner, among the kinds, for blind pre-checks; they are sessions, not messages."""


class Standing(StrEnum):
    """Where a pre-check stands. One that was stopped in between stays begun: it tells nothing, and counts."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
