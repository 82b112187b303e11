"""Which naming system a name follows; it decides what order means and whether words are syllables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from tracing.matching.names.lists import words
from tracing.matching.names.pieces import Piece
from tracing.matching.names.script import script_of
from tracing.matching.names.syllables import is_syllabic, surname_place, syllables_of
from tracing.matching.names.variants import classes_of, variant_class

CHAINS: Final = frozenset({"arabic_chain", "ethiopian_chain"})
"""Systems in which the names after the first are the father's, the grandfather's: another order is another
person.
"""

EAST_ASIAN: Final = "east_asian"
UNKNOWN: Final = "unknown"
FOREIGN: Final = "foreign"
"""A name of elsewhere, written in characters for their sound."""
VIETNAMESE: Final = "vietnamese"
BURMESE: Final = "burmese"
SYLLABIC: Final = frozenset({EAST_ASIAN, VIETNAMESE})
"""Systems whose words are syllables: every letter tells."""

_BY_SCRIPT: Final = {
    "Arab": "arabic_chain", "Ethi": "ethiopian_chain", "Hani": EAST_ASIAN, "Hang": EAST_ASIAN,
    "Mymr": BURMESE,
    "Cyrl": "slavic", "Beng": "south_asian", "Deva": "south_asian", "Hebr": "western", "Grek": "western",
    "Armn": "western", "Geor": "western", "Kana": "japanese", "Hira": "japanese",
}  # fmt: skip
_BY_LANGUAGE: Final = {
    "ar": "arabic_chain", "fa": "arabic_chain", "ps": "arabic_chain", "ur": "arabic_chain",
    "so": "arabic_chain",
    "tr": "western", "am": "ethiopian_chain", "ti": "ethiopian_chain", "zh": EAST_ASIAN,
    "ko": EAST_ASIAN, "vi": VIETNAMESE,
    "ru": "slavic", "uk": "slavic", "my": BURMESE, "es": "spanish", "pt": "spanish",
}  # fmt: skip


class PlainWord(NamedTuple):
    """What one word, of one kind whatever stands beside it, says of the system of its name.

    `syllabic`: a word of an East Asian name may look so.
    """

    kind: str
    folded: str
    script: str
    vote: tuple[str, int]
    syllabic: bool


def plain_word(piece: Piece) -> PlainWord:
    """What a word says."""
    folded = piece.folded
    return PlainWord(piece.kind, folded, script_of(piece.text), _vote(folded), _may_be_syllables(folded))


def system_of(pieces: Sequence[Piece], lang: str | None = None) -> str:
    """Naming system by script, then by the language given, then by what the known names vote for."""
    bearing = [piece for piece in pieces if piece.kind in _BEARING]
    if not bearing:
        return UNKNOWN
    script = script_of(bearing[0].text)
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    if lang in _BY_LANGUAGE:
        return _BY_LANGUAGE[lang]
    if "patronymic" in [piece.kind for piece in bearing]:
        return "slavic"
    if script == "Latn":
        folded = [piece.folded for piece in pieces if piece.kind in _PLAIN]
        if syllabic := _syllabic(folded):
            return syllabic
    return _most_voted([_vote(piece.folded) for piece in bearing])


_BEARING: Final = frozenset({"name", "patronymic", "kunya"})
_PLAIN: Final = frozenset({"name", "particle", "initial"})


def plain_system(words: Sequence[PlainWord], lang: str | None) -> str | None:
    """The same of such words; None where the system asks for a word to be cut up."""
    script = words[0].script
    found = _BY_SCRIPT.get(script) or _BY_LANGUAGE.get(lang or "")
    if found is None and "patronymic" in [word.kind for word in words]:
        found = "slavic"
    if found is None and script == "Latn" and False not in [word.syllabic for word in words]:
        found = _syllabic([word.folded for word in words])
    if found is None:
        found = _most_voted([word.vote for word in words])
    return None if found in SYLLABIC else found


def _may_be_syllables(word: str) -> bool:
    return len(word) <= 10 and is_syllabic(word)


def _syllabic(folded: Sequence[str]) -> str | None:
    """Vietnamese or other East Asian by surname at one end, when every word can be syllables."""
    if not 1 < len(folded) <= 4:
        return None
    if not all(map(_may_be_syllables, folded)):
        return None
    if folded[0] in words("vietnamese_surname") and folded[0] not in words("east_asian_surname"):
        return VIETNAMESE
    if folded[-1] in words("vietnamese_surname") and folded[-1] not in words("east_asian_surname"):
        return VIETNAMESE
    if folded[0] in words("vietnamese_surname") and any(len(syllables_of(w)) == 1 and w in _VIETNAMESE for w in folded):
        return VIETNAMESE
    known = [word for word in folded if classes_of(word) and word not in words("east_asian_surname")]
    return EAST_ASIAN if not known and surname_place(tuple(folded)) else None


_VIETNAMESE: Final = frozenset({"thi", "van", "minh", "anh", "hung", "duc", "phuc", "hoa", "tuan", "quang", "thanh"})


def _most_voted(voices: Sequence[tuple[str, int]]) -> str:
    """What at least half of the names speak for; of two with one voice that of the earlier name."""
    votes: dict[str, int] = {}
    for system, voice in voices:
        votes[system] = votes.get(system, 0) + voice
    best = max(votes, key=votes.__getitem__) if len(votes) > 1 else next(iter(votes))
    return best if votes[best] * 2 >= len(voices) * 10 else UNKNOWN


@lru_cache(maxsize=32768)
def _vote(folded: str) -> tuple[str, int]:
    """System that a name speaks for and with how much voice: names that several faiths share with less."""
    for number in classes_of(folded)[:1]:
        cultures = variant_class(number).cultures
        return _BY_LANGUAGE.get(cultures[0], "western"), 4 if _SHARED & set(cultures) else 10
    return UNKNOWN, 0


_SHARED: Final = frozenset({"he", "en", "es", "pt", "pl", "yi"})
