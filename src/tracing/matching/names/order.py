"""What the order of the aligned names says: in a name chain another order is another generation."""

from __future__ import annotations

from typing import Final

import numpy as np

from tracing.matching.arrays import Flags, Floats, Ints
from tracing.matching.names.align import Alignment
from tracing.matching.names.namebook import NameColumns

SWAPPED_PAIR: Final = 60.0
"""Two names the other way round in a chain: a clerk's swap of given and father's name, or father and son."""

SWAPPED_HEAD: Final = 190.0
"""Given and father's name swapped before further names in place."""

OTHER_GENERATION: Final = 400.0
"""A rotated or shifted chain: Ali Hassan Mohamed and Hassan Mohamed Ali."""

OTHER_SEX: Final = 420.0
"""Bint against bin, Thi against Van, Petrovna against Petrovych."""

DISORDER: Final = 15.0
"""Another order where order means little: given and family name swapped."""


def order_penalty(columns: NameColumns, left: Ints, right: Ints, found: Alignment) -> Floats:
    """Thousandths to take off each pair of names for the order of what is aligned; symmetric."""
    sexes, others = columns.sex[left], columns.sex[right]
    off = np.where((sexes > 0) & (others > 0) & (sexes != others), np.float32(OTHER_SEX), np.float32(0))
    disorder = _disordered(found.partner)
    if not disorder.any():
        return off
    at = np.flatnonzero(disorder)
    ones, twos, partner = left[at], right[at], found.partner[at]
    first, second, count = _first_two(partner)
    chain = columns.chain[ones] | columns.chain[twos]
    size, other_size = columns.size[ones], columns.size[twos]
    crossed = (first[0] == 0) & (first[1] == 1) & (second[0] == 1) & (second[1] == 0)
    penalty = np.full(len(at), OTHER_GENERATION, np.float32)
    penalty[(size == other_size) & crossed] = SWAPPED_HEAD
    penalty[(size == 2) & (other_size == 2)] = SWAPPED_PAIR
    penalty[(first[0] == 0) & (first[1] == 0)] = DISORDER * 3
    apart_from_origin = np.where(columns.nisba[ones][:, : partner.shape[1]], -1, partner)
    penalty[~chain | ~_disordered(apart_from_origin)] = DISORDER
    sex, other_sex = columns.first_sex[ones], columns.first_sex[twos]
    swapped_sex = crossed & (count > 2) & (sex > 0) & (other_sex > 0) & (sex != other_sex)
    penalty[swapped_sex] = OTHER_SEX
    off[at] += penalty
    return off


def _disordered(partner: Ints) -> Flags:
    """Whether the places on the right do not rise with those on the left."""
    highest = np.maximum.accumulate(partner, axis=1)
    falls: Flags = (partner[:, 1:] >= 0) & (partner[:, 1:] < highest[:, :-1])
    return np.asarray(falls.any(axis=1))


def _first_two(partner: Ints) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], Ints]:
    """(place, partner) of the first and of the second aligned token, and how many there are (at least two)."""
    aligned = partner >= 0
    order = np.argsort(~aligned, axis=1, kind="stable")[:, :2].astype(np.int32)
    partners = np.take_along_axis(partner, order, axis=1)
    return (order[:, 0], partners[:, 0]), (order[:, 1], partners[:, 1]), aligned.sum(axis=1).astype(np.int32)
