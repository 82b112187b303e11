"""What can go wrong with a Red Cross Message."""

from tracing.kit.errors import Conflict


class NoSuchStep(Conflict):
    """The message's state has no such step."""

    code = "no-such-transition"
    title = "That is not possible now"
