"""Daitch-Mokotoff soundex: six figures for the sound of Central and East European family names, with branching.

Rules after R. Mokotoff and G. Daitch (1985, www.jewishgen.org/infofiles/soundex.html); letter groups and the
figures of doubtful letters (branches) as in the rule table of Apache commons-codec (Apache-2.0), facts only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

LENGTH: Final = 6
"""Figures of one code; shorter ones are filled up with 0."""

MOST_CODES: Final = 32
"""A word keeps at most so many codes: doubtful letters branch, and long nonsense would grow without end."""

_RULES: Final = """
0// a e i o u                0/1/ ai aj ay ei ej ey oi oj oy ui uj uy ue        0/7/ au
1/1/ eu                      1// ia ie io iu y                                  1+4/+4/+4 j
3/3/3 d t dt th              3+4/3+4/3+4 ţ ț
2/4/4 schtsch schtsh schtch shtch shtsh stsch zhdzh shch stch strz strs stsh szcz szcs zdzh zdz sc
2/43/43 scht schd sht szt shd szd zhd st sd zd
4/4/4 s z ttsch ttch tsch ttsz zsch csz czs drz drs dsh dsz dzh dzs sch tch trz trs tsh tts ttz tzs tsz zsh cz cs
4/4/4 ds dz sh sz ts tc tz zh zs
4+5/4+5/4+5 c ch             4+94/4+94/4+94 rs rz                               5+45/5+45/5+45 ck
5/5/5 g k q kh               5/5/ h                                             5/54/54 x ks chs
6/6/6 m n                    66/66/66 mn nm                                     7/7/7 b f p v w fb pf ph
8/8/8 l                      9/9/9 r                                            //+6 ę ą
"""
"""start/before a vowel/elsewhere, then the letter groups; + parts the figures of two readings."""

_FOLDED: Final = str.maketrans({"ß": "s", "æ": "a", "ð": "d", "ø": "o", "þ": "b", "ł": "l", "đ": "d", "œ": "o"})
_KEPT: Final = frozenset("ţțęą")


def _table() -> dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]:
    table: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {}
    for figures, groups in re.findall(r"((?:[\d+]*/){2}[\d+]*) ([^/\d\n]+)(?=\s|$)", _RULES):
        start, vowel, other = (tuple(part.split("+")) for part in figures.split("/"))
        for group in groups.split():
            table[group] = (start, vowel, other)
    return table


_GROUPS: Final = _table()


def _unit() -> re.Pattern[str]:
    """Longest group at a place; the alternatives of one first letter stand together, which is twice as fast."""
    tails: dict[str, list[str]] = {}
    for group in sorted(_GROUPS, key=len, reverse=True):
        tails.setdefault(group[0], []).append(group[1:])
    return re.compile("|".join(f"{first}(?:{'|'.join(rest)})" if any(rest) else first for first, rest in tails.items()))


_UNIT: Final = _unit()
_VOWELS: Final = frozenset("aeiou")
_FORCED: Final = frozenset({"mn", "nm"})
"""Two letters of one figure that both count."""


@lru_cache(maxsize=65536)
def codes(latin: str) -> tuple[str, ...]:
    """Codes of one Latin word, likeliest first, at most ``MOST_CODES``; empty when it has no letter.

    >>> codes("Auerbach"), codes("Golden")
    (('097400', '097500'), ('583600',))
    """
    word = latin if latin.isascii() and latin.islower() else _cleaned(latin)
    units = _UNIT.findall(word)
    if not units:
        return ()
    branches: list[tuple[str, str]] = [("", "-")]
    before, context = "", 0
    for unit, following in zip(units, (*units[1:], "-"), strict=True):
        if context:
            context = 1 if following[0] in _VOWELS else 2
        figures = _GROUPS[unit][context]
        forced = before + unit[0] in _FORCED
        if len(figures) == 1 and len(branches) == 1:
            code, last = branches[0]
            figure = figures[0]
            branches = [(code if last.endswith(figure) and not forced else code + figure, figure)]
        else:
            branches = _grown(branches, figures, forced)
        if len(branches[0][0]) >= LENGTH and all(len(code) >= LENGTH for code, _ in branches):
            break
        before, context = unit[-1], 2
    return tuple(dict.fromkeys(code[:LENGTH].ljust(LENGTH, "0") for code, _ in branches))


def _grown(branches: list[tuple[str, str]], figures: tuple[str, ...], forced: bool) -> list[tuple[str, str]]:
    """Every branch with every reading of one letter group: (code so far, figures of the last group)."""
    if len(figures) == 1:
        figure = figures[0]
        if not figure:
            return [(code, "") for code, _ in branches]
        return [(code if last.endswith(figure) and not forced else code + figure, figure) for code, last in branches]
    grown = [
        (code if last.endswith(figure) and not forced else code + figure, figure)
        for code, last in branches
        for figure in figures
    ]
    return list(dict.fromkeys(grown))[:MOST_CODES] if len(grown) > MOST_CODES else grown


def _cleaned(text: str) -> str:
    """Lower case a-z, and the Romanian and Polish letters that have rules of their own."""
    lower = unicodedata.normalize("NFC", text).lower().translate(_FOLDED)
    return "".join(letter if letter in _KEPT else unicodedata.normalize("NFKD", letter)[0] for letter in lower)
