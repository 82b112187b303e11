"""Blocking texts of a name: per name-bearing token its sound keys and its variant class."""

from __future__ import annotations

from functools import lru_cache

from tracing.matching.names.reading import NameReading
from tracing.matching.names.tokens import Token
from tracing.matching.names.variants import NO_CLASS, variant_class


def token_keys(reading: NameReading) -> tuple[tuple[str, ...], ...]:
    """Per name-bearing token (initials left out) its blocking texts, main first, never ``""``."""
    return tuple([_keys(name) for name in reading.names if name.kind != "initial"])


@lru_cache(maxsize=65536)
def _keys(token: Token) -> tuple[str, ...]:
    found = [f"={variant_class(token.variant).name}"] if token.variant != NO_CLASS else []
    found.extend(token.skeletons)
    found.extend(sorted(token.sounds.difference(token.skeletons)))
    return tuple(found) or (token.folded,)
