"""Every statement about contact attempts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.contact.schemas import AttemptDetails, AttemptDraft
from tracing.contact.tables import ContactAttempt
from tracing.gate.access import Access
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id


def add(access: Access, record_id: UUID, key_id: UUID, draft: AttemptDraft, made_at: datetime) -> ContactAttempt:
    """Add a try; which contact point and the note are sealed with the record's own key."""
    attempt_id = new_id()
    details = AttemptDetails(contact=draft.contact, note=draft.note).model_dump_json(exclude_defaults=True).encode()
    row = ContactAttempt(
        society=access.society,
        id=attempt_id,
        record_id=record_id,
        key_id=key_id,
        details=seal_again(access, ContactAttempt, attempt_id, key_id, details),
        channel=draft.channel,
        purpose=draft.purpose,
        result=draft.result,
        made_at=made_at,
        recorded_at=access.now,
        recorded_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find(access: Access, attempt_id: UUID) -> ContactAttempt | None:
    """Return a try that the access can see."""
    return access.session.exec(select(ContactAttempt).where(ContactAttempt.id == attempt_id)).one_or_none()


def attempts(access: Access, record_id: UUID, *, since: datetime | None = None) -> list[ContactAttempt]:
    """Return the tries to reach the person of a record, oldest first."""
    query = select(ContactAttempt).where(ContactAttempt.record_id == record_id)
    if since is not None:
        query = query.where(ContactAttempt.made_at > since)
    return list(access.session.exec(query.order_by(col(ContactAttempt.made_at), col(ContactAttempt.id))).all())


def page(access: Access, record_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None) -> list[ContactAttempt]:
    """Return at most `limit` tries to reach the person of a record that follow `after`, oldest first."""
    at, attempt_id = col(ContactAttempt.made_at), col(ContactAttempt.id)
    query = select(ContactAttempt).where(ContactAttempt.record_id == record_id).order_by(at, attempt_id).limit(limit)
    if after is not None:
        query = query.where(or_(at > after[0], (at == after[0]) & (attempt_id > after[1])))
    return list(access.session.exec(query).all())


def details_of(access: Access, rows: Sequence[ContactAttempt]) -> list[AttemptDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [AttemptDetails.model_validate_json(plain) for plain in open_details(access, rows)]
