"""Which naming system a name follows; it decides what order means and whether words are syllables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

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
FOREIGN: Final = "foreign"
"""A name of elsewhere, written in characters for their sound."""
VIETNAMESE: Final = "vietnamese"
SYLLABIC: Final = frozenset({EAST_ASIAN, VIETNAMESE})
"""Systems whose words are syllables: every letter tells."""

_BY_SCRIPT: Final = {
    "Arab": "arabic_chain", "Ethi": "ethiopian_chain", "Hani": EAST_ASIAN, "Hang": EAST_ASIAN,
    "Mymr": "burmese",
    "Cyrl": "slavic", "Beng": "south_asian", "Deva": "south_asian", "Hebr": "western", "Grek": "western",
    "Armn": "western", "Geor": "western", "Kana": "japanese", "Hira": "japanese",
}  # fmt: skip
_BY_LANGUAGE: Final = {
    "ar": "arabic_chain", "fa": "arabic_chain", "ps": "arabic_chain", "ur": "arabic_chain",
    "so": "arabic_chain",
    "tr": "western", "am": "ethiopian_chain", "ti": "ethiopian_chain", "zh": EAST_ASIAN,
    "ko": EAST_ASIAN, "vi": VIETNAMESE,
    "ru": "slavic", "uk": "slavic", "my": "burmese", "es": "spanish", "pt": "spanish",
}  # fmt: skip


def system_of(pieces: Sequence[Piece], lang: str | None = None) -> str:
    """Naming system by script, then by the language given, then by what the known names vote for."""
    bearing = [piece for piece in pieces if piece.kind in ("name", "patronymic", "kunya")]
    if not bearing:
        return "unknown"
    script = script_of(bearing[0].text)
    words_of_it = [piece for piece in pieces if piece.kind in ("name", "particle", "initial")]
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    if lang in _BY_LANGUAGE:
        return _BY_LANGUAGE[lang]
    if any(piece.kind == "patronymic" for piece in bearing):
        return "slavic"
    if script == "Latn" and (syllabic := _syllabic(words_of_it)):
        return syllabic
    return _by_vote(bearing)


def _syllabic(bearing: Sequence[Piece]) -> str | None:
    """Vietnamese or other East Asian by surname at one end, when every word can be syllables."""
    folded = [piece.folded for piece in bearing]
    if not 1 < len(folded) <= 4 or not all(is_syllabic(word) and len(word) <= 10 for word in folded):
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


def _by_vote(bearing: Sequence[Piece]) -> str:
    """What at least half of the names speak for; names that several faiths share speak with less voice."""
    votes: Counter[str] = Counter()
    for piece in bearing:
        for number in classes_of(piece.folded)[:1]:
            cultures = variant_class(number).cultures
            votes[_BY_LANGUAGE.get(cultures[0], "western")] += 4 if _SHARED & set(cultures) else 10
    best = votes.most_common(1)
    return best[0][0] if best and best[0][1] * 2 >= len(bearing) * 10 else "unknown"


_SHARED: Final = frozenset({"he", "en", "es", "pt", "pl", "yi"})
