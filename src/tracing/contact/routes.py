"""HTTP face of keeping contact."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.contact import service
from tracing.contact.schemas import AttemptDraft, AttemptView, PlanView
from tracing.contact.states import Purpose
from tracing.web.conditional import IfMatch, require_match, tag
from tracing.web.door import ContactReader, ContactWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["contact"])
LIST = "contact-attempts"


@router.get("/records/{record_id}/contact-plan", responses=documented(404))
def show_plan(
    access: ContactReader,
    record_id: UUID,
    purpose: Annotated[Purpose, Query(description="What for: each contact point serves some purposes only.")],
    response: Response,
) -> PlanView:
    """Say which contact points of a request, sighting or self-registration may be used now, and how.

    Unknown counts as unsafe, an unsure end from its first possible day. A contact point that names no purpose in
    `use_for` serves all of them, except a shelter's, and a relative's where a search or news would be told: these
    serve only what they name. Outreach is never named. Who reported another person is contacted only if they agreed
    to be called back, and never in that person's stead. The `ETag` is the record's.

    403 `withheld` for a protected person who is neither your case nor your team's.
    """
    view = service.plan(access, record_id, purpose)
    tag(response, record_id, service.edition_of(access, record_id))
    return view


@router.post(
    "/records/{record_id}/contact-attempts", status_code=201, responses=documented(404, 409, 412, 413, 415, 428)
)
def add_attempt(
    access: ContactWriter,
    record_id: UUID,
    draft: AttemptDraft,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> AttemptView:
    """Record a try to reach the person of a record; it cannot be changed afterwards.

    A try that names a `contact` needs `If-Match` with the ETag of the record or of the plan as last read: its place
    is that among the contact points as they were read. A retry with the same `Idempotency-Key` needs none.
    409 `contact-not-to-be-used` for a contact point that may not be used now for this purpose. The result `unsafe`
    marks the contact point unsafe at once; `reached` puts off the next question whether an enquirer can still be
    reached.
    """
    if draft.contact is not None and not service.was_made(access, record_id, draft, idempotency_key):
        require_match(if_match, record_id, service.edition_of(access, record_id))
    return service.attempt(access, record_id, draft, idempotency_key)


@router.get("/records/{record_id}/contact-attempts", responses=documented(404))
def list_attempts(
    access: ContactReader,
    record_id: UUID,
    paging: Paged,
) -> Page[AttemptView]:
    """List the tries to reach the person of a record, the oldest first."""
    what = f"{LIST}|{record_id}"
    rows = service.page_of_attempts(access, record_id, limit=paging.most, after=paging.after(access, what))
    return paging.page(access, what, rows, lambda row: (row.made_at, row.id))
