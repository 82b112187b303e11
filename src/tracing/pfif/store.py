"""Every statement about PFIF copies."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select

from tracing.gate.access import Access
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.pfif.schemas import CopyDetails, Person
from tracing.pfif.tables import PfifCopy


def add(access: Access, record_id: UUID, key_id: UUID, person: Person, home: str, source_at: datetime) -> PfifCopy:
    """Add the original of a record, sealed with the record's own key."""
    copy_id = new_id()
    row = PfifCopy(
        society=access.society,
        id=copy_id,
        record_id=record_id,
        home=home,
        key_id=key_id,
        details=seal_again(access, PfifCopy, copy_id, key_id, CopyDetails.of(person).beside(person.raw)),
        source_at=source_at,
        imported_at=access.now,
        imported_by=access.caller.account_id,
    )
    access.session.add(row)
    return row


def replace(access: Access, row: PfifCopy, person: Person, source_at: datetime) -> None:
    """Put a newer original in the place of the one that is kept."""
    row.details = seal_again(access, PfifCopy, row.id, row.key_id, CopyDetails.of(person).beside(person.raw))
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


def opened(access: Access, rows: Sequence[PfifCopy]) -> list[Person]:
    """Return the originals of `rows`, in their order, with every note that is known about each."""
    parted = [CopyDetails.parted(plain) for plain in open_details(access, rows)]
    return [details.person(raw) for details, raw in parted]


def count_of_home(access: Access, home: str, since: datetime) -> int:
    """Return how many copies of a home's records were made or brought up to date since a moment."""
    query = select(func.count(col(PfifCopy.id))).where(PfifCopy.home == home, col(PfifCopy.imported_at) > since)
    return access.session.exec(query).one()
