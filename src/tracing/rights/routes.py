"""HTTP face of data subjects' rights."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.rights import nights, service
from tracing.rights.schemas import (
    BundleView,
    RetentionDraft,
    RetentionView,
    StepDraft,
    SubjectRequestDraft,
    SubjectRequestView,
)
from tracing.rights.states import State
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import DataSubjectOfficer, DataSubjectUnit
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(prefix="/data-subject", tags=["data subject"])
LIST = "data-subject-requests"
States = Annotated[
    list[State], Query(alias="state", max_length=len(State), description="Only these states; left out: the open ones.")
]


@router.post("/requests", status_code=201, responses=documented(404, 409, 413, 415))
def open_request(
    access: DataSubjectOfficer,
    draft: SubjectRequestDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> SubjectRequestView:
    """Record that somebody uses a right over one record, also over one that is hidden.

    `access`: they get everything that is held about them (`/bundle`). `rectification`: the record is corrected.
    `restriction`: it stays readable and takes part in nothing any more. `objection`: the purposes that they name
    end. `erasure`: the record's key is destroyed, for good.

    The answer is due `TRACING_RIGHTS_DAYS` after `received_at`. Nothing is carried out before somebody was
    identified. What was asked is stored sealed with the key of the record.
    """
    view = service.open_request(access, draft, idempotency_key)
    response.headers["Location"] = f"/v1/data-subject/requests/{view.id}"
    tag(response, view.id, view.edition)
    return view


@router.get("/requests", responses=documented())
def list_requests(
    access: DataSubjectOfficer,
    paging: Paged,
    state: States = [],  # noqa: B006  # FastAPI copies it
) -> Page[SubjectRequestView]:
    """List data subjects' requests, the one that is due first coming first; without `state`, the open ones.

    Requests about a record that was forgotten are gone with it; the trail knows of them.
    """
    rows = service.page(access, limit=paging.most, after=paging.after(access, LIST), within=state)
    return paging.page(access, LIST, rows, lambda row: (row.due_at, row.id))


@router.get("/requests/{request_id}", responses=documented(304, 404))
def show_request(
    access: DataSubjectOfficer, request_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> SubjectRequestView:
    """Show a data subject's request with its clock; `overdue` is set when the answer is late."""
    view = service.show(access, request_id)
    tag(response, view.id, view.edition)
    if is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.get("/requests/{request_id}/bundle", responses=documented(404, 409))
def show_bundle(access: DataSubjectOfficer, request_id: UUID) -> BundleView:
    """Return everything that is held about the person, for an `access` request whose requester was identified.

    One document: the details of the record, consents, answers about what relatives may learn, messages that they
    wrote or received, tries to reach them, what left the society, until when it is kept, and the acts on the record
    with their dates. Left out, by the kind of record alone: everybody else (who asks, who reported, relatives'
    contacts, workers), protected places and shelters. `left_out` says what to read through by hand.

    Whoever was identified as a parent, a guardian, a representative or a court may be who seeks the person: theirs
    holds nothing that tells where the person is or whom they fear, and nothing of a search for them. What is
    withheld from the officer about a protected person takes a broken glass first (403 `withheld`).
    """
    return service.bundle(access, service.find(access, request_id))


@router.post("/requests/{request_id}/events", responses=documented(404, 409, 412, 413, 415, 428))
def happen(
    unit: DataSubjectUnit,
    request_id: UUID,
    draft: StepDraft,
    response: Response,
    if_match: IfMatch = None,
) -> SubjectRequestView:
    """Let something happen to the request. Needs `If-Match` with the ETag as last read.

    `identify` says how whoever asks showed who they are, and as whom; it comes before anything else. `carry_out`
    does what was asked: a rectification takes the change of the record's kind, an objection its purposes.
    `refuse` and `extend` need a coded reason; the clock is extended once, by twice as many days.

    An erasure is first `propose`d; `carry_out` is then another human's, and destroys the record's key before it
    answers, with those of a request's sought persons. A sought person's record is erased only for the person
    themselves: somebody who says that a search is false cannot delete someone who is looked for. When the service
    stopped in between, the same event again, or the next night, finishes it.
    """
    row = service.find(unit.access, request_id)
    require_match(if_match, row.id, service.edition_of(unit.access, row))
    view, lines = service.happen(unit.access, row, draft)
    if lines:
        unit.afterwards.append(partial(nights.finish, unit.access.keys, unit.turn, lines, "rights.erased"))
    tag(response, view.id, view.edition)
    return view


@router.get("/records/{record_id}/retention", responses=documented(404))
def show_retention(access: DataSubjectOfficer, record_id: UUID, response: Response) -> RetentionView:
    """Show until when a record is kept. It is hidden then, and forgotten when the undo window is over as well."""
    view = service.retention_of(access, record_id)
    tag(response, view.record_id, f"{view.until.timestamp():.0f}")
    return view


@router.post("/records/{record_id}/retention", responses=documented(404, 412, 413, 415, 428))
def prolong(
    access: DataSubjectOfficer,
    record_id: UUID,
    draft: RetentionDraft,
    response: Response,
    if_match: IfMatch = None,
) -> RetentionView:
    """Keep a record longer than its kind is kept, for a coded reason. Needs `If-Match` with the ETag as last read.

    With a tracing request its sought persons are kept as long, and with a sought person the request. Consents that
    end earlier still do.
    """
    known = service.retention_of(access, record_id)
    require_match(if_match, record_id, f"{known.until.timestamp():.0f}")
    view = service.prolong(access, record_id, draft)
    tag(response, record_id, f"{view.until.timestamp():.0f}")
    return view
