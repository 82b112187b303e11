"""One distinct token of a name, read once and interned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Final

from tracing.matching.names.compounds import parts_of
from tracing.matching.names.fold import fold
from tracing.matching.names.lists import rows, words
from tracing.matching.names.romanise import romanise
from tracing.matching.names.script import script_of
from tracing.matching.names.sounds import skeletons, sound_keys
from tracing.matching.names.variants import NO_CLASS, classes_of, groups_of, member, variant_class

MOST_TOKENS: Final = 120_000
"""Distinct tokens kept per process (about 1 KB each); the older half goes when it is full."""

BEARING: Final = frozenset({"name", "patronymic", "initial", "kunya"})
"""Kinds that bear the name; titles, particles, generations and unknown words are not compared."""

_numbers = count()
_interned: dict[tuple[str, str], Token] = {}


@dataclass(frozen=True, slots=True)
class Token:
    """A token as every comparison sees it. Equal tokens have equal ``text`` and ``kind``; ``number`` is the
    key of
    the caches in this process and never leaves it (a pickled token is read again).
    """

    text: str
    kind: str
    script: str = field(compare=False)
    folded: str = field(compare=False)
    latin: tuple[str, ...] = field(compare=False)
    skeletons: tuple[str, ...] = field(compare=False)
    sounds: frozenset[str] = field(compare=False)
    variant: int = field(compare=False)
    classes: tuple[int, ...] = field(compare=False)
    groups: tuple[tuple[int, int], ...] = field(compare=False)
    sex: str | None = field(compare=False)
    parts: tuple[Token, ...] = field(compare=False)
    number: int = field(compare=False)

    def __reduce__(self) -> tuple[Callable[[str, str], Token], tuple[str, str]]:
        return token, (self.text, self.kind)


def token(text: str, kind: str = "name") -> Token:
    """The token of ``text`` (one word, or the words of one compound name); the same object for the same text
    and kind.
    """
    found = _interned.get((text, kind))
    if found is None:
        if len(_interned) >= MOST_TOKENS:
            for stale in list(_interned)[: MOST_TOKENS // 2]:
                del _interned[stale]
        found = _interned[(text, kind)] = _read(text, kind)
    return found


def _read(text: str, kind: str) -> Token:
    given = unicodedata.normalize("NFC", text)
    script = script_of(given)
    words_of_it = [fold(word, script) for word in given.replace("-", " ").split()]
    folded = "".join(words_of_it)
    if script == "Arab" and len(folded) > 4 and folded.startswith("ال") and not classes_of(folded):
        folded = folded[2:]
    parts = parts_of(given) if kind in ("name", "kunya") else ()
    latin = _latin(given, script, parts)
    spelling = folded if classes_of(folded) or script != "Latn" else "".join(parts) or folded
    classes = _father_classes(latin) if kind == "patronymic" else classes_of(spelling)
    skeleton = tuple(dict.fromkeys(key for reading in latin for key in skeletons(reading)))
    return Token(
        given, kind, script, folded, latin, skeleton, sound_keys(latin) or frozenset(filter(None, [folded])),
        classes[0] if classes else NO_CLASS, classes, groups_of(spelling), _sex(spelling, latin, classes, kind),
        tuple(token(part, "part") for part in parts), next(_numbers),
    )  # fmt: skip


def _latin(given: str, script: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    if parts:
        return ("".join(romanise(part, script_of(part))[0] for part in parts if romanise(part, script_of(part))),)
    return romanise("".join(given.split()), script)


_FEMININE: Final = re.compile(r"(?:ov|ev|iev|au|eu|av)na$|(?:yi|i|y)chna$|ivna$")
_MASCULINE: Final = re.compile(r"(?:ov|ev|y|iev|av)(?:ich|ych|icz|itch|yich)$|ovych$|evych$")


def patronymic_sex(latin: str) -> str | None:
    """Sex that a Slavic patronymic tells; None when the word is no patronymic."""
    if len(latin) > 6 and _FEMININE.search(latin):
        return "female"
    return "male" if len(latin) > 6 and _MASCULINE.search(latin) else None


_PATRONYMIC_ENDING: Final = re.compile(
    r"(?:yevi|yovi|iovi|ievi|iovy|yovy|ievy|yevy|ovi|evi|ovy|evy|avi|yavi|i|y)(?:ch|tch|cz)$|(?:ye|yo|io|ie|ia|ya|o|e|a|i|y)?(?:vna|una|chna)$"
)


def _father_classes(latin: tuple[str, ...]) -> tuple[int, ...]:
    """Classes of the father's name inside a Slavic patronymic."""
    for reading in latin:
        root = _PATRONYMIC_ENDING.sub("", reading)
        for ending in ("", "o", "a", "y", "i", "iy", "ei"):
            if classes := classes_of(root + ending):
                return classes
    return ()


def _sex(folded: str, latin: tuple[str, ...], classes: tuple[int, ...], kind: str) -> str | None:
    if kind == "patronymic" and latin:
        return patronymic_sex(latin[0])
    if kind in ("title", "particle"):
        return {word: sex for sex, spelled in rows("sexed_words.tsv") for word in spelled.split("|")}.get(folded)
    told = {known.sex for known in member(folded)} or {variant_class(number).sex for number in classes}
    if len(told) == 1:
        return told.pop()
    return None if told else _forename_sex().get(folded) or (_forename_sex().get(latin[0]) if latin else None)


@cache
def _forename_sex() -> dict[str, str]:
    return {name: "female" if sex == "f" else "male" for name, sex, *_ in rows("forenames.tsv") if sex in "fm"}


def is_unknown_word(folded: str) -> bool:
    """Whether a folded word says that the name is not known."""
    return folded in words("unknown")
