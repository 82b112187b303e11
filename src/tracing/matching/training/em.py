"""Expectation-maximisation of an emission table: align the pairs softly, count, smooth, again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.names.channel import (
    LONGEST_CHUNK,
    Alphabet,
    Chunks,
    Floats,
    Ints,
    Symbols,
    contexts,
    forward,
)
from tracing.matching.names.emissions import Counts, Table
from tracing.matching.names.learned import Learned, bigram_shares

BLOCK: Final = 2048
ROUNDS: Final = 5
"""Rounds per stage; the ranking on held-out names stops improving after four."""
MOST_CHUNKS: Final = 480
RAREST_CHUNK: Final = 4.0
"""Expected count below which a chunk of several symbols is dropped after the first stage."""
NEGLIGIBLE: Final = 0.01
OUTLIER: Final = 0.02
"""Share of pairs that are no transliterations of each other (a given name beside a family name)."""
OUTLIER_ODDS: Final = 16.0
"""Likelihood ratio by which such a pair still exceeds chance."""
RAREST_CONTEXT: Final = (0.0, 6.0, 12.0)
"""Least total count of a context per level to have a row of its own."""


def alphabet(words: Sequence[Symbols], rarest: int = 5) -> Alphabet:
    """Symbols that occur at least ``rarest`` times."""
    found, counts = np.unique([symbol for word in words for symbol in word], return_counts=True)
    return Alphabet(tuple(str(symbol) for symbol in found[counts >= rarest]))


def learn(sources: Sequence[Symbols], targets: Sequence[Symbols], say: Callable[[str], None]) -> Learned:
    """Train one direction on aligned words (none empty)."""
    left, right = alphabet(sources), alphabet(targets)
    table, sizes = left.encode(sources)
    before, own, after = contexts(table, sizes)
    target, target_sizes = right.encode(targets)
    letters = _letters(target, right.size)
    chunks = _all_chunks(target, target_sizes, right.size)
    codes = (before * left.size + own) * left.size + after
    data = _Data(codes, own, sizes, target, target_sizes)
    first = np.ones(left.size, dtype=bool)
    levels: tuple[Counts, ...] = ()
    for stage in range(3):
        for number in range(ROUNDS if stage < 2 else 2):
            emission = Table(levels or (_flat(left.size),), chunks, letters, first)
            keys, weights, bits = _expect(data, emission, chunks)
            if stage < 2:
                levels = (_level(keys, weights, chunks.size, left.size, 0, first),)
            else:
                levels = tuple(_level(keys, weights, chunks.size, left.size, depth, first) for depth in range(3))
            say(f"stage {stage + 1} round {number + 1}: {bits:.3f} bits per pair over chance, {chunks.size} chunks")
        if stage == 0:
            chunks, levels = _frequent(chunks, levels[0], right)
        if stage == 1:
            first = _more_telling(keys, weights, chunks.size, left.size)
    return Learned(left, right, chunks, letters, first, levels, bigram_shares(target, target_sizes, right.size))


@dataclass(frozen=True)
class _Data:
    codes: Ints
    own: Ints
    sizes: Ints
    target: Ints
    target_sizes: Ints


def _letters(target: Ints, size: int) -> NDArray[np.float64]:
    counts = np.bincount(target.ravel(), minlength=size).astype(np.float64) + 1.0
    counts[0] = 0.0
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def _all_chunks(target: Ints, sizes: Ints, base: int) -> Chunks:
    """The empty chunk, all single symbols, and what occurs at least three times."""
    found = [np.zeros(1, np.int64), np.arange(2, base, dtype=np.int64)]
    code = np.zeros_like(target)
    for k in range(1, min(LONGEST_CHUNK, target.shape[1]) + 1):
        places = target.shape[1] - k + 1
        code = code[:, :places] * base + target[:, k - 1 : k - 1 + places]
        if k > 1:
            seen, counts = np.unique(code[np.arange(places) + k <= sizes[:, None]], return_counts=True)
            found.append(seen[counts >= 3])
    return Chunks(np.concatenate(found), base)


def _flat(size: int) -> Counts:
    none = np.zeros(0, dtype=np.int32)
    return Counts(np.arange(2, size) * size, none, none, none.astype(np.float32), np.zeros(size - 2, np.float32))


def _level(keys: Ints, weights: Floats, width: int, size: int, depth: int, first: NDArray[np.bool_]) -> Counts:
    """Counts of one level from counts of (finest context x chunks + chunk)."""
    code, chunk = keys // width, keys % width
    before, own, after = code // (size * size), code // size % size, code % size
    if depth == 0:
        code = own * size
    elif depth == 1:
        code = np.where(first[own], own * size + after, (before * size + own) * size)
    if depth == 0:
        rows, row = np.arange(2, size) * size, own - 2
    else:
        rows, row = np.unique(code, return_inverse=True)
    total = np.bincount(row, weights=weights, minlength=len(rows))
    keep = total >= RAREST_CONTEXT[depth]
    renumber = np.cumsum(keep) - 1
    cell, back = np.unique(row * width + chunk, return_inverse=True)
    count = np.bincount(back, weights=weights, minlength=len(cell))
    used = keep[cell // width] & (count >= 0.05)
    return Counts(
        rows[keep],
        renumber[cell[used] // width].astype(np.int32),
        (cell[used] % width).astype(np.int32),
        count[used].astype(np.float32),
        total[keep].astype(np.float32),
    )


def _frequent(chunks: Chunks, level: Counts, right: Alphabet) -> tuple[Chunks, tuple[Counts, ...]]:
    """Keep the empty chunk, single symbols and the commonest others; renumber the counts."""
    total = np.bincount(level.chunk, weights=level.count, minlength=chunks.size)
    total[chunks.codes < chunks.base] = np.inf
    order = np.argsort(-total, kind="stable")[:MOST_CHUNKS]
    kept = np.sort(order[total[order] >= RAREST_CHUNK])
    renumber = np.full(chunks.size, -1, dtype=np.int32)
    renumber[kept] = np.arange(len(kept))
    used = renumber[level.chunk] >= 0
    lesser = Counts(level.keys, level.row[used], renumber[level.chunk[used]], level.count[used], level.total)
    return Chunks(chunks.codes[kept], chunks.base), (lesser,)


def _more_telling(keys: Ints, weights: Floats, width: int, size: int) -> NDArray[np.bool_]:
    """Per symbol, whether knowing the next symbol leaves less doubt about the chunk than knowing the previous one."""
    doubts = []
    for nxt in (True, False):
        level = _level(keys, weights, width, size, 1, np.full(size, nxt))
        share = level.count / level.total[level.row]
        own = level.keys // size % size if not nxt else level.keys // size
        doubts.append(
            np.bincount(own[level.row], weights=-level.count * np.log2(np.minimum(share, 1.0)), minlength=size)
        )
    return doubts[0] <= doubts[1]


def _expect(data: _Data, emission: Table, chunks: Chunks) -> tuple[Ints, Floats, float]:
    """Expected counts per (finest context × chunk), and the mean likelihood in bits over chance."""
    lookup = chunks.lookup()
    found: list[tuple[Ints, Floats]] = []
    bits = 0.0
    for picked in _blocks(data):
        width = int(data.target_sizes[picked].max())
        deep = int(data.sizes[picked].max())
        codes = data.codes[picked, :deep]
        size = emission.size
        rows = emission.rows(codes // (size * size), codes // size % size, codes % size).T
        cells = chunks.encode(data.target[picked, :width], data.target_sizes[picked], lookup).transpose(1, 2, 0)
        cells = np.ascontiguousarray(cells)
        alphas = forward(emission.ratios, np.ascontiguousarray(rows), cells)
        total = alphas[-1][data.target_sizes[picked], np.arange(len(picked))].astype(np.float64)
        bits += float(np.log2(np.maximum(total, 1e-18)).sum())
        trust = total * (1 - OUTLIER) / (total * (1 - OUTLIER) + OUTLIER * OUTLIER_ODDS)
        scale = np.where(total > 0, trust / np.maximum(total, 1e-30), 0.0)
        beta = np.zeros(cells.shape[1:])
        beta[data.target_sizes[picked], np.arange(len(picked))] = scale
        for place in range(deep - 1, -1, -1):
            beta = _step_back(emission.ratios, rows[place], codes[:, place], cells, alphas[place], beta, found, chunks)
    keys, back = np.unique(np.concatenate([k for k, _ in found]), return_inverse=True)
    weights = np.bincount(back, weights=np.concatenate([w for _, w in found]))
    return keys, weights.astype(np.float32), bits / len(data.sizes)


def _step_back(ratios: Floats, row: Ints, code: Ints, cells: Ints, alpha: Floats, beta: NDArray[np.float64],
               found: list[tuple[Ints, Floats]], chunks: Chunks) -> NDArray[np.float64]:  # fmt: skip
    """Beta one source place earlier; appends the posteriors of this place's arcs."""
    places = cells.shape[1]
    earlier = np.zeros_like(beta)
    real = code > 0
    for k in range(min(LONGEST_CHUNK, places - 1) + 1):
        reach = places - k
        arc = ratios[row, cells[k, :reach]] * beta[k:]
        earlier[:reach] += arc
        posterior = alpha[:reach] * arc
        where, pair = np.nonzero((posterior > NEGLIGIBLE) & real)
        found.append((code[pair] * chunks.size + cells[k, where, pair], posterior[where, pair].astype(np.float32)))
    return earlier


def _blocks(data: _Data) -> Iterator[Ints]:
    order = np.lexsort((data.target_sizes, data.sizes))
    for begin in range(0, len(order), BLOCK):
        yield order[begin : begin + BLOCK]
