"""Every statement about contact attempts and schedules."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.contact.tables import ContactAttempt
from tracing.gate.access import Access


def attempts(access: Access, record_id: UUID, *, since: datetime | None = None) -> list[ContactAttempt]:
    """Return the tries to reach the person of a record, oldest first."""
    query = select(ContactAttempt).where(ContactAttempt.record_id == record_id)
    if since is not None:
        query = query.where(ContactAttempt.made_at > since)
    return list(access.session.exec(query.order_by(col(ContactAttempt.made_at), col(ContactAttempt.id))).all())
