"""From a neutral person (the match files' shape) to a person as registered."""

from collections.abc import Mapping
from typing import Any

from tracing.persons.schemas import PersonDraft

BESIDE = frozenset({"id", "seen_place", "seen_date"})
"""Keys that belong to the record around the person, not to the person."""


def person_draft(neutral: Mapping[str, Any]) -> PersonDraft:
    """Return the person of a neutral record, checked like any other.

    Raises:
        pydantic.ValidationError: a value breaks a rule of `PersonDraft`.
    """
    known = {key: value for key, value in neutral.items() if key not in BESIDE}
    names = [{"full": name} if isinstance(name, str) else dict(name) for name in known.get("names", ())]
    return PersonDraft.model_validate(known | {"names": names})
