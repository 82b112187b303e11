"""What can go wrong with a risk screen."""

from tracing.kit.errors import Conflict


class NotScreened(Conflict):
    """Nobody has screened the pair, or the screen says stop."""

    code = "not-screened"
    title = "The risk screen does not allow this"
