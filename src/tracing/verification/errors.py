"""What can go wrong with a verification."""

from tracing.kit.errors import Conflict


class NotVerified(Conflict):
    """No verification of the pair stands passed."""

    code = "not-verified"
    title = "Identity and relationship are not verified"
