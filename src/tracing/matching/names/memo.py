"""What was found for numbered questions before: a table of fixed size, asked for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tracing.matching.arrays import Flags, Floats, Longs

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: multiplied by it, near numbers lie far apart in their upper bits (Knuth, 6.4)."""


class Memo:
    """Values of whole numbers above 0. Each has one slot; a newer one takes the slot of an older one.

    Nothing is ever dropped as a whole, so memory is bounded (8 bytes a slot and 4 for each number of a value, taken up
    as slots are used) without a moment at which everything is asked anew.
    """

    def __init__(self, slots: int, shape: tuple[int, ...] = ()) -> None:
        """Make an empty table of at least `slots` slots: rounded up to a power of two. `shape` is that of a value."""
        bits = max(slots - 1, 1).bit_length()
        self._shift = np.uint64(64 - bits)
        self._codes: Longs = np.zeros(1 << bits, np.int64)
        self._values: Floats = np.zeros((1 << bits, *shape), np.float32)

    def ask(self, codes: Longs, make: Callable[[Longs], Floats]) -> Floats:
        """The value of each code; those of new ones come from `make`, which is given each of them once."""
        values, known = self.get(codes)
        if not known.all():
            new, places = np.unique(codes[~known], return_inverse=True)
            fresh = make(new)
            self.put(new, fresh)
            values[~known] = fresh[places]
        return values

    def get(self, codes: Longs) -> tuple[Floats, Flags]:
        """(values, whether each is known); the value of an unknown one means nothing."""
        slots = self._slots(codes)
        return self._values[slots], self._codes[slots] == codes

    def put(self, codes: Longs, values: Floats) -> None:
        """Remember the values of different codes."""
        slots = self._slots(codes)
        self._codes[slots] = codes
        kept = self._codes[slots] == codes
        self._values[slots[kept]] = values[kept]

    def _slots(self, codes: Longs) -> Longs:
        spread: Longs = ((codes.view(np.uint64) * _SPREAD) >> self._shift).view(np.int64)
        return spread
