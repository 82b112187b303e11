"""What the engine may see of a registered person, and the fingerprint that tells when it changed."""

import json
from dataclasses import asdict
from uuid import UUID

from tracing.matching import Person, blocking_keys, read
from tracing.persons.schemas import PersonDraft, RelativeDraft

ENGINE_FIELDS = {
    "sex",
    "birth",
    "birth_calendar",
    "age",
    "age_date",
    "father",
    "mother",
    "birth_place",
    "last_place",
    "last_place_date",
    "nationalities",
}


def to_person(
    record_id: UUID,
    draft: PersonDraft,
    *,
    relatives: tuple[RelativeDraft, ...] = (),
    seen_place: str | None = None,
    seen_date: str | None = None,
) -> Person:
    """Return the engine's view of a person.

    Args:
        record_id: becomes the person's id.
        draft: as registered.
        relatives: further kin that follow from the case: the enquirer is a relative of the sought person.
        seen_place: where a sighting happened; never the reporter's place.
        seen_date: when, EDTF.
    """
    neutral = draft.model_dump(mode="json", include=ENGINE_FIELDS, exclude_none=True)
    neutral |= {
        "id": str(record_id),
        "names": [
            n.model_dump(mode="json", include={"full", "type", "script", "lang"}, exclude_none=True)
            for n in draft.names
        ],
        "relatives": [r.model_dump(mode="json") for r in (*draft.relatives, *relatives)],
        "identifiers": [{"type": i.type, "value": i.value} for i in draft.identifiers],
    }
    if seen_place is not None:
        neutral["seen_place"] = seen_place
    if seen_date is not None:
        neutral["seen_date"] = seen_date
    return Person.from_neutral(neutral)


def fingerprint(person: Person) -> bytes:
    """Return a canonical form of all that the engine sees; equal forms match alike."""
    return json.dumps(asdict(person), sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def keys_of(person: Person) -> tuple[tuple[str, str], ...]:
    """Return the person's blocking keys as (family, text); the gate stores keyed hashes of them only."""
    return blocking_keys(read(person))
