"""What can go wrong with a data subject's request."""

from tracing.kit.errors import Conflict


class NoSuchStep(Conflict):
    """The event does not fit the state that the request is in, or its guard does not hold."""

    code = "no-such-step"
    title = "That step is not possible now"


class NotTheSubject(Conflict):
    """Whoever asks was not identified as the person whom the act would remove."""

    code = "not-the-subject"
    title = "Only the person themselves can ask for this"
