"""Identifiers shown outside are random: a time-ordered id tells when something happened."""

from uuid import UUID, uuid4


def new_id() -> UUID:
    """Return a fresh random id (UUID version 4)."""
    return uuid4()
