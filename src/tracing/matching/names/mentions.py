"""The names in a sentence about somebody: `my uncle Bashir`, `nobody of the Warsame family`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from tracing.matching.names.fold import fold
from tracing.matching.names.lists import rows, words
from tracing.matching.names.reading import read_name
from tracing.matching.names.script import script_of

_POSSESSIVE: Final = re.compile(r"(?<=\w)['’ʼ]s\b|(?<=s)['’ʼ](?=\s|$)")
_JOINTS: Final = re.compile(r"[\s,.;:!?()\"«»“”/\-،؛؟]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """What a sentence names.

    Attributes:
        names: its words that may be names, in order, without repeats; initials are none.
        in_words: whether it says more than a name: a word of kin, a joint, a word that no name begins with.
    """

    names: tuple[str, ...]
    in_words: bool


def mention(text: str) -> Mention:
    """Return which words of `text` may be names; one that the tables do not know as anything else may be one.

    Where they know every word they say nothing: Li, Law and Abla are names as well.
    """
    given = [word for word in _JOINTS.split(_POSSESSIVE.sub("", text)) if word]
    kept = [word for word in given if _folded(word) not in _asides()] or given
    return Mention(names_in(" ".join(kept)), _is_sentence([word for word in given if not _may_stand_in_a_name(word)]))


def names_in(name: str) -> tuple[str, ...]:
    """Return the parts of a whole name, in order, without repeats; initials, titles and particles are none."""
    return tuple(dict.fromkeys(token.text for token in read_name(name).names if token.kind != "initial"))


def _is_sentence(told: list[str]) -> bool:
    """Return whether one of the words, particles left out, is of no name, or only some begin with a small letter."""
    small = {word[0].islower() for word in told if word[0].lower() != word[0].upper()}
    return len(small) > 1 or any(_folded(word) in _asides() for word in told)


def _may_stand_in_a_name(word: str) -> bool:
    folded = _folded(word)
    return len(folded) < 2 or folded in words("particle") or folded in words("filiation")


def _folded(word: str) -> str:
    return fold(word, script_of(word))


@cache
def _asides() -> frozenset[str]:
    return frozenset(_folded(word) for _, listed in rows("kin_words.tsv") for word in listed.split("|"))
