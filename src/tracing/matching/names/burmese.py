"""Burmese names in Latin letters as their bearers write them: onset, rhyme and tone of each syllable.

Rules after the habits of names (Aung, Htun, Myint, Nyein), which no standard of transliteration follows.
"""

from __future__ import annotations

import re
from typing import Final

from tracing.matching.names.lists import letter_map

_ONSETS: Final = letter_map("ကခဂဃငစဆဇဈညဉဋဌဍဎဏတထဒဓနပဖဗဘမယရလဝသဟဠအ",
             "k kh g g ng s hs z z ny ny t ht d d n t ht d d n p ph b b m y y l w th h l -")  # fmt: skip
_WHOLE: Final = {"ဦ": "u", "ဥ": "u", "ဣ": "i", "ဤ": "i", "ဩ": "aw", "ဪ": "aw", "ဧ": "ay", "၏": "e", "ဿ": "tha"}
_PALATAL: Final = {"k": "ky", "kh": "ch", "g": "gy", "ng": "ny", "th": "thy"}
"""Onset with a medial y or r (both are y to the ear)."""
_BREATHED: Final = {"y": "sh", "ly": "sh", "th": "sh", "w": "hw"}
"""Onset with a medial h; else an h stands before it."""
_RHYMES: Final = {
    "": "a", "ာ": "a", "ါ": "a", "ိ": "i", "ီ": "i", "ု": "u", "ူ": "u", "ေ": "ay", "ဲ": "e", "ော": "aw", "ေါ": "aw",
    "ော်": "aw", "ေါ်": "aw", "ို": "o", "ိုး": "oe", "ံ": "an", "ုံ": "on", "က်": "et", "ောက်": "auk", "ေါက်": "auk", "ိုက်": "aik",
    "င်": "in", "ောင်": "aung", "ေါင်": "aung", "ိုင်": "aing",
    "စ်": "it", "ည်": "i", "ဉ်": "in", "ဏ်": "an", "ယ်": "e", "န်": "an",
    "မ်": "an", "ိန်": "ein", "ိမ်": "ein", "ုန်": "on", "ုမ်": "on", "တ်": "at", "ပ်": "at", "ိတ်": "eik", "ိပ်": "eik",
    "ုတ်": "ok", "ုပ်": "ok", "ိုယ်": "o", "ာဉ်": "in", "ိဒ်": "eik", "ဒ်": "at", "သ်": "at", "ိသ်": "eik", "လ်": "al", "ဿ": "at",
}  # fmt: skip
_ROUNDED: Final = {"န်": "un", "မ်": "un", "တ်": "ut", "ပ်": "ut", "ံ": "un"}
"""Rhymes that a medial w turns into another vowel."""
_SYLLABLE: Final = re.compile(
    r"(?P<onset>[က-အ])(?P<medials>[ျြွှ]*)"
    r"(?P<rhyme>[ာါိီုူေဲံ]*(?:[ကခဂဃငစဆဇညဉဋဌဍဏတထဒဓနပဖဗဘမယရလသဿ][့း]?်|်)?[ံ]?)(?P<tone>[့း]*)"
    r"|(?P<whole>[ဥဦဣဤဩဪဧ၏ဿ])[ိီးံ့]*"
)

_BURMESE: Final = re.compile("[\u1000-\u109f]+")
_BEGINS: Final = re.compile("(?<=.)(?<!\u1039)(?=[\u1000-\u102a\u103f](?![\u103b-\u103e\u1037]*[\u1039\u103a]))")
"""Where a syllable begins: a letter that neither closes the one before (asat) nor is stacked with another (virama)."""


def apart(full: str) -> str:
    """A Burmese name written as one word, with spaces between its syllables; any other text as it is.

    Burmese is written without spaces between words, and most parts of a name are one syllable.

    >>> apart("ထွန်းလင်း"), apart("အောင် ကျော်"), apart("Aung")
    ('ထွန်း လင်း', 'အောင် ကျော်', 'Aung')
    """
    return _BEGINS.sub(" ", full) if _BURMESE.fullmatch(full) else full


def burmese_syllables(text: str) -> list[str]:
    """Latin syllables of a Burmese word in its likeliest spelling.

    >>> burmese_syllables("အောင်"), burmese_syllables("မြင့်"), burmese_syllables("ထွန်း")
    (['aung'], ['myint'], ['htun'])
    """
    plain = re.sub(r"([က-အ])္", r"\1်", text.replace("\u200b", ""))
    plain = plain.replace("င်္", "င်").replace("ဿ", "သ်သ")
    return [_spoken(match) for match in _SYLLABLE.finditer(plain)]


def burmese(text: str) -> list[str]:
    """Readings of a Burmese word: the likeliest spelling, then with other habits (San, Phyo, Mo, Kyay, Khine)."""
    main = "".join(burmese_syllables(text))
    plainer = main.replace("hs", "s").replace("ht", "t")
    other = re.sub("oe$", "o", plainer)
    softer = re.sub("(?<=[a-z])on$", "one", plainer).replace("aing", "ine").replace("ay", "e")
    return list(dict.fromkeys([main, plainer, other, softer]))


def _spoken(match: re.Match[str]) -> str:
    if match["whole"]:
        return _WHOLE[match["whole"]]
    rhyme = match["rhyme"].replace("့", "").replace("း", "")
    creaky = "့" in match["tone"] + match["rhyme"]
    long = "း" in match["tone"] + match["rhyme"]
    onset = _onset(_ONSETS[match["onset"]], match["medials"])
    rounded = "ွ" in match["medials"]
    if rounded and rhyme in _ROUNDED:
        vowel = _ROUNDED[rhyme]
    else:
        vowel = _RHYMES.get(rhyme + "း" if long else rhyme) or _RHYMES.get(rhyme, "a")
        onset += "w" if rounded and not onset.endswith("w") else ""
    if rhyme == "ေ" and rounded:
        vowel = "e"
    if creaky and vowel.endswith("n"):
        vowel += "t"
    if vowel == "ay" and not onset:
        vowel = "aye"
    return onset + vowel


def _onset(consonant: str, medials: str) -> str:
    onset = "" if consonant == "-" else consonant
    if "ျ" in medials or "ြ" in medials:
        onset = _PALATAL.get(onset, onset + "y")
    if "ှ" in medials:
        onset = _BREATHED.get(onset, "h" + onset)
    return onset
