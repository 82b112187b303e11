"""What was found for numbered questions before: a table of fixed size, asked for many at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracing.matching.arrays import Flags, Floats, Longs

_SPREAD: Final = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: multiplied by it, near numbers lie far apart in their upper bits (Knuth, 6.4)."""

_TAG: Final = 30
"""Bits of a number beside its slot that a tag of 32 bits has room for: one more is the slot's, and 0 means nobody."""


class Memo:
    """Values of whole numbers from 1 on. Each has two slots that lie side by side; a newer one takes that of an older.

    Nothing is ever dropped as a whole, so memory is bounded (4 bytes a slot and 4 for each number of a value, taken up
    as slots are used) without a moment at which everything is asked anew.
    """

    def __init__(self, slots: int, limit: int, shape: tuple[int, ...] = ()) -> None:
        """Make an empty table of at least `slots` slots: rounded up to a power of two.

        Args:
            slots: never more are made than there are numbers; but so many that a tag of 32 bits tells the rest.
            limit: the highest number.
            shape: that of a value.
        """
        whole = max(limit, 3).bit_length()
        bits = min(max(max(slots - 1, 1).bit_length(), whole - _TAG), whole)
        self._low, self._spread = np.int64(whole - bits), np.uint64(_SPREAD >> (64 - whole) | 1)
        self._whole = np.uint64((1 << whole) - 1)
        self._tags: NDArray[np.uint32] = np.zeros(1 << bits, np.uint32)
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
        slots, known = self._find(*self._homes(codes))
        return self._values[slots], known

    def put(self, codes: Longs, values: Floats) -> None:
        """Remember the values of different codes: in the first slot where it is free, else in the second."""
        homes, tags = self._homes(codes)
        held = self._tags[homes]
        free = (held == 0) | (held == tags)
        self._tags[homes[free]] = tags[free]
        late = self._tags[homes] != tags
        self._tags[homes[late] ^ 1] = tags[late]
        slots, kept = self._find(homes, tags)
        self._values[slots[kept]] = values[kept]

    def _find(self, homes: Longs, tags: NDArray[np.uint32]) -> tuple[Longs, Flags]:
        """(slot of each code, whether it holds it)."""
        known = self._tags[homes] == tags
        slots, late = homes.copy(), np.flatnonzero(~known)
        slots[late] ^= 1
        known[late] = self._tags[slots[late]] == tags[late]
        return slots, known

    def _homes(self, codes: Longs) -> tuple[Longs, NDArray[np.uint32]]:
        """(first slot, tag) of each code, which together are the code: an odd factor turns it into another number of
        as many bits, of which the upper ones are the slot and the others, with the slot's lowest, the tag.
        """
        spread = ((codes.view(np.uint64) * self._spread) & self._whole).view(np.int64)
        rest = spread & ((np.int64(2) << self._low) - 1)
        return spread >> self._low, (rest + 1).astype(np.uint32)
