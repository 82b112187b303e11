"""Sound keys of a romanised token: the consonant skeleton (engine.md section 3.5) and a second, phonetic key.

A letter group may stand for several sounds (``ch`` is X in Chang, K in Chidane, silent in Chaim): every group lists its
codes, likeliest first, and a token gets the keys of the first few combinations. Whoever writes by Greek habit means b
by ``mp``, d by ``nt``, j by ``ntz``, ch by ``ts`` or ``tz``. Codes: P T S K X F M N L R, vowels by nothing; a name with
one consonant or none gets a vowel signature, because ``Ali`` and ``Leo`` are not one key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import jellyfish

MOST_SKELETONS: Final = 6
_VOWEL: Final = "."

_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "schtsch": ("X",), "shch": ("X",), "tsch": ("X",), "tch": ("X",), "sch": ("X",), "sh": ("X",),
    "sz": ("X", "S"),
    "szcz": ("X",), "cz": ("X", "S"), "zh": ("X",), "dzh": ("X",), "dj": ("X",), "dz": ("X", "S"),
    "xh": ("X",),
    "gj": ("X",), "ch": ("X", "K", ""), "kh": ("K", ""), "gh": ("K", ""), "ph": ("F",), "th": ("T", "S"),
    "dh": ("T", "S"), "ts": ("S", "X"), "tz": ("S", "X"), "ck": ("K",), "qu": ("K",), "x": ("KS", "S", "K", ""),
    "ks": ("KS",),
    "b": ("P",), "p": ("P",), "d": ("T",), "t": ("T",), "k": ("K",), "q": ("K", "X"), "g": ("K",),
    "s": ("S",),
    "z": ("S",), "f": ("F",), "v": ("F",), "w": ("", "F"), "m": ("M",), "n": ("N",), "l": ("L",), "r": ("R",),
    "j": ("X", ""), "c": ("K", "S", "X"), "h": ("",), "y": ("",), "rz": ("R", "X"), "hs": ("X", "S"),
    "gy": ("X", "K"), "mp": ("MP", "P"), "nt": ("NT", "T"), "gk": ("K",), "mph": ("MF",), "nth": ("NT", "NS"),
    "nts": ("NS", "NX"), "ntz": ("NS", "X", "NX"),
}  # fmt: skip
_FIRST: Final[dict[str, tuple[str, ...]]] = {
    "h": ("", "K"), "g": ("K", "X"), "c": ("K", "S", "X", ""), "j": ("X", ""), "x": ("S", "K", "", "X"),
    "kh": ("K", ""), "w": ("", "F"),
}  # fmt: skip


class _Main(dict[str, str]):
    """Likeliest code of each group; what is none of them is vowels."""

    def __missing__(self, _vowels: str) -> str:
        return _VOWEL


_MAIN: Final = _Main({unit: codes[0] for unit, codes in _GROUPS.items()})


def _by_first_letter(groups: Iterable[str]) -> str:
    """A pattern of the longest group that begins at a letter; asked group by group it took four times as long."""
    rests: dict[str, list[str]] = {}
    for group in sorted(groups, key=len, reverse=True):
        rests.setdefault(group[0], []).append(group[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in sorted(rests.items()))


_UNIT: Final = re.compile(f"[aeiou]+|{_by_first_letter(_GROUPS)}")


@lru_cache(maxsize=4096)
def skeletons(latin: str) -> tuple[str, ...]:
    """Consonant skeletons of an ASCII word, likeliest first, never ``""``; at most ``MOST_SKELETONS``.

    >>> skeletons("mohammed")[0], skeletons("mehmet")[0], skeletons("ali")[0]
    ('MMT', 'MMT', 'Lai')
    """
    units = [match.group() for match in _UNIT.finditer(latin)]
    grown: list[str] = [""]
    for place, unit in enumerate(units):
        codes = _codes(unit, first=place == 0)
        grown = [before + code for code in codes for before in grown][: MOST_SKELETONS * 3]
    found = dict.fromkeys(_finished(_without_doubles(key).replace(_VOWEL, ""), latin) for key in grown)
    return tuple(key for key in found if key)[:MOST_SKELETONS]


def main_skeleton(latin: str) -> str:
    """The likeliest skeleton, the first of ``skeletons``, of a word that is not empty."""
    units = _UNIT.findall(latin)
    codes = list(map(_MAIN.__getitem__, units))
    if units and units[0] in _FIRST:
        codes[0] = _FIRST[units[0]][0]
    return _finished(_without_doubles("".join(codes)).replace(_VOWEL, ""), latin)


def _codes(unit: str, first: bool) -> tuple[str, ...]:
    if unit[0] in "aeiou":
        return (_VOWEL,)
    return _FIRST.get(unit, _GROUPS[unit]) if first else _GROUPS[unit]


def _without_doubles(key: str) -> str:
    return "".join([code for code, before in zip(key, f" {key}", strict=False) if code != before])


def _finished(key: str, latin: str) -> str:
    if len(key) > 1:
        return key
    vowels = "".join(dict.fromkeys({"e": "i", "o": "u", "y": "i"}.get(v, v) for v in latin if v in "aeiouy"))
    return (key + vowels) if key or vowels else latin


@lru_cache(maxsize=4096)
def metaphone(latin: str) -> str:
    """Metaphone of an ASCII word, prefixed ``~`` so that it is never a skeleton; ``""`` without a code."""
    code = jellyfish.metaphone(latin)
    return f"~{code.replace(' ', '')}" if code else ""


def sound_keys(latin: tuple[str, ...]) -> frozenset[str]:
    """All sound keys of a token's readings: every reading's skeletons, the main reading's metaphone; never
    ``""``.
    """
    keys = {key for reading in latin for key in skeletons(reading)}
    if latin:
        keys.add(metaphone(latin[0]))
    keys.discard("")
    return frozenset(keys)
