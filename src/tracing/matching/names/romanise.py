"""Romanised readings of one token, ASCII a-z, main reading first.

Hand tables per script stand before the general transliteration (anyascii); what the trained model reads comes after.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tracing.matching.names import transliteration
from tracing.matching.names.burmese import burmese
from tracing.matching.names.fold import fold, letters, without_marks
from tracing.matching.names.hangul import habitual, is_hangul, mccune_reischauer, revised
from tracing.matching.names.indic import indic
from tracing.matching.names.lists import letter_map, readings

MOST_READINGS: Final = 8
"""A token keeps at most so many romanised readings."""

_HAND_FIRST: Final = 3
"""Readings by hand table that stand before those of the trained model."""


def romanise(text: str, script: str) -> tuple[str, ...]:
    """Readings of one token, at most ``MOST_READINGS``; empty when nothing can be pronounced.

    >>> romanise("Шевченко", "Cyrl")[0], romanise("김", "Hang")
    ('shevchenko', ('gim', 'kim'))
    """
    found = list(_HAND.get(script, _plain)(text))
    if transliteration.supported(script) and len(text) > 1:
        found[_HAND_FIRST:_HAND_FIRST] = transliteration.readings(script, text)
    return tuple(dict.fromkeys(reading for reading in found if reading))[:MOST_READINGS]


def _plain(text: str) -> list[str]:
    return [letters(text)]


def _latin(text: str) -> list[str]:
    """Without marks first; then as German, Turkish or Scandinavian clerks spell the letters out."""
    main = letters(text) if text.isascii() else fold(text, "Latn")
    if text.isascii():
        return [main]
    spelled = text.casefold().translate(_SPELLED_OUT)
    return [main, letters(without_marks(spelled))]


_SPELLED_OUT: Final = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ş": "sh", "š": "sh", "ç": "ch", "č": "ch",
    "ć": "ch",
    "ž": "zh", "ź": "zh", "ż": "zh", "đ": "dj", "ł": "l", "ñ": "ny", "ţ": "ts", "ț": "ts", "ș": "sh",
    "ğ": "gh",
    "ř": "rz", "ő": "o", "ű": "u", "ē": "e", "ņ": "n",
})  # fmt: skip

_ARABIC_CONSONANTS: Final = {
    "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r",
    "ز": "z", "س": "s",
    "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l",
    "م": "m",
    "ن": "n", "ه": "h", "پ": "p", "چ": "ch", "ژ": "zh", "گ": "g", "ع": "",
}  # fmt: skip


def _arabic(text: str) -> list[str]:
    """Consonants with the written long vowels, ``a`` where a short one must stand; Sorani writes all."""
    native = text.translate(_SORANI) if any(letter in _SORANI_ONLY for letter in text) else text
    folded = fold(native, "Arab")
    if len(folded) > 4 and folded.startswith("ال"):
        folded = folded[2:]
    units: list[str] = []
    for place, letter in enumerate(folded):
        after_vowel = bool(units) and units[-1][-1:] in "aiu"
        if letter == "ا":
            units.append("" if after_vowel else "a")
        elif letter == "و":
            units.append("w" if place == 0 or after_vowel else "u")
        elif letter == "ي":
            units.append("y" if place == 0 or after_vowel else "i")
        elif letter == "ع":
            units.append("a" if place == 0 else "")
        elif letter == "ه" and place == len(folded) - 1 and place > 1:
            units.append("a")
        elif "a" <= letter <= "z":
            units.append(letter)
        else:
            units.append(_ARABIC_CONSONANTS.get(letter, letters(letter)))
    return ["".join(units) if native is not text else _voweled([unit for unit in units if unit], "a")]


_SORANI_ONLY: Final = "ەۆێڕڵ"
_SORANI: Final = str.maketrans({"ە": "a", "ۆ": "o", "ێ": "e", "ئ": None})


def _voweled(units: list[str], filler: str) -> str:
    """Put ``filler`` between two consonants: after the first of a word, then wherever two would be left
    unspoken.
    """
    out: list[str] = []
    run = 0
    for place, unit in enumerate(units):
        if unit[0] in "aeiou":
            run = 0
        else:
            run += 1
            last = place == len(units) - 1
            if run >= 2 and (place == 1 or last or run % 2 == 0):
                out.append(filler)
                run = 1
        out.append(unit)
    return "".join(out)


_HEBREW_LETTERS: Final = {
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ז": "z", "ח": "ch", "ט": "t", "כ": "k", "ל": "l",
    "מ": "m",
    "נ": "n", "ס": "s", "ע": "a", "פ": "p", "צ": "tz", "ק": "k", "ר": "r", "ש": "sh", "ת": "t",
}  # fmt: skip


def _hebrew(text: str) -> list[str]:
    folded = fold(text, "Hebr").replace("וו", "v").replace("יי", "ei")
    units: list[str] = []
    for place, letter in enumerate(folded):
        last = place == len(folded) - 1
        if letter == "ו":
            units.append("v" if place == 0 else "o")
        elif letter == "י":
            units.append("y" if place == 0 else "i")
        elif letter == "ה" and last:
            units.append("a")
        elif letter == "פ" and last:
            units.append("f")
        elif letter == "ב" and place > 0:
            units.append("v")
        elif letter in "אע" and units and units[-1][-1:] in ("a", "e", "i", "o"):
            continue
        else:
            units.append(_HEBREW_LETTERS.get(letter, letter if letter.isascii() else ""))
    units = [unit for unit in units if unit]
    return [_voweled(units, "e"), _voweled(units, "a")]


_UKRAINIAN: Final = str.maketrans({"и": "y", "г": "h", "ґ": "g", "є": "ie", "і": "i", "ї": "i", "й": "i"})
_RUSSIAN: Final = str.maketrans(
    {"ё": "yo", "х": "kh", "щ": "shch", "й": "y", "ы": "y", "ц": "ts", "ю": "yu", "я": "ya"}
)


def _cyrillic(text: str) -> list[str]:
    """Main: national table of the language that the letters betray; then the other one."""
    lower = text.casefold().replace("'", "").replace("ь", "").replace("ъ", "")
    initial = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
    ukrainian = letters((initial.get(lower[:1], lower[:1]) + lower[1:]).translate(_UKRAINIAN))
    russian = letters(lower.translate(_RUSSIAN))
    plain = letters(lower)
    if any(letter in "іїєґ" for letter in lower):
        return [ukrainian, plain, russian]
    return [russian, plain, ukrainian]


_GREEK_GROUPS: Final = (
    ("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("γγ", "ng"), ("γκ", "g"), ("γχ", "nch"), ("μπ", "b"),
    ("ντ", "d"),
    ("τζ", "tz"), ("τσ", "ts"), ("αι", "e"), ("ει", "i"), ("οι", "i"), ("η", "i"), ("υ", "y"), ("χ",
    "ch"), ("β", "v"),
    ("φ", "f"), ("θ", "th"), ("ξ", "x"), ("ψ", "ps"), ("ω", "o"),
)  # fmt: skip


def _greek(text: str) -> list[str]:
    """Spoken reading; then as written letter by letter; then without h (Yiannis, Giannis)."""
    spoken = fold(text, "Grek")
    spoken = re.sub("(?<=[αε])υ(?=[θκξπσςτφχψ])", "φ", spoken)
    written = spoken
    for stop, latin in (("μπ", "mp"), ("ντ", "nt"), ("γκ", "gk")):
        written = re.sub(f"(?<=.){stop}", latin, written)
    main, voiced = (letters(_grouped(form)) for form in (written, spoken))
    nasal = re.sub("(?<=[a-z])(?:mp|nt|gk)(?=[a-z])", lambda stop: _NASAL[stop[0]], main)
    return [main, letters(text), nasal, re.sub("^(?:g(?=i)|i(?=[ao]))", "y", main), voiced]


_NASAL: Final = {"mp": "mb", "nt": "nd", "gk": "ng"}


def _grouped(text: str) -> str:
    for group, latin in _GREEK_GROUPS:
        text = text.replace(group, latin)
    return text


def _ethiopic(text: str) -> list[str]:
    """The sixth order is silent or ``i``: both readings. Labialised letters are ``wa``, ``wi``, ``we``."""
    plain = letters(fold(text, "Ethi").replace("ዕ", "").replace("እ", ""))
    units = re.findall("sh|ts|ch|ny|kh|gh|kw|gw|[a-z]", plain)
    main = _clusters_parted(units)
    full = _voweled(units, "i")
    return [main, full, plain, main.replace("ts", "s"), main.replace("kw", "ko").replace("gw", "go")]


def _clusters_parted(units: list[str]) -> str:
    """With ``i`` after the first of two consonants at the start and of three at the end (tigist), and after the
    second of three or four between vowels (mengistu).
    """
    shape = "".join("v" if unit in "aeiou" else "h" if unit == "h" else "c" for unit in units)
    after = {match.end() - 1 for match in re.finditer("^[ch](?=[ch])|ch(?=c$)|c(?=cc$)", shape)}
    shape = shape.replace("h", "c")
    after |= {match.start() + 1 for match in re.finditer("(?<=v)cc(?=c+v)", shape)}
    return "".join(unit + ("i" if place in after else "") for place, unit in enumerate(units))


_ARMENIAN: Final = letter_map("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
             "a b g d e z e e t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev")  # fmt: skip
_WESTERN_ARMENIAN: Final = {
    "բ": "p",
    "գ": "k",
    "դ": "t",
    "ծ": "dz",
    "կ": "g",
    "ձ": "ts",
    "ճ": "j",
    "պ": "b",
    "ջ": "ch",
    "տ": "d",
}


def _armenian(text: str) -> list[str]:
    """Eastern and western reading: the voiced and voiceless stops change places; initial e is ye, o is vo."""
    lower = text.casefold().replace("եւ", "և").replace("ու", "u")
    started = {"ե": "ye", "ո": "vo", "և": "yev"}.get(lower[:1], "") + (lower[1:] if lower[:1] in "եոև" else lower)
    east = "".join(_ARMENIAN.get(letter, letter) for letter in started)
    west = "".join(_WESTERN_ARMENIAN.get(letter, _ARMENIAN.get(letter, letter)) for letter in started)
    plain = "".join(_ARMENIAN.get(letter, letter) for letter in lower)
    hovan = plain.replace("yan", "ian")
    return [letters(east), letters(west), letters(plain), letters(hovan), letters(west.replace("yan", "ian"))]


_GEORGIAN: Final = letter_map("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
             "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h")  # fmt: skip


def _georgian(text: str) -> list[str]:
    """National system of 2002 without its apostrophes; then with q as k and the final i of a given name left out."""
    main = "".join(_GEORGIAN.get(letter, "") for letter in text.casefold())
    return [main, main.replace("q", "k"), re.sub("(?<=[^aeiou])i$", "", main), main.replace("v", "w").replace("z", "s")]


def _kana(text: str) -> list[str]:
    """Japanese reading; then as a foreign name, whose consonant groups and final consonants take a silent u
    or o.
    """
    japanese = letters(fold(text, "Kana"))
    foreign = re.sub(r"(?<=[kgszpbfmrl])u(?=[^aeiou]|$)|(?<=[td])o(?=[^aeiou]|$)", "", japanese)
    return [japanese, foreign, foreign.replace("r", "l")]


def _hangul(text: str) -> list[str]:
    table = readings("Hang")
    if len(text) == 1 and is_hangul(text):
        return [*table.get(text, ()), *habitual(text)]
    if is_hangul(text):
        plain, old = revised(text), mccune_reischauer(text)
        foreign = plain.replace("eu", "")
        used = "".join((table.get(letter) or habitual(letter))[-1 if letter in table else 0] for letter in text)
        return [plain, old, used, foreign, foreign.replace("eo", "e"), foreign.replace("l", "r")]
    return [letters(fold(text, "Hang"))]


def _han(text: str) -> list[str]:
    table = readings("Hani")
    folded = fold(text, "Hani")
    if len(folded) == 1 and folded in table:
        return list(table[folded])
    return [letters(folded)]


def _burmese(text: str) -> list[str]:
    """A whole word of the table first: names whose spelling follows no rule."""
    return [*readings("Mymr").get(text, ()), *burmese(text)]


def _by_block(script: str) -> Callable[[str], list[str]]:
    return lambda text: indic(text, script) or _plain(text)


_HAND: Final[dict[str, Callable[[str], list[str]]]] = {
    "Latn": _latin, "Arab": _arabic, "Hebr": _hebrew, "Cyrl": _cyrillic, "Grek": _greek, "Ethi": _ethiopic,
    "Armn": _armenian, "Geor": _georgian, "Kana": _kana, "Hira": _kana, "Hang": _hangul, "Hani": _han,
    "Mymr": _burmese, **{script: _by_block(script) for script in ("Deva", "Beng", "Taml", "Sinh", "Khmr", "Thai")},
}  # fmt: skip
