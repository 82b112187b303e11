"""HTTP face of tracing requests and sought persons."""

from uuid import UUID

from fastapi import APIRouter, Response

from tracing.gate.permissions import Permission
from tracing.persons.schemas import Receipt
from tracing.requests import service, views
from tracing.requests.schemas import (
    AssigneeDraft,
    EventDraft,
    RequestChange,
    RequestDraft,
    RequestView,
    SoughtChange,
    SoughtView,
)
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import RequestAssigner, RequestChanger, RequestReader, RequestWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["tracing requests"])
LIST = "tracing-requests"


@router.post("/tracing-requests", status_code=201, responses=documented(404, 409, 413, 415))
def open_request(
    access: RequestWriter, draft: RequestDraft, response: Response, idempotency_key: IdempotencyKey = None
) -> RequestView | Receipt:
    """Register a tracing request: one enquirer, one or more sought persons.

    Every search begins as `pre_case` and takes part in matching from `open` on. A caseworker may send
    `start: true` to submit, accept and start at once; the guards are the same: an information notice is
    recorded, a safe contact is given or `no_safe_contact` is set, and `match_within_society` is granted.

    Send an `Idempotency-Key` to make retries harmless, or your own random `id`s. Without `requests:read` the
    answer is the id alone.
    """
    view = service.open_request(access, draft, idempotency_key)
    response.headers["Location"] = f"/v1/tracing-requests/{view.id}"
    if Permission.REQUESTS_READ not in access.caller.permissions:
        return Receipt(id=view.id)
    tag(response, view.id, view.edition)
    return view


@router.get("/tracing-requests", responses=documented())
def list_requests(access: RequestReader, paging: Paged) -> Page[RequestView]:
    """List the society's tracing requests, oldest first."""
    rows = service.page_of_requests(access, limit=paging.most, after=paging.after(access, LIST))
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.get("/tracing-requests/{request_id}", responses=documented(304, 404))
def show_request(
    access: RequestReader, request_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> RequestView:
    """Show a tracing request with its sought persons; 404 is one answer for absent, foreign and withdrawn."""
    view = service.show_request(access, request_id)
    tag(response, view.id, view.edition)
    if is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.patch("/tracing-requests/{request_id}", responses=documented(404, 412, 428))
def change_request(
    access: RequestChanger,
    request_id: UUID,
    change: RequestChange,
    response: Response,
    if_match: IfMatch = None,
) -> RequestView:
    """Replace the fields that are sent. Needs `If-Match` with the ETag as last read.

    A name leaves `never_disclose_to`, and a cause of trafficking or of violence in the family is changed, by a
    supervisor who did not set it: 403 `supervisor-needed` or `same-worker`.
    """
    row = service.find_request(access, request_id)
    require_match(if_match, row.id, views.request_edition_of(access, row))
    view = service.change_request(access, row, change)
    tag(response, view.id, view.edition)
    return view


@router.post("/tracing-requests/{request_id}/assignee", responses=documented(404, 412, 428))
def assign(
    access: RequestAssigner,
    request_id: UUID,
    draft: AssigneeDraft,
    response: Response,
    if_match: IfMatch = None,
) -> RequestView:
    """Make another account of the society answerable for the case and all its searches. Supervisors only."""
    row = service.find_request(access, request_id)
    require_match(if_match, row.id, views.request_edition_of(access, row))
    view = service.assign(access, row, draft.account_id)
    tag(response, view.id, view.edition)
    return view


@router.get("/sought-persons/{sought_id}", responses=documented(304, 404))
def show_sought(
    access: RequestReader, sought_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> SoughtView:
    """Show one sought person."""
    view = service.show_sought(access, sought_id)
    tag(response, view.id, view.edition)
    if is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.patch("/sought-persons/{sought_id}", responses=documented(404, 412, 428))
def change_sought(
    access: RequestChanger, sought_id: UUID, change: SoughtChange, response: Response, if_match: IfMatch = None
) -> SoughtView:
    """Replace the fields that are sent. A changed matchable field makes the person due for the next night.

    A cause of trafficking or of violence in the family is changed by a supervisor who did not set it.
    """
    row = service.find_sought(access, sought_id)
    require_match(if_match, row.id, views.edition_of(access, row))
    view = service.change_sought(access, row, change)
    tag(response, view.id, view.edition)
    return view


@router.post("/sought-persons/{sought_id}/events", responses=documented(404, 409, 412, 428))
def happen(
    access: RequestChanger, sought_id: UUID, draft: EventDraft, response: Response, if_match: IfMatch = None
) -> SoughtView:
    """Let something happen to the search: submit, accept, decline, start, suspend, withdraw, close and so on.

    What is possible in which state is one table (`docs/reference/states.md`); anything else answers 409.
    """
    service.require_for(access, draft.event)
    row = service.find_sought(access, sought_id)
    require_match(if_match, row.id, views.edition_of(access, row))
    view = service.happen(access, row, draft.event, draft.reason)
    tag(response, view.id, view.edition)
    return view
