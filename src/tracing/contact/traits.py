"""Which ways to a person may be used now, and why others may not: a pure reading of their safe-contact rules."""

from collections.abc import Iterator
from datetime import datetime

from tracing.contact.states import NAMED, Bar, Purpose
from tracing.persons.contacts import end_of
from tracing.persons.schemas import ContactPoint

TELLING = frozenset({Purpose.MESSAGE_DELIVERY, Purpose.OUTREACH})
"""Purposes that tell whoever answers of a search or of family news."""


def bars_of(point: ContactPoint, purpose: Purpose, now: datetime) -> list[Bar]:
    """Return why a contact point must not be used at `now` for `purpose`; empty when it may.

    A point that names no purpose serves all of them, unless it is a shelter's, or a relative's that would be told
    of a search or of news: such a point serves only what it names.
    """
    return list(_bars(point, purpose, now))


def _bars(point: ContactPoint, purpose: Purpose, now: datetime) -> Iterator[Bar]:
    if point.safe == "no":
        yield Bar.UNSAFE
    if point.safe == "unknown":
        yield Bar.UNKNOWN
    end = end_of(point)
    if end is not None and end <= now:
        yield Bar.EXPIRED
    named = NAMED[purpose] in point.use_for
    if point.use_for and not named:
        yield Bar.NOT_FOR_THIS_PURPOSE
    if point.belongs_to == "shelter" and not named:
        yield Bar.OF_A_SHELTER
    if point.belongs_to == "relative" and purpose in TELLING and not named:
        yield Bar.OF_A_RELATIVE


def bars_of_reporter(purpose: Purpose, *, may_be_called: bool) -> list[Bar]:
    """Return why somebody who reported another person must not be contacted for `purpose`, whatever the point."""
    bars = [] if may_be_called else [Bar.NOT_TO_BE_CALLED]
    return [*bars, Bar.OF_THE_REPORTER] if purpose in TELLING else bars


def may_leave_voicemail(point: ContactPoint) -> bool:
    """Return whether a voice message may be left; on a device that others use as well, never."""
    return point.kind == "phone" and point.may_leave_voicemail and point.shared_device is not True
