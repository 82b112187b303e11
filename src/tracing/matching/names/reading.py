"""Read a whole name: tokens with their kinds, the naming system, the order as the parts were meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from tracing.matching.names.pieces import Piece, pieces_of, plain_piece
from tracing.matching.names.romanise import romanise
from tracing.matching.names.script import script_of
from tracing.matching.names.syllables import native_syllables, syllables_of
from tracing.matching.names.systems import (
    EAST_ASIAN,
    FOREIGN,
    SYLLABIC,
    VIETNAMESE,
    PlainWord,
    plain_system,
    plain_word,
    system_of,
)
from tracing.matching.names.tokens import BEARING, Token, token

LONGEST_NAME: Final = 400
"""Characters read of one name; the rest is left out."""

MOST_NAME_TOKENS: Final = 12
"""Name-bearing tokens compared of one name."""


@dataclass(frozen=True, slots=True)
class NameReading:
    """A name as read. ``tokens`` are all tokens in the meant order, ``names`` the name-bearing ones.

    ``sex`` is what titles and particles tell; ``initials`` says whether any of ``names`` is one.
    """

    full: str
    tokens: tuple[Token, ...]
    system: str
    type: str | None = None
    names: tuple[Token, ...] = field(compare=False, default=())
    sex: str | None = field(compare=False, default=None)
    initials: bool = field(compare=False, default=False, repr=False)

    @property
    def joins(self) -> tuple[tuple[int, int, str], ...]:
        """(first place, number of names, joined text) of what may be written as one word. Made anew each time: few
        names are ever asked, and kept they took more memory than all else that a name holds.
        """
        return (*_joins(self.tokens, self.names), *_foreign_joins(self))

    def __reduce__(self) -> tuple[Callable[..., NameReading], tuple[str, str | None, str]]:
        return _read_again, (self.full, self.type, self.system)


def _read_again(full: str, type: str | None, system: str) -> NameReading:
    """What was read before in ``system``: a language, or another reading of the same letters, may have told it."""
    read = read_name(full, type=type)
    return read if read.system == system else _in_pieces(full, type, pieces_of(full), system)


def read_name(full: str, *, type: str | None = None, script: str | None = None, lang: str | None = None) -> NameReading:
    """Read ``full`` (any Unicode text; only the first ``LONGEST_NAME`` characters count).

    ``type`` is kept for the caller; ``script`` is what the sender said, ``lang`` an ISO 639-1 code that may
    tell the
    naming system; the letters themselves decide where they can. A name without a name-bearing token has no
    ``names``.
    """
    return _read(full[:LONGEST_NAME], type, lang)


def _read(full: str, type: str | None, lang: str | None) -> NameReading:
    if plain := _plain(full, type, lang):
        return plain
    pieces = pieces_of(full)
    return _in_pieces(full, type, pieces, system_of(pieces, lang))


def _plain(full: str, type: str | None, lang: str | None) -> NameReading | None:
    """The reading of a name that is words, one after the other, each of one kind in any name; None of any other.

    Most are, and then what is asked of one word is asked once of it, not of each name that it stands in.
    """
    texts = full.split()
    if not 0 < len(texts) <= MOST_NAME_TOKENS:
        return None
    words = []
    for text in texts:
        word = _plain_word(text)
        if word is None:
            return None
        words.append(word)
    system = plain_system(words, lang)
    if system is None:
        return None
    tokens = tuple([token(text, word.kind) for text, word in zip(texts, words, strict=True)])
    return NameReading(full, tokens, system, type, tokens, _told_sex(tokens))


@lru_cache(maxsize=65536)
def _plain_word(text: str) -> PlainWord | None:
    piece = plain_piece(text)
    if piece is None:
        return None
    read = token(text, piece.kind)
    return plain_word(piece) if read.latin or read.folded else None


def _in_pieces(full: str, type: str | None, pieces: list[Piece], system: str) -> NameReading:
    tokens = tuple([token(piece.text, piece.kind) for piece in _for_system(pieces, system)])
    names = tuple([read for read in tokens if read.kind in BEARING and (read.latin or read.folded)][:MOST_NAME_TOKENS])
    initials = "initial" in [name.kind for name in names]
    return NameReading(full, tokens, system, type, names, _told_sex(tokens), initials)


def read_whole(name: NameReading) -> NameReading | None:
    """A Han or Hangul name that was cut into syllables, read as one foreign word; None for any other name.

    Characters have sound only in a foreign name: 馬丁 is Martin, though 馬 is a family name too.
    """
    if name.system != EAST_ASIAN or len(name.names) < 2 or name.names[0].script not in _CHARACTERS:
        return None
    pieces = [piece for piece in pieces_of(name.full) if piece.kind in BEARING]
    if len(pieces) != 1:
        return None
    word = token(pieces[0].text)
    return NameReading(name.full, (word,), FOREIGN, name.type, (word,)) if word.latin else None


def _foreign_joins(name: NameReading) -> tuple[tuple[int, int, str], ...]:
    """A Han or Hangul name cut into syllables may yet be one foreign word: its readings as a whole."""
    if len(name.names) < 2 or name.names[0].script not in _CHARACTERS:
        return ()
    pieces = pieces_of(name.full)
    script = script_of(pieces[0].text)
    whole = _whole(pieces[0].folded, script) if len(pieces) == 1 and script in _CHARACTERS else ()
    return tuple((0, len(name.names), reading) for reading in whole)


_CHARACTERS: Final = frozenset({"Hani", "Hang"})
"""Scripts whose words are cut into syllables as they stand."""


_whole = lru_cache(maxsize=8192)(romanise)


def _joins(tokens: tuple[Token, ...], names: tuple[Token, ...]) -> tuple[tuple[int, int, str], ...]:
    """(first place, number of names, joined text): neighbours written as one, a name with the particle
    before it.
    """
    texts = [name.latin[0] if name.latin else "" for name in names]
    found = [(at, 2, one + two) for at, (one, two) in enumerate(pairwise(texts)) if one and two]
    if len(texts) > 2:
        triples = zip(texts, texts[1:], texts[2:], strict=False)
        found += [(at, 3, one + two + three) for at, (one, two, three) in enumerate(triples) if one and two and three]
    if len(tokens) == len(names):
        return tuple(found)
    prefix, place = "", 0
    for read in tokens:
        if read.kind == "particle":
            particle = read.latin[0] if read.latin else ""
            prefix += particle
            if place and texts[place - 1] and particle:
                found.append((place - 1, 1, texts[place - 1] + particle))
        elif place < len(names) and read is names[place]:
            if prefix and texts[place]:
                found.append((place, 1, prefix + texts[place]))
            prefix, place = "", place + 1
    return tuple(found)


def _for_system(pieces: list[Piece], system: str) -> list[Piece]:
    """East Asian names in syllables; Vietnamese Thi and Van tell the sex and no more."""
    if system not in SYLLABIC:
        return pieces
    out: list[Piece] = []
    for place, piece in enumerate(pieces):
        if system == VIETNAMESE and piece.folded in ("thi", "van") and 0 < place < len(pieces) - 1:
            out.append(piece._replace(kind="particle"))
        elif piece.kind in ("name", "particle", "initial"):
            out.extend(piece._replace(text=part, kind="name") for part in _syllables(piece))
        else:
            out.append(piece)
    return out


def _syllables(piece: Piece) -> tuple[str, ...]:
    script = script_of(piece.text)
    if script in _CHARACTERS:
        return native_syllables(piece.folded, script)
    if script == "Latn":
        parts = syllables_of(piece.folded)
        return parts if len(parts) > 1 else (piece.text,)
    return (piece.text,)


def _told_sex(tokens: tuple[Token, ...]) -> str | None:
    """Sex that a title, particle or patronymic tells; later ones speak of forebears."""
    for read in tokens:
        if read.sex and read.kind in _TELLING:
            return read.sex
    return None


_TELLING: Final = frozenset({"title", "particle", "patronymic"})
