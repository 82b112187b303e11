"""One learned direction of a transliteration model, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracing.matching.names.channel import EDGE, PAD, Alphabet, Chunks, Ints
from tracing.matching.names.emissions import Counts, Table

Array = NDArray[Any]


@dataclass(frozen=True)
class Learned:
    """Counts of what each source symbol emits, and how target words are spelled by themselves."""

    sources: Alphabet
    targets: Alphabet
    chunks: Chunks
    letters: NDArray[np.float64]
    """Probability of each target symbol."""
    first: NDArray[np.bool_]
    """Per source symbol, whether the next symbol is its more telling neighbour."""
    levels: tuple[Counts, ...]
    bigrams: NDArray[np.float64]
    """Probability of a target symbol (or ``EDGE``) after another (or ``EDGE``)."""

    def table(self) -> Table:
        return Table(self.levels, self.chunks, self.letters, self.first)

    def background_gain(self, words: Ints, sizes: Ints) -> NDArray[np.float64]:
        """Bits by which each target word is likelier by its bigrams than by its symbols alone."""
        safe = np.where(words == PAD, EDGE, words)
        before = np.concatenate([np.full((len(words), 1), EDGE), safe], axis=1)
        after = np.concatenate([safe, np.full((len(words), 1), EDGE)], axis=1)
        single = np.log2(np.where(after == EDGE, 1.0, self.letters[after]))
        bits = np.log2(self.bigrams)[before, after] - single
        inside: NDArray[np.float64] = np.where(np.arange(after.shape[1]) <= sizes[:, None], bits, 0.0).sum(axis=1)
        return inside


def bigram_shares(words: Ints, sizes: Ints, size: int) -> NDArray[np.float64]:
    """Smoothed bigram probabilities (before × after) of padded words."""
    safe = np.where(words == PAD, EDGE, words)
    before = np.concatenate([np.full((len(words), 1), EDGE), safe], axis=1)
    after = np.concatenate([safe, np.full((len(words), 1), EDGE)], axis=1)
    inside = np.arange(after.shape[1]) <= sizes[:, None]
    counts = np.bincount((before * size + after)[inside], minlength=size * size).reshape(size, size).astype(np.float64)
    single = (counts.sum(axis=0) + 1) / (counts.sum() + size)
    shares: NDArray[np.float64] = (counts + 10 * single) / (counts.sum(axis=1, keepdims=True) + 10)
    return shares


def pack(learned: Learned, name: str) -> dict[str, Array]:
    """Arrays to store, their names beginning with ``name``: counts as 16-bit floats, rows as cells per row."""
    out: dict[str, Array] = {
        "sources": np.array(learned.sources.symbols),
        "targets": np.array(learned.targets.symbols),
        "codes": learned.chunks.codes.astype(np.int32),
        "letters": learned.letters.astype(np.float32),
        "first": learned.first,
        "bigrams": learned.bigrams.astype(np.float32).astype(np.float16),
    }
    for depth, level in enumerate(learned.levels):
        out[f"keys{depth}"] = np.diff(level.keys, prepend=0).astype(np.int64)
        out[f"cells{depth}"] = np.bincount(level.row, minlength=len(level.keys)).astype(np.uint16)
        out[f"chunk{depth}"] = level.chunk.astype(np.uint16)
        out[f"count{depth}"] = np.minimum(level.count, 60000).astype(np.float16)
        out[f"total{depth}"] = level.total.astype(np.float32)
    return {f"{name}_{key}": value for key, value in out.items()}


def unpack(stored: Mapping[str, Array], name: str) -> Learned:
    """What ``pack`` stored."""
    sources = Alphabet(tuple(stored[f"{name}_sources"].tolist()))
    targets = Alphabet(tuple(stored[f"{name}_targets"].tolist()))
    levels = tuple(_level(stored, name, depth) for depth in range(3))
    return Learned(
        sources,
        targets,
        Chunks(stored[f"{name}_codes"].astype(np.int64), targets.size),
        stored[f"{name}_letters"].astype(np.float64),
        stored[f"{name}_first"],
        levels,
        np.maximum(stored[f"{name}_bigrams"].astype(np.float64), 1e-7),
    )


def _level(stored: Mapping[str, Array], name: str, depth: int) -> Counts:
    cells = stored[f"{name}_cells{depth}"]
    return Counts(
        np.cumsum(stored[f"{name}_keys{depth}"].astype(np.int64)),
        np.repeat(np.arange(len(cells), dtype=np.int32), cells),
        stored[f"{name}_chunk{depth}"].astype(np.int32),
        stored[f"{name}_count{depth}"].astype(np.float32),
        stored[f"{name}_total{depth}"],
    )
