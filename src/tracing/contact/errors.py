"""What can go wrong with keeping contact."""

from tracing.kit.errors import Conflict


class NotExhausted(Conflict):
    """Somebody was not tried often enough to count as unreachable."""

    code = "attempts-not-exhausted"
    title = "Not enough attempts yet"
