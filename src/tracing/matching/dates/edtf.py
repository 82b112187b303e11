"""Strict reading of the EDTF forms that birth dates need (ISO 8601-2, levels 0 and 1).

Accepted: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, each with `?` (uncertain), `~` (approximate) or `%` (both);
`19XX`, `198X`, `1984-XX`, `1984-05-XX` with upper-case X; intervals `A/B`, `A/..`, `../B`. Nothing else.
Years run from 0001. The text may stand in any calendar of `calendars`; spans are Gregorian day numbers.
"""

import re
from dataclasses import dataclass

from tracing.matching.dates.calendars import Calendar, calendar

_PART = re.compile(
    r"(?P<year>[0-9]{4}|[0-9]{3}X|[0-9]{2}XX)"
    r"(?:-(?P<month>[0-9]{2}|XX)(?:-(?P<day>[0-9]{2}|XX))?)?"
    r"(?P<mark>[?~%])?"
)


class DateError(ValueError):
    """A text that is no date of an accepted form, or no possible one. The message never holds the text."""


@dataclass(frozen=True, slots=True)
class Part:
    """One date: `year` is the first year meant, `years` how many follow it (1, 10 or 100).

    `month` and `day` are None when not given and 0 when given as XX; `mark` is "", "?", "~" or "%".
    """

    year: int
    years: int
    month: int | None
    day: int | None
    mark: str

    def __str__(self) -> str:
        year = f"{self.year:04d}"
        text = {1: year, 10: year[:3] + "X", 100: year[:2] + "XX"}[self.years]
        for piece in (self.month, self.day):
            text += "" if piece is None else "-XX" if piece == 0 else f"-{piece:02d}"
        return text + self.mark

    def span(self, name: str) -> tuple[int, int]:
        """First and last day number that the date may mean in the calendar `name`.

        Raises:
            DateError: that calendar has no such year, month or day.
        """
        book = calendar(name)
        _check(self, book)
        first, last = _span(self, book)
        slack = book.slack(self.year)
        return first - slack, last + slack


@dataclass(frozen=True, slots=True)
class Edtf:
    """A parsed text. `start` and `end` are the same for a single date; None stands for an open end `..`."""

    start: Part | None
    end: Part | None
    is_interval: bool
    calendar: str

    def __str__(self) -> str:
        start, end = (".." if part is None else str(part) for part in (self.start, self.end))
        return f"{start}/{end}" if self.is_interval else start

    def span(self) -> tuple[int | None, int | None]:
        """(earliest, latest) day number, both included; None at an open end."""
        if self.start is self.end and self.start is not None:
            return self.start.span(self.calendar)
        earliest = None if self.start is None else self.start.span(self.calendar)[0]
        latest = None if self.end is None else self.end.span(self.calendar)[1]
        return earliest, latest

    @property
    def is_vague(self) -> bool:
        """Whether any part is marked uncertain or approximate."""
        return bool((self.start and self.start.mark) or (self.end and self.end.mark))


def parse(text: str, calendar_name: str = "gregorian") -> Edtf:
    """Read an EDTF text in the named calendar.

    Raises:
        DateError: another form, no such month or day, or an interval that ends before it begins.
        KeyError: no such calendar.
    """
    book = calendar(calendar_name)
    left, slash, right = text.partition("/")
    if not slash:
        part = _part(text, book)
        return Edtf(part, part, False, calendar_name)
    start = None if left == ".." else _part(left, book)
    end = None if right == ".." else _part(right, book)
    if start is None and end is None:
        raise DateError("an interval needs one date at least")
    if start is not None and end is not None and _span(start, book)[0] > _span(end, book)[1]:
        raise DateError("the interval ends before it begins")
    return Edtf(start, end, True, calendar_name)


def _part(text: str, book: Calendar) -> Part:
    found = _PART.fullmatch(text)
    if found is None:
        raise DateError("not an EDTF date")
    year_text, month_text, day_text, mark = found.groups(default="")
    unknown = year_text.count("X")
    if "X" in text and mark:
        raise DateError("X and ?, ~ or % do not go together")
    if (unknown and month_text) or (month_text == "XX" and day_text):
        raise DateError("not an EDTF date")
    if "00" in (month_text, day_text):
        raise DateError("no such month or day")
    part = Part(int(year_text.replace("X", "0")), 10**unknown, _figures(month_text), _figures(day_text), mark)
    _check(part, book)
    return part


def _figures(text: str) -> int | None:
    return None if not text else 0 if text == "XX" else int(text)


def _check(part: Part, book: Calendar) -> None:
    if part.year == 0 and part.years == 1:
        raise DateError("there is no year 0000")
    if part.year + part.years - 1 > book.last_year:
        raise DateError("the year is beyond the calendar's range")
    if part.month:
        if part.month > book.months:
            raise DateError("no such month")
        if part.day and part.day > book.month_days(part.year, part.month):
            raise DateError("no such day")


def _span(part: Part, book: Calendar) -> tuple[int, int]:
    if not part.month:
        first = book.first_day(max(part.year, 1), 1)
        last_year = part.year + part.years - 1
        return first, book.first_day(last_year, book.months) + book.month_days(last_year, book.months) - 1
    first = book.first_day(part.year, part.month)
    if not part.day:
        return first, first + book.month_days(part.year, part.month) - 1
    return first + part.day - 1, first + part.day - 1
