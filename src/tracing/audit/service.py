"""The rules of reading the trail: no HTTP, no SQL. The gate keeps it."""

from uuid import UUID

from tracing.audit.schemas import TrailView
from tracing.gate import audit
from tracing.gate.access import Access


def page(
    access: Access, *, limit: int, after: int | None, subject_id: UUID | None, newest_first: bool
) -> tuple[list[TrailView], bool]:
    """Return at most `limit` acts behind number `after`, of one record or of all, and whether more follow.

    Reading is an act, too.
    """
    rows, more = audit.entries(access, limit=limit, after=after, subject_id=subject_id, newest_first=newest_first)
    views = [
        TrailView(
            seq=row.seq,
            at=row.at,
            account_id=row.account_id,
            worker_id=row.worker_id,
            act=row.act,
            outcome=row.outcome,
            subject_id=row.subject_id,
            digest=row.digest,
            count=row.count,
            request_id=row.request_id,
            link=row.link,
        )
        for row in rows
    ]
    return views, more
