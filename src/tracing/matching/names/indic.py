"""Names in the scripts of South and Southeast Asia whose consonants bear a vowel of their own.

One walk over the letters gives units (consonant, vowel); each script has its letters, and its rule for the vowel
that is not written: Hindi drops it at the end and where the word can be spoken without it (schwa deletion),
Bengali speaks it o and writes it a, Tamil keeps it and voices the stops between vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from tracing.matching.names.lists import letter_map

SILENT: Final = ""
INHERENT: Final = "*"
"""Vowel of a consonant that bears none in writing."""

_ROWS: Final = ("k", "kh", "g", "gh", "ng", "ch", "chh", "j", "jh", "n", *("t", "th", "d", "dh", "n") * 2)
"""The 20 stops and nasals in the order that all these scripts share."""


@dataclass(frozen=True, slots=True)
class _Script:
    consonants: dict[str, str]
    vowels: dict[str, str]
    signs: dict[str, str]
    virama: str


def _brahmic(first: int, extra: dict[str, str]) -> _Script:
    """Letters of a block laid out as Devanagari is (Unicode): the same sound at the same distance from its start."""
    at = {offset: chr(first + offset) for offset in range(128)}
    consonants = {at[0x15 + place]: latin for place, latin in enumerate(_ROWS)}
    labials = ("n", "p", "ph", "b", "bh", "m", "y", "r", "r", "l", "l", "l", "v", "sh", "sh", "s", "h")
    consonants |= {at[0x29 + place]: latin for place, latin in enumerate(labials)}
    plain = ("a", "a", "i", "i", "u", "u", "ri", "l", "e", "e", "e", "ai", "o", "o", "o", "au")
    vowels = {at[0x05 + place]: latin for place, latin in enumerate(plain)}
    signs = {at[0x3E + place]: latin for place, latin in enumerate(plain[1:])}
    signs[at[0x44]] = "ri"
    signs |= {at[0x45]: "e", at[0x46]: "e", at[0x47]: "e", at[0x48]: "ai", at[0x49]: "o", at[0x4A]: "o", at[0x4B]: "o",
              at[0x4C]: "au"}  # fmt: skip
    return _Script({**consonants, **extra}, vowels, signs, at[0x4D])


_DEVANAGARI: Final = _brahmic(0x900, {})
_NUKTA: Final = {"क़": "q", "ख़": "kh", "ग़": "gh", "ज़": "z", "ड़": "r", "ढ़": "rh", "फ़": "f", "य़": "y"}
_BENGALI: Final = _brahmic(0x980, {"ৎ": "t", "ব": "b", "য": "j", "ৰ": "r", "ৱ": "w"})
_BENGALI_NUKTA: Final = {"ড়": "r", "ঢ়": "rh", "য়": "y"}
_TAMIL: Final = _brahmic(0xB80, {"த": "th", "ச": "s", "ட": "t", "ழ": "zh", "ஜ": "j", "ஞ": "gn", "ற": "r", "ன": "n"})
_SINHALA: Final = _Script(
    letter_map("කඛගඝඞඟචඡජඣඤඥඦටඨඩඪණඬතථදධනඳපඵබභමඹයරලවශෂසහළෆ",
             "k k g g n ng ch ch j j n gn nj t t d d n nd t th d d n nd p p b b m mb y r l v sh sh s h l f"),
    letter_map("අආඇඈඉඊඋඌඑඒඓඔඕඖ",
             "a a a a i i u u e e ai o o au"),
    letter_map("ාැෑිීුූෘෙේෛොෝෞෲ",
             "a a a i i u u ru e e ai o o au ru"),
    "්",
)  # fmt: skip
_KHMER: Final = _Script(
    letter_map("កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអ",
             "k kh k kh ng ch chh ch chh nh d th d th n t th t th n b ph p ph m y r l v s h l -"),
    letter_map("ឥឦឧឩឪឫឯឰឱឳ",
             "i i u u au ru e ai ao au"),
    {"ា": "a", "ិ": "i", "ី": "i", "ឹ": "eu", "ឺ": "eu", "ុ": "u", "ូ": "ou", "ួ": "uo", "ើ": "oe", "ឿ": "oea", "ៀ": "ie",
     "េ": "e", "ែ": "ae", "ៃ": "ai", "ោ": "o", "ៅ": "au"},
    "្",
)  # fmt: skip

_NASALS: Final = {"ं": "n", "ँ": "n", "ং": "ng", "ঁ": "n", "ං": "ng", "ံ": "n", "ំ": "m"}

Unit = tuple[str, str]


def _units(text: str, script: _Script, nukta: dict[str, str]) -> list[Unit]:
    """(consonants, vowel) pairs; a vowel of its own has no consonant; ``INHERENT`` where none is written."""
    units: list[Unit] = []
    place = 0
    while place < len(text):
        two, letter = text[place : place + 2], text[place]
        if two in nukta or letter in script.consonants:
            units.append((nukta.get(two) or script.consonants[letter], INHERENT))
            place += len(two) if two in nukta else 1
            continue
        if letter in script.signs and units:
            units[-1] = units[-1][0], script.signs[letter]
        elif letter == script.virama and units:
            units[-1] = units[-1][0], SILENT
        elif letter in script.vowels:
            units.append(("", script.vowels[letter]))
        elif letter in _NASALS:
            units.append((_NASALS[letter], SILENT))
        place += 1
    return units


def _joined(units: list[Unit], inherent: str) -> str:
    spoken = "".join(consonant + (inherent if vowel == INHERENT else vowel) for consonant, vowel in units)
    return re.sub(r"n(?=[pbm])", "m", spoken).replace("-", "")


def _dropped(units: list[Unit], medial: bool) -> list[Unit]:
    """Without the unwritten vowel at the end and, if ``medial``, between a spoken vowel and a consonant with one."""
    out = list(units)
    if len(out) > 1 and out[-1][1] == INHERENT and (out[-2][1] != SILENT or out[-2][0] in ("n", "r", "m", "l")):
        out[-1] = out[-1][0], SILENT
    if medial:
        for place in range(len(out) - 2, 0, -1):
            follows = out[place + 1]
            if out[place][1] == INHERENT and out[place - 1][1] != SILENT and follows[0] and follows[1] != SILENT:
                out[place] = out[place][0], SILENT
    return out


def devanagari(text: str) -> list[str]:
    """With the unwritten vowel dropped as Hindi speaks, then as it is written (Kamla, Kamala)."""
    units = _units(text.replace("ज्ञ", "ग्य"), _DEVANAGARI, _NUKTA)
    readings = [_joined(_dropped(units, medial=True), "a"), _joined(_dropped(units, medial=False), "a")]
    readings += [readings[0].replace("v", "w"), readings[0].replace("ksh", "x"), readings[0].replace("nh", "ngh")]
    return readings


def bengali(text: str) -> list[str]:
    """As names are written (a for the unwritten vowel, f for ph), then as they are spoken (o), then with z, y or v."""
    units = _units(text.replace("্য", "্য়"), _BENGALI, _BENGALI_NUKTA)
    units = [("f" if consonant == "ph" else consonant, vowel) for consonant, vowel in units]
    if len(units) > 1 and units[0] == ("", "i") and units[1][0] == "y":
        del units[0]
    units = [
        ("w" if consonant == "y" and place and units[place - 1][1] == "o" else consonant, vowel)
        for place, (consonant, vowel) in enumerate(units)
    ]
    written, spoken = (_joined(_dropped(units, medial=True), vowel) for vowel in "ao")
    full = _joined(_dropped(units, medial=False), "a")
    return [written, spoken, full, written.replace("j", "z"), written.replace("sh", "s"), written.replace("bh", "v")]


_VOICED: Final = {"k": "g", "t": "d", "p": "b", "th": "th", "s": "s"}


def tamil(text: str) -> list[str]:
    """Stops voiced between vowels and after nasals, then as written; double s is ch."""
    units = _units(text.replace("ஃப", "ப"), _TAMIL, {})
    out: list[Unit] = []
    for place, (consonant, vowel) in enumerate(units):
        before = units[place - 1] if place else None
        after = units[place + 1] if place + 1 < len(units) else None
        doubled = (before is not None and before == (consonant, SILENT)) or (
            vowel == SILENT and after is not None and after[0] == consonant
        )
        soft = before is not None and not doubled and (before[1] != SILENT or before[0] in ("n", "m", "gn"))
        out.append((_VOICED.get(consonant, consonant) if soft and vowel != SILENT else consonant, vowel))
    voiced = _joined(out, "a").replace("ththth", "tth").replace("thth", "th").replace("ss", "ch")
    written = _joined(units, "a").replace("thth", "th").replace("ss", "ch")
    initial = {"k": "g", "p": "b", "s": "ch", "t": "d"}
    first = initial.get(voiced[:1], voiced[:1]) + voiced[1:]
    return [voiced, written, first, re.sub("(?<=[aeioun])th", "d", voiced), voiced.replace("ts", "ksh")]


def sinhala(text: str) -> list[str]:
    """The unwritten vowel is always spoken; v and w are one letter."""
    written = _joined(_units(text.replace("\u200d", ""), _SINHALA, {}), "a")
    return [written, written.replace("v", "w")]


def khmer(text: str) -> list[str]:
    """Basic reading: an unwritten vowel is a or o and falls at the end."""
    plain = text.replace("៉", "").replace("៊", "").replace("់", "").replace("័", "").replace("៍", "")
    units = _dropped(_units(plain, _KHMER, {}), medial=False)
    return [_joined(units, "a"), _joined(units, "o")]


_THAI_INITIAL: Final = {
    **letter_map("กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถ", "k kh kh kh kh kh ng ch ch ch s ch y d t th th th n d t th"),
    **letter_map("ทธนบปผฝพฟภมยรลวศษสหฬอฮ", "th th n b p ph f ph f ph m y r l w s s s h l - h"),
}
_THAI_FINAL: Final = {"ch": "t", "s": "t", "d": "t", "th": "t", "b": "p", "ph": "p", "f": "p", "kh": "k", "r": "n",
                      "l": "n", "y": "i", "w": "o"}  # fmt: skip
_THAI_VOWELS: Final = {"ะ": "a", "ั": "a", "า": "a", "ำ": "am", "ิ": "i", "ี": "i", "ึ": "ue", "ื": "ue", "ุ": "u", "ู": "u"}
_THAI_BEFORE: Final = {"เ": "e", "แ": "ae", "โ": "o", "ใ": "ai", "ไ": "ai"}
_THAI_SYLLABLE: Final = re.compile(
    r"(?P<before>[เแโใไ]?)(?P<onset>[ก-ฮ](?:[รลว](?=[ะัาำิีึืุู])|(?<=ห)[งญนมยรลว])?)(?P<vowel>[ะัาำิีึืุู]?อ?[ะา]?)"
    r"(?P<final>[ก-ฮ](?![ะัาำิีึืุูอ]))?"
)


def thai(text: str) -> list[str]:
    """Basic reading after the Royal system: vowels written before their consonant, finals as they are spoken."""
    plain = re.sub("[ก-ฮ][ิุ]?์|[่้๊๋็ๆฺ]", "", text)
    plain = plain.replace("รร", "ั").replace("ฤ", "รึ")
    spoken = "".join(_thai_syllable(match) for match in _THAI_SYLLABLE.finditer(plain))
    return [spoken.replace("-", ""), spoken.replace("-", "").replace("ph", "p").replace("th", "t").replace("kh", "k")]


def _thai_syllable(match: re.Match[str]) -> str:
    letters = match["onset"]
    silent_h = len(letters) > 1 and letters[0] == "ห"
    onset = "".join(_THAI_INITIAL.get(letter, "") for letter in (letters[1:] if silent_h else letters))
    final = _THAI_INITIAL.get(match["final"] or "", "")
    final = _THAI_FINAL.get(final, final)
    written = match["vowel"]
    vowel = "".join(_THAI_VOWELS.get(sign, "") for sign in written)
    if match["before"]:
        vowel = {"เา": "ao", "เี": "ia", "เื": "uea", "เิ": "oe", "เอ": "oe"}.get(
            match["before"] + written[:1], _THAI_BEFORE[match["before"]]
        )
    elif not vowel:
        vowel = "o" if final or "อ" in written else "a"
    return onset + vowel + ("" if final == "-" else final)


@cache
def _table() -> dict[str, Callable[[str], list[str]]]:
    return {"Deva": devanagari, "Beng": bengali, "Taml": tamil, "Sinh": sinhala, "Khmr": khmer, "Thai": thai}


def indic(text: str, script: str) -> list[str]:
    """Readings of a word in one of Deva, Beng, Taml, Sinh, Khmr, Thai; empty for other scripts.

    >>> indic("राजकुमार", "Deva")[0], indic("রহমান", "Beng")[:2], indic("முருகன்", "Taml")[0]
    ('rajkumar', ['rahman', 'rohman'], 'murugan')
    """
    reader = _table().get(script)
    if reader is None:
        return []
    found = (re.sub("[^a-z]", "", reading) for reading in reader(unicodedata.normalize("NFC", text)))
    return [reading for reading in dict.fromkeys(found) if reading]
