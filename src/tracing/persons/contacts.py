"""When a contact point ends, as its worker wrote it down."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from tracing.matching.dates.edtf import parse
from tracing.persons.schemas import ContactPoint


def end_of(point: ContactPoint) -> datetime | None:
    """Return the moment from which a contact point must not be used any more; None when it has no end.

    An end that is not sure counts from its first possible day, in UTC: unknown counts as unsafe.
    """
    if point.expires_at is None:
        return None
    day = parse(point.expires_at).span()[0]
    return datetime.combine(date.min if day is None else date.fromordinal(day), time(), UTC)


def first_end(points: Iterable[ContactPoint], now: datetime) -> datetime | None:
    """Return when the first of the points that are not over at `now` ends; None when none of them does."""
    return min((end for point in points if (end := end_of(point)) is not None and end > now), default=None)
