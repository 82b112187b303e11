"""HTTP face of blind pre-checks: for partner societies by signature, for our workers by token."""

from uuid import UUID

from fastapi import APIRouter

from tracing.precheck import jobs, service
from tracing.precheck.schemas import PreCheckAnswer, PreCheckDraft, PreCheckHitsView
from tracing.web.door import ExchangeReader, SignedBatches
from tracing.web.openapi import SIGNATURE, TOKEN
from tracing.web.problems import documented

router = APIRouter(tags=["exchange"])


@router.post(
    "/exchange/{society}/pre-checks",
    responses=documented(404, 409, 413, 415, 429),
    openapi_extra={"security": [{SIGNATURE: []}, {SIGNATURE: [], TOKEN: []}]},
)
def answer_pre_check(turn: SignedBatches, society: str, draft: PreCheckDraft) -> PreCheckAnswer:
    """Answer a partner society's blind pre-check, signed like a message: a pilot, switched off unless both agreed.

    The partner learns which of the match tokens of its own consented persons we hold, and nothing else; we learn the
    size of its padded set. 409 `other-engine`: tokens are made in another way here. 409 `consent-changed`: ask again.
    429: as many sessions or elements came as one partner may ask about.
    """
    return jobs.answer(turn, draft)


@router.get("/sought-persons/{sought_id}/pre-checks", responses=documented(404))
def list_pre_check_hits(access: ExchangeReader, sought_id: UUID) -> PreCheckHitsView:
    """List which partners may know of a sought person, the latest first: opaque handles and numbers of shared tokens.

    It is no match. What may follow is an ordinary `request_search` under its own consent; nothing is sent by itself.
    """
    return service.hits(access, sought_id)
