"""What personal data may be used for, and the bit each purpose has in a record's mask."""

from enum import StrEnum


class Purpose(StrEnum):
    """Purposes of domain.md §5.7; the order is the order of the bits and never changes."""

    REGISTER = "register"
    MATCH_WITHIN_SOCIETY = "match_within_society"
    MATCH_IN_NETWORK = "match_in_network"
    SHARE_WITH_SOCIETY = "share_with_society"
    SHARE_WITH_THIRD_PARTY = "share_with_third_party"
    PUBLISH_PHOTO = "publish_photo"
    PUBLISH_NAME = "publish_name"
    DISCLOSE_ALIVE = "disclose_alive"
    DISCLOSE_MESSAGE = "disclose_message"
    DISCLOSE_CONTACT = "disclose_contact"
    DISCLOSE_LOCATION = "disclose_location"
    STATISTICS = "statistics"
    FOLLOW_UP = "follow_up"

    @property
    def bit(self) -> int:
        """The purpose's bit in `Record.purposes`."""
        return 1 << list(Purpose).index(self)


class Use(StrEnum):
    """Why an access was opened; decides which rows the guard lets through.

    `REGISTER` and `MATCH` ask for the purpose of that name in force. `FORGET` (the night's eraser)
    and `DATA_SUBJECT` (the person's own rights) see hidden rows too; each has its own permission.
    """

    REGISTER = "register"
    MATCH = "match"
    FORGET = "forget"
    DATA_SUBJECT = "data_subject"


DISCLOSED = frozenset(
    {Purpose.DISCLOSE_ALIVE, Purpose.DISCLOSE_MESSAGE, Purpose.DISCLOSE_CONTACT, Purpose.DISCLOSE_LOCATION}
)
"""What a found person's answers about single searches rest on: they end with any of these."""


class Decision(StrEnum):
    """What was decided about one purpose. Refused and withdrawn beat granted at equal time."""

    GRANTED = "granted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"


class LawfulBasis(StrEnum):
    """Why processing is lawful; sought persons usually rest on public or vital interest."""

    CONSENT = "consent"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_INTEREST = "public_interest"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_OBLIGATION = "legal_obligation"


class GivenBy(StrEnum):
    """Who spoke for the person."""

    SUBJECT = "subject"
    PARENT = "parent"
    GUARDIAN = "guardian"
    COURT = "court"
    NOT_ASKED = "not_asked"


class Obtained(StrEnum):
    """How the decision was given."""

    VERBAL = "verbal"
    WRITTEN = "written"
    SIGNED = "signed"
    VIA_INTERPRETER = "via_interpreter"
    NOT_ASKED = "not_asked"
