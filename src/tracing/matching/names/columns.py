"""The tokens of a vocabulary as columns: all that the rules of likeness ask of one word, as numbers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Ints, Longs, Ragged, meet, texts
from tracing.matching.names import transliteration
from tracing.matching.names.compounds import FIXED, SERVANT
from tracing.matching.names.shape import feminine_stems, shape
from tracing.matching.names.sounds import metaphone
from tracing.matching.names.syllables import is_syllabic
from tracing.matching.names.tokens import Token

_WORDS: Final = 4
"""64-bit words of a token's sound signature: two tokens with a sound in common have a bit in common."""

_LIKELY: Final = 0.55
"""Least share of letters in common (a bound on the Indel similarity) that spelling alone makes worth a look."""

_FIRST_CLASSES: Final = 2
"""Variant classes of a token that alone make a pair worth a look; hardly any has more."""

READINGS: Final = 4
"""Readings of a token whose spelling counts, the likeliest first."""

_UNVOWELED: Final = frozenset({"Arab", "Hebr"})

Words = NDArray[np.uint64]


class Columns:
    """Arrays over the tokens of a vocabulary, and behind them over the parts of those that are compounds.

    Attributes:
        tokens: as given, then parts.
        folded: equal for one spelling in one script; native: number of the script, 0 for Latin.
        unvoweled, sparse: the script writes no vowels; neither vowels nor, as Han, anything by the letter.
        written: folded; spelled: main reading, or as folded where there is none.
        article: whether that begins as with an Arabic article.
        readings: texts, the first ``READINGS`` of every token; reading: places of each token's; read: equal for equal
            readings.
        heard: as the trained model wants a native word.
        odd: without reading, or a compound; plain: neither this nor an initial nor a patronymic.
        classes, groups: of variants as numbers, -1 behind the last.
        parts: rows of both parts of a compound, -1 of any other; fixed: number of a fixed part's text, 0 of any other
            token; servant: whether that of a compound's first part is ``SERVANT``.
        skeletons: numbers, the main one first; metaphone: number, -1 without.
        first_letters, first_sounds: bits; ending, family, sex: numbers, 0 for none.
        length, syllables, vowel_first: as in ``shape``; shortest: letters of the shortest reading.
        word: number of the main reading; stems: numbers of the words of which it is the feminine form.
        syllabic: whether the main reading can be one East Asian syllable.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, *{part.number: part for token in tokens for part in token.parts}.values()]
        everything = self.tokens
        self.folded = _numbers((token.script, token.folded) for token in everything)
        self.scripts: dict[str, int] = {"Latn": 0}
        self.native: Ints = np.array(
            [self.scripts.setdefault(token.script, len(self.scripts)) for token in everything], np.int32
        )
        self.unvoweled = _flags(token.script in _UNVOWELED for token in everything)
        self.sparse = self.unvoweled | _flags(token.script == "Hani" for token in everything)
        self.spelled = texts(token.latin[0] if token.latin else token.folded for token in everything)
        self.written = texts(token.folded for token in everything)
        self.read = _numbers(token.latin for token in everything)
        read = [token.latin[:READINGS] for token in everything]
        self.readings = texts(reading for readings in read for reading in readings)
        ends = np.cumsum([0, *map(len, read)])
        self.reading = Ragged(ends, np.arange(ends[-1], dtype=np.int32))
        self.heard = texts(token.folded if token.script == "Arab" else token.text for token in everything)
        self.article = _flags(word[:2] in ("al", "el", "ul") for word in self.spelled)
        self.initial = _flags(token.kind == "initial" for token in everything)
        self.patronymic = _flags(token.kind == "patronymic" for token in everything)
        self.silent = _flags(not token.latin for token in everything)
        self.compound = _flags(bool(token.parts) for token in everything)
        self.odd: Flags = self.silent | self.compound
        self.plain: Flags = ~(self.odd | self.initial | self.patronymic)
        self.classes = _padded([token.classes for token in everything])
        groups: dict[Hashable, int] = {}
        self.groups = _padded([[groups.setdefault(one, len(groups)) for one in token.groups] for token in everything])
        self._compounds(everything)
        self._sounds(everything)
        self._shapes(everything)
        self._signatures(everything)

    def _compounds(self, tokens: list[Token]) -> None:
        rows = {token.number: row for row, token in enumerate(tokens)}
        self.parts = np.full((len(tokens), 2), -1, np.int32)
        for row in np.flatnonzero(self.compound).tolist():
            self.parts[row] = [rows[part.number] for part in tokens[row].parts]
        fixed = {text: number for number, text in enumerate(sorted(FIXED), 1)}
        self.fixed: Ints = np.array([fixed.get(token.text, 0) for token in tokens], np.int32)
        self.servant = _flags(bool(token.parts) and token.parts[0].text == SERVANT for token in tokens)

    def _sounds(self, tokens: list[Token]) -> None:
        numbers: dict[str, int] = {}
        self.skeletons = Ragged.of(
            [numbers.setdefault(skeleton, len(numbers)) for skeleton in token.skeletons] for token in tokens
        )
        spoken = [metaphone(token.latin[0]) if token.latin else "" for token in tokens]
        known: dict[str, int] = {"": -1}
        self.metaphone: Ints = np.array([known.setdefault(code, len(known)) for code in spoken], np.int32)

    def _shapes(self, tokens: list[Token]) -> None:
        """Of words that are read; others have no shape."""
        shapes = [shape(token.latin, token.skeletons) if token.latin else None for token in tokens]
        self.syllables: Ints = np.array([one.syllables if one else 0 for one in shapes], np.int32)
        self.length: Ints = np.array([one.length if one else 0 for one in shapes], np.int32)
        self.vowel_first = _flags(bool(one and one.vowel_first) for one in shapes)
        self.first_sounds = _bits(one.first_sounds if one else () for one in shapes)
        self.first_letters = _bits({reading[0] for reading in token.latin} for token in tokens)
        self.ending = _told(one.ending if one else "" for one in shapes)
        self.family = _told(one.family if one else "" for one in shapes)
        self.sex = _told(token.sex or "" for token in tokens)
        words: dict[str, int] = {}
        self.word: Ints = np.array([words.setdefault(word, len(words)) for word in self.spelled], np.int32)
        self.stems = _padded([[words[stem] for stem in feminine_stems(word) if stem in words] for word in words])[
            self.word
        ]
        self.syllabic = _flags(bool(token.latin) and is_syllabic(token.latin[0], 1) for token in tokens)

    def _signatures(self, tokens: list[Token]) -> None:
        self.letters: Words = np.array([_letter_bits(token) for token in tokens], np.uint64)
        self.sounds: Words = np.array([_sound_bits(token) for token in tokens], np.uint64).reshape(-1, _WORDS)
        shortest = (min((len(reading) for reading in token.latin), default=len(token.folded)) for token in tokens)
        self.shortest: Ints = np.fromiter(shortest, np.int32)

    def crosses(self, low: Longs, high: Longs) -> dict[str, Longs]:
        """Per script that a model reads: places of the pairs of a plain word in it with a plain Latin word.

        Two words with known classes are left out: the classes have decided.
        """
        found: dict[str, Longs] = {}
        usable = self.plain[low] & self.plain[high] & ((self.classes[low, 0] < 0) | (self.classes[high, 0] < 0))
        ones, others = self.native[low], self.native[high]
        native = np.maximum(ones, others)
        usable &= (np.minimum(ones, others) == 0) & (native > 0)
        for script, number in self.scripts.items():
            if transliteration.supported(script):
                at = np.flatnonzero(usable & (native == number))
                if len(at):
                    found[script] = at
        return found

    def worth_a_look(self, low: Longs, high: Longs) -> Flags:
        """Which pairs may be alike at all; never false for a pair that the rules find alike, unless by a class that is
        not among the first of a token.
        """
        ones, others = self.letters[low], self.letters[high]
        shared = np.bitwise_count(ones & others).astype(np.int32)
        lengths, other_lengths = self.shortest[low], self.shortest[high]
        worth: Flags = shared * 2 >= _LIKELY * (lengths + other_lengths)
        worth |= ((self.sounds[low] & self.sounds[high]) != 0).any(axis=1)
        worth |= meet(self.classes[low, :_FIRST_CLASSES], self.classes[high, :_FIRST_CLASSES])
        worth |= self.folded[low] == self.folded[high]
        worth |= (self.initial[low] | self.initial[high]) & (shared > 0)
        worth |= (self.odd[low] | self.odd[high]) & (shared * 2 >= np.minimum(lengths, other_lengths))
        return worth

    def share_class(self, low: Longs, high: Longs) -> Flags:
        """Which pairs have a variant class in common."""
        return meet(self.classes[low], self.classes[high])

    def share_group(self, low: Longs, high: Longs) -> Flags:
        """Which pairs are the same name by a class, not only akin."""
        return meet(self.groups[low], self.groups[high])


def _numbers(values: Iterable[Hashable]) -> Ints:
    """Equal numbers, from 0, for equal values."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], np.int32)


