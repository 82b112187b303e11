"""HTTP face of sightings and self-registrations."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.gate.permissions import Permission
from tracing.persons.schemas import Receipt
from tracing.sightings import service, views
from tracing.sightings.schemas import SightingChange, SightingDraft, SightingView, TriageDraft
from tracing.sightings.states import State
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import SightingChanger, SightingReader, SightingWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["sightings"])
LIST = "sightings"
States = Annotated[list[State], Query(alias="state", max_length=len(State), description="Only these states.")]


@router.post("/sightings", status_code=201, responses=documented(404, 409, 413, 415))
def open_sighting(
    access: SightingWriter, draft: SightingDraft, response: Response, idempotency_key: IdempotencyKey = None
) -> SightingView | Receipt:
    """Record that somebody was seen, or, with `kind` `self_registration`, that somebody says they are alive.

    `sighting_place` is where the person was; where the reporter is goes into `reporter.place`, and the
    engine never sees it. `consents` are the subject's (or another lawful basis), never the reporter's, and
    must grant `register`; with `subject_knows: no` a consent of the subject is refused.

    Triage rules look at every report: no place, a place that is a telephone number or a name, the
    reporter's own place when the reporter was not there, the last residence from hearsay, no name or only
    initials, a time before birth. Without a flag the report is `active` at once and is matched; with one it
    waits in `triage`, unmatched, for a worker with `sightings:triage`. No sighting ever changes the status
    of a sought person.

    `condition: deceased` is refused (422 `death-needs-two-workers`): a death needs two workers and evidence,
    and no report of one worker can stand in for that. Describe it in `narrative` and tell a supervisor.

    Send an `Idempotency-Key` to make retries harmless, or your own random `id`. Without `sightings:read` the
    answer is the id alone.
    """
    view = service.open_sighting(access, draft, idempotency_key)
    response.headers["Location"] = f"/v1/sightings/{view.id}"
    if Permission.SIGHTINGS_READ not in access.caller.permissions:
        return Receipt(id=view.id)
    tag(response, view.id, view.edition)
    return view


@router.get("/sightings", responses=documented())
def list_sightings(
    access: SightingReader,
    paging: Paged,
    state: States = [],  # noqa: B006  # FastAPI copies it
) -> Page[SightingView]:
    """List the society's sightings, oldest first; `state=triage` is the queue that waits for a worker."""
    rows = service.page_of_sightings(access, limit=paging.most, after=paging.after(access, LIST), within=state)
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.get("/sightings/{sighting_id}", responses=documented(304, 404))
def show_sighting(
    access: SightingReader, sighting_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> SightingView:
    """Show a sighting; 404 is one answer for absent, foreign and withdrawn."""
    view = service.show_sighting(access, sighting_id)
    tag(response, view.id, view.edition)
    if is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.patch("/sightings/{sighting_id}", responses=documented(404, 412, 413, 415, 428))
def change_sighting(
    access: SightingChanger,
    sighting_id: UUID,
    change: SightingChange,
    response: Response,
    if_match: IfMatch = None,
) -> SightingView:
    """Replace the fields that are sent. Needs `If-Match` with the ETag as last read.

    The triage rules are asked again. A flag that was not there before sends an `accepted` or `active`
    sighting back to `triage`; when the last flag goes, a worker still has to accept. A changed matchable
    field makes the record due for the next night. To lower `sensitivity` takes `sensitivity:lower`. A name leaves
    `never_disclose_to` by a supervisor who did not put it there: 403 `supervisor-needed` or `same-worker`.
    """
    row = service.find_sighting(access, sighting_id)
    require_match(if_match, row.id, views.edition_of(access, row))
    view = service.change_sighting(access, row, change)
    tag(response, view.id, view.edition)
    return view


@router.post("/sightings/{sighting_id}/triage", responses=documented(404, 409, 412, 413, 415, 428))
def happen(
    access: SightingChanger,
    sighting_id: UUID,
    draft: TriageDraft,
    response: Response,
    if_match: IfMatch = None,
) -> SightingView:
    """Let something happen to the sighting. Needs `If-Match` with the ETag as last read.

    `received → triage → accepted → active`, with `clarify_with_reporter` as a loop and `not_actionable`
    as the other way out. `ask_reporter`, `reject`, `accept`, `reconsider` and `supersede` need
    `sightings:triage`; `take_up`, `clarified`, `activate` and `withdraw` need `sightings:write`. `reject` and
    `supersede` need a coded `reason`. `link` and `unlink` follow from decisions on suggestions and `expire`
    from the night: by hand they answer 409, as does everything that is not in the table for the state.
    """
    service.require_for(access, draft.event)
    row = service.find_sighting(access, sighting_id)
    require_match(if_match, row.id, views.edition_of(access, row))
    view = service.happen(access, row, draft.event, draft.reason)
    tag(response, view.id, view.edition)
    return view
