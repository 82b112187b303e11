"""The fields of PFIF 1.1 to 1.4 under their names of 1.4."""

import re
from collections.abc import Mapping

NAMESPACES = frozenset(f"http://zesty.ca/pfif/1.{version}" for version in (1, 2, 3, 4))
LATEST = "http://zesty.ca/pfif/1.4"

PERSON = (
    "person_record_id",
    "entry_date",
    "expiry_date",
    "author_name",
    "author_email",
    "author_phone",
    "source_name",
    "source_date",
    "source_url",
    "full_name",
    "given_name",
    "family_name",
    "alternate_names",
    "description",
    "sex",
    "date_of_birth",
    "age",
    "home_street",
    "home_neighborhood",
    "home_city",
    "home_state",
    "home_postal_code",
    "home_country",
    "photo_url",
    "profile_urls",
)
NOTE = (
    "note_record_id",
    "person_record_id",
    "linked_person_record_id",
    "entry_date",
    "author_name",
    "author_email",
    "author_phone",
    "source_date",
    "author_made_contact",
    "status",
    "email_of_found_person",
    "phone_of_found_person",
    "last_known_location",
    "text",
    "photo_url",
)
RENAMED = {
    "first_name": "given_name",
    "last_name": "family_name",
    "home_zip": "home_postal_code",
    "found": "author_made_contact",
    "other": "other",  # unpacked when the record is whole
}
"""Names of earlier versions, each with that of 1.4."""

_PERSON = frozenset((*PERSON, "other"))
_NOTE = frozenset(NOTE)
_LABEL = re.compile(r"([a-z_]{2,40}):[ \t]*(.*)")


def person_field(name: str) -> str | None:
    """Return the name in 1.4 of a person's field, `other` as it is; None for a field that PFIF does not know."""
    known = RENAMED.get(name, name)
    return known if known in _PERSON else None


def note_field(name: str) -> str | None:
    """Return the name in 1.4 of a note's field; None for a field that PFIF does not know."""
    known = RENAMED.get(name, name)
    return known if known in _NOTE else None


def whole(fields: Mapping[str, str]) -> dict[str, str]:
    """Return a person's fields without empty ones, `other` unpacked, and with a full name where parts give one."""
    found = {name: text for name, raw in fields.items() if (text := raw.strip())}
    other = found.pop("other", "")
    if other:
        found = unpacked(other) | found
    if "full_name" not in found:
        parts = [found[name] for name in ("given_name", "family_name") if name in found]
        if parts:
            found["full_name"] = " ".join(parts)
    return found


def unpacked(other: str) -> dict[str, str]:
    """Return what stood in `other` of PFIF 1.1 to 1.3: blocks `label: value`, with further lines indented.

    A label that is a field of a person is that field; whatever else stands there is the description, as written.
    """
    found: dict[str, list[str]] = {}
    label = "description"
    for line in other.splitlines():
        block = _LABEL.fullmatch(line)
        if block is not None:
            label = block[1] if block[1] in _PERSON - {"other", "person_record_id"} else "description"
            found.setdefault(label, []).append(block[2] if block[1] == label else line)
        else:
            if line[:1] not in (" ", "\t", ""):
                label = "description"
            found.setdefault(label, []).append(line.strip())
    return {name: text for name, lines in found.items() if (text := "\n".join(lines).strip())}
