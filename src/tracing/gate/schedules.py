"""The register of contact schedules: features that keep contact points write it on save, the night reads it.

It holds dates only, so that the night finds whose contact is to be confirmed anew, or ends soon, without opening
anybody's details.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.gate.tables import ContactSchedule


def begin(access: Access, ends: Mapping[UUID, datetime | None], *, asked: bool) -> None:
    """Begin the schedules of records that are being registered.

    Args:
        access: of who registers them.
        ends: the records, and when the first contact point of each ends.
        asked: whether they are to be asked, from time to time, if they can still be reached; an enquirer is.
    """
    due_at = access.now + timedelta(days=access.settings.reconfirm_days) if asked else None
    access.session.add_all(
        ContactSchedule(society=access.society, record_id=record_id, due_at=due_at, expires_at=end)
        for record_id, end in ends.items()
    )
    access.session.flush()


def set_end(access: Access, record_id: UUID, end: datetime | None) -> None:
    """Note when the first contact point of a seen record ends, after its contact points were changed."""
    row = find(access, record_id) or ContactSchedule(society=access.society, record_id=record_id)
    row.expires_at = end
    access.session.add(row)
    access.session.flush()


def reached(access: Access, record_id: UUID, at: datetime) -> None:
    """Note that the person of a seen record was reached; whoever is asked is asked again so much later."""
    row = find(access, record_id) or ContactSchedule(society=access.society, record_id=record_id)
    if row.reconfirmed_at is None or row.reconfirmed_at < at:
        row.reconfirmed_at = at
        if row.due_at is not None:
            row.due_at = at + timedelta(days=access.settings.reconfirm_days)
    access.session.add(row)
    access.session.flush()


def find(access: Access, record_id: UUID) -> ContactSchedule | None:
    """Return the schedule of a record that the access sees."""
    query = select(ContactSchedule).where(ContactSchedule.record_id == record_id)
    return access.session.exec(query).one_or_none()


def due(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of records whose person is to be asked now, in order of (due date, id)."""
    return _page(access, col(ContactSchedule.due_at), access.now, bookmark)


def ending(access: Access, before: datetime, bookmark: Bookmark) -> list[Due]:
    """Return the next page of records a contact point of which ends before a moment, in order of (end, id)."""
    return _page(access, col(ContactSchedule.expires_at), before, bookmark)


def _page(access: Access, at: Any, before: datetime, bookmark: Bookmark) -> list[Due]:
    record_id = ContactSchedule.record_id
    query = select(at, record_id, record_id).where(at <= before)
    return dues.page(access, query, at, record_id, bookmark)
