"""What can go wrong with a fate report."""

from tracing.kit.errors import Conflict


class NoSuchStep(Conflict):
    """The event does not fit the state that the report is in."""

    code = "no-such-transition"
    title = "That step is not possible now"


class NotEnoughEvidence(Conflict):
    """What was gathered does not carry the finding."""

    code = "not-enough-evidence"
    title = "The evidence does not carry this finding"
