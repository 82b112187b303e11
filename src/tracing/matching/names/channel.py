"""A noisy channel from the symbols of one writing to those of another: a learned stochastic edit distance.

Every source symbol emits a *chunk* of 0 to 3 target symbols; how likely each chunk is depends on the symbol and its two
neighbours. Probabilities stand as ratios to a background of independent target symbols, so that a right pair gives
a number far over 1 and 32-bit floats suffice. The forward sum runs over positions, for all pairs at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PAD: Final = 0
"""Source symbol after the end of a word (emits nothing, at no cost) and target symbol after its end."""
EDGE: Final = 1
"""Source context: before the first and after the last symbol."""
UNKNOWN: Final = 2
"""A symbol that training did not know, on either side."""
FIRST_SYMBOL: Final = 3
LONGEST_CHUNK: Final = 3
MOST_SYMBOLS: Final = 40
"""Longer tokens are no names: they get the floor."""
BLOCK: Final = 1024
"""Pairs per block: its arrays fit into the second-level cache."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Symbols = Sequence[str]


@dataclass(frozen=True)
class Alphabet:
    """The symbols of one side, numbered from ``FIRST_SYMBOL``."""

    symbols: tuple[str, ...]

    @property
    def size(self) -> int:
        return FIRST_SYMBOL + len(self.symbols)

    def encode(self, words: Sequence[Symbols]) -> tuple[Ints, Ints]:
        """Numbers (words × longest word, at least 1), padded, and lengths; words over ``MOST_SYMBOLS`` are empty."""
        number = {symbol: place for place, symbol in enumerate(self.symbols, FIRST_SYMBOL)}
        kept = [word if len(word) <= MOST_SYMBOLS else () for word in words]
        sizes = np.array([len(word) for word in kept], dtype=np.int64)
        table = np.zeros((len(kept), max(1, int(sizes.max(initial=0)))), dtype=np.int64)
        table[np.arange(table.shape[1]) < sizes[:, None]] = [number.get(x, UNKNOWN) for word in kept for x in word]
        return table, sizes


@dataclass(frozen=True)
class Chunks:
    """The target chunks a source symbol may emit: number 0 is the empty one, ``size`` marks an impossible one."""

    codes: Ints
    """Code of each chunk: its target numbers as digits in base ``base``, low positions last."""
    base: int

    @property
    def size(self) -> int:
        return len(self.codes)

    def lookup(self) -> NDArray[np.int32]:
        """Chunk number per code."""
        table = np.full(self.base**LONGEST_CHUNK, self.size, dtype=np.int32)
        table[self.codes] = np.arange(self.size)
        return table

    def encode(self, targets: Ints, sizes: Ints, lookup: NDArray[np.int32]) -> Ints:
        """Chunk numbers (words × ``LONGEST_CHUNK`` + 1 × places): the chunk of k symbols that begins at a place."""
        count, longest = targets.shape
        out = np.full((count, LONGEST_CHUNK + 1, longest + 1), self.size, dtype=np.int64)
        out[:, 0, :] = 0
        code = np.zeros((count, longest), dtype=np.int64)
        for k in range(1, min(LONGEST_CHUNK, longest) + 1):
            places = longest - k + 1
            code = code[:, :places] * self.base + targets[:, k - 1 : k - 1 + places]
            found = lookup[code]
            out[:, k, :places] = np.where(np.arange(places) + k <= sizes[:, None], found, self.size)
        return out


def contexts(sources: Ints, sizes: Ints) -> tuple[Ints, Ints, Ints]:
    """Previous, own and next symbol of every place, ``EDGE`` outside the word; ``PAD`` throughout where padded."""
    before = np.concatenate([np.full((len(sources), 1), EDGE), sources[:, :-1]], axis=1)
    after = np.concatenate([sources[:, 1:], np.full((len(sources), 1), PAD)], axis=1)
    places = np.arange(sources.shape[1])
    after = np.where(places == sizes[:, None] - 1, EDGE, after)
    padded = places >= sizes[:, None]
    return np.where(padded, PAD, before), np.where(padded, PAD, sources), np.where(padded, PAD, after)


def score(emission: Floats, sources: tuple[Ints, Ints], targets: tuple[Ints, Ints], pairs: tuple[Ints, Ints]) -> Floats:
    """Likelihood ratio of each pair (source number, target number).

    ``sources``: emission rows (words × places) and lengths; ``targets``: chunk numbers (as ``Chunks.encode`` gives
    them) and lengths. 0 where no path exists; at most the largest float.
    """
    rows, row_sizes = sources
    cells, cell_sizes = targets
    out = np.empty(len(pairs[0]), dtype=np.float32)
    order = np.lexsort((cell_sizes[pairs[1]], row_sizes[pairs[0]]))
    for begin in range(0, len(order), BLOCK):
        picked = order[begin : begin + BLOCK]
        left, right = pairs[0][picked], pairs[1][picked]
        depth, width = int(row_sizes[left].max()), int(cell_sizes[right].max())
        row = np.ascontiguousarray(rows[left, :depth].T)
        cell = np.ascontiguousarray(cells[right, :, : width + 1].transpose(1, 2, 0))
        with np.errstate(over="ignore"):
            total = forward(emission, row, cell)[-1]
        out[picked] = total[cell_sizes[right], np.arange(len(picked))]
    return np.minimum(out, np.finfo(np.float32).max)


def forward(emission: Floats, rows: Ints, chunks: Ints) -> list[Floats]:
    """Forward sums after 0, 1, ... all source places, each (target places × pairs).

    ``emission`` is (rows × chunks + 1), the last column 0; ``rows`` (source places × pairs) are its rows;
    ``chunks`` (``LONGEST_CHUNK`` + 1 × target places × pairs) its columns.
    """
    flat = emission.ravel()
    width = emission.shape[1]
    places = chunks.shape[1]
    alpha = np.zeros(chunks.shape[1:], dtype=np.float32)
    alpha[0] = 1.0
    steps = [alpha]
    for row in rows:
        base = row * width
        grown = alpha * flat[base]
        reach = min(places, LONGEST_CHUNK * len(steps) + 1)
        begin = min(places, LONGEST_CHUNK * (len(steps) - 1) + 1)
        for k in range(1, min(LONGEST_CHUNK, places - 1) + 1):
            stop = min(begin, reach - k, places - k)
            if stop > 0:
                grown[k : k + stop] += alpha[:stop] * flat.take(base + chunks[k, :stop])
        alpha = grown
        steps.append(alpha)
    return steps
