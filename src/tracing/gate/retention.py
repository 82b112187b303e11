"""How long a record is kept: so many days after it was registered or last changed, per kind, unless prolonged.

A step of a search that its enquirer must not notice prolongs nothing: the end is published, and told to them.
At the end the record is hidden; the night forgets it when the undo window is over too.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import consents
from tracing.gate.access import Access
from tracing.gate.erasing import CONDEMNED
from tracing.gate.kinds import Kind
from tracing.gate.purposes import Use
from tracing.gate.tables import Record
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.kit.settings import Settings

LEAST = timedelta(days=1)
"""A record that changes often is not given a new end each time."""
MOST = timedelta(days=36500)


def days(settings: Settings, kind: Kind) -> int:
    """Return for how many days a record of `kind` is kept; never longer than the general retention."""
    own = {
        Kind.SIGHTING: settings.retention_sighting_days,
        Kind.SELF_REGISTRATION: settings.retention_self_registration_days,
    }
    return min(own.get(kind, settings.retention_days), settings.retention_days)


def slide(access: Access, record: Record) -> None:
    """Let a record that a worker has changed, and the request above it, be kept from now on anew.

    Never shortens, and never revives: only an ordinary access, which sees nothing hidden, comes this far.
    """
    anew = access.now + timedelta(days=days(access.settings, record.kind))
    if access.use is not Use.REGISTER or anew - record.retain_until < LEAST:
        return
    if record.parent_id is not None:
        parent = access.session.exec(select(Record).where(Record.id == record.parent_id)).one()
        longer = access.now + timedelta(days=days(access.settings, parent.kind))
        consents.retain(access, parent.id, max(longer, parent.retain_until))
    consents.retain(access, record.id, anew)


def until(access: Access, record_id: UUID) -> datetime:
    """Return until when a record is kept.

    Raises:
        NotFound: absent, another society's, hidden for this use, or about to be erased.
    """
    return _standing(access, record_id).retain_until


def prolong(access: Access, record_id: UUID, end: datetime) -> None:
    """Keep a record until `end`; a sought person's request, and a request's sought persons, are kept as long.

    Raises:
        NotFound: absent, another society's, hidden for this use, or about to be erased.
        Invalid: `end` is no later than the present end, or more than a hundred years away.
    """
    record = _standing(access, record_id)
    if not max(record.retain_until, access.now) < end <= access.now + MOST:
        flaw = Flaw("/until", "not-a-prolongation", "later than the present end, at most a hundred years from now")
        raise Invalid("that is no prolongation", [flaw])
    above = [] if record.parent_id is None else [record.parent_id]
    below = access.session.exec(
        select(Record.id).where(Record.parent_id == record_id, col(Record.retain_until) > CONDEMNED)
    ).all()
    for one in (*above, record_id, *below):
        kept = access.session.exec(select(Record.retain_until).where(Record.id == one)).one()
        consents.retain(access, one, max(kept, end))


def ending(access: Access, before: datetime, *, after: UUID | None, most: int) -> list[tuple[UUID, datetime]]:
    """Return id and end of at most `most` records whose retention ends before `before`, by id, following `after`."""
    query = select(Record.id, Record.retain_until).where(Record.retain_until < before).order_by(col(Record.id))
    if after is not None:
        query = query.where(Record.id > after)
    return [(row[0], row[1]) for row in access.session.exec(query.limit(most)).all()]


def _standing(access: Access, record_id: UUID) -> Record:
    record = access.session.exec(select(Record).where(Record.id == record_id)).one_or_none()
    if record is None or record.retain_until == CONDEMNED:
        raise NotFound("no such record")
    return record
