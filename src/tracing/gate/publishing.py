"""Who may be named in public: the one place that answers it, strictly.

Only on a consent that somebody gave: other lawful bases register people, none of them publishes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import consents, register
from tracing.gate.access import Access
from tracing.gate.kinds import Kind, Sensitivity
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.gate.tables import Record


@dataclass(frozen=True, slots=True)
class Publishable:
    """A record that may be named in public until a moment: the end of the consent or of the record."""

    record_id: UUID
    until: datetime


def sought(access: Access, *, after: UUID | None, most: int) -> tuple[list[Publishable], UUID | None]:
    """Return the publishable ones of the next `most` candidates by id, and the last candidate while there may be more.

    Never a protected person, never one under a protected enquirer, never a copy of somebody else's record.

    Raises:
        Refused: the caller may not publish.
    """
    access.require(Permission.PFIF_EXPORT)
    bit = Purpose.PUBLISH_NAME.bit
    query = (
        select(Record)
        .where(Record.kind == Kind.SOUGHT, Record.origin == "", col(Record.purposes).bitwise_and(bit) == bit)
        .order_by(col(Record.id))
        .limit(most)
    )
    found = list(access.session.exec(query if after is None else query.where(Record.id > after)).all())
    above = register.records(access, [r.parent_id for r in found if r.parent_id is not None])
    kept = [(record, _until(access, record)) for record in found if _is_plain([record, *_above(record, above)])]
    last = found[-1].id if len(found) == most else None
    return [Publishable(record.id, until) for record, until in kept if until is not None], last


def _above(record: Record, above: dict[UUID, Record]) -> Sequence[Record]:
    return [] if record.parent_id is None else [above[record.parent_id]]


def _is_plain(records: Sequence[Record]) -> bool:
    return all(record.sensitivity is Sensitivity.NORMAL and not record.origin for record in records)


def _until(access: Access, record: Record) -> datetime | None:
    """Return until when a record may be named in public; None when it may not be now."""
    consent = consents.consented(consents.decisions(access, record.id), Purpose.PUBLISH_NAME, access.now)
    if consent is None:
        return None
    return record.expires_at if consent.valid_until is None else min(consent.valid_until, record.expires_at)
