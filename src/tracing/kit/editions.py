"""The version of what is shown together: it changes with each of its parts."""

from collections.abc import Iterable
from hashlib import blake2b
from uuid import UUID

UNTOLD = 0
"""Stands for a version that its reader is not told, since it would count steps which are hidden from them."""


def edition_of_content(shown: str) -> str:
    """Return the version of an answer of which nothing but what it shows may tell: of the canonical form of that."""
    return blake2b(shown.encode(), digest_size=12).hexdigest()


def edition(shown: Iterable[tuple[UUID, int]]) -> str:
    """Return the version of an answer that shows several records, from the id and version of each."""
    return blake2b("|".join(f"{i.hex}-{v}" for i, v in shown).encode(), digest_size=12).hexdigest()
