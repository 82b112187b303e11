"""What the rules of likeness ask of one word again and again: its first sound, its ending, its syllables."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

_FAMILY_ENDINGS: Final = re.compile(
    "(zai|zada|zadeh|zade|pour|enko|chuk|iuk|yuk|uk|shvili|dze|berg|blum|baum|stein|feld|vich|vych|wicz)$"
)
_FAMILY_STEM: Final = re.compile("^(.{2,}?(?:ov|ev|in|yn|sk|ck|zk|ou|os))(?:a|aya|aia|y|yi|iy|ij|ii|i|e)?$")
_FEMININE_ENDING: Final = re.compile("(?:a|ah|eh|ia|iia|iya|ina|inah|ata|atu|ette|ine|ija)")
_LONGEST_ENDING: Final = 4
_SHORTEST_STEM: Final = 3
_VOWELS: Final = re.compile("[aeiouy]+")


class Shape(NamedTuple):
    """One word, by its main reading unless told otherwise.

    Attributes:
        first_sounds: first codes of all skeletons, ``.`` for a vowel, in the order of the alphabet.
        length: letters; syllables: groups of vowels; vowel_first: whether it begins with a vowel, h or y.
        ending: of a family name that tells where the family is from, or ``""``.
        family: the same for the forms of a family name that the sexes bear: -ov and -ova, -in and -ina, -ski and
            -ska, -os and -ou; ``""`` for other words.
    """

    first_sounds: str
    length: int
    syllables: int
    vowel_first: bool
    ending: str
    family: str


@lru_cache(maxsize=32768)
def shape(latin: tuple[str, ...], skeletons: tuple[str, ...]) -> Shape:
    """The shape of a word with these readings (at least one) and the skeletons of them."""
    main = latin[0]
    first = {key[0] if key[0].isupper() else "." for key in skeletons}
    if main[0] in "aeiouyhw":
        first.add(".")
    ending = _FAMILY_ENDINGS.search(main)
    return Shape(
        intern("".join(sorted(first))),
        len(main),
        len(_VOWELS.findall(main)),
        main[0] in "aeiouhy",
        intern(ending.group()) if ending else "",
        _family(main),
    )


def _family(main: str) -> str:
    found = _FAMILY_STEM.match(main) if len(main) >= 5 else None
    if found is None:
        return ""
    stem = found.group(1)
    return f"{stem[:-2]}ou" if stem.endswith("os") else stem


def feminine_stems(word: str) -> list[str]:
    """Words, of three letters at least, of which this one may be the feminine form: Karim of Karima, Viktor of
    Viktoriia. What ends in -a is no man's form to which an ending could come: Zanaa is Zana spelt otherwise.
    """
    first = max(_SHORTEST_STEM, len(word) - _LONGEST_ENDING)
    return [word[:at] for at in range(first, len(word)) if word[at - 1] != "a" and _FEMININE_ENDING.fullmatch(word, at)]
