"""What of a record tells where a person is or how they are reached; `gate.glass` says from whom it is withheld."""

from tracing.persons.schemas import PersonDraft

PLACES = ("birth_place", "origin_place", "last_place", "last_place_date", "occupation", "school_or_teacher")
"""Fields of a person: where they are from is where their family looks, a workplace or a school is found by its name."""
WORDS = ("physical_description", "distinguishing_marks")
"""Fields of a person that are written in free words, which may tell anything."""
REACHING = frozenset({"phone", "social_handle", "other"})
"""Kinds of identifiers by which somebody is reached, or may be: `other` counts as one."""


WORDS_WITHHELD = "Somebody whom this is about is protected, and what was written in free text is withheld from you."


def veiled(person: PersonDraft) -> PersonDraft:
    """Return a person without what tells, or may tell in words, where they are or how they are reached."""
    kept = [identifier for identifier in person.identifiers if identifier.type not in REACHING]
    return person.model_copy(update=dict.fromkeys((*PLACES, *WORDS)) | {"identifiers": kept})


def as_shown(version: int, withheld: bool) -> str:
    """Return the version of a record as one caller is shown it; what is withheld makes it another edition."""
    return f"{version}-withheld" if withheld else str(version)
