"""HTTP face of the enquirer's view: workers issue case codes, enquirers read the status of their request."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from tracing.enquirer import service
from tracing.enquirer.schemas import CaseCodesView, CaseCodeView, CaseStatusView
from tracing.enquirer.states import Language
from tracing.web.door import CaseCodeIssuer, CaseStatusReader
from tracing.web.idempotency import IdempotencyKey
from tracing.web.problems import documented

router = APIRouter(tags=["enquirer"])
CodeText = Annotated[str, Path(max_length=40, description="The case code as it was handed out.")]
Spoken = Annotated[Language, Query(description="Language of the sentences.")]
UNKEPT = {"Cache-Control": "no-store"}  # telephones are shared


@router.post("/tracing-requests/{request_id}/case-codes", status_code=201, responses=documented(404))
def issue_case_code(
    access: CaseCodeIssuer, request_id: UUID, response: Response, idempotency_key: IdempotencyKey = None
) -> CaseCodeView:
    """Issue a case code for the enquirer of a request, with its own secret. It revokes the codes issued before.

    The secret is shown this once. Give code and secret by a safe contact only, and apart if you can: with both,
    anybody reads what the enquirer may read. A retry with the same `Idempotency-Key` shows no secret; when it
    was lost, issue another code.
    """
    response.headers.update(UNKEPT)
    return service.issue(access, request_id, idempotency_key)


@router.get("/tracing-requests/{request_id}/case-codes", responses=documented(404))
def list_case_codes(access: CaseCodeIssuer, request_id: UUID) -> CaseCodesView:
    """List the case codes of a request, newest first, without their secrets."""
    return CaseCodesView(items=service.codes(access, request_id))


@router.post("/case-codes/{case_code_id}/revoke", responses=documented(404))
def revoke_case_code(access: CaseCodeIssuer, case_code_id: UUID) -> CaseCodeView:
    """Revoke a case code; it answers from the next call on as one that never was."""
    return service.revoke(access, case_code_id)


@router.get("/case-status/{code}", responses=documented(404))
def show_case_status(
    access: CaseStatusReader, code: CodeText, response: Response, language: Spoken = Language.ENGLISH
) -> CaseStatusView:
    """Show the enquirer what they may know: one of six statuses per person sought, in the order they named.

    The bearer token is the secret that came with the code. No name and no id is shown, and no date but that of
    a fixed cadence. A search in which somebody was found and said no, one that waits for an answer, and one
    that has found nobody answer alike. 404 is one answer for a wrong, unknown or revoked code and for a
    request that was withdrawn or erased.
    """
    response.headers.update(UNKEPT)
    return service.show(access, code, language)
