"""Every statement about verifications."""

from uuid import UUID

from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.verification.tables import Verification


def latest(access: Access, found_id: UUID, sought_id: UUID) -> Verification | None:
    """Return the latest verification of a found person and a search."""
    query = select(Verification).where(Verification.found_id == found_id, Verification.sought_id == sought_id)
    query = query.order_by(col(Verification.created_at).desc(), col(Verification.id)).limit(1)
    return access.session.exec(query).first()
