"""Ages: "34" or "30-35" whole years that were true on a day, turned into a span of birth days."""

import re
from dataclasses import dataclass

_YEAR = 365.2425
OLDEST = 130
"""Years; nobody is known to have grown older, so more is a slip of the pen."""
_FORM = re.compile(r"([0-9]{1,3})(?:-([0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Whole years, both ends included, 0 to `OLDEST`."""

    youngest: int
    oldest: int

    @staticmethod
    def parse(text: str) -> "AgeRange | None":
        """Read `N` or `N-M`; None for any other text and for ranges that run backwards."""
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        youngest = int(found[1])
        oldest = int(found[2]) if found[2] else youngest
        return AgeRange(youngest, oldest) if youngest <= oldest <= OLDEST else None

    def birth_span(self, true_from: int, true_to: int) -> tuple[int, int]:
        """First and last possible birth day number; the age was true on some day of [true_from, true_to]."""
        earliest = true_from - int((self.oldest + 1) * _YEAR) + 1
        latest = true_to - int(self.youngest * _YEAR)
        return earliest, max(earliest, latest)
