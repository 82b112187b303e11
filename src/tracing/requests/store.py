"""Every statement about tracing requests."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.gate.sealing import open_details, seal_again, seal_new
from tracing.requests.schemas import RequestDraft, SealedRequest, SealedSought, SoughtDraft
from tracing.requests.states import PublicStatus, State
from tracing.requests.tables import SoughtPerson, StatusEntry, TracingRequest


def seal_request(access: Access, record_id: UUID, details: SealedRequest) -> tuple[UUID, bytes]:
    """Return a fresh key's id and the details sealed with it."""
    return seal_new(access, TracingRequest, record_id, details.model_dump_json(exclude_defaults=True).encode())


def seal_sought(access: Access, record_id: UUID, details: SealedSought) -> tuple[UUID, bytes]:
    """Return a fresh key's id and the details sealed with it."""
    return seal_new(access, SoughtPerson, record_id, details.model_dump_json(exclude_defaults=True).encode())


def add(access: Access, rows: Sequence[TracingRequest | SoughtPerson | StatusEntry]) -> None:
    """Add rows, requests before their sought persons."""
    for kind in (TracingRequest, SoughtPerson, StatusEntry):
        access.session.add_all([row for row in rows if isinstance(row, kind)])
        access.session.flush()


def find_request(access: Access, request_id: UUID) -> TracingRequest | None:
    """Return a request that the access can see."""
    return access.session.exec(select(TracingRequest).where(TracingRequest.id == request_id)).one_or_none()


def find_sought(access: Access, sought_id: UUID) -> SoughtPerson | None:
    """Return a sought person that the access can see."""
    return access.session.exec(select(SoughtPerson).where(SoughtPerson.id == sought_id)).one_or_none()


def sought_of(access: Access, request_ids: Sequence[UUID]) -> list[SoughtPerson]:
    """Return the visible sought persons of some requests, in the order in which they were named."""
    query = (
        select(SoughtPerson)
        .where(col(SoughtPerson.request_id).in_(request_ids))
        .order_by(col(SoughtPerson.request_id), col(SoughtPerson.position))
    )
    return list(access.session.exec(query).all())


def requests_among(access: Access, ids: Sequence[UUID]) -> list[TracingRequest]:
    """Return the visible requests among `ids`."""
    return list(access.session.exec(select(TracingRequest).where(col(TracingRequest.id).in_(ids))).all())


def sought_among(access: Access, ids: Sequence[UUID]) -> list[SoughtPerson]:
    """Return the visible sought persons among `ids`."""
    return list(access.session.exec(select(SoughtPerson).where(col(SoughtPerson.id).in_(ids))).all())


def states_below(access: Access, request_ids: Sequence[UUID]) -> list[tuple[UUID, State]]:
    """Return (request, state) of each visible search of some hundreds of requests."""
    query = select(SoughtPerson.request_id, SoughtPerson.state).where(col(SoughtPerson.request_id).in_(request_ids))
    return [(request_id, State(state)) for request_id, state in access.session.exec(query).all()]


def unchanged_since(access: Access, state: State, before: datetime, bookmark: Bookmark) -> list[Due]:
    """Return the next page of visible searches in `state` that were last changed at or before a moment."""
    at, sought_id = SoughtPerson.updated_at, SoughtPerson.id
    query = select(at, sought_id, sought_id).where(SoughtPerson.state == state, at <= before)
    return dues.page(access, query, at, sought_id, bookmark)


def page(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[TracingRequest]:
    """Return at most `limit` requests, oldest first, that follow `after`."""
    query = select(TracingRequest).order_by(col(TracingRequest.created_at), col(TracingRequest.id)).limit(limit)
    if after is not None:
        at, request_id = after
        query = query.where(
            or_(
                col(TracingRequest.created_at) > at,
                (col(TracingRequest.created_at) == at) & (col(TracingRequest.id) > request_id),
            )
        )
    return list(access.session.exec(query).all())


def details_of_requests(access: Access, rows: Sequence[TracingRequest]) -> list[SealedRequest]:
    """Return the details of `rows`, opened, in their order."""
    return [SealedRequest.model_validate_json(plain) for plain in open_details(access, rows)]


def details_of_sought(access: Access, rows: Sequence[SoughtPerson]) -> list[SealedSought]:
    """Return the details of `rows`, opened, in their order."""
    return [SealedSought.model_validate_json(plain) for plain in open_details(access, rows)]


def save_request(access: Access, row: TracingRequest, details: SealedRequest) -> None:
    """Seal changed details again and count the version up."""
    plain = details.model_dump_json(exclude_defaults=True).encode()
    row.details = seal_again(access, TracingRequest, row.id, row.key_id, plain)
    _touch(access, row)


def save_sought(access: Access, row: SoughtPerson, details: SealedSought | None = None) -> None:
    """Seal changed details again, if there are any, and count the version up."""
    if details is not None:
        plain = details.model_dump_json(exclude_defaults=True).encode()
        row.details = seal_again(access, SoughtPerson, row.id, row.key_id, plain)
    _touch(access, row)


def _touch(access: Access, row: TracingRequest | SoughtPerson) -> None:
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def request_row(
    access: Access, request_id: UUID, draft: RequestDraft, *, key_id: UUID, sealed: bytes
) -> TracingRequest:
    """Return the row of a new request, not yet added."""
    return TracingRequest(
        society=access.society,
        id=request_id,
        key_id=key_id,
        details=sealed,
        case_type=draft.case_type,
        intake_channel=draft.intake_channel,
        created_at=access.now,
        updated_at=access.now,
        created_by=access.caller.account_id,
    )


def sought_row(
    access: Access,
    sought_id: UUID,
    request_id: UUID,
    position: int,
    draft: SoughtDraft,
    *,
    state: State,
    key_id: UUID,
    sealed: bytes,
) -> SoughtPerson:
    """Return the row of a new sought person, not yet added."""
    return SoughtPerson(
        society=access.society,
        id=sought_id,
        request_id=request_id,
        position=position,
        key_id=key_id,
        details=sealed,
        state=state,
        priority=draft.priority,
        created_at=access.now,
        updated_at=access.now,
    )


def status_entry(
    access: Access, row: SoughtPerson, status: PublicStatus, *, version: int, at_once: bool
) -> StatusEntry:
    """Return what the enquirer may see of a search from now on, not yet added."""
    return StatusEntry(
        society=access.society,
        request_id=row.request_id,
        position=row.position,
        version=version,
        status=status,
        since=access.now,
        at_once=at_once,
    )


def statuses(access: Access, request_id: UUID, until: datetime) -> list[StatusEntry]:
    """Return what an enquirer may see of their searches, oldest first: up to `until`, and what shows at once."""
    query = (
        select(StatusEntry)
        .where(StatusEntry.request_id == request_id, or_(col(StatusEntry.since) <= until, col(StatusEntry.at_once)))
        .order_by(col(StatusEntry.position), col(StatusEntry.version))
    )
    return list(access.session.exec(query).all())


def latest_statuses(access: Access, request_ids: Sequence[UUID]) -> dict[tuple[UUID, int], StatusEntry]:
    """Return by (request, position) what was last entered for the enquirers of some hundreds of requests."""
    query = (
        select(StatusEntry)
        .where(col(StatusEntry.request_id).in_(request_ids))
        .order_by(col(StatusEntry.request_id), col(StatusEntry.position), col(StatusEntry.version))
    )
    return {(entry.request_id, entry.position): entry for entry in access.session.exec(query).all()}
