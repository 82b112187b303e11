"""Fold the spellings that one script has for the same name: letter forms, marks, case, homophones.

``fold`` keeps the script: two native spellings are compared as folded, before any romanising, because
romanising
merges names that differ (engine.md section 3.3). Latin is folded to ASCII a-z.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from tracing.matching.names.lists import han_simplified

_ARABIC: Final = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ێ": "ي", "ے": "ي",
    "ئ": "ي",
    "ک": "ك", "ڪ": "ك", "ګ": "گ", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ۂ": "ه", "ؤ": "و", "ۆ": "و",
    "ۇ": "و",
    "ڕ": "ر", "ړ": "ر", "ڑ": "ر", "ڵ": "ل", "ڤ": "ف", "ټ": "ت", "ٹ": "ت", "ډ": "د", "ڈ": "د", "ښ": "ش",
    "ږ": "ژ",
    "ڼ": "ن", "ں": "ن", "ځ": "ز", "څ": "س", "ء": None, "ـ": None, "ە": None,
})  # fmt: skip
_HEBREW: Final = str.maketrans({"ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ", "׳": None, "״": None})
_CYRILLIC: Final = str.maketrans({
    "ё": "е", "й": "и", "і": "и", "ї": "и", "є": "е", "ґ": "г", "ў": "у", "э": "е", "ы": "и", "ъ": None,
    "ь": None,
    "ј": "и", "љ": "л", "њ": "н", "ћ": "ч", "ђ": "дж", "џ": "дж", "ѓ": "г", "ќ": "к", "ѕ": "з",
    "қ": "к", "ғ": "г", "ұ": "у", "ү": "у", "ө": "о", "ә": "а", "ң": "н", "һ": "х", "ҳ": "х", "ҷ": "дж",
    "ӣ": "и",
    "ӯ": "у", "ӏ": None,
})  # fmt: skip
_GREEK: Final = str.maketrans({"ς": "σ", "ϊ": "ι", "ϋ": "υ"})
_MARKS: Final = ("Mn", "Me", "Cf", "Lm", "Sk")


def _ethiopic_homophones() -> dict[int, int]:
    """Amharic writes one sound with several letters: ሐ ኀ ኸ = ሀ, ሠ = ሰ, ዐ = አ, ፀ = ጸ, and ሃ/ኣ = ሀ/አ."""
    rows = (
        (0x1210, 0x1200),
        (0x1280, 0x1200),
        (0x12B8, 0x1200),
        (0x1220, 0x1230),
        (0x12D0, 0x12A0),
        (0x1340, 0x1338),
    )
    table = {source + order: target + order for source, target in rows for order in range(7)}
    for alpha in (0x1200, 0x12A0):
        table = {key: alpha if value == alpha + 3 else value for key, value in table.items()}
        table[alpha + 3] = alpha
    return table


_ETHIOPIC: Final = _ethiopic_homophones()
_KANA: Final = {point: point + 0x60 for point in range(0x3041, 0x3097)} | {0x30FC: None}
_INDIC: Final = str.maketrans({"\u09bc": None, "\u093c": None, "\u0902": "\u0928\u094d", "\u09dc": "\u09b0"})


def without_marks(text: str) -> str:
    """Lower case without combining marks, format characters and modifier letters (NFKD)."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if unicodedata.category(letter) not in _MARKS)


def letters(text: str) -> str:
    """ASCII a-z of a text in any script, digits and signs dropped."""
    if text.isascii() and text.isalpha():
        return text.lower()
    return "".join(letter for letter in anyascii(text).lower() if "a" <= letter <= "z")


@lru_cache(maxsize=65536)
def fold(text: str, script: str) -> str:
    """Native folded form of one token; ``""`` when nothing name-like is left.

    >>> fold("ÖZTÜRK", "Latn"), fold("إبراهيم", "Arab"), fold("Сергій", "Cyrl")
    ('ozturk', 'ابراهيم', 'сергии')
    """
    if script == "Latn":
        return letters(text) if text.isascii() else letters(without_marks(text.replace("İ", "i").replace("ı", "i")))
    if script == "Arab":
        text = _CARRIER.sub("ا", unicodedata.normalize("NFC", text))
        return _words_only(without_marks(text.translate(_ARABIC)).translate(_ARABIC))
    if script == "Hebr":
        return _words_only(without_marks(text).translate(_HEBREW))
    if script == "Cyrl":
        return _words_only(unicodedata.normalize("NFC", text).casefold().translate(_CYRILLIC))
    if script == "Grek":
        return _words_only(without_marks(text).translate(_GREEK))
    if script == "Ethi":
        return _words_only(text.translate(_ETHIOPIC))
    if script in ("Kana", "Hira"):
        return _words_only(unicodedata.normalize("NFKC", text).translate(_KANA))
    if script in ("Deva", "Beng"):
        return "".join(x for x in unicodedata.normalize("NFC", text).translate(_INDIC) if x.isalpha() or _is_mark(x))
    if script == "Hani":
        return _words_only(unicodedata.normalize("NFKC", text).translate(han_simplified()))
    if script in ("Hang", "Armn", "Geor"):
        return _words_only(unicodedata.normalize("NFKC", text).casefold())
    return "".join(x for x in unicodedata.normalize("NFC", text).casefold() if x.isalpha() or _is_mark(x))


_CARRIER: Final = re.compile("^ئ[اە]?(?=.)")
"""Kurdish begins a vowel with this letter, where Arabic has none: ئارام is Aram."""


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Mc")


def _words_only(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha())
