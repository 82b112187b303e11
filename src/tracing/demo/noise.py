"""What goes wrong with a single word or date between mouth and form."""

from __future__ import annotations

from datetime import date
from random import Random

_HEARING = (
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("kh", "h"),
    ("gh", "g"),
    ("dj", "j"),
    ("ph", "f"),
    ("ck", "k"),
    ("sch", "sh"),
    ("sz", "sh"),
    ("cz", "ch"),
    ("th", "t"),
    ("dh", "d"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("z", "s"),
    ("e", "a"),
    ("o", "u"),
    ("b", "p"),
    ("d", "t"),
    ("c", "k"),
    ("x", "h"),
    ("ll", "l"),
    ("mm", "m"),
    ("ss", "s"),
    ("aa", "a"),
    ("v", "b"),
    ("i", "e"),
)
_SIMILAR = {
    "ة": "ه",
    "ى": "ي",
    "أ": "ا",
    "إ": "ا",
    "ي": "ى",
    "ی": "ي",
    "ک": "ك",
    "ح": "ج",
    "ز": "ر",
    "س": "ش",
    "ت": "ث",
    "і": "и",
    "и": "і",
    "є": "е",
    "ґ": "г",
    "ё": "е",
    "й": "и",
    "ш": "щ",
    "ь": "",
    "ά": "α",
    "έ": "ε",
    "ή": "η",
    "ί": "ι",
    "ό": "ο",
    "ύ": "υ",
    "ώ": "ω",
}
_ALPHABETS = (("a", "ɏ"), ("Ͱ", "Ͽ"), ("Ѐ", "ӿ"), ("Ա", "֏"), ("א", "ת"), ("ا", "ي"), ("ა", "ჿ"))


def heard(rng: Random, word: str) -> str:
    """A Latin word as a listener of another language writes it; unchanged when no sound in it is doubtful."""
    lower = word.lower()
    found = [(sound, other) for sound, other in _HEARING if sound in lower[1:]]
    if not found:
        return word
    sound, other = rng.choice(found)
    at = lower.index(sound, 1)
    return word[:at] + other + word[at + len(sound) :]


def typo(rng: Random, word: str) -> str:
    """One slip of the pen or keyboard inside a word of an alphabetic script with four letters or more."""
    if len(word) < 4 or not all(_alphabetic(letter) for letter in word.lower()):
        return word
    similar = [at for at, letter in enumerate(word) if letter in _SIMILAR]
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "drop", "double", "similar"))
    if kind == "similar" and similar:
        at = rng.choice(similar)
        return word[:at] + _SIMILAR[word[at]] + word[at + 1 :]
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + word[at + 1 :]


def _alphabetic(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _ALPHABETS)


def digit_slip(rng: Random, day: date) -> date:
    """A date with one field misread: day and month exchanged, another year, another day."""
    kind = rng.random()
    if kind < 0.5 and day.day <= 12:
        return date(day.year, day.day, day.month)
    if kind < 0.8:
        return date(day.year + rng.choice((-10, -1, 1, -9)), day.month, min(day.day, 28))
    return date(day.year, day.month, rng.randrange(1, 29))
