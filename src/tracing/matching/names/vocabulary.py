"""Vocabulary: the distinct tokens of many names as columns, and how alike any two of them are.

Every distinct pair of tokens is looked at once. Most pairs have nothing in common, which the columns show
without a look at the letters; only the rest goes through the rules of ``similarity``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from tracing.matching.arrays import Flags, Floats, Ints, Longs
from tracing.matching.names import transliteration
from tracing.matching.names.columns import Columns
from tracing.matching.names.memo import Memo
from tracing.matching.names.rarity import Rarity
from tracing.matching.names.similarity import STRANGERS, Met, across_scripts, by_rule, spelled_alike
from tracing.matching.names.tokens import Token

MOST_PAIRS: Final = 1 << 21
"""Distinct token pairs remembered per vocabulary, 8 bytes each."""

_LEAST_WITH_ARTICLE: Final = 6
"""Letters of a Latin word that may hold an article: Alamin, not Ali nor Alam."""


class Vocabulary:
    """Distinct tokens, numbered from 0. Add all tokens first; columns are made at the first comparison."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self._rows: dict[int, int] = {}
        self._columns: Columns | None = None
        self._memo = Memo(1, 1)

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
            self._memo = Memo(MOST_PAIRS, 2 * len(self.tokens) ** 2)
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
        ratio = spelled_alike(columns, low, high)
        small = ratio.astype(np.float32)
        found: Floats = np.float32(STRANGERS) * small * small
        worth = np.flatnonzero(columns.worth_a_look(low, high))
        if len(worth):
            found[worth] = by_rule(Met(columns, low[worth], high[worth], syllables[worth] > 0, ratio[worth]))
            self._hear(columns, found, worth, low, high)
        return found

    def _hear(self, columns: Columns, found: Floats, worth: Longs, low: Longs, high: Longs) -> None:
        """Put in what the trained model says of those pairs that cross from a script to Latin."""
        for script, places in columns.crosses(low[worth], high[worth]).items():
            at = worth[places]
            is_native = columns.native[low[at]] > 0
            native, latin = np.where(is_native, low[at], high[at]), np.where(is_native, high[at], low[at])
            natives, latins = columns.heard[native].tolist(), columns.spelled[latin].tolist()
            heard = transliteration.similarity(script, natives, latins) * np.float32(1000)
            if script == "Arab":
                self._hear_behind_article(heard, native, latin)
            found[at] = across_scripts(found[at].astype(np.float64), heard.astype(np.float64))

    def _hear_behind_article(self, heard: Floats, native: Longs, latin: Longs) -> None:
        """Arabic words are read without their article: hear Latin ones without theirs as well, and keep the better."""
        columns = self.columns
        at = np.flatnonzero(columns.article[latin] & (columns.length[latin] >= _LEAST_WITH_ARTICLE))
        if len(at):
            bare = [word[2:] for word in columns.spelled[latin[at]]]
            without = transliteration.similarity("Arab", columns.heard[native[at]].tolist(), bare) * np.float32(1000)
            heard[at] = np.maximum(heard[at], without)
