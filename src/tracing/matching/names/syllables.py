"""Chinese, Korean and Vietnamese names: cut into syllables, because one syllable more or less is another
person.

Two Latin syllables are one when a spelling system (Wade-Giles, pinyin, the Korean ones, dialect readings)
writes the
same native syllable so; otherwise every letter tells.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from anyascii import anyascii

from tracing.matching.names.lists import readings, rows, words

_SYLLABLE: Final = re.compile(
    r"(?:zh|ch|sh|ts|tz|hs|kh|ph|th|tr|ng|nh|ngh|gy|ky|my|hy|by|py|ry|ny|[bcdfghjklmnpqrstvwxyz])?"
    r"(?:[iu]?[aeou]{1,2}[iu]?|[aeiouy]{1,3})(?:ng|nh|ch|[nkmptl](?![aeiouy])|r$|h$)?(?:ng(?![aeiouy]))?"
)
_UNVOICED: Final = {"g": ("k",), "d": ("t",), "b": ("p",), "x": ("hs",)}
_WADE: Final = (
    ("hs", ("x",)), ("ch", ("zh", "j", "q")), ("tz", ("z", "c")), ("ts", ("z", "c")), ("k", ("g",)),
    ("t", ("d",)),
    ("p", ("b",)), ("j", ("r",)),
)  # fmt: skip
_WADE_FINALS: Final = (
    ("ieh", "ie"),
    ("ueh", "ue"),
    ("ung", "ong"),
    ("ien", "ian"),
    ("ih", "i"),
    ("uan", "uan"),
)


@lru_cache(maxsize=16384)
def syllables_of(latin: str) -> tuple[str, ...]:
    """Syllables of a joined East Asian word, the word itself when it does not come out even.

    >>> syllables_of("weiming"), syllables_of("youngsoo"), syllables_of("hernandez")
    (('wei', 'ming'), ('young', 'soo'), ('hernandez',))
    """
    if latin in words("east_asian_surname") or latin in words("vietnamese_surname"):
        return (latin,)
    known = _inventory()
    found = _SYLLABLE.findall(latin)
    fits = "".join(found) == latin and 0 < len(found) <= 3 and all(part in known for part in found)
    return tuple(found) if fits else (latin,)


@cache
def _inventory() -> frozenset[str]:
    """Every pinyin syllable, its Wade-Giles spelling where regular, and the readings of the tables."""
    pinyin = {anyascii(chr(point)).lower() for point in range(0x4E00, 0x9FA6)}
    wade = {initial + form[1:] for form in pinyin for initial in _UNVOICED.get(form[:1], ())}
    return frozenset(pinyin | wade | set(_natives()))


@lru_cache(maxsize=32768)
def is_syllabic(latin: str, most: int = 3) -> bool:
    """Whether a word can be one to ``most`` East Asian syllables."""
    found = _SYLLABLE.findall(latin)
    return "".join(found) == latin and 0 < len(found) <= most


@cache
def _natives() -> dict[str, frozenset[str]]:
    """Latin syllable → native syllables that are written so."""
    table: dict[str, set[str]] = {}
    for script in ("Hani", "Hang"):
        for native, spelled in readings(script).items():
            for latin in spelled:
                table.setdefault(latin, set()).add(native)
    return {latin: frozenset(natives) for latin, natives in table.items()}


@lru_cache(maxsize=16384)
def pinyin_forms(latin: str) -> frozenset[str]:
    """The syllable itself and what it is in pinyin when it is written as in Wade-Giles."""
    forms = {latin}
    ending = next((latin[: -len(old)] + new for old, new in _WADE_FINALS if latin.endswith(old)), latin)
    forms.add(ending)
    for start, initials in _WADE:
        if latin.startswith(start):
            forms.update(initial + ending[len(start) :] for initial in initials)
            break
    return frozenset(forms)


def one_syllable(left: str, right: str) -> bool:
    """Whether two different Latin syllables are spellings of one native syllable."""
    natives = _natives()
    if not natives.get(left, frozenset()).isdisjoint(natives.get(right, frozenset())):
        return True
    return left in pinyin_forms(right) or right in pinyin_forms(left)


def surname_place(folded: tuple[str, ...]) -> bool:
    """Whether the first or the last word is a known East Asian surname."""
    return bool(folded) and (folded[0] in words("east_asian_surname") or folded[-1] in words("east_asian_surname"))


@lru_cache(maxsize=16384)
def native_syllables(text: str, script: str) -> tuple[str, ...]:
    """A Han or Hangul word in characters when it is a native name (known surname first, two to four
    characters).

    A foreign name in these letters stays one word: its characters have sound only.
    """
    if 2 <= len(text) <= 4 and (text[0] in _native_surnames(script) or text[:2] in _native_surnames(script)):
        return tuple(text)
    return (text,)


@cache
def _native_surnames(script: str) -> frozenset[str]:
    listed = {name for name, _ in rows("surnames.tsv") if len(name) <= 2 and not name.isascii()}
    return words("hangul_surname") if script == "Hang" else frozenset(listed | set(words("han_surname")))
