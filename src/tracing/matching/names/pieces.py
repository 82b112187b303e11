"""Cut a written name into pieces and say what each is: name, title, particle, initial, patronymic, unknown
word.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, NamedTuple

from tracing.matching.names.burmese import apart
from tracing.matching.names.fold import fold, without_marks
from tracing.matching.names.lists import words
from tracing.matching.names.script import script_of
from tracing.matching.names.tokens import is_unknown_word, patronymic_sex

MOST_PIECES: Final = 40


class Piece(NamedTuple):
    """One word, or the words of one compound name; ``hyphen`` when it was tied to the word before."""

    text: str
    kind: str
    folded: str
    hyphen: bool = False


_APOSTROPHES: Final = re.compile("['`´‘’ʼʻʾʿˈ′＇\"“”„«»]")
_SEPARATORS: Final = re.compile(r"[\s/_·•・.;:|()\[\]{}<>+*&=~^%$#@!?\\\u200c،]+")
_COMMAS: Final = re.compile("[,，、]")
_HYPHENS: Final = re.compile("[-\u2010-\u2015\u2212\uff0d־]+")
_NONE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def pieces_of(full: str) -> list[Piece]:
    """Pieces in the meant order: ``Family, Given`` is turned round, compounds are joined; never raises."""
    text = apart(_clean(full))
    if text.replace(" ", "").isalpha():
        return _joined(_kinds([(word, False) for word in text.split()[: MOST_PIECES * 2]]))[:MOST_PIECES]
    cut = [_kinds(_words(part)) for part in _meant_order(text)]
    return _joined([piece for part in cut for piece in part])[:MOST_PIECES]


def _clean(full: str) -> str:
    if not full.isprintable():
        full = "".join(
            " " if sign in "\t\n\r\u200c" else sign
            for sign in full
            if sign in "\t\n\r\u200c" or unicodedata.category(sign) not in _NONE
        )
    return _APOSTROPHES.sub("", full)


def _meant_order(text: str) -> list[str]:
    """Given names before the family name when one comma says so; otherwise as it stands."""
    parts = [part for part in _COMMAS.split(text) if part.strip()]
    if len(parts) < 2 or without_marks(parts[1]).strip(" .") in words("generation"):
        return parts
    return [*parts[1:], parts[0]]


def _words(text: str) -> list[tuple[str, bool]]:
    """Words with whether a hyphen ties them to the word before."""
    out: list[tuple[str, bool]] = []
    for chunk in _SEPARATORS.split(text):
        if chunk.isalpha():
            out.append((chunk, False))
            continue
        tied = [word for word in _HYPHENS.split(chunk) if word]
        out.extend((word, place > 0) for place, word in enumerate(tied))
    return out[: MOST_PIECES * 2]


def _kinds(found: list[tuple[str, bool]]) -> list[Piece]:
    out: list[Piece] = []
    for word, hyphen in found:
        if len(word) == 2 and _two_initials(word) and any(other[1:].islower() for other, _ in found):
            out.extend(Piece(letter, "initial", letter.lower()) for letter in word)
        elif (piece := _pieces(word)[not out]) is not None:
            out.append(piece._replace(hyphen=True) if hyphen else piece)
    return _only_titles_are_names(out)


def _two_initials(word: str) -> bool:
    return word.isascii() and word.isupper() and not set(word) & set("AEIOUY")


@lru_cache(maxsize=65536)
def _pieces(word: str) -> tuple[Piece | None, Piece | None]:
    """The piece that a word is by itself, None when it has no letter or figure: (anywhere, as the first word)."""
    folded = fold(word, script_of(word))
    if not folded:
        return None, None
    kind, at_first = _kind(word, folded, False), _kind(word, folded, True)
    piece = Piece(word, kind, folded)
    return piece, piece if kind == at_first else Piece(word, at_first, folded)


def plain_piece(word: str) -> Piece | None:
    """The piece that a word is wherever it stands, whatever stands beside it: a name or a patronymic; else None."""
    piece, first = _pieces(word)
    if piece is None or piece is not first or piece.kind not in ("name", "patronymic"):
        return None
    if not word.isalpha() or not word.isprintable() or piece.folded in _compounding() or apart(word) != word:
        return None
    return None if len(word) == 2 and _two_initials(word) else piece


def _kind(word: str, folded: str, first: bool) -> str:
    if word.isascii() and word.isdigit():
        return "number"
    if is_unknown_word(folded):
        return "unknown"
    if folded in words("servant") or folded in words("kunya") or folded in words("faith") or folded in words("god"):
        return "name"
    if folded in words("generation"):
        return "generation"
    if folded in words("title"):
        return "weak_title" if folded in words("weak_title") else "title"
    if folded in words("weak_title") and first:
        return "weak_title"
    if folded in words("particle"):
        return "particle" if len(folded) > 1 or word.islower() else "initial"
    if len(folded) == 1 and script_of(word) in ("Latn", "Cyrl", "Grek", "Armn"):
        return "initial"
    latin = folded if folded.isascii() else ""
    if script_of(word) == "Cyrl" and re.search("(?:ович|евич|йович|овна|евна|ивна|ична|ївна)$", word.casefold()):
        return "patronymic"
    return "patronymic" if latin and patronymic_sex(latin) else "name"


def _only_titles_are_names(pieces: list[Piece]) -> list[Piece]:
    """Words that are a title or a name (Amir, Maung) are a title only before two names; a name of titles or
    particles only is a name after all.
    """
    kinds = [piece.kind for piece in pieces]
    if "weak_title" in kinds:
        weak = "title" if kinds.count("name") + kinds.count("patronymic") > 1 else "name"
        pieces = [piece._replace(kind=weak) if piece.kind == "weak_title" else piece for piece in pieces]
        kinds = [piece.kind for piece in pieces]
    if not pieces or "name" in kinds or "patronymic" in kinds:
        return pieces
    rest = [piece for piece in pieces if piece.kind in ("title", "particle")]
    if not rest:
        return pieces
    last = rest[-1]
    return [piece._replace(kind="name") if piece is last else piece for piece in pieces]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join the words of one compound name."""
    if _compounding().isdisjoint([piece.folded for piece in pieces]):
        return pieces
    out: list[Piece] = []
    place = 0
    while place < len(pieces):
        size, kind = _compound(pieces, place)
        if size == 1:
            out.append(pieces[place])
        else:
            text = " ".join(p.text for p in (pieces[place], pieces[place + size - 1]))
            out.append(Piece(text, kind, pieces[place].folded + pieces[place + size - 1].folded, pieces[place].hyphen))
        place += size
    return out


@cache
def _compounding() -> frozenset[str]:
    """Words without one of which no two words are one name (see ``_compound``)."""
    return frozenset().union(*map(words, ("servant", "kunya", "faith", "god", "ethiopic_first")))


def _compound(pieces: list[Piece], place: int) -> tuple[int, str]:
    """How many pieces from ``place`` on are one name (an article between counts), and its kind."""
    piece = pieces[place]
    if piece.kind != "name" or place + 1 == len(pieces):
        return 1, piece.kind
    skip = 2 if pieces[place + 1].folded in words("article") and place + 2 < len(pieces) else 1
    after = pieces[place + skip]
    if after.kind not in ("name", "title", "patronymic"):
        return 1, piece.kind
    if piece.folded in words("servant") and after.kind == "name":
        return skip + 1, "name"
    if piece.folded in words("kunya") and len(piece.folded) > 1:
        return skip + 1, "kunya"
    if after.folded in words("faith") or (skip == 1 and after.folded in words("god")):
        return skip + 1, "name"
    if skip == 1 and piece.folded in words("ethiopic_first") and after.folded in words("ethiopic_second"):
        return 2, "name"
    return 1, piece.kind
