"""Align the tokens of two names: best pairs first, conflicts where both sides keep a token without partner.

Everything here works on arrays of pairs of names: similarities are ``[pairs, K, K]`` in thousandths, K being
at least the longer name's number of tokens, with 0 where a name has no token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Ints

ACCEPTED: Final = 500.0
"""Tokens less alike than this are no pair."""

NEAR: Final = 20.0
"""Tokens less alike than this have nothing in common; between the two they are a conflict, but a milder one.
"""

_NEVER: Final = np.float32(-1e9)


@dataclass(slots=True)
class Alignment:
    """Which token stands for which, over P pairs of names.

    Attributes:
        partner: [P, K] place on the right of each place on the left, -1 without.
        similarity: [P, K] thousandths of that pair; 0 without.
        near: [P, K] likeness of tokens that are no pair, but not strangers either; the same for both sides.
        near_partner: [P, K] their places on the right.
        free, other_free: [P, K] tokens that exist and have no partner.
    """

    partner: Ints
    similarity: Floats
    near: Floats
    near_partner: Ints
    free: Flags
    other_free: Flags


def align(similarities: Floats, sizes: NDArray[Any], other_sizes: NDArray[Any]) -> Alignment:
    """Take the best pair, then the best of what is left; near places first among equals. Symmetric."""
    pairs, width = similarities.shape[:2]
    places = np.arange(width)
    distance = np.abs(places[:, None] - places) + 0.01 * (places[:, None] + places)
    rest = similarities * np.float32(16) - distance.astype(np.float32)
    rest[similarities < NEAR] = _NEVER
    partner = np.full((pairs, width), -1, np.int32)
    reached = np.zeros((pairs, width), np.float32)
    live = np.arange(pairs)
    for _ in range(width):
        flat = rest.reshape(len(live), -1)
        best = flat.argmax(axis=1)
        at = np.arange(len(live))
        going = flat[at, best] > _NEVER
        if not going.all():
            live, rest, best = live[going], rest[going], best[going]
            at = at[: len(live)]
        if not len(live):
            break
        rows, columns = np.divmod(best, width)
        partner[live, rows] = columns
        reached[live, rows] = similarities[live, rows, columns]
        rest[at, rows, :] = _NEVER
        rest[at, :, columns] = _NEVER
    free = places < np.asarray(sizes)[:, None]
    other_free = places < np.asarray(other_sizes)[:, None]
    accepted = reached >= ACCEPTED
    near = np.where(accepted, np.float32(0), reached)
    near_partner = np.where(accepted, np.int32(-1), partner)
    partner = np.where(accepted, partner, np.int32(-1))
    free &= ~accepted
    which, row = np.nonzero(accepted)
    other_free[which, partner[which, row]] = False
    return Alignment(partner, np.where(accepted, reached, np.float32(0)), near, near_partner, free, other_free)


def drop_rescues(found: Alignment, initial: Flags, other_initial: Flags) -> None:
    """An initial does not answer for a name while its own side keeps a whole name without partner.

    `found` is changed in place; `initial` and `other_initial` are [P, K]: which tokens are initials.
    """
    lone: Flags = (found.free & ~initial).any(axis=1, keepdims=True)
    other_lone: Flags = (found.other_free & ~other_initial).any(axis=1, keepdims=True)
    paired = found.partner >= 0
    theirs = np.take_along_axis(other_initial, np.maximum(found.partner, 0), axis=1) & paired
    ours = initial & paired
    gone = paired & (ours != theirs) & ((ours & lone) | (theirs & other_lone))
    which, row = np.nonzero(gone)
    found.other_free[which, found.partner[which, row]] = True
    found.free[which, row] = True
    found.partner[gone] = -1
    found.similarity[gone] = 0
