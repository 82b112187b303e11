"""What can go wrong in the review."""

from tracing.kit.errors import Conflict, Refused


class NoSuchVerdict(Conflict):
    """The verdict does not fit the state that the suggestion is in."""

    code = "no-such-verdict"
    title = "That verdict is not possible now"


class NotConfirmed(Conflict):
    """The pair does not stand confirmed as one person."""

    code = "not-confirmed"
    title = "This rests on a confirmed match"


class SameReader(Refused):
    """A second reader is another human than the first, whatever account they use."""

    code = "same-reader"
    title = "A second reader is needed"


class NightUnderWay(Conflict):
    """Another night of the society is running."""

    code = "night-under-way"
    title = "A night is running already"
