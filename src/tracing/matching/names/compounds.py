"""Names of two words that count as one: servant of God, X al-Din, X-ullah, kunya, Gebre-Medhin.

Such a name is written joined or apart, with or without an assimilated article; what tells persons apart is
the part
that changes. ``parts_of`` gives the parts in one canonical spelling for the fixed one.
"""

from __future__ import annotations

import re
from typing import Final

from tracing.matching.names.fold import fold
from tracing.matching.names.lists import words
from tracing.matching.names.script import script_of

SERVANT: Final = "abdul"
FAITH: Final = "uddin"
GOD: Final = "ullah"
FATHER_OF: Final = "abu"
MOTHER_OF: Final = "umm"
FIXED: Final = frozenset({SERVANT, FAITH, GOD, FATHER_OF, MOTHER_OF})

_SERVANT_JOINED: Final = re.compile(
    r"^[cg]?abd(?:[aeou]{1,2}l|[aeiou]{1,2}([rsdntz])(?=\1)|[aeiou]{1,2}|(?=[^aeioul]))(?=[a-z]{4})"
)
_FAITH_JOINED: Final = re.compile(r"(?:[aeiou]{1,2}l?|l)d{1,2}[ei]{1,2}ne?$|ett?in$")
_GOD_JOINED: Final = re.compile(r"[aeiou]{0,2}ll?ahi?$|oulaye$")
_VOWELS: Final = frozenset("aeiouy")
"""A first part has one of them: Breeden is not Br al-Din."""
_MOTHERS: Final = frozenset({"umm", "um", "oum", "om", "umme", "ام", "умм"})
_NOT_COMPOUND: Final = frozenset({
    "abdullah", "abdallah", "abdulla", "abdalla", "abdoulaye", "abdulah", "abdollah", "abdellah", "abdulahi",
    "abdullahi", "abdillahi", "cabdulaahi", "cabdillaahi", "abdullaah", "abdurahim", "mullah", "sullah",
    "salah",
    "saladin", "aladdin", "abdelah", "abdilahi", "abdulaahi", "abdille", "abdulai",
}) - {"abdurahim"}  # fmt: skip


def parts_of(text: str) -> tuple[str, ...]:
    """Parts of a compound name, fixed parts in canonical spelling; ``()`` for a simple name.

    >>> parts_of("Abdurrahman"), parts_of("Nour Eddine"), parts_of("Gebre Medhin"), parts_of("Karim")
    (('abdul', 'rahman'), ('nour', 'uddin'), ('gebre', 'medhin'), ())
    """
    script = script_of(text)
    pieces = [piece for piece in (fold(piece, script) for piece in text.replace("-", " ").split()) if piece]
    if len(pieces) > 1:
        return _parts_apart(pieces)
    if not pieces or pieces[0] in _NOT_COMPOUND:
        return ()
    return _parts_joined(pieces[0], script)


def _parts_apart(pieces: list[str]) -> tuple[str, ...]:
    first, last = pieces[0], _without_article(pieces[-1])
    if first in words("servant"):
        return () if last in words("god") else (SERVANT, last)
    if first in words("kunya"):
        return (MOTHER_OF if first in _MOTHERS else FATHER_OF, last)
    if pieces[-1] in words("faith") or last in words("faith"):
        return (first, FAITH)
    if pieces[-1] in words("god"):
        return (first, GOD)
    return (first, last)


def _without_article(piece: str) -> str:
    return piece[2:] if piece.startswith("ال") and len(piece) > 4 else piece


def _parts_joined(word: str, script: str) -> tuple[str, ...]:
    if script == "Arab":
        return _arabic_joined(word)
    if script == "Latn":
        return _latin_joined(word)
    if script == "Ethi":
        return _ethiopic_joined(word)
    return ()


def _arabic_joined(word: str) -> tuple[str, ...]:
    if word.startswith("عبدال") and len(word) > 7 and not word.endswith("لله"):
        return (SERVANT, word[5:])
    if word.endswith("الدين") and len(word) > 6:
        return (word[:-5], FAITH)
    if word.endswith("الله") and len(word) > 6 and not word.startswith("عبد"):
        return (word[:-4], GOD)
    if word.startswith("ابو") and len(word) > 5:
        return (FATHER_OF, _without_article(word[3:]))
    return ()


def _latin_joined(word: str) -> tuple[str, ...]:
    servant = _SERVANT_JOINED.match(word)
    if servant:
        return (SERVANT, word[servant.end() :])
    if ethiopic := _ethiopic_joined(word):
        return ethiopic
    faith = _FAITH_JOINED.search(word)
    if faith and faith.start() >= 2 and not _VOWELS.isdisjoint(word[: faith.start()]):
        return (word[: faith.start()], FAITH)
    god = _GOD_JOINED.search(word)
    if god and god.start() >= 4:
        return (word[: god.start()], GOD)
    return ()


def _ethiopic_joined(word: str) -> tuple[str, ...]:
    for size in range(min(6, len(word) - 2), 2 if word.isascii() else 1, -1):
        if word[:size] in words("ethiopic_first") and word[size:] in words("ethiopic_second"):
            return (word[:size], word[size:])
    return ()
