"""Compare a native token with a Latin one by sound, and read it in Latin letters: the trained model of section 3.1.

Two noisy channels per script, one in each direction, learned from name lists (``matching/training``): their mean
is a log2 likelihood ratio of *one name in two scripts* against *two names drawn alone*. Right pairs reach some 2.5 bits
per letter, others lie below 0, at any length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

from tracing.matching.names.beam import Reader
from tracing.matching.names.channel import Floats, Ints, contexts, score
from tracing.matching.names.emissions import Table
from tracing.matching.names.fold import fold
from tracing.matching.names.learned import Learned, unpack
from tracing.matching.names.symbols import MODELS, symbols

FLOOR: Final = -40.0
"""Lowest likeness in bits; also that of tokens without a letter of the script, and of more than 40 symbols."""


def supported(script: str) -> bool:
    """Whether a model for the script (ISO 15924) is there."""
    return script in MODELS


def likeness(script: str, natives: Sequence[str], latins: Sequence[str]) -> Floats:
    """Log2 likelihood ratio in bits of each aligned pair, ``FLOOR`` … about 100; over 0 speaks for one name.

    Pass native tokens as they were written: the model folds them more finely than ``fold`` (long marks, й and ь tell);
    folded ones work, a little worse. Raises ``KeyError`` for a script without a model.
    """
    return model(MODELS[script]).likeness(script, natives, latins)


def similarity(script: str, natives: Sequence[str], latins: Sequence[str]) -> Floats:
    """Probability-like similarity 0 … 1 of each aligned pair: 0.5 = as often one name as not among tokens that a
    blocking key brought together. Raises ``KeyError`` for a script without a model.
    """
    return model(MODELS[script]).similarity(script, natives, latins)


def readings(script: str, native: str, n: int = 4) -> tuple[str, ...]:
    """At most ``n`` Latin readings (a-z), likeliest first, no two with the same consonants; empty without letters.

    Raises ``KeyError`` for a script without a model.
    """
    return model(MODELS[script]).reader.read(symbols(native, script), n)


@cache
def model(name: str) -> Model:
    """The model of one script, read from ``matching/data`` when first asked for."""
    path = files("tracing.matching.data").joinpath(f"transliteration_{name.lower()}.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return Model(unpack(stored, "latin"), unpack(stored, "native"), tuple(stored["calibration"].tolist()))


@dataclass
class Channel:
    """One direction, ready for use."""

    learned: Learned
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        self.table = self.learned.table()
        self._lookup = self.learned.chunks.lookup()

    def bits(self, sources: tuple[Ints, Ints], targets: tuple[Ints, Ints], pairs: tuple[Ints, Ints]) -> Floats:
        """Log2 of P(target | source) / P(target) of each pair of encoded words, ``FLOOR`` at the lowest."""
        learned = self.learned
        left, sizes = sources
        right, right_sizes = targets
        rows = self.table.rows(*contexts(left, sizes))
        cells = learned.chunks.encode(right, right_sizes, self._lookup)
        ratio = score(self.table.ratios, (rows, sizes), (cells, right_sizes), pairs)
        gain = learned.background_gain(right, right_sizes)
        bits = np.log2(np.maximum(ratio, np.float32(1e-37))) - gain[pairs[1]]
        bits[(sizes[pairs[0]] == 0) | (right_sizes[pairs[1]] == 0)] = FLOOR
        return np.maximum(bits, FLOOR).astype(np.float32)


@dataclass
class Model:
    """Both directions of one script, which share their two alphabets, and the calibration of their mean."""

    latin: Learned
    native: Learned
    calibration: tuple[float, ...]
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self._to_latin, self._to_native = Channel(self.latin), Channel(self.native)
        self.reader = Reader(self.latin, self._to_latin.table)

    def likeness(self, script: str, natives: Sequence[str], latins: Sequence[str]) -> Floats:
        return self._compare(script, natives, latins)[0]

    def similarity(self, script: str, natives: Sequence[str], latins: Sequence[str]) -> Floats:
        bits, sizes = self._compare(script, natives, latins)
        slope, per_letter, start = self.calibration
        odds = slope * bits + per_letter * np.minimum(sizes, 12) + start
        found = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        found[bits <= FLOOR] = 0.0
        return found.astype(np.float32)

    def _compare(self, script: str, natives: Sequence[str], latins: Sequence[str]) -> tuple[Floats, Ints]:
        """Likeness and Latin length of each pair; every distinct token is read once."""
        if len(natives) != len(latins):
            message = f"{len(natives)} native tokens but {len(latins)} Latin ones"
            raise ValueError(message)
        left, left_numbers = _distinct(natives)
        right, right_numbers = _distinct(latins)
        native = self.latin.sources.encode([symbols(text, script) for text in left])
        latin = self.latin.targets.encode([fold(text, "Latn") for text in right])
        bits = (self._to_latin.bits(native, latin, (left_numbers, right_numbers))
                + self._to_native.bits(latin, native, (right_numbers, left_numbers))) / 2  # fmt: skip
        return bits.astype(np.float32), latin[1][right_numbers]


def _distinct(texts: Sequence[str]) -> tuple[list[str], Ints]:
    """Distinct texts in order of appearance, and the number of each text."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(text, len(numbers)) for text in texts]
    return list(numbers), np.array(found, dtype=np.int64)
