"""Compare names: align their tokens, count conflicts, look at the order, weigh by rarity.

All of it on arrays of pairs of names. The comparison levels go from ``exact`` down to ``different``; within a
level ``adjust`` gives further bits, all of them at least 0: up to one bit for the place inside the level, and
on agreement the rarity of what agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tracing.matching.arrays import Flags, Floats, Ints, Levels
from tracing.matching.names.align import Alignment, align, drop_rescues
from tracing.matching.names.joins import find_joined
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.order import order_penalty

LEVELS: Final[tuple[str, ...]] = (
    "exact", "equivalent", "similar", "likely", "partial", "doubtful", "conflicting", "different",
)  # fmt: skip
"""Comparison levels, best first; ``partial`` is the last one that speaks for one person."""

AGREEING: Final = LEVELS.index("partial") + 1
"""How many levels, from the first, are agreement."""

_FLOORS: Final = np.array((990, 920, 840, 740, 620, 450, 180, -10_000), np.float32)
"""Lowest similarity (thousandths) of each level."""

_CEILINGS: Final = np.array((1000, 990, 920, 840, 740, 620, 450, 180), np.float32)

COMMON_BITS: Final = 5.0
"""A name rarer than 1 in 32 adds to the weight where it agrees."""

RARITY_FACTOR: Final = 0.45
"""Share of a name's rarity that counts: names of one person are not independent."""

MOST_RARITY: Final = 12.0
"""Bits that rarity may add at most."""

MOST_ADJUST: Final = 1.0 + MOST_RARITY
"""The most that ``adjust`` can be: a bit for the place inside the level, and the cap on rarity."""

MISSING: Final = 0.25
"""A token that only one side has counts against by this share of its weight."""

CONFLICT: Final = 320.0
"""Thousandths off for each pair of tokens in conflict that have nothing in common, on top of their weight."""

FIRST_CONFLICT: Final = 60.0
"""Thousandths off when the first names of both sides are in conflict: brothers and sisters share the rest."""

_ONE_NAME: Final = 580.0
_ONE_NAME_PER_BIT: Final = 16.0
"""One name that agrees with part of a longer one is worth at most this, by its rarity."""

_INITIALS_ONLY: Final = 400.0
"""At most this when nothing but initials agrees."""

_INITIAL_WEIGHT: Final = 5.0
_NAME_WEIGHT: Final = 6.0
_NOTHING: Final = np.float32(-1000)
_WIDTHS: Final = (1, 2, 3, 4, 5, 6, 8, 12)
"""Names are compared in groups by the longer one's number of tokens, rounded up to one of these."""


@dataclass(slots=True)
class NameOutcomes:
    """Comparisons of P pairs of names: ``level`` (-1: a side has no name), ``adjust`` in bits, ``similarity``
    in thousandths as the levels are cut, at most 1000, possibly below 0.
    """

    level: Levels
    adjust: Floats
    similarity: Floats


def compare_names(book: NameBook, left: Ints, right: Ints, rarities: Floats) -> NameOutcomes:
    """Compare the names ``left[p]`` and ``right[p]`` of a book, for every p. Symmetric.

    Args:
        book: holds both.
        left, right: rows of the book.
        rarities: bits per token, as ``Vocabulary.rarities`` gives them.
    """
    sizes, other_sizes = book.columns.size[left], book.columns.size[right]
    made = NameOutcomes(
        np.full(len(left), -1, np.int8), np.zeros(len(left), np.float32), np.zeros(len(left), np.float32)
    )
    longest = np.maximum(sizes, other_sizes)
    shortest = np.minimum(sizes, other_sizes)
    below = 0
    for width in _WIDTHS:
        at = np.flatnonzero((longest > below) & (longest <= width) & (shortest > 0))
        below = width
        if len(at):
            _fill(made, at, *_compared(book, left[at], right[at], width, rarities))
    return made


def alignment(book: NameBook, left: int, right: int) -> Alignment:
    """How two names of a book, both with tokens, are aligned: for sentences."""
    one, other = np.array([left], np.int32), np.array([right], np.int32)
    width = int(max(book.columns.size[left], book.columns.size[right]))
    return _aligned(book, one, other, width)[0]


def _fill(made: NameOutcomes, at: Ints, score: Floats, rarity: Floats) -> None:
    level = (score[:, None] < _FLOORS[:-1]).sum(axis=1)
    inside = (score - _FLOORS[level]) / (_CEILINGS[level] - _FLOORS[level])
    far = level == len(_FLOORS) - 1
    inside = np.where(far, np.exp2((score - _CEILINGS[-1]) / 250), inside)
    inside[score <= _NOTHING] = 0
    thousandths = np.maximum(score, 0)
    adjust = inside + np.where(level < AGREEING, rarity * thousandths / 1000, 0)
    made.level[at] = level
    made.adjust[at] = adjust
    made.similarity[at] = thousandths


