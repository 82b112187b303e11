"""What the exchange refuses."""

from tracing.kit.errors import Conflict, Invalid, TooMany


class NoSuchTransition(Conflict):
    """The table has no such row for where the matter stands."""

    code = "no-such-transition"
    title = "Not possible in this state"


class NotAgreed(Conflict):
    """The partner and we have not agreed on messages of this kind, or over this channel."""

    code = "not-agreed"
    title = "Not agreed with this partner"


class AwaitsApproval(Conflict):
    """Another worker has not approved what would leave, as it would leave now."""

    code = "not-approved"
    title = "Another person has not approved this yet"


class NotYet(Conflict):
    """A message is about another one that has not come yet; it is taken once that has."""

    code = "not-yet"
    title = "What this is about has not come yet"


class NotForUs(Invalid):
    """An envelope names another sender than the one who signed, or another recipient than us."""

    code = "not-for-us"
    title = "The envelope is of or for somebody else"


class BeyondScope(Invalid):
    """A payload carries fields that its scope does not name."""

    code = "beyond-scope"
    title = "The payload carries more than its scope"


class QuotaReached(TooMany):
    """The partner has sent as much as was agreed."""

    code = "quota-reached"
    title = "The agreed number of messages is reached"
