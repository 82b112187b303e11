"""Find names that one side writes joined and the other apart: Nurmohammad and Nur Mohammad, Benali and Ben Ali."""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import Indel

from tracing.matching.names.reading import NameReading
from tracing.matching.names.sounds import skeletons

JOINED: Final = 900
"""Similarity (thousandths) of a name with its two halves written apart, when the spelling is nearly the same."""

_CLOSE: Final = 0.8


def joined_places(
    one: NameReading, other: NameReading, free: list[bool], other_free: list[bool]
) -> list[tuple[int, int, int]]:
    """Places joined; marks every token used in ``free`` and ``other_free``. The first half stands for both."""
    found = _halves(one, other, free, other_free)
    return found + [(i, j, similarity) for j, i, similarity in _halves(other, one, other_free, free)]


def _halves(
    whole: NameReading, apart: NameReading, free: list[bool], apart_free: list[bool]
) -> list[tuple[int, int, int]]:
    found = []
    for i, is_free in enumerate(free):
        if not is_free or not whole.names[i].latin:
            continue
        text = whole.names[i].latin[0]
        for j, size, halves in _joins(apart, apart_free):
            if apart_free[j] and apart_free[j + size - 1] and _same(text, halves):
                free[i] = False
                for used in range(j, j + size):
                    apart_free[used] = False
                found.append((i, j, JOINED))
                break
    return found


def _joins(apart: NameReading, free: list[bool]) -> list[tuple[int, int, str]]:
    """(first place, number of names, joined text) of free neighbours and of a free name with the particle before it."""
    names = apart.names
    joins = []
    for j, is_free in enumerate(free):
        if is_free and names[j].latin:
            if j + 1 < len(names) and free[j + 1] and names[j + 1].latin:
                joins.append((j, 2, names[j].latin[0] + names[j + 1].latin[0]))
                if j + 2 < len(names) and free[j + 2] and names[j + 2].latin:
                    joins.append((j, 3, joins[-1][2] + names[j + 2].latin[0]))
            prefix = _particles_before(apart, j)
            if prefix:
                joins.append((j, 1, prefix + names[j].latin[0]))
    return joins


def _particles_before(reading: NameReading, place: int) -> str:
    at = next(i for i, token in enumerate(reading.tokens) if token is reading.names[place])
    prefix = ""
    while at > 0 and reading.tokens[at - 1].kind == "particle":
        at -= 1
        prefix = (reading.tokens[at].latin[0] if reading.tokens[at].latin else "") + prefix
    return prefix


def _same(text: str, halves: str) -> bool:
    if abs(len(text) - len(halves)) > 3 or (text[0] != halves[0] and not set(text[:2]) & set(halves[:2])):
        return False
    ratio = Indel.normalized_similarity(text, halves)
    return ratio >= 0.9 or (ratio >= _CLOSE and skeletons(text)[:1] == skeletons(halves)[:1])