def _told(values: Iterable[str]) -> Ints:
    """Equal numbers for equal texts, 0 for ``""``."""
    known: dict[str, int] = {"": 0}
    return np.array([known.setdefault(value, len(known)) for value in values], np.int32)


def _padded(lists: list[Any]) -> Ints:
    """As many columns as the longest list has, at least one; -1 behind the last."""
    width = max((len(one) for one in lists), default=0) or 1
    return Ragged.of(lists).padded(np.arange(len(lists)), width)


def _bits(letters: Iterable[Iterable[str]]) -> Ints:
    """One bit per letter of either case, the lowest one for what is no letter."""
    found = [sum(1 << (ord(one) & 31 if one.isalpha() else 0) for one in set(some)) for some in letters]
    return np.array(found, np.int32)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, np.bool_)


def _letter_bits(token: Token) -> int:
    """One bit per letter that occurs in a reading, one more per letter that occurs twice."""
    bits = 0
    for reading in token.latin:
        once = 0
        for letter in reading:
            bit = 1 << (ord(letter) - 97)
            bits |= bit << 26 if once & bit else bit
            once |= bit
    return bits


def _sound_bits(token: Token) -> list[int]:
    words = [0] * _WORDS
    for sound in token.sounds:
        number = _sound_number(sound)
        words[number >> 6] |= 1 << (number & 63)
    return words


def _sound_number(sound: str) -> int:
    """A number from 0 to 255 that is the same in every process."""
    number = 0
    for letter in sound:
        number = (number * 31 + ord(letter)) & 0xFFFF
    return (number ^ number >> 8) & 0xFF
