"""Moments as PFIF writes them."""

import re
from datetime import UTC, datetime

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?Z")
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the date of a record that has none, as 1.1 and 1.2 allowed: whatever is dated is newer."""


def moment(text: str) -> datetime | None:
    """Return a date of PFIF (UTC, with or without a fraction of the second); None for any other text."""
    found = DATE.fullmatch(text)
    if found is None:
        return None
    *parts, fraction = found.groups()
    try:
        whole = datetime(*map(int, parts), tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers
    except ValueError:
        return None
    return whole.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))
