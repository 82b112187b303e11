"""HTTP face of outcomes: what an enquirer may be told, that they were told, and how the search ends."""

from hashlib import blake2b
from uuid import UUID

from fastapi import APIRouter, Response

from tracing.outcome import service
from tracing.outcome.schemas import ConclusionDraft, OutcomeView, TellingDraft, TellingView
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import OutcomeReader, OutcomeWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.problems import documented

router = APIRouter(tags=["outcome"])


def edition(view: OutcomeView) -> str:
    """Return the version of a preview: it comes together from many rooms, so it is that of all that it shows."""
    return blake2b(view.model_dump_json().encode(), digest_size=12).hexdigest()


@router.get("/sought-persons/{sought_id}/outcome", responses=documented(304, 404))
def show_outcome(
    access: OutcomeReader, sought_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> OutcomeView:
    """Show what the enquirer may be told and was told, how many people a telling would reach, and per reason
    whether the search may be concluded for it, or what is missing.
    """
    view = service.show(access, sought_id)
    tag(response, sought_id, edition(view))
    if is_unchanged(if_none_match, sought_id, edition(view)):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.post("/sought-persons/{sought_id}/tellings", status_code=201, responses=documented(404, 409, 413, 415))
def record_telling(
    access: OutcomeWriter, sought_id: UUID, draft: TellingDraft, idempotency_key: IdempotencyKey = None
) -> TellingView:
    """Record that the enquirer was told: when, how, in which language, and whether support was offered.

    `release_id` names a release that was told, `fate_id` the established fate report, `message_id` a message that
    was delivered; without any they were told that there is no news. Nothing that was not released, established or
    delivered can be recorded as told (409).
    """
    return service.tell(access, sought_id, draft, idempotency_key)


@router.post("/sought-persons/{sought_id}/conclusion", responses=documented(404, 409, 412, 413, 415, 428))
def conclude(
    access: OutcomeWriter, sought_id: UUID, draft: ConclusionDraft, response: Response, if_match: IfMatch = None
) -> OutcomeView:
    """End the search for a reason that rests on what is on record. Needs `If-Match` with the ETag of the outcome.

    Contact, reunion and a sign of life need what was told at that level and its telling; a message, one that was
    delivered or passed on and its telling; a death, an established report, its telling and the offer of support;
    `found_not_disclosed`, an asking that ended without a grant, and nothing told; `enquirer_unreachable`, enough
    attempts. Anything else answers 409.
    The enquirer sees `closed`, whatever the reason, from the next date of their page on.
    """
    require_match(if_match, sought_id, edition(service.preview(access, sought_id)))
    view = service.conclude(access, sought_id, draft.reason)
    tag(response, sought_id, edition(view))
    return view
