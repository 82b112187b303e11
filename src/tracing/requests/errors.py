"""What can go wrong with a tracing request."""

from tracing.kit.errors import Conflict


class NoSuchTransition(Conflict):
    """The event does not fit the state that the search is in."""

    code = "no-such-transition"
    title = "That step is not possible now"
