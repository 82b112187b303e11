"""Every statement about risk screens."""

from uuid import UUID

from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.risk.tables import RiskScreen


def latest(access: Access, found_id: UUID, sought_id: UUID) -> RiskScreen | None:
    """Return the latest screen of a found person and a search."""
    query = select(RiskScreen).where(RiskScreen.found_id == found_id, RiskScreen.sought_id == sought_id)
    return access.session.exec(query.order_by(col(RiskScreen.made_at).desc(), col(RiskScreen.id)).limit(1)).first()
