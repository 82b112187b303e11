"""How somebody was tried to be reached, what came of it, and why a way to them must not be used."""

from enum import StrEnum


class Channel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    POST = "post"
    VISIT = "visit"
    SOCIAL = "social"
    THIRD_PARTY = "third_party"


CHANNELS: dict[str, frozenset[Channel]] = {
    "phone": frozenset({Channel.PHONE}),
    "email": frozenset({Channel.EMAIL}),
    "address": frozenset({Channel.POST, Channel.VISIT}),
    "social": frozenset({Channel.SOCIAL}),
    "via_third_party": frozenset({Channel.THIRD_PARTY}),
}
"""Over which channels a kind of contact point is used."""


class Purpose(StrEnum):
    CASE_UPDATE = "case_update"
    MESSAGE_DELIVERY = "message_delivery"
    EMERGENCY = "emergency"
    OUTREACH = "outreach"  # reaching a found person about a search
    RECONFIRMATION = "reconfirmation"


NAMED: dict[Purpose, str | None] = {
    Purpose.CASE_UPDATE: "case_update",
    Purpose.MESSAGE_DELIVERY: "message_delivery",
    Purpose.EMERGENCY: "emergency",
    Purpose.OUTREACH: None,
    Purpose.RECONFIRMATION: "case_update",
}
"""The word of a contact point's `use_for` that covers a purpose; no word covers outreach."""


class Result(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    NOT_IN_SERVICE = "not_in_service"
    UNSAFE = "unsafe"  # somebody else listened; the contact point is no longer safe
    CALL_BACK = "call_back"


class Bar(StrEnum):
    """Why a contact point must not be used now for a purpose (domain.md §5.5)."""

    UNSAFE = "unsafe"
    UNKNOWN = "unknown_counts_as_unsafe"
    EXPIRED = "expired"
    NOT_FOR_THIS_PURPOSE = "not_for_this_purpose"
    OF_A_SHELTER = "belongs_to_shelter"  # would learn, or tell by ringing, who stays there
    OF_A_RELATIVE = "belongs_to_relative"  # a relative may be whom the person fled from
    OF_THE_REPORTER = "belongs_to_reporter"  # who reported somebody is not that person
    NOT_TO_BE_CALLED = "reporter_not_to_be_called"
