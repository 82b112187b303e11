"""Vocabulary: the distinct tokens of many names as columns, and how alike any two of them are.

Every distinct pair of tokens is looked at once. Most pairs have nothing in common, which the columns show
without a look at the letters; only the rest goes through the rules of ``similarity``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from tracing.matching.arrays import Flags, Floats, Ints, Longs
from tracing.matching.names import transliteration
from tracing.matching.names.rarity import Rarity
from tracing.matching.names.similarity import STRANGERS, across_scripts, token_similarity
from tracing.matching.names.tokens import Token

_WORDS: Final = 4
"""64-bit words of a token's sound signature: two tokens with a sound in common have a bit in common."""

_LIKELY: Final = 0.55
"""Least share of letters in common (a bound on the Indel similarity) that spelling alone makes worth a look."""

MOST_PAIRS: Final = 1_000_000
"""Distinct token pairs remembered per vocabulary (about 100 bytes each); all are dropped when it is full."""

Words = NDArray[np.uint64]


class Vocabulary:
    """Distinct tokens, numbered from 0. Add all tokens first; columns are made at the first comparison."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._rows: dict[int, int] = {}
        self._known: dict[int, float] = {}
        self._columns: Columns | None = None

    def row(self, token: Token) -> int:
        """Number of a token in this vocabulary."""
        row = self._rows.get(token.number)
        if row is None:
            row = self._rows[token.number] = len(self.tokens)
            self.tokens.append(token)
            self._columns = None
        return row

    @property
    def columns(self) -> Columns:
        """What the first look at a pair needs, one entry per token."""
        if self._columns is None:
            self._columns = Columns(self.tokens)
        return self._columns

    def rarities(self, frequencies: Rarity) -> Floats:
        """Rarity of each token in bits."""
        return np.array([frequencies.bits(token) for token in self.tokens], np.float32)

    def similarities(self, left: Ints, right: Ints, syllables: Flags) -> Floats:
        """Thousandths for each pair of rows; 0 where a row is negative (no token). Symmetric.

        `left` and `right` are of one shape, `syllables` (compare as words of one syllable) of the same or to be
        broadcast to it.
        """
        low = np.minimum(left, right).astype(np.int64)
        high = np.maximum(left, right).astype(np.int64)
        codes = (low * len(self.tokens) + high) * 2 + syllables
        codes[low < 0] = -1
        distinct, places = np.unique(codes, return_inverse=True)
        found = self._distinct(distinct)
        out: Floats = found[places.reshape(codes.shape)]
        return out

    def _distinct(self, codes: Longs) -> Floats:
        found = np.zeros(len(codes), np.float32)
        pairs, syllables = np.divmod(codes, 2)
        low, high = np.divmod(pairs, max(len(self.tokens), 1))
        found[(low == high) & (codes >= 0)] = 1000.0
        open_ = np.flatnonzero((low != high) & (codes >= 0))
        found[open_] = self._spelling(low[open_], high[open_])
        worth = open_[self.columns.worth_a_look(low[open_], high[open_])]
        if len(self._known) + len(worth) > MOST_PAIRS:
            self._known.clear()
        known = self._known
        new = [place for place, code in zip(worth.tolist(), codes[worth].tolist(), strict=True) if code not in known]
        self._look(np.array(new, np.int64), codes, low, high, syllables)
        found[worth] = [known[code] for code in codes[worth].tolist()]
        return found

    def _look(self, new: Longs, codes: Longs, low: Longs, high: Longs, syllables: Longs) -> None:
        """Compare distinct pairs for the first time: by the rules, and across scripts by the trained model."""
        known, tokens = self._known, self.tokens
        lows, highs, keys = low[new].tolist(), high[new].tolist(), codes[new].tolist()
        for code, one, other, syllabic in zip(keys, lows, highs, syllables[new].tolist(), strict=True):
            known[code] = token_similarity(tokens[one], tokens[other], bool(syllabic))
        crossing = self.columns.crosses(low[new], high[new])
        for script, pairs in crossing.items():
            natives, latins = [], []
            for pair in pairs.tolist():
                one, other = tokens[lows[pair]], tokens[highs[pair]]
                native, latin = (other, one) if one.script == "Latn" else (one, other)
                natives.append(native.folded if script == "Arab" else native.text)
                latins.append(latin.latin[0])
            heard = transliteration.similarity(script, natives, latins) * np.float32(1000)
            for pair, similarity in zip(pairs.tolist(), heard.tolist(), strict=True):
                known[keys[pair]] = across_scripts(known[keys[pair]], similarity)

    def _spelling(self, low: Longs, high: Longs) -> Floats:
        """What spelling alone says of names that differ: the floor of every comparison of two tokens."""
        spelled = self.columns.spelled
        ones, others = [spelled[row] for row in low.tolist()], [spelled[row] for row in high.tolist()]
        ratio = cpdist(ones, others, scorer=Indel.normalized_similarity, dtype=np.float32)
        out: Floats = np.float32(STRANGERS) * ratio * ratio
        return out


class Columns:
    """Arrays over the tokens of a vocabulary."""

    def __init__(self, tokens: list[Token]) -> None:
        size = len(tokens)
        self.folded: Ints = np.zeros(size, np.int32)
        self.initial: Flags = np.zeros(size, np.bool_)
        self.odd: Flags = np.zeros(size, np.bool_)
        self.native: Ints = np.zeros(size, np.int32)
        self.classes: Ints = np.full((size, 2), -1, np.int32)
        self.letters: Words = np.zeros(size, np.uint64)
        self.length: Ints = np.zeros(size, np.int32)
        self.spelled: list[str] = [token.latin[0] if token.latin else token.folded for token in tokens]
        self.sounds: Words = np.zeros((size, _WORDS), np.uint64)
        spellings: dict[tuple[str, str], int] = {}
        self.scripts: dict[str, int] = {}
        self.patronymic: Flags = np.array([token.kind == "patronymic" for token in tokens], np.bool_)
        for row, token in enumerate(tokens):
            self.folded[row] = spellings.setdefault((token.script, token.folded), len(spellings))
            if token.script != "Latn":
                self.native[row] = self.scripts.setdefault(token.script, len(self.scripts) + 1)
            self.initial[row] = token.kind == "initial"
            self.odd[row] = not token.latin or bool(token.parts)
            for place, number in enumerate(token.classes[:2]):
                self.classes[row, place] = number
            self.letters[row] = np.uint64(_letter_bits(token))
            self.length[row] = min((len(reading) for reading in token.latin), default=len(token.folded))
            for word, bits in enumerate(_sound_bits(token)):
                self.sounds[row, word] = np.uint64(bits)

    def crosses(self, low: Longs, high: Longs) -> dict[str, Longs]:
        """Per script that a model reads: places of the pairs of a plain word in it with a plain Latin word.

        Two words with known classes are left out: the classes have decided.
        """
        found: dict[str, Longs] = {}
        plain = ~(self.odd | self.initial | self.patronymic)
        usable = plain[low] & plain[high] & ((self.classes[low, 0] < 0) | (self.classes[high, 0] < 0))
        ones, others = self.native[low], self.native[high]
        native = np.maximum(ones, others)
        usable &= np.minimum(ones, others) == 0
        for script, number in self.scripts.items():
            if transliteration.supported(script):
                at = np.flatnonzero(usable & (native == number))
                if len(at):
                    found[script] = at
        return found

    def worth_a_look(self, low: Longs, high: Longs) -> Flags:
        """Which pairs may be alike at all; never false for a pair that ``token_similarity`` finds alike."""
        ones, others = self.letters[low], self.letters[high]
        shared = np.bitwise_count(ones & others).astype(np.int32)
        lengths, other_lengths = self.length[low], self.length[high]
        worth: Flags = shared * 2 >= _LIKELY * (lengths + other_lengths)
        worth |= ((self.sounds[low] & self.sounds[high]) != 0).any(axis=1)
        for here in (0, 1):
            for there in (0, 1):
                classes = self.classes[low, here]
                worth |= (classes >= 0) & (classes == self.classes[high, there])
        worth |= self.folded[low] == self.folded[high]
        worth |= (self.initial[low] | self.initial[high]) & (shared > 0)
        worth |= (self.odd[low] | self.odd[high]) & (shared * 2 >= np.minimum(lengths, other_lengths))
        return worth


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
