"""What can go wrong with a risk screen."""

from tracing.kit.errors import Conflict


class NotScreened(Conflict):
    """Nobody has screened the pair, or the screen says stop."""

    code = "not-screened"
    title = "The risk screen does not allow this"


class NothingToOverride(Conflict):
    """No screen of another worker found what is to be overridden."""

    code = "nothing-to-override"
    title = "There is nothing to override"
