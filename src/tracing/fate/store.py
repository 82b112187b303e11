"""Every statement about fate reports."""

from uuid import UUID

from sqlmodel import col, select

from tracing.fate.states import State
from tracing.fate.tables import FateReport
from tracing.gate.access import Access


def established(access: Access, sought_id: UUID) -> FateReport | None:
    """Return the latest established report about a sought person."""
    query = select(FateReport).where(FateReport.sought_id == sought_id, FateReport.state == State.ESTABLISHED)
    return access.session.exec(query.order_by(col(FateReport.updated_at).desc(), col(FateReport.id)).limit(1)).first()
