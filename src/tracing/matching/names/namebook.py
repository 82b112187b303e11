"""Name book: the distinct names of many persons as columns, made once, read by every comparison of names."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from tracing.matching.arrays import Flags, Growing, Ints, Ragged, Texts, meet, texts
from tracing.matching.names.grams import Grams
from tracing.matching.names.lists import words
from tracing.matching.names.reading import MOST_NAME_TOKENS, NameReading
from tracing.matching.names.sounds import main_skeleton
from tracing.matching.names.systems import CHAINS, FOREIGN, SYLLABIC
from tracing.matching.names.vocabulary import Vocabulary

SEXES: Final = {None: 0, "female": 1, "male": 2, "other": 3}
"""Numbers of the sexes in columns; 0 is silence."""


class NameBook:
    """Distinct names, numbered from 0. Add all names first; the columns are made at the first comparison."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.names: list[NameReading] = []
        self._tokens = Growing()
        self._rows: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._columns: NameColumns | None = None

    def row(self, name: NameReading) -> int:
        """Number of a name in this book."""
        rows = self._rows[name.system]
        row = rows.get(name.full)
        if row is None:
            row = rows[name.full] = len(self.names)
            self.names.append(name)
            self._tokens.add([self.vocabulary.row(token) for token in name.names])
            self._columns = None
        return row

    @cached_property
    def spellings(self) -> tuple[Texts, Texts, Texts]:
        """Per name: its words in the order written, with words sorted, with letters sorted.

        Made when first asked for; names added later are not in it.
        """
        told = [_words(name) for name in self.names]
        joined = ["".join(one) for one in told]
        return (
            texts(joined),
            texts(" ".join(sorted(one)) for one in told),
            texts("".join(sorted(one)) for one in joined),
        )

    @cached_property
    def grams(self) -> Grams:
        """Groups of letters of the words. Made when first asked for; names added later are not in it."""
        return Grams(map(_words, self.names))

    @property
    def columns(self) -> NameColumns:
        """One entry per name."""
        if self._columns is None:
            self._columns = NameColumns(self.names, self._tokens.packed())
        return self._columns


class NameColumns:
    """Arrays over the names of a book.

    Attributes:
        tokens: rows of the vocabulary, name-bearing tokens only; token_grid: the same, ``MOST_NAME_TOKENS`` wide and
            filled up with -1.
        size: how many there are.
        syllabic, chain: what the naming system makes of words and of their order.
        sex: told by a title, particle or patronymic; first_sex: by the first name (numbers of ``SEXES``).
        script: number of the first token's script.
        characters: written in Han or Hangul, which are cut into syllables as they stand; foreign: read for their
            sound alone, as one word.
        initials: whether any token is an initial; nisba: which tokens are Arabic names of origin, in the places of
            token_grid.
        skeleton_grid: main skeleton of each token, as a number; joined_skeletons: skeletons of neighbours written as
            one.
    """

    def __init__(self, names: list[NameReading], tokens: Ragged) -> None:
        numbers: dict[str, int] = {}

        def number(skeleton: str) -> int:
            return numbers.setdefault(skeleton, len(numbers))

        self.tokens = tokens
        self.size: Ints = self.tokens.counts.astype(np.int32)
        self.syllabic: Flags = np.array([name.system in SYLLABIC for name in names], np.bool_)
        self.chain: Flags = np.array([name.system in CHAINS for name in names], np.bool_)
        self.sex: Ints = np.array([SEXES[name.sex] for name in names], np.int32)
        self.first_sex: Ints = np.array([SEXES[name.names[0].sex] if name.names else 0 for name in names], np.int32)
        scripts = {code: number for number, code in enumerate(sorted({_script(name) for name in names}))}
        self.script: Ints = np.array([scripts[_script(name)] for name in names], np.int32)
        self.characters: Flags = np.array([_script(name) in ("Hani", "Hang") for name in names], np.bool_)
        self.foreign: Flags = np.array([name.system == FOREIGN for name in names], np.bool_)
        self.initials: Flags = np.array([name.initials for name in names], np.bool_)
        everybody = np.arange(len(names))
        self.token_grid = self.tokens.padded(everybody, MOST_NAME_TOKENS)
        self.nisba: Flags = Ragged.of(_nisbas(name) for name in names).padded(everybody, MOST_NAME_TOKENS) > 0
        self.skeleton_grid = Ragged.of(
            [number(token.skeletons[0]) if token.skeletons else -1 for token in name.names] for name in names
        ).padded(everybody, MOST_NAME_TOKENS)
        self.joined_skeletons = Ragged.of(
            list(dict.fromkeys(number(main_skeleton(text)) for _, _, text in name.joins)) for name in names
        )

    def may_agree(self, left: Ints, right: Ints) -> Flags:
        """Whether two names share a main skeleton at all; names of one person in full nearly always do."""
        width, other_width = (int(self.size[side].max(initial=0)) for side in (left, right))
        return meet(self.skeleton_grid[left, :width], self.skeleton_grid[right, :other_width])


_NISBA: Final = re.compile("[aeu]l[a-z]{2,}[iy]|ال.{2,}[يىی]")


def _nisbas(name: NameReading) -> list[int]:
    """Per name-bearing token 1 for an Arabic name of origin, which is known as such wherever it stands: Al-Azzawi."""
    article = words("article") if len(name.tokens) > len(name.names) else frozenset()
    behind = {two.number for one, two in pairwise(name.tokens) if one.folded in article}
    return [
        int(bool(_NISBA.fullmatch(token.text.lower())) or (token.number in behind and token.folded[-1:] in ("i", "y")))
        for token in name.names
    ]


def _words(name: NameReading) -> list[str]:
    """Words as two names of one script are held against each other: as written where a letter is a syllable or vowels
    are left out, as reading them only adds what both sides have in common; else their main readings.
    """
    return [token.latin[0] if token.latin and token.script not in _AS_WRITTEN else token.folded for token in name.names]


_AS_WRITTEN: Final = frozenset({"Arab", "Hebr", "Hani", "Hang"})


def _script(name: NameReading) -> str:
    return name.names[0].script if name.names else ""
