"""What can go wrong with keeping contact."""

from tracing.kit.errors import Conflict


class NotExhausted(Conflict):
    """Somebody was not tried often enough to count as unreachable."""

    code = "attempts-not-exhausted"
    title = "Not enough attempts yet"


class NotToBeUsed(Conflict):
    """A contact point may not be used now for this purpose."""

    code = "contact-not-to-be-used"
    title = "This contact point may not be used now for this purpose"
