"""What can go wrong with asking a found person and telling an enquirer."""

from tracing.kit.errors import Conflict


class NoSuchTransition(Conflict):
    """The event does not fit the state that the asking, the release or the search is in."""

    code = "no-such-transition"
    title = "That step is not possible now"


class GuardianNeeded(Conflict):
    """The found person may be a child: a parent, a guardian or a court answers beside them."""

    code = "guardian-needed"
    title = "A parent, guardian or court must be asked"
