"""One plain sentence on a name comparison, for the caseworker to check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from tracing.matching.names import variants
from tracing.matching.names.compare import LEVELS, NameOutcome
from tracing.matching.names.reading import NameReading
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


def sentence(outcome: NameOutcome, left: Sequence[NameReading], right: Sequence[NameReading]) -> str:
    """One sentence: the level in words, then how each aligned part agrees and what stands alone.

    ``outcome`` is what ``compare_names`` gave for the same ``left`` and ``right``.
    """
    one_name, other_name = left[outcome.left], right[outcome.right]
    notes = [_note(one, other, similarity) for one, other, similarity in outcome.pairs if one.folded != other.folded]
    if _is_in_another_order(outcome, other_name):
        notes.append("the parts stand in another order")
    aligned = {id(one) for one, _, _ in outcome.pairs}, {id(other) for _, other, _ in outcome.pairs}
    alone = [name.text for name in one_name.names if id(name) not in aligned[0]]
    other_alone = [name.text for name in other_name.names if id(name) not in aligned[1]]
    if alone and other_alone:
        notes.append(f"{' '.join(alone)} stands against {' '.join(other_alone)}")
    elif alone or other_alone:
        notes.append(f"only one side has {' '.join(alone or other_alone)}")
    opening = _OPENING[LEVELS[outcome.level]]
    return f"{opening}: {'; '.join(notes)}." if notes else f"{opening}."


def _is_in_another_order(outcome: NameOutcome, right: NameReading) -> bool:
    """Whether the aligned parts, in the order of the left name, run otherwise in the right one."""
    place = {id(name): index for index, name in enumerate(right.names)}
    places = [place[id(other)] for _, other, _ in outcome.pairs if id(other) in place]
    return places != sorted(places)


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
    if left and right and left != right:
        return f"are the same name in {left} and {right}"
    return "are known forms of one name"


_members: Callable[[str], Sequence[Any]] = getattr(variants, "member", lambda _folded: ())
"""What the classes know of one spelling, where the table tells languages of each member."""


def _language(token: Token, number: int) -> str:
    """Name of the language that spells the name so: the first that is written in the token's script, or ""."""
    codes = variants.variant_class(number).cultures
    for known in _members(token.folded):
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
