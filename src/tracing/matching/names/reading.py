"""Read a whole name: tokens with their kinds, the naming system, the order as the parts were meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from tracing.matching.names.pieces import Piece, pieces_of
from tracing.matching.names.systems import system_of
from tracing.matching.names.tokens import BEARING, Token, token

LONGEST_NAME: Final = 400
"""Characters read of one name; the rest is left out."""

MOST_NAME_TOKENS: Final = 12
"""Name-bearing tokens compared of one name."""


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name as read. ``tokens`` are all tokens in the meant order, ``names`` the name-bearing ones."""

    full: str
    tokens: tuple[Token, ...]
    system: str
    type: str | None = None
    names: tuple[Token, ...] = field(compare=False, default=())

    def __reduce__(self) -> tuple[Callable[..., NameReading], tuple[str, str | None, None, str | None]]:
        return read_name_as, (self.full, self.type, None, None)


def read_name_as(full: str, type: str | None, script: str | None, lang: str | None) -> NameReading:
    """``read_name`` with positions, for unpickling."""
    return read_name(full, type=type, script=script, lang=lang)


def read_name(
    full: str, *, type: str | None = None, script: str | None = None, lang: str | None = None
) -> NameReading:
    """Read ``full`` (any Unicode text; only the first ``LONGEST_NAME`` characters count).

    ``type`` is kept for the caller; ``script`` is what the sender said, ``lang`` an ISO 639-1 code that may tell the
    naming system; the letters themselves decide where they can. A name without a name-bearing token has no ``names``.
    """
    return _read(full[:LONGEST_NAME], type, lang)


@lru_cache(maxsize=16384)
def _read(full: str, type: str | None, lang: str | None) -> NameReading:
    pieces = pieces_of(full)
    system = system_of(pieces, lang)
    tokens = tuple(token(piece.text, piece.kind) for piece in _for_system(pieces, system))
    names = tuple(read for read in tokens if read.kind in BEARING and (read.latin or read.folded))
    return NameReading(full, tokens, system, type, names[:MOST_NAME_TOKENS])


def _for_system(pieces: list[Piece], system: str) -> list[Piece]:
    return pieces
