"""What the alignment of two names shows, as numbers: the input of the trained score (``names/score.py``).

All arrays run over P pairs of names. None of them tells which side is which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA, Indel
from rapidfuzz.process import cpdist

from tracing.matching.arrays import Flags, Floats, Ints
from tracing.matching.names.align import Alignment
from tracing.matching.names.namebook import NameBook
from tracing.matching.names.order import order_penalty

COMMON_BITS: Final = 5.0
"""A name rarer than 1 in 32 adds to the weight where it agrees."""

AGREED: Final = 850.0
"""Thousandths from which a pair of tokens agrees, so that its rarity counts."""

LINEAR: Final = (
    "initials", "missing", "missing_rare", "conflicts", "many_conflicts", "first_conflict", "order", "other_chain",
    "single", "one_name", "in_order", "by_word", "by_word_squared", "by_word_near", "by_word_close", "letters",
    "letters_close", "one_edit", "two_edits", "edits", "other_script", "agreed", "rarest_agreed", "one_name_across",
    "grams", "grams_half", "grams_shorter", "grams_shorter_most",
)  # fmt: skip
"""Names of the features in ``Features.linear``, in their order:

initials: pairs of which one is an initial; missing: tokens that one side has and the other not, missing_rare their
rarity in bits; conflicts: pairs of tokens without a likeness; first_conflict: it is the first ones; order, other_chain:
``order_penalty`` up to and beyond a swap, in thousands; single: one token agrees with part of a longer name; one_name:
a side has one token; in_order, by_word, letters: likeness 0 … 1 of all letters in the order written, with words sorted,
with letters sorted; …_near, …_close: what of it is above .7, .85 (letters: .8); one_edit, two_edits, edits: slips of
the pen, counted up to 1, 2 and 4; all of them 0 across scripts, where the trained transliteration has spoken;
other_script: 1 there; agreed, rarest_agreed: rarity in bits of the tokens that agree, of all and of the rarest one;
one_name_across: one_name in two scripts; grams: likeness 0 … 1 of the groups of three letters by their rarity,
grams_shorter: share of the shorter name's groups that the other name has; …_half, …_most: what of it is above .5, .7;
all of them 0 across scripts.
"""


@dataclass(slots=True)
class Features:
    """Features of P pairs.

    Attributes:
        similarity: [P, K] thousandths of each pair of tokens; rare: the commoner one's rarity in bits.
        paired: [P, K] where there is such a pair and none of the two is an initial.
        strangers: [P] pairs of tokens that have nothing in common.
        lowest: [P] thousandths of the worst pair.
        agreed_rare: [P] bits above ``COMMON_BITS`` of the tokens that agree.
        linear: [P, len(LINEAR)].
        whole: [P] both names have the same tokens in the same order.
        given: [P] thousandths of the first tokens of both where they stand for each other, else 0.
        apart: [P] neither first token stands for any token of the other name.
    """

    similarity: Floats
    rare: Floats
    paired: Flags
    strangers: Ints
    stranger_rare: Floats
    missing_rare: Floats
    lowest: Floats
    agreed_rare: Floats
    linear: Floats
    whole: Flags
    given: Floats
    apart: Flags


def features(
    book: NameBook, left: Ints, right: Ints, found: Alignment, ones: Ints, others: Ints, rarities: Floats
) -> Features:
    """Features of the aligned names ``left[p]`` and ``right[p]``, whose token rows are ``ones`` and ``others``."""
    columns, vocabulary = book.columns, book.vocabulary.columns
    initial, other_initial = vocabulary.initial[ones] & (ones >= 0), vocabulary.initial[others] & (others >= 0)
    bits = np.where((ones >= 0) & ~initial, rarities[ones], np.float32(0))
    other_bits = np.where((others >= 0) & ~other_initial, rarities[others], np.float32(0))
    accepted = found.partner >= 0
    partner = np.where(accepted, found.partner, found.near_partner)
    similarity = np.where(accepted, found.similarity, found.near)
    any_pair = partner >= 0
    place = np.maximum(partner, 0)
    with_initial = any_pair & (initial | np.take_along_axis(other_initial, place, axis=1))
    paired = any_pair & ~with_initial
    rare = np.where(paired, np.minimum(bits, np.take_along_axis(other_bits, place, axis=1)), np.float32(0))
    free, other_free = _without_near(found)
    strangers, stranger_rare, missing, missing_rare = _alone(free, other_free, bits, other_bits)
    lowest = np.where(paired, similarity, np.float32(1000)).min(axis=1)
    lowest[strangers > 0] = 0
    agreed = paired & (similarity >= AGREED)
    agreed_rare = np.where(agreed, np.maximum(rare - np.float32(COMMON_BITS), 0), 0).sum(axis=1)
    agreed_bits = np.where(agreed, rare * similarity / np.float32(1000), np.float32(0))
    order = order_penalty(columns, left, right, found) / np.float32(1000)
    accepted_names = (accepted & ~with_initial).sum(axis=1)
    shorter = np.minimum(columns.size[left], columns.size[right])
    linear = np.column_stack(
        (
            with_initial.sum(axis=1),
            missing,
            missing_rare,
            strangers,
            strangers > 1,
            found.free[:, 0] & found.other_free[:, 0],
            np.minimum(order, 0.1),
            np.maximum(order - 0.1, 0),
            (accepted_names == 1) & (missing > 0),
            shorter == 1,
            *_spelling(book, left, right),
            agreed_bits.sum(axis=1),
            agreed_bits.max(axis=1),
            (shorter == 1) & (columns.script[left] != columns.script[right]),
            *_letters(book, left, right),
        )
    ).astype(np.float32)
    whole = (similarity >= 990).sum(axis=1) == np.maximum(columns.size[left], columns.size[right])
    return Features(
        similarity, rare, paired, strangers, stranger_rare, missing_rare, lowest, agreed_rare.astype(np.float32),
        linear, whole & (order == 0), np.where(partner[:, 0] == 0, similarity[:, 0], np.float32(0)),
        found.free[:, 0] & found.other_free[:, 0],
    )  # fmt: skip


def _without_near(found: Alignment) -> tuple[Flags, Flags]:
    """Tokens that have not even a distant likeness on the other side."""
    near = found.near_partner >= 0
    other_free = found.other_free.copy()
    which, row = np.nonzero(near)
    other_free[which, found.near_partner[which, row]] = False
    return found.free & ~near, other_free


def _alone(free: Flags, other_free: Flags, bits: Floats, other_bits: Floats) -> tuple[Any, ...]:
    """(strangers, their rarity, missing, their rarity): the rarest tokens without partner stand against each other."""
    lone = -np.sort(-np.where(free, bits, np.float32(0)), axis=1)
    other_lone = -np.sort(-np.where(other_free, other_bits, np.float32(0)), axis=1)
    count, other_count = free.sum(axis=1), other_free.sum(axis=1)
    strangers = np.minimum(count, other_count)
    against = np.arange(free.shape[1]) < strangers[:, None]
    stranger_rare = np.where(against, np.minimum(lone, other_lone), 0).sum(axis=1)
    missing_rare = np.where(against, 0, lone + other_lone).sum(axis=1)
    return strangers, stranger_rare, np.maximum(count, other_count) - strangers, missing_rare


def _spelling(book: NameBook, left: Ints, right: Ints) -> tuple[NDArray[Any], ...]:
    """All letters of both names, whatever the tokens say: a slip of the pen may part or join or turn anything."""
    columns = book.columns
    pairs = [(spelled[left], spelled[right]) for spelled in book.spellings]
    in_order, by_word, letters = (cpdist(*both, scorer=Indel.normalized_similarity, dtype=np.float32) for both in pairs)
    edits = cpdist(*pairs[0], scorer=OSA.distance, score_cutoff=4)
    edits = np.minimum(edits.astype(np.float32), 4)
    by_word = np.maximum(by_word, in_order)
    near, near_letters = np.maximum(by_word - np.float32(0.7), 0), np.maximum(letters - np.float32(0.8), 0)
    other_script = columns.script[left] != columns.script[right]
    likenesses = np.stack(
        (in_order, by_word, by_word * by_word, near, np.maximum(by_word - np.float32(0.85), 0), letters, near_letters,
         np.minimum(edits, 1), np.minimum(edits, 2), edits)
    )  # fmt: skip
    likenesses[:, other_script] = 0
    return *likenesses, other_script


def _letters(book: NameBook, left: Ints, right: Ints) -> tuple[Floats, ...]:
    """Groups of letters that both names have, wherever they stand."""
    cosine, share = book.grams.likeness(left, right)
    likenesses = np.stack((cosine, np.maximum(cosine - 0.5, 0), share, np.maximum(share - 0.7, 0)))
    likenesses[:, book.columns.script[left] != book.columns.script[right]] = 0
    return tuple(likenesses)
