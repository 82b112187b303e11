"""The text that people may send: any script, no deceit.

NFC; no NUL, control, lone surrogate, bidi override or invisible character. ZWJ and ZWNJ stay between
letters of scripts that spell with them (Persian, Indic…), as safety.md threat 18 asks, and after a virama,
as RFC 5892 (appendix A.1, A.2) allows: Malayalam names end with virama and ZWJ where no chillu letter was typed.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

JOINERS = "\u200c\u200d"
JOINING = ("ARABIC", "SYRIAC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA",
           "MALAYALAM", "SINHALA", "MONGOLIAN", "MYANMAR", "KHMER")  # fmt: skip
VIRAMA = 9  # canonical combining class
INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)


def flaw(text: str, *, lines: bool = False) -> tuple[str, str] | None:
    """Return (code, detail) of the first thing in `text` that may not stand there, or None.

    Args:
        text: as sent.
        lines: whether line breaks and tabs are allowed.
    """
    for place, char in enumerate(text):
        if char.isascii() and char.isprintable():
            continue
        if char in "\n\r\t" and lines:
            continue
        if (found := _flaw_of(text, place, char)) is not None:
            return found
    return None


def _flaw_of(text: str, place: int, char: str) -> tuple[str, str] | None:
    category = unicodedata.category(char)
    at = f"at character {place + 1}"
    if char == "\0":
        return "nul-character", f"a NUL character stands {at}"
    if category == "Cs":
        return "lone-surrogate", f"half of a surrogate pair stands {at}"
    if category in ("Cc", "Zl", "Zp"):
        return "control-character", f"a control character stands {at}"
    if (
        unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        or char in "\u200e\u200f\u061c"
    ):
        return "bidi-control", f"a character that turns the direction of writing stands {at}"
    if char in JOINERS and not _joins(text, place):
        return "zero-width", f"an invisible joiner stands {at}, where no script spells with it"
    if char in INVISIBLE or (category == "Cf" and char not in JOINERS) or category == "Co" or _is_unassigned(char):
        return "zero-width", f"an invisible or unassigned character stands {at}"
    return None


def _is_unassigned(char: str) -> bool:
    """Return whether nobody writes `char`.

    Planes 2 and 3 are set aside for ideographs. Those that came after the Unicode of this Python (2022 and
    2023: blocks H and I, the latter made for names in Chinese registers) are unassigned to it and pass.
    """
    code = ord(char)
    ideograph = 0x20000 <= code <= 0x3FFFF and code & 0xFFFE != 0xFFFE
    return unicodedata.category(char) == "Cn" and not ideograph


def _joins(text: str, place: int) -> bool:
    before, after = text[max(0, place - 1) : place], text[place + 1 : place + 2]
    if not before or not _spells_with_joiners(before):
        return False
    return unicodedata.combining(before) == VIRAMA or (after != "" and _spells_with_joiners(after))


def _spells_with_joiners(char: str) -> bool:
    return unicodedata.name(char, "").startswith(JOINING)


def _checked(text: str, lines: bool) -> str:
    if (found := flaw(text, lines=lines)) is not None:
        code, detail = found
        raise PydanticCustomError(code, "{what}", {"what": detail})
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean:
        raise PydanticCustomError("empty", "there is nothing in it")
    return clean


def line(text: str) -> str:
    """Return one line, NFC and stripped; raise a pydantic error that names the flaw, not the text."""
    return _checked(text, lines=False)


def prose(text: str) -> str:
    """Return text of several lines, NFC and stripped; raise a pydantic error that names the flaw."""
    return _checked(text, lines=True)


Line = Annotated[str, Field(min_length=1, max_length=300, strict=True), AfterValidator(line)]
Word = Annotated[str, Field(min_length=1, max_length=60, strict=True), AfterValidator(line)]
Prose = Annotated[str, Field(min_length=1, max_length=10_000, strict=True), AfterValidator(prose)]
