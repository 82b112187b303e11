"""What can go wrong with an outcome."""

from tracing.kit.errors import Conflict


class NotTold(Conflict):
    """What is said to have been told was neither released and told nor established."""

    code = "not-told"
    title = "This may not be told, or was not"


class NotConcluded(Conflict):
    """The reason does not rest on what is on record."""

    code = "reason-not-supported"
    title = "The search cannot be concluded for this reason"
