"""What can go wrong with a verification."""

from tracing.kit.errors import Conflict


class NotVerified(Conflict):
    """No verification of the pair stands passed."""

    code = "not-verified"
    title = "Identity and relationship are not verified"


class NoSuchStep(Conflict):
    """The step does not fit the state that the verification is in."""

    code = "no-such-step"
    title = "That step is not possible now"


class NotEstablished(Conflict):
    """What was found does not carry the result; one flaw per thing that is missing."""

    code = "not-established"
    title = "This does not establish who the person is"
