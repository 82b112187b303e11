"""Vocabulary: the distinct tokens of many names as columns, and how alike any two of them are.

Every distinct pair of tokens is looked at once. Most pairs have nothing in common, which the columns show
without a look at the letters; only the rest goes through the rules of ``similarity``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel, JaroWinkler
from rapidfuzz.process import cpdist

from tracing.matching.arrays import Doubles, Flags, Floats, Ints, Longs
from tracing.matching.names import transliteration
from tracing.matching.names.memo import Memo
from tracing.matching.names.rarity import Rarity
from tracing.matching.names.similarity import (
    STRANGERS,
    UNLIKE,
    across_scripts,
    other_class,
    strangers,
    token_similarity,
)
from tracing.matching.names.tokens import Token

_WORDS: Final = 4
"""64-bit words of a token's sound signature: two tokens with a sound in common have a bit in common."""

_CLASSES: Final = 2
"""Variant classes of a token in the columns; hardly any has more."""

_LIKELY: Final = 0.55
"""Least share of letters in common (a bound on the Indel similarity) that spelling alone makes worth a look."""

MOST_PAIRS: Final = 1 << 21
"""Distinct token pairs remembered per vocabulary, 12 bytes each."""

Words = NDArray[np.uint64]


class Vocabulary:
    """Distinct tokens, numbered from 0. Add all tokens first; columns are made at the first comparison."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._rows: dict[int, int] = {}
        self._columns: Columns | None = None
        self._memo = Memo(1)

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
            self._memo = Memo(min(MOST_PAIRS, len(self.tokens) ** 2))
        return self._columns

    def rarities(self, frequencies: Rarity) -> Floats:
        """Rarity of each token in bits."""
        return np.array([frequencies.bits(token) for token in self.tokens], np.float32)

    def similarities(self, left: Ints, right: Ints, syllables: Flags) -> Floats:
        """Thousandths for each pair of rows; 0 where a row is negative (no token). Symmetric.

        `left` and `right` are of one shape, `syllables` (compare as words of one syllable) of the same or to be
        broadcast to it.
        """
        columns = self.columns
        low = np.minimum(left, right)
        high = np.maximum(left, right)
        found = np.where((low == high) & (low >= 0), np.float32(1000), np.float32(0))
        open_ = (low != high) & (low >= 0)
        codes = (low[open_].astype(np.int64) * len(self.tokens) + high[open_]) * 2
        codes += np.broadcast_to(syllables, low.shape)[open_]
        found[open_] = self._memo.ask(codes, lambda new: self._compared(columns, new))
        return found

    def _compared(self, columns: Columns, codes: Longs) -> Floats:
        """Thousandths of distinct pairs of different rows, looked at for the first time."""
        pairs, syllables = np.divmod(codes, 2)
        low, high = np.divmod(pairs, len(self.tokens))
        names = columns.words(low), columns.words(high)
        ratio = cpdist(*names, scorer=Indel.normalized_similarity, dtype=np.float64)
        small = ratio.astype(np.float32)
        found: Floats = np.float32(STRANGERS) * small * small
        worth = np.flatnonzero(columns.worth_a_look(low, high))
        if len(worth):
            found[worth] = self._by_rule(columns, low[worth], high[worth], syllables[worth] > 0, ratio[worth])
            self._hear(columns, found, worth, low, high)
        return found

    def _by_rule(self, columns: Columns, low: Longs, high: Longs, syllables: Flags, ratio: Doubles) -> Doubles:
        """What ``token_similarity`` says. The two commonest cases, plain names that differ, are told at once here."""
        plain = columns.plain[low] & columns.plain[high] & ~syllables & (columns.folded[low] != columns.folded[high])
        classed = (columns.classes[low, 0] >= 0) & (columns.classes[high, 0] >= 0)
        found = np.where(plain & classed & ~columns.share_class(low, high), other_class(ratio), -1.0)
        tokens, lone = self.tokens, np.flatnonzero(plain & ~classed)
        both = zip(low[lone].tolist(), high[lone].tolist(), strict=True)
        apart = np.array([tokens[one].sounds.isdisjoint(tokens[other].sounds) for one, other in both], np.bool_)
        unlike = lone[apart]
        names = columns.words(low[unlike]), columns.words(high[unlike])
        unlike = unlike[cpdist(*names, scorer=JaroWinkler.similarity, dtype=np.float64) < UNLIKE]
        found[unlike] = strangers(ratio[unlike])
        rest = np.flatnonzero(found < 0)
        rows = zip(low[rest].tolist(), high[rest].tolist(), syllables[rest].tolist(), strict=True)
        found[rest] = [token_similarity(tokens[one], tokens[other], syllabic) for one, other, syllabic in rows]
        return found

    def _hear(self, columns: Columns, found: Floats, worth: Longs, low: Longs, high: Longs) -> None:
        """Put in what the trained model says of those pairs that cross from a script to Latin."""
        tokens = self.tokens
        for script, places in columns.crosses(low[worth], high[worth]).items():
            at = worth[places]
            natives, latins = [], []
            for one, other in zip(low[at].tolist(), high[at].tolist(), strict=True):
                native, latin = (other, one) if tokens[one].script == "Latn" else (one, other)
                natives.append(tokens[native].folded if script == "Arab" else tokens[native].text)
                latins.append(tokens[latin].latin[0])
            heard = transliteration.similarity(script, natives, latins) * np.float32(1000)
            found[at] = across_scripts(found[at].astype(np.float64), heard.astype(np.float64))


class Columns:
    """Arrays over the tokens of a vocabulary."""

    def __init__(self, tokens: list[Token]) -> None:
        size = len(tokens)
        self.folded: Ints = np.zeros(size, np.int32)
        self.initial: Flags = np.zeros(size, np.bool_)
        self.odd: Flags = np.zeros(size, np.bool_)
        self.native: Ints = np.zeros(size, np.int32)
        self.classes: Ints = np.full((size, _CLASSES), -1, np.int32)
        self.letters: Words = np.zeros(size, np.uint64)
        self.length: Ints = np.zeros(size, np.int32)
        self.spelled: list[str] = [token.latin[0] if token.latin else token.folded for token in tokens]
        self.sounds: Words = np.zeros((size, _WORDS), np.uint64)
        spellings: dict[tuple[str, str], int] = {}
        self.scripts: dict[str, int] = {}
        self.patronymic: Flags = np.array([token.kind == "patronymic" for token in tokens], np.bool_)
        many: Flags = np.array([len(token.classes) > _CLASSES for token in tokens], np.bool_)
        for row, token in enumerate(tokens):
            self.folded[row] = spellings.setdefault((token.script, token.folded), len(spellings))
            if token.script != "Latn":
                self.native[row] = self.scripts.setdefault(token.script, len(self.scripts) + 1)
            self.initial[row] = token.kind == "initial"
            self.odd[row] = not token.latin or bool(token.parts)
            for place, number in enumerate(token.classes[:_CLASSES]):
                self.classes[row, place] = number
            self.letters[row] = np.uint64(_letter_bits(token))
            self.length[row] = min((len(reading) for reading in token.latin), default=len(token.folded))
            for word, bits in enumerate(_sound_bits(token)):
                self.sounds[row, word] = np.uint64(bits)
        self.plain: Flags = ~(self.odd | self.initial | self.patronymic | many)

    def words(self, rows: Longs) -> list[str]:
        """Main readings of rows."""
        return [self.spelled[row] for row in rows.tolist()]

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
        worth |= self.share_class(low, high)
        worth |= self.folded[low] == self.folded[high]
        worth |= (self.initial[low] | self.initial[high]) & (shared > 0)
        worth |= (self.odd[low] | self.odd[high]) & (shared * 2 >= np.minimum(lengths, other_lengths))
        return worth

    def share_class(self, low: Longs, high: Longs) -> Flags:
        """Which pairs have one of their first ``_CLASSES`` classes in common."""
        ones, others = self.classes[low], self.classes[high]
        out: Flags = ((ones[:, :, None] == others[:, None, :]) & (ones[:, :, None] >= 0)).any(axis=(1, 2))
        return out


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
