"""Every statement about data subjects' requests."""

from datetime import datetime

from sqlmodel import col, select

from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Due
from tracing.rights.states import OPEN
from tracing.rights.tables import SubjectRequest


def due_before(access: Access, before: datetime, after: Due | None) -> list[Due]:
    """Return the next page of open requests that are due before a moment, in order of (due date, id)."""
    query = select(SubjectRequest.due_at, SubjectRequest.id, SubjectRequest.record_id)
    query = query.where(col(SubjectRequest.state).in_(OPEN), SubjectRequest.due_at <= before)
    return dues.page(access, query, SubjectRequest.due_at, SubjectRequest.id, after)
