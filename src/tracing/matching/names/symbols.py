"""Cut a token into the sound symbols that the transliteration model reads: letters, jamo, or halves of syllables.

Letters stand for themselves in alphabets; a Hangul syllable is taken apart into its jamo, a katakana letter into
consonant and vowel (the vowel is often silent), and a Han character into the initial and the final of its Mandarin
syllable (anyascii's table), so that characters of one sound share what was learned.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from tracing.matching.names.fold import fold

MODELS: Final = {
    "Arab": "Arab", "Hebr": "Hebr", "Cyrl": "Cyrl", "Hani": "Hani", "Hang": "Hang", "Kana": "Kana", "Hira": "Kana",
}  # fmt: skip
"""ISO 15924 code → the model that reads it."""

_PINYIN: Final = re.compile("(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)")


@lru_cache(maxsize=65536)
def symbols(text: str, script: str) -> tuple[str, ...]:
    """Symbols of one native token in the order of its letters; of a Latin one its letters a-z; empty for other text.

    >>> symbols("김", "Hang"), symbols("王", "Hani"), symbols("Юрий", "Cyrl")
    (('ᄀ', 'ᅵ', 'ᆷ'), ('w-', '-ang'), ('ю', 'р', 'и', 'и'))
    """
    if script == "Cyrl":
        return tuple(_cyrillic(text))
    folded = fold(text, script)
    if script == "Hang":
        return tuple(unicodedata.normalize("NFD", folded))
    if script in ("Kana", "Hira"):
        return tuple(half for letter in _katakana(text) for half in _kana(letter))
    if script == "Hani":
        return tuple(half for character in folded for half in _halves(character))
    return tuple(folded)


_UKRAINIAN: Final = str.maketrans({"и": "ы", "і": "и", "ї": "йи", "є": "е", "ґ": "г", "е": "э"})
_OTHER_CYRILLIC: Final = str.maketrans({
    "ў": "у", "ј": "й", "љ": "ль", "њ": "нь", "ћ": "ч", "ђ": "дж", "џ": "дж", "ѓ": "г", "ќ": "к", "ѕ": "з", "і": "и",
    "қ": "к", "ғ": "г", "ұ": "у", "ү": "у", "ө": "о", "ә": "а", "ң": "н", "һ": "х", "ҳ": "х", "ҷ": "дж", "ӣ": "и",
    "ӯ": "у", "ӏ": None,
})  # fmt: skip


def _cyrillic(text: str) -> str:
    """Finer than ``fold``: й, ы, э, ё and ь tell vowels apart; other languages' letters by their Russian sound."""
    plain = unicodedata.normalize("NFC", text).casefold()
    if any(letter in "іїєґ" for letter in plain):
        plain = plain.translate(_UKRAINIAN)
    return "".join(letter for letter in plain.translate(_OTHER_CYRILLIC) if letter.isalpha())


@lru_cache(maxsize=32768)
def _halves(character: str) -> tuple[str, ...]:
    """Initial (``w-``, ``-`` without a consonant) and final (``-ang``) of a character; kana in between by sound."""
    spoken = "".join(letter for letter in anyascii(character).lower() if "a" <= letter <= "z")
    match = _PINYIN.fullmatch(spoken)
    assert match is not None
    return (match.group(1) + "-", "-" + match.group(2))


_ALONE: Final = frozenset("ァィゥェォャュョヮッンー")


def _katakana(text: str) -> str:
    """Hiragana as katakana; unlike ``fold`` with the long mark, which tells サラ from サーラ."""
    plain = unicodedata.normalize("NFKC", text).translate(_HIRAGANA)
    return "".join(letter for letter in plain if letter.isalpha())


_HIRAGANA: Final = {point: point + 0x60 for point in range(0x3041, 0x3097)}


@lru_cache(maxsize=512)
def _kana(letter: str) -> tuple[str, ...]:
    """Consonant and vowel of a katakana letter; small letters, ン and the long mark stand for themselves."""
    spoken = "".join(part for part in anyascii(letter).lower() if "a" <= part <= "z")
    if letter in _ALONE or len(spoken) < 2:
        return (letter,)
    return (spoken[:-1] + "-", "-" + spoken[-1])
