"""Spellings by ear: a foreign name as a listener of another language writes it down.

A word is first brought to rough sounds (digraphs of the usual English-like romanisations), then written with
the listener's letters. Tables composed for this project from the languages' common spelling rules; shares are
invented. Nothing here is shared with the engine: what it must undo, it may not have seen.
"""

from collections.abc import Mapping
from random import Random

_SOUNDS: tuple[str, ...] = (
    "shch",
    "sch",
    "sh",
    "ch",
    "kh",
    "gh",
    "zh",
    "dh",
    "th",
    "dj",
    "ts",
    "ph",
    "ou",
    "oo",
    "ee",
    "aa",
    "ii",
)
_SOUNDS += ("uu", "ck", "qu", "aw", "ay", "ai", "ey", "ei", "iy")

LISTENERS: dict[str, Mapping[str, str]] = {
    "english": {"ou": "oo|u", "u": "oo|u", "i": "ee|i|e", "ii": "ee", "kh": "k|h", "gh": "g", "q": "k", "ay": "ai|ay",
                "zh": "j|s", "dh": "d|th", "aa": "a|ar", "e": "e|a", "ts": "ts|z", "x": "h|x", "f": "f|ph"},
    "french": {"sh": "ch", "ch": "tch", "ou": "ou", "oo": "ou", "u": "ou", "uu": "ou", "w": "ou|w", "j": "dj|j",
               "dj": "dj", "kh": "kh|k", "k": "k|c", "q": "k|qu", "y": "y|i", "ee": "i", "h": "h|", "zh": "j",
               "g": "gu|g", "th": "t", "ay": "ai|ei", "ei": "ei|é", "e": "é|e", "s": "ss|s"},
    "german": {"sh": "sch", "ch": "tsch", "j": "dsch|j", "dj": "dsch", "kh": "ch", "zh": "sch", "v": "w", "w": "w",
               "z": "s|z", "y": "j|i", "q": "k", "ou": "u", "oo": "u", "ee": "ie|i", "ay": "ei|ai", "ts": "z",
               "th": "t", "dh": "d", "f": "f|v", "k": "k|ck"},
    "italian": {"sh": "sci|sh", "ch": "ci|c", "j": "gi|g", "dj": "gi", "kh": "c|ch", "k": "c|ch", "q": "c",
                "h": "|h", "w": "u|v", "y": "i", "ou": "u", "oo": "u", "ee": "i", "gh": "gh|g", "th": "t",
                "x": "s|cs", "zh": "g|z", "ph": "f", "ts": "z", "dh": "d"},
    "spanish": {"h": "j|h|", "kh": "j", "v": "b|v", "z": "s|z", "sh": "ch|s", "j": "y|ll", "dj": "y", "w": "gu|u",
                "ou": "u", "oo": "u", "ee": "i", "k": "c|k|qu", "q": "c", "gh": "g", "th": "t", "zh": "y", "f": "f",
                "y": "y|i", "ts": "ts|s"},
    "turkish": {"sh": "ş", "ch": "ç", "j": "c", "dj": "c", "kh": "h", "q": "k", "w": "v", "gh": "ğ|g", "x": "ks|h",
                "th": "t|s", "dh": "d|z", "zh": "j", "ou": "u", "oo": "u", "ee": "i", "u": "u|ü", "o": "o|ö"},
    "greek": {"b": "mp|b", "d": "nt|d", "g": "gk|g", "sh": "s", "ch": "ts", "j": "tz|z", "dj": "tz", "h": "ch|h",
              "kh": "ch", "zh": "z", "ou": "ou", "u": "ou", "oo": "ou", "w": "ou|v", "q": "k", "f": "f", "y": "g|i",
              "th": "th|t", "ee": "i", "ay": "ei|ai"},
    "polish": {"sh": "sz", "ch": "cz", "zh": "ż|z", "j": "dż|j", "dj": "dż", "kh": "ch", "v": "w", "w": "w|ł", "y": "j",
               "q": "k", "ts": "c", "ou": "u", "oo": "u", "ee": "i", "x": "ks", "th": "t", "ck": "k", "h": "h|ch"},
    "swedish": {"sh": "sch|sj", "ch": "tj", "j": "dj|j", "y": "j|y", "w": "v", "q": "k", "kh": "k|kh", "z": "s",
                "ou": "o|u", "u": "o|u", "oo": "o", "ee": "i", "zh": "sj", "x": "ks|h", "o": "å|o", "c": "k"},
    "arabic": {"p": "b", "v": "f", "g": "gh|j", "ch": "sh|tsh", "e": "i|a", "o": "u|ou", "zh": "j", "ts": "s|ts",
               "x": "ks|kh", "c": "k|s", "ou": "ou|u"},
    "russian": {"h": "kh|g", "w": "v", "j": "dzh", "dj": "dzh", "kh": "kh", "th": "t|f", "gh": "g", "q": "k", "x": "ks",
                "e": "e|ye", "ou": "u", "oo": "u", "ee": "i", "y": "y|i", "c": "k|ts", "ay": "ai|ay"},
    "bengali": {"v": "bh|b", "z": "j|z", "f": "ph|f", "a": "o|a", "sh": "sh|s", "w": "o|w", "kh": "kh", "oo": "u",
                "ee": "i", "th": "th|t", "q": "k", "ou": "u", "e": "e|a"},
    "malay": {"sh": "sy|sh", "ch": "c", "v": "f|v", "z": "z|j", "th": "th|s", "dh": "d|dh", "kh": "kh|k", "ph": "f",
              "ou": "u", "oo": "u", "ee": "i", "q": "k|q", "w": "w|u", "zh": "j"},
}  # fmt: skip

