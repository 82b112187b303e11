"""Every statement about PFIF copies."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.pfif.schemas import CopyDetails
from tracing.pfif.tables import PfifCopy


def add(
    access: Access, record_id: UUID, key_id: UUID, details: CopyDetails, raw: bytes, source_at: datetime
) -> PfifCopy:
    """Add the original of a record, sealed with the record's own key."""
    copy_id = new_id()
    row = PfifCopy(
        society=access.society,
        id=copy_id,
        record_id=record_id,
        key_id=key_id,
        details=seal_again(access, PfifCopy, copy_id, key_id, details.beside(raw)),
        source_at=source_at,
        imported_at=access.now,
        imported_by=access.caller.account_id,
    )
    access.session.add(row)
    return row


def replace(access: Access, row: PfifCopy, details: CopyDetails, raw: bytes, source_at: datetime) -> None:
    """Put a newer original in the place of the one that is kept."""
    row.details = seal_again(access, PfifCopy, row.id, row.key_id, details.beside(raw))
    row.source_at, row.imported_at, row.imported_by = source_at, access.now, access.caller.account_id
    access.session.add(row)
    access.session.flush()


def flush(access: Access) -> None:
    """Write what was added."""
    access.session.flush()


def copies(access: Access, record_ids: Sequence[UUID]) -> dict[UUID, PfifCopy]:
    """Return the originals of those of `record_ids` that the access sees, by record; at most some hundreds."""
    query = select(PfifCopy).where(col(PfifCopy.record_id).in_(record_ids))
    return {row.record_id: row for row in access.session.exec(query).all()}


def opened(access: Access, row: PfifCopy) -> tuple[CopyDetails, bytes]:
    """Return what is known of a copy, and its original bytes."""
    return CopyDetails.parted(open_details(access, [row])[0])