def _aligned(book: NameBook, left: Ints, right: Ints, width: int) -> tuple[Alignment, Ints, Ints]:
    columns, vocabulary = book.columns, book.vocabulary
    ones, others = columns.tokens.padded(left, width), columns.tokens.padded(right, width)
    syllables = columns.syllabic[left] & columns.syllabic[right]
    grid = np.broadcast_to(ones[:, :, None], (len(left), width, width))
    other_grid = np.broadcast_to(others[:, None, :], (len(left), width, width))
    similarities = vocabulary.similarities(grid, other_grid, syllables[:, None, None])
    found = align(similarities, columns.size[left], columns.size[right])
    if (columns.initials[left] | columns.initials[right]).any():
        drop_rescues(found, *_initials(book, ones, others))
    find_joined(book, left, right, found)
    return found, ones, others


def _initials(book: NameBook, ones: Ints, others: Ints) -> tuple[Flags, Flags]:
    initial = book.vocabulary.columns.initial
    return initial[ones] & (ones >= 0), initial[others] & (others >= 0)


def _compared(book: NameBook, left: Ints, right: Ints, width: int, rarities: Floats) -> tuple[Floats, Floats]:
    """(thousandths, bits of rarity) of names of at most ``width`` tokens."""
    found, ones, others = _aligned(book, left, right, width)
    initial, other_initial = _initials(book, ones, others)
    bits, other_bits = rarities[ones], rarities[others]
    weights = np.where(initial, np.float32(_INITIAL_WEIGHT), _NAME_WEIGHT + bits)
    other_weights = np.where(other_initial, np.float32(_INITIAL_WEIGHT), _NAME_WEIGHT + other_bits)
    partner = np.maximum(found.partner, 0)
    paired = found.partner >= 0
    shared = np.where(paired, np.minimum(weights, np.take_along_axis(other_weights, partner, axis=1)), np.float32(0))
    score = _similarity(found, shared, weights, other_weights)
    only_initials = ~(paired & ~initial & ~np.take_along_axis(other_initial, partner, axis=1)).any(axis=1)
    any_paired = paired.any(axis=1)
    score = np.where(any_paired & only_initials, np.minimum(score, _INITIALS_ONLY), score)
    score = np.where(any_paired, score - order_penalty(book.columns, left, right, found), score)
    score[~any_paired & ~(found.near > 0).any(axis=1)] = _NOTHING
    rare = np.minimum(bits, np.take_along_axis(other_bits, partner, axis=1)) - COMMON_BITS
    counts = (found.similarity >= 850) & ~initial & ~np.take_along_axis(other_initial, partner, axis=1)
    told = np.where(counts, np.maximum(rare, 0) * RARITY_FACTOR * found.similarity / 1000, np.float32(0))
    return score.astype(np.float32), np.minimum(told.sum(axis=1), MOST_RARITY).astype(np.float32)


def _similarity(found: Alignment, shared: Floats, weights: Floats, other_weights: Floats) -> Floats:
    """Thousandths before the order is looked at."""
    reached = found.similarity
    worth = np.where(reached >= 880, reached, 880 - 1.7 * (880 - reached))
    agreed, total = (shared * worth).sum(axis=1), shared.sum(axis=1)
    lone = -np.sort(-np.where(found.free, weights, np.float32(0)), axis=1)
    other_lone = -np.sort(-np.where(found.other_free, other_weights, np.float32(0)), axis=1)
    count, other_count = found.free.sum(axis=1), found.other_free.sum(axis=1)
    conflicts = np.minimum(count, other_count)
    in_conflict = np.arange(lone.shape[1]) < conflicts[:, None]
    against = np.where(in_conflict, np.maximum(lone, other_lone), 0).sum(axis=1)
    missing = np.where(in_conflict, 0, lone + other_lone).sum(axis=1)
    both_free = found.free & np.take_along_axis(found.other_free, np.maximum(found.near_partner, 0), axis=1)
    softened = np.where(both_free & (found.near_partner >= 0), found.near, 0).sum(axis=1) / 1000
    penalty = CONFLICT * np.maximum(0, conflicts - 1.2 * softened)
    penalty += np.where(found.free[:, 0] & found.other_free[:, 0], FIRST_CONFLICT, 0)
    over = total + against + MISSING * missing
    worth_all = (agreed + 400.0 * softened * _NAME_WEIGHT * (conflicts > 0)) / np.where(over > 0, over, 1)
    one_name = ((found.partner >= 0).sum(axis=1) == 1) & (conflicts == 0) & (count + other_count > 0)
    capped = np.minimum(worth_all, _ONE_NAME + _ONE_NAME_PER_BIT * (total - _NAME_WEIGHT))
    out: Floats = (np.where(one_name, capped, worth_all) - np.where(conflicts > 0, penalty, 0)).astype(np.float32)
    return out
