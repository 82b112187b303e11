"""HTTP face of verifications."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.verification import service
from tracing.verification.schemas import (
    ApprovalDraft,
    InterviewDraft,
    InterviewView,
    ResultDraft,
    VerificationCase,
    VerificationView,
)
from tracing.verification.states import State
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import VerificationReader, VerificationWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["verification"])
LIST = "verifications"
States = Annotated[list[State], Query(alias="state", max_length=len(State), description="Only these states.")]


@router.post("/suggestions/{suggestion_id}/verifications", status_code=201, responses=documented(404, 409))
def open_verification(
    access: VerificationWriter, suggestion_id: UUID, response: Response, idempotency_key: IdempotencyKey = None
) -> VerificationCase:
    """Begin to verify a confirmed pair: is it the person, and are the two what the enquirer says they are?

    The search goes to `verifying`. 409 `not-confirmed` where the pair does not stand confirmed, or where both
    sides are sought: a duplicate finds nobody. An unfinished verification of the same search is abandoned.
    """
    case = service.open_verification(access, suggestion_id, idempotency_key)
    response.headers["Location"] = f"/v1/verifications/{case.id}"
    tag(response, case.id, case.edition)
    return case


@router.get("/verifications", responses=documented())
def list_verifications(
    access: VerificationReader,
    paging: Paged,
    state: States = [],  # noqa: B006  # FastAPI copies it
) -> Page[VerificationView]:
    """List verifications without their interviews, oldest first; `state=proposed` waits for another worker."""
    rows = service.page(access, limit=paging.most, after=paging.after(access, LIST), within=state)
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.get("/verifications/{verification_id}", responses=documented(304, 404))
def show_verification(
    access: VerificationReader, verification_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> VerificationCase:
    """Show a verification with its interviews; 404 is one answer for absent, foreign and withdrawn.

    What was said and noted is withheld where a side is protected and neither your case nor your team's; broken
    glass (`POST /v1/records/{record_id}/broken-glass`) shows it.
    """
    case = service.show(access, verification_id)
    tag(response, case.id, case.edition)
    if is_unchanged(if_none_match, case.id, case.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return case


@router.post("/verifications/{verification_id}/interviews", status_code=201, responses=documented(404, 409))
def hold_interview(
    access: VerificationWriter,
    verification_id: UUID,
    draft: InterviewDraft,
    idempotency_key: IdempotencyKey = None,
) -> InterviewView:
    """Record a talk with one side. It counts when it was held apart from the other side.

    A fact speaks for the pair when it agrees and the person came up with it: do not prime with names. To talk to
    the found person reveals that there is a search, so a risk screen must allow it first (409 `not-screened`).
    Each interview gives the verification a new ETag.
    """
    return service.hold_interview(access, verification_id, draft, idempotency_key)


@router.post("/verifications/{verification_id}/result", responses=documented(404, 409, 412, 428))
def give_result(
    access: VerificationWriter,
    verification_id: UUID,
    draft: ResultDraft,
    response: Response,
    if_match: IfMatch = None,
) -> VerificationCase:
    """Say what the interviews came to. Needs `If-Match` with the ETag as last read.

    `established` for identity and relationship needs, of each side, an interview held apart and two facts that
    agree and that the interviewer did not supply. Where a side is under 18, or may be, it needs the child's own
    wish, who stands in for the child, and a trained worker. What is missing is told one by one (409
    `not-established`). Where the pair is risky the result is `proposed`, and another worker approves it.

    `refuted` for either sends the search back to `searching`; `open` keeps everything as it is.
    """
    row = service.find(access, verification_id)
    require_match(if_match, row.id, service.edition_of(access, row))
    case = service.give_result(access, row, draft)
    tag(response, case.id, case.edition)
    return case


@router.post("/verifications/{verification_id}/approval", responses=documented(404, 409, 412, 428))
def settle(
    access: VerificationWriter,
    verification_id: UUID,
    draft: ApprovalDraft,
    response: Response,
    if_match: IfMatch = None,
) -> VerificationCase:
    """Approve a proposed result, or turn it down. Needs `If-Match` with the ETag as last read.

    The approver is another human than the proposer, whatever account they use (403 `same-worker`), and of another
    team than the enquirer's where the risk asks for that (403 `same-team`). Nobody approves what is withheld from them
    (403 `withheld`): break the glass first. Turned down, it is open again.
    """
    row = service.find(access, verification_id)
    require_match(if_match, row.id, service.edition_of(access, row))
    case = service.settle(access, row, approve=draft.approve)
    tag(response, case.id, case.edition)
    return case
