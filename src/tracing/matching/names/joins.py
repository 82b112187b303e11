"""Find names that one side writes joined and the other apart: Nurmohammad and Nur Mohammad, Benali and Ben Ali.

Few pairs can hold one, which the skeletons show; only those are looked at letter by letter, or heard by the trained
transliteration where the two are of different scripts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from rapidfuzz.distance import Indel

from tracing.matching.arrays import Flags, Ints, Longs, meet
from tracing.matching.names import transliteration
from tracing.matching.names.align import ACCEPTED, Alignment
from tracing.matching.names.namebook import NameBook, NameColumns
from tracing.matching.names.reading import NameReading
from tracing.matching.names.sounds import skeletons

_LEAST: Final = 650
"""Similarity (thousandths) of a joined name: this, and up to 970 with the likeness of the spelling."""

_CLOSE: Final = 0.7

_LOOSE: Final = 720.0
"""A pair of tokens that is only so much alike gives way to a joined name (Nurmohammad and Mohammad)."""

Place = tuple[int, int, float]
"""Left place, right place, thousandths."""


def find_joined(book: NameBook, left: Ints, right: Ints, found: Alignment) -> None:
    """Add joined names to the alignments, in place; the first half stands for both."""
    columns = book.columns
    for pair in _possible(columns, left, right, found).tolist():
        one, other = book.names[left[pair]], book.names[right[pair]]
        free, other_free = found.free[pair].tolist(), found.other_free[pair].tolist()
        loose = _loose(found, pair) if len(one.names) != len(other.names) else []
        for i, j, _ in loose:
            free[i] = other_free[j] = True
        joined = _joined_places(one, other, free, other_free)
        if not joined:
            continue
        for i, _, _ in loose:
            found.partner[pair, i] = -1
        kept = [place for place in loose if free[place[0]] and other_free[place[1]]]
        for i, j, similarity in (*kept, *joined):
            free[i] = other_free[j] = False
            found.partner[pair, i] = j
            found.similarity[pair, i] = similarity
        found.similarity[pair, found.partner[pair] < 0] = 0
        found.free[pair], found.other_free[pair] = free, other_free


def _possible(columns: NameColumns, left: Ints, right: Ints, found: Alignment) -> Longs:
    """Pairs in which both sides keep a token, and one side's word sounds like the other's words joined.

    Two names in characters are never joined: both were cut at the same places.
    """
    loose = (found.similarity > 0) & (found.similarity < _LOOSE)
    differs = columns.size[left] != columns.size[right]
    gives_way = loose.any(axis=1) & differs
    open_ = (found.free.any(axis=1) | gives_way) & (found.other_free.any(axis=1) | gives_way)
    open_ &= ~(columns.characters[left] & columns.characters[right])
    at = np.flatnonzero(open_)
    if not len(at):
        return at
    meets = _meets(columns, left[at], right[at]) | _meets(columns, right[at], left[at])
    return at[meets]


def _meets(columns: NameColumns, whole: Ints, apart: Ints) -> Flags:
    joins = columns.joined_skeletons.padded(apart, int(columns.joined_skeletons.counts[apart].max()))
    return meet(columns.skeleton_grid[whole, : int(columns.size[whole].max())], joins)


def _loose(found: Alignment, pair: int) -> list[Place]:
    rows = zip(found.partner[pair].tolist(), found.similarity[pair].tolist(), strict=True)
    return [(i, j, similarity) for i, (j, similarity) in enumerate(rows) if j >= 0 and similarity < _LOOSE]


def _joined_places(one: NameReading, other: NameReading, free: list[bool], other_free: list[bool]) -> list[Place]:
    """Places joined; marks what is used in ``free`` and ``other_free``."""
    found = _halves(one, other, free, other_free)
    return found + [(i, j, similarity) for j, i, similarity in _halves(other, one, other_free, free)]


def _halves(whole: NameReading, apart: NameReading, free: list[bool], apart_free: list[bool]) -> list[Place]:
    found: list[Place] = []
    joins = apart.joins
    for i, name in enumerate(whole.names):
        if not free[i] or not name.latin:
            continue
        text = name.latin[0]
        for j, size, halves in joins:
            if halves[0] != text[0] or not all(apart_free[j : j + size]) or not (ratio := _likeness(text, halves)):
                continue
            parts = "".join([part.text for part in apart.names[j : j + size]])
            if not _may_be(name.script, name.text, apart.names[j].script, parts):
                continue
            free[i] = False
            for used in range(j, j + size):
                apart_free[used] = False
            found.append((i, j, _LEAST + int((970 - _LEAST) * ratio)))
            break
    return found


@lru_cache(maxsize=1 << 15)
def _may_be(script: str, text: str, other_script: str, other_text: str) -> bool:
    """Whether the trained model hears one name; true where it does not hear these scripts.

    Between scripts a few consonants in common are the rule: spelling alone would let any name of the same ones pass.
    """
    if other_script == "Latn":
        script, text, other_script, other_text = other_script, other_text, script, text
    if script != "Latn" or not transliteration.supported(other_script):
        return True
    return float(transliteration.similarity(other_script, [other_text], [text])[0]) * 1000 >= ACCEPTED


def _likeness(text: str, halves: str) -> float:
    """How alike a word and its joined halves are spelled, 0 when they are no one name."""
    if abs(len(text) - len(halves)) > 4:
        return 0.0
    ratio = Indel.normalized_similarity(text, halves)
    if ratio >= 0.9 or (ratio >= _CLOSE and not set(skeletons(text)).isdisjoint(skeletons(halves))):
        return ratio
    return 0.0
