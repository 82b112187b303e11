"""Persons as the flat table that list matchers want: first and last part of the name, date, parents, place."""

from typing import Any

import pandas as pd

from bench.quality.peers.common import Person, latin, load, romanised

COLUMNS: tuple[str, ...] = (
    "first_name",
    "surname",
    "dob",
    "birth_year",
    "father",
    "mother",
    "birth_place",
    "last_place",
    "sex",
)
COLUMNS += ("street", "suburb", "postcode")
_WHOLE_DATE = 10


def table(path: str) -> pd.DataFrame:
    """One row per person with `unique_id` and COLUMNS; what was not told is None."""
    return pd.DataFrame([_row(person) for person in load(path)])


def _row(person: Person) -> dict[str, Any]:
    words = latin(person)[0].split()
    birth = person.get("birth") or ""
    whole = len(birth) == _WHOLE_DATE and birth[:4].isdigit() and "/" not in birth
    pieces = romanised(person.get("last_place") or "").split(", ")
    is_address = pieces[-1].isdigit()
    return {
        "unique_id": person["id"],
        "first_name": words[0] if words else None,
        "surname": words[-1] if len(words) > 1 else None,
        "dob": birth if whole else None,
        "birth_year": birth[:4] if birth[:4].isdigit() else None,
        "father": _first(person.get("father")),
        "mother": _first(person.get("mother")),
        "birth_place": romanised(person.get("birth_place") or "") or None,
        "last_place": romanised(person.get("last_place") or "") or None,
        "sex": person["sex"] if person.get("sex") in ("male", "female") else None,
        "street": max(pieces[:2], key=len) if is_address and len(pieces) > 2 else None,
        "suburb": pieces[-3] if is_address and len(pieces) > 3 else None,
        "postcode": pieces[-1] if is_address else None,
    }


def _first(texts: list[str] | None) -> str | None:
    return (romanised(texts[0]) or None) if texts else None


def told(tables: list[pd.DataFrame], share: float = 0.02) -> list[str]:
    """The columns that at least a share of the rows of every table fills."""
    return [name for name in COLUMNS if all(frame[name].notna().mean() >= share for frame in tables)]
