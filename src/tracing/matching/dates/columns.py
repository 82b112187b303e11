"""Births as columns, for comparing many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Ints
from tracing.matching.dates.birth import Birth

OPEN: Final = 10**8
"""Stands for an open end of a span, in days; no day number comes near it."""


class BirthColumns:
    """Arrays over births.

    Attributes:
        digits: [n, 8] figures of a full Gregorian date; has_digits says where there is one.
        placeholder, vague, impossible: as in `Birth`; more: an age too, or a text that is no date.
        spans, others: [n, 2, 2] first and last day number, `OPEN` at open ends; span_count, other_count of them
            are meant.
        text: equal for equal texts.
        year: of a full date, 0 without; told_years: [n, 2] as `Birth.years`, 0 where none is told.
    """

    def __init__(self, births: Sequence[Birth]) -> None:
        size = len(births)
        self.digits: NDArray[np.int8] = np.zeros((size, 8), np.int8)
        self.spans: Ints = np.zeros((size, 2, 2), np.int32)
        self.others: Ints = np.zeros((size, 2, 2), np.int32)
        texts: dict[str, int] = {}
        for row, birth in enumerate(births):
            if birth.digits:
                self.digits[row] = [ord(figure) - 48 for figure in birth.digits]
            for place, (first, last) in enumerate(birth.spans[:2]):
                self.spans[row, place] = -OPEN if first is None else first, OPEN if last is None else last
            for place, other in enumerate(birth.others[:2]):
                self.others[row, place] = other
            texts.setdefault(birth.text, len(texts))
        self.has_digits = _flags(birth.digits != "" for birth in births)
        self.placeholder = _flags(birth.is_placeholder for birth in births)
        self.vague = _flags(birth.is_vague for birth in births)
        self.impossible = _flags(birth.is_impossible for birth in births)
        self.more = self.impossible | _flags(len(birth.spans) > 1 for birth in births)
        self.span_count: Ints = np.array([len(birth.spans) for birth in births], np.int32)
        self.other_count: Ints = np.array([len(birth.others) for birth in births], np.int32)
        self.text: Ints = np.array([texts[birth.text] for birth in births], np.int32)
        figures = self.digits.astype(np.int32)
        self.year: Ints = figures[:, :4] @ np.array((1000, 100, 10, 1), np.int32)
        self.told_years: Ints = np.array([(*birth.years, 0, 0)[:2] for birth in births], np.int32).reshape(-1, 2)
        self.day_of_year: Ints = figures[:, 4:] @ np.array((1000, 100, 10, 1), np.int32)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, np.bool_)
