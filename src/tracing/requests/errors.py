"""What can go wrong with a tracing request."""

from tracing.kit.errors import Conflict


class NoSuchTransition(Conflict):
    """The event does not fit the state that the search is in."""

    code = "no-such-transition"
    title = "That step is not possible now"


class NotEligible(Conflict):
    """A rule of acceptance about children is not kept."""

    code = "not-eligible"
    title = "The request cannot be accepted like this"
