"""One plain sentence on a name comparison, for the caseworker to check."""

from __future__ import annotations

from typing import Final

from tracing.matching.names import variants
from tracing.matching.names.compare import LEVELS, alignment
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.tokens import Token

_OPENING: Final = {
    "exact": "The names are the same",
    "equivalent": "The names are the same in another spelling",
    "similar": "The names are much alike",
    "likely": "The names agree in most parts",
    "partial": "The names agree in part",
    "doubtful": "The names agree in part, but parts differ",
    "conflicting": "The names share a part, but other parts conflict",
    "different": "The names differ",
}


def sentence(book: NameBook, left: int, right: int, level: int) -> str:
    """One sentence: the level in words, then how each aligned part agrees and what stands alone.

    Args:
        book: holds both names.
        left: row of the one.
        right: row of the other.
        level: index in ``LEVELS`` that ``compare_names`` gave for them.
    """
    one_name, other_name = book.names[left], book.names[right]
    found = alignment(book, left, right)
    places = [(i, int(j)) for i, j in enumerate(found.partner[0]) if j >= 0]
    aligned = [(one_name.names[i], other_name.names[j], int(found.similarity[0, i])) for i, j in places]
    notes = [_note(one, other, similarity) for one, other, similarity in aligned if one.folded != other.folded]
    if places != sorted(places, key=lambda place: place[1]):
        notes.append("the parts stand in another order")
    alone = [name.text for i, name in enumerate(one_name.names) if found.free[0, i]]
    other_alone = [name.text for j, name in enumerate(other_name.names) if found.other_free[0, j]]
    if alone and other_alone:
        notes.append(f"{' '.join(alone)} stands against {' '.join(other_alone)}")
    elif alone or other_alone:
        notes.append(f"only one side has {' '.join(alone or other_alone)}")
    opening = _OPENING[LEVELS[level]]
    return f"{opening}: {'; '.join(notes)}." if notes else f"{opening}."


def _note(one: Token, other: Token, similarity: int) -> str:
    both = f"{one.text} and {other.text}"
    if one.kind == "initial" or other.kind == "initial":
        return f"{both} share the initial"
    shared = [number for number in one.classes if number in other.classes]
    if shared:
        return f"{both} {_known(one, other, shared[0])}"
    if one.script != other.script:
        return f"{both} are alike across scripts"
    return f"{both} sound alike" if similarity >= 800 else f"{both} are written somewhat alike"


def _known(one: Token, other: Token, number: int) -> str:
    """What a variant class says of two of its members, with their languages where they differ."""
    left, right = _language(one, number), _language(other, number)
    if variants.strength(one.folded, other.folded, number) == variants.RELATED:
        return "are akin, a short form or a cognate"
    if left and right and left != right:
        return f"are the same name in {left} and {right}"
    return "are known forms of one name"


def _language(token: Token, number: int) -> str:
    """Name of the language that spells the name so: the first that is written in the token's script, or ""."""
    codes = variants.variant_class(number).cultures
    for known in variants.member(token.folded):
        if known.number == number:
            codes = known.languages
    for code in codes:
        told = LANGUAGES.get(code)
        if told and (token.script in told[1] or (token.script == "Latn" and code == codes[0])):
            return told[0]
    return ""


LANGUAGES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "am": ("Amharic", ("Ethi",)),
    "ar": ("Arabic", ("Arab",)),
    "az": ("Azerbaijani", ("Latn", "Cyrl")),
    "be": ("Belarusian", ("Cyrl",)),
    "bg": ("Bulgarian", ("Cyrl",)),
    "bn": ("Bengali", ("Beng",)),
    "bs": ("Bosnian", ("Latn",)),
    "cs": ("Czech", ("Latn",)),
    "de": ("German", ("Latn",)),
    "el": ("Greek", ("Grek",)),
    "en": ("English", ("Latn",)),
    "es": ("Spanish", ("Latn",)),
    "fa": ("Persian", ("Arab",)),
    "fr": ("French", ("Latn",)),
    "ha": ("Hausa", ("Latn",)),
    "he": ("Hebrew", ("Hebr",)),
    "hi": ("Hindi", ("Deva",)),
    "hr": ("Croatian", ("Latn",)),
    "hu": ("Hungarian", ("Latn",)),
    "hy": ("Armenian", ("Armn",)),
    "it": ("Italian", ("Latn",)),
    "ja": ("Japanese", ("Hani", "Hira", "Kana")),
    "ka": ("Georgian", ("Geor",)),
    "kab": ("Kabyle", ("Latn",)),
    "kk": ("Kazakh", ("Cyrl",)),
    "ko": ("Korean", ("Hang",)),
    "ku": ("Kurdish", ("Latn",)),
    "lt": ("Lithuanian", ("Latn",)),
    "lv": ("Latvian", ("Latn",)),
    "my": ("Burmese", ("Mymr",)),
    "nl": ("Dutch", ("Latn",)),
    "pl": ("Polish", ("Latn",)),
    "ps": ("Pashto", ("Arab",)),
    "pt": ("Portuguese", ("Latn",)),
    "rhg": ("Rohingya", ("Latn",)),
    "ro": ("Romanian", ("Latn",)),
    "ru": ("Russian", ("Cyrl",)),
    "so": ("Somali", ("Latn",)),
    "sq": ("Albanian", ("Latn",)),
    "sr": ("Serbian", ("Cyrl", "Latn")),
    "sv": ("Swedish", ("Latn",)),
    "ti": ("Tigrinya", ("Ethi",)),
    "tr": ("Turkish", ("Latn",)),
    "uk": ("Ukrainian", ("Cyrl",)),
    "ur": ("Urdu", ("Arab",)),
    "uz": ("Uzbek", ("Latn", "Cyrl")),
    "vi": ("Vietnamese", ("Latn",)),
    "yi": ("Yiddish", ("Hebr",)),
    "zh": ("Chinese", ("Hani",)),
}
"""Language codes of the variant table: English name, and the scripts that tell it. In Latin letters a class's
main language tells itself too: Khadija is Arabic."""
