"""Which script a name is written in, for the tables per script."""

import unicodedata
from collections import Counter

_CODES = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "CJK": "Hani",
    "HANGUL": "Hang", "HIRAGANA": "Kana", "KATAKANA": "Kana", "ETHIOPIC": "Ethi", "GEORGIAN": "Geor",
    "ARMENIAN": "Armn", "DEVANAGARI": "Deva", "BENGALI": "Beng", "MYANMAR": "Mymr", "TAMIL": "Taml", "THAI": "Thai",
}  # fmt: skip


def script(text: str) -> str:
    """ISO 15924 code of the script that most letters of `text` belong to; Zyyy when it has no letter."""
    words = Counter(unicodedata.name(letter, "?").split(" ")[0] for letter in text if letter.isalpha())
    return _CODES.get(words.most_common(1)[0][0], "Zzzz") if words else "Zyyy"


def both(left: str, right: str) -> str:
    """The two scripts of a pair, in the order of the alphabet; one code where they are the same."""
    first, second = sorted((script(left), script(right)))
    return first if first == second else f"{first}-{second}"
