"""How somebody was tried to be reached, and what came of it."""

from enum import StrEnum


class Channel(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    POST = "post"
    VISIT = "visit"
    SOCIAL = "social"
    THIRD_PARTY = "third_party"


class Purpose(StrEnum):
    CASE_UPDATE = "case_update"
    MESSAGE_DELIVERY = "message_delivery"
    EMERGENCY = "emergency"
    OUTREACH = "outreach"  # reaching a found person about a search
    RECONFIRMATION = "reconfirmation"


class Result(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    NOT_IN_SERVICE = "not_in_service"
    UNSAFE = "unsafe"  # somebody else listened; the contact point is no longer safe
    CALL_BACK = "call_back"
