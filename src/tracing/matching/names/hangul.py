"""Korean syllables in Latin letters: Revised Romanization, McCune-Reischauer, and the spellings people use.

Revised Romanization: National Institute of Korean Language, 2000; McCune-Reischauer (1939) without its marks.
"""

from __future__ import annotations

from itertools import product
from typing import Final


def _parted(latin: str) -> tuple[str, ...]:
    return tuple(latin.split())


_BASE: Final = 0xAC00
_FIRST: Final = _parted("g kk n d tt r m b pp s ss - j jj ch k t p h")
_FIRST_OLD: Final = _parted("k kk n t tt r m p pp s ss - ch tch ch k t p h")
_VOWEL: Final = _parted("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_VOWEL_OLD: Final = _parted("a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i")
_LAST: Final = _parted("- k k k n n n t l l l l l l l l m p p t t ng t t k t p t")
_VOWEL_USED: Final = {
    "eo": ("u", "o"), "yeo": ("you", "yu", "yo"), "eu": ("u", "eu"), "u": ("oo", "u"), "i": ("i", "ee"),
    "ui": ("ee", "ui"), "ae": ("ae", "ai"), "yu": ("yoo", "yu"),
}  # fmt: skip
_FIRST_USED: Final = {"g": ("k", "g"), "d": ("d", "t"), "b": ("b", "p"), "r": ("r", "l"), "j": ("j", "ch"), "s": ("s",)}
_MOST: Final = 8


def is_hangul(text: str) -> bool:
    """Whether a text is whole Hangul syllables only."""
    return bool(text) and all(_BASE <= ord(letter) <= 0xD7A3 for letter in text)


def _parts(letter: str) -> tuple[int, int, int]:
    number = ord(letter) - _BASE
    return number // 588, number % 588 // 28, number % 28


def revised(text: str) -> str:
    """Revised Romanization, syllable by syllable, as names are written (without changes between syllables).

    >>> revised("정"), revised("경희"), mccune_reischauer("철수")
    ('jeong', 'gyeonghui', 'cholsu')
    """
    return "".join(_FIRST[a] + _VOWEL[b] + _LAST[c] for a, b, c in map(_parts, text)).replace("-", "")


def mccune_reischauer(text: str) -> str:
    """McCune-Reischauer without marks; the first letters of later syllables are voiced after a vowel, n, m, l, ng."""
    out = ""
    for first, vowel, last in map(_parts, text):
        voiced = out[-1:] in tuple("aeiounmlgwy") and _FIRST[first] in ("g", "d", "b", "j")
        out += (_FIRST if voiced else _FIRST_OLD)[first] + _VOWEL_OLD[vowel] + _LAST[last]
        out = out.replace("-", "")
    return out


def habitual(letter: str) -> tuple[str, ...]:
    """Spellings in use of one syllable, at most ``_MOST``, the two standards first.

    >>> habitual("정")[:4]
    ('jeong', 'chong', 'jung', 'jong')
    """
    first, vowel, last = _parts(letter)
    firsts = _FIRST_USED.get(_FIRST[first], (_FIRST[first],))
    vowels = _VOWEL_USED.get(_VOWEL[vowel], (_VOWEL[vowel],))
    used = (f"{one}{two}{_LAST[last]}".replace("-", "") for one, two in product(firsts, vowels))
    return tuple(dict.fromkeys([revised(letter), mccune_reischauer(letter), *used]))[:_MOST]
