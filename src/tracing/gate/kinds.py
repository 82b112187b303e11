"""What a record is about, and how carefully it is handled."""

from enum import StrEnum


class Kind(StrEnum):
    """What a record is about; one record is one person as one source knows them."""

    REQUEST = "request"  # the enquirer of a tracing request
    SOUGHT = "sought"
    SIGHTING = "sighting"
    SELF_REGISTRATION = "self_registration"


class Sensitivity(StrEnum):
    """How carefully a record is handled; from `protected` on a second reader is needed."""

    NORMAL = "normal"
    PROTECTED = "protected"
    HIGH_RISK = "high_risk"


class GlassReason(StrEnum):
    """Why somebody must see what is withheld from them. A closed list: it stands in the clear."""

    DANGER_TO_LIFE = "danger_to_life"
    CHILD_AT_RISK = "child_at_risk"
    CASEWORKER_ABSENT = "caseworker_absent"
    COURT_OR_LAW = "court_or_law"
    APPROVAL = "approval"  # to read what waits for their approval
