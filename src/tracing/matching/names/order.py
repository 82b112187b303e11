"""What the order of the aligned names says: in a name chain another order is another generation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracing.matching.names.reading import NameReading
from tracing.matching.names.systems import CHAINS

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


def order_penalty(one: NameReading, other: NameReading, places: Sequence[tuple[int, int, int]]) -> float:
    """Thousandths to take off for the order of the aligned places (sorted by the left place); symmetric."""
    off = OTHER_SEX if one.sex and other.sex and one.sex != other.sex else 0.0
    if len(places) < 2:
        return off
    before = -1
    for _, there, _ in places:
        if there < before:
            break
        before = there
    else:
        return off
    if _sexes_swapped(one, other, places):
        return off + OTHER_SEX
    if not (one.system in CHAINS or other.system in CHAINS):
        return off + DISORDER
    return off + _chain_penalty(places, len(one.names), len(other.names))


def _sexes_swapped(one: NameReading, other: NameReading, places: Sequence[tuple[int, int, int]]) -> bool:
    """José María and María José: the first of two given names tells the sex."""
    first, second = places[0][:2], places[1][:2]
    if (first, second) != ((0, 1), (1, 0)) or len(places) < 3:
        return False
    return bool(one.names[0].sex and other.names[0].sex and one.names[0].sex != other.names[0].sex)


def _chain_penalty(places: Sequence[tuple[int, int, int]], size: int, other_size: int) -> float:
    first = places[0]
    if first[0] == 0 and first[1] == 0:
        return DISORDER * 3
    if size == other_size == 2:
        return SWAPPED_PAIR
    if size == other_size and first[:2] == (0, 1) and places[1][:2] == (1, 0):
        return SWAPPED_HEAD
    return OTHER_GENERATION
