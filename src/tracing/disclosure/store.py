"""Every statement about the asking of found persons and about releases."""

from uuid import UUID

from sqlmodel import col, select

from tracing.disclosure.states import ReleaseState, State
from tracing.disclosure.tables import DisclosureCase, DisclosureRelease
from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Due


def case_of_search(access: Access, sought_id: UUID) -> DisclosureCase | None:
    """Return the latest asking about a search."""
    query = select(DisclosureCase).where(DisclosureCase.sought_id == sought_id)
    query = query.order_by(col(DisclosureCase.created_at).desc(), col(DisclosureCase.id)).limit(1)
    return access.session.exec(query).first()


def told_releases(access: Access, sought_id: UUID) -> list[DisclosureRelease]:
    """Return what the enquirer of a search was told, oldest first."""
    query = select(DisclosureRelease).where(
        DisclosureRelease.sought_id == sought_id, DisclosureRelease.state == ReleaseState.TOLD
    )
    return list(access.session.exec(query.order_by(col(DisclosureRelease.told_at), col(DisclosureRelease.id))).all())


def deferred_until_past(access: Access, after: Due | None) -> list[Due]:
    """Return the next page of askings put off until a date that is past: the date, the asking, the found person."""
    at = col(DisclosureCase.defer_until)
    query = select(at, DisclosureCase.id, DisclosureCase.found_id)
    query = query.where(DisclosureCase.state == State.DEFERRED, at <= access.now)
    return dues.page(access, query, at, DisclosureCase.id, after)