_CYRILLIC = {
    "shch": "щ", "sch": "ш", "sh": "ш", "ch": "ч", "kh": "х", "gh": "г", "zh": "ж", "dj": "дж", "ts": "ц", "ph": "ф",
    "ou": "у", "oo": "у", "ee": "и", "aa": "а", "th": "т", "dh": "д", "ck": "к", "qu": "к", "ay": "ай", "ai": "ай",
    "ey": "ей", "ei": "ей", "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и",
    "j": "дж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т",
    "u": "у", "v": "в", "w": "в", "x": "х", "y": "й", "z": "з",
}  # fmt: skip
_GREEK = {
    "shch": "σ", "sch": "σ", "sh": "σ", "ch": "τσ", "kh": "χ", "gh": "γ", "zh": "ζ", "dj": "τζ", "ts": "τσ", "ph": "φ",
    "ou": "ου", "oo": "ου", "ee": "ι", "aa": "α", "th": "θ", "dh": "δ", "ck": "κ", "qu": "κ", "ay": "αι", "ai": "αι",
    "ey": "ει", "ei": "ει", "a": "α", "b": "μπ", "c": "κ", "d": "ντ", "e": "ε", "f": "φ", "g": "γκ", "h": "χ", "i": "ι",
    "j": "τζ", "k": "κ", "l": "λ", "m": "μ", "n": "ν", "o": "ο", "p": "π", "q": "κ", "r": "ρ", "s": "σ", "t": "τ",
    "u": "ου", "v": "β", "w": "ου", "x": "ξ", "y": "γ", "z": "ζ",
}  # fmt: skip
ALPHABETS: dict[str, Mapping[str, str]] = {"Cyrl": _CYRILLIC, "Grek": _GREEK}
"""Scripts of clerks who write any foreign name in letters of their own."""

_STAYS = 0.45
"""Share of doubtful sounds that a listener happens to write as the romanisation does."""


def by_ear(rng: Random, word: str, listener: str) -> str:
    """`word` (Latin letters) as the listener of a language in LISTENERS writes it; case of the first letter kept."""
    letters = LISTENERS[listener]
    return _cased(word, "".join(_written(rng, letters, sound) for sound in _sounds(word.lower())))


def in_letters(word: str, script: str) -> str:
    """A Latin word in the letters of another alphabet (a key of ALPHABETS), sound by sound."""
    letters = ALPHABETS[script]
    text = "".join(letters.get(sound, sound) for sound in _sounds(word.lower()))
    if script == "Grek" and text.endswith("σ"):
        text = text[:-1] + "ς"
    return _cased(word, text)


def _sounds(word: str) -> list[str]:
    found, at = [], 0
    while at < len(word):
        sound = next((sound for sound in _SOUNDS if word.startswith(sound, at)), word[at])
        found.append(sound)
        at += len(sound)
    return found


def _written(rng: Random, letters: Mapping[str, str], sound: str) -> str:
    if sound not in letters or rng.random() < _STAYS:
        return sound
    return rng.choice(letters[sound].split("|"))


def _cased(word: str, text: str) -> str:
    text = text or word.lower()
    return text[0].upper() + text[1:] if word[:1].isupper() else text
