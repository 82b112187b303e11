"""HTTP face of fate reports."""

from uuid import UUID

from fastapi import APIRouter, Response

from tracing.fate import service
from tracing.fate.schemas import FateDraft, FateEventDraft, FatesView, FateView
from tracing.web.conditional import IfMatch, IfNoneMatch, is_unchanged, require_match, tag
from tracing.web.door import FateReader, FateWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.problems import documented

router = APIRouter(tags=["fate"])


@router.post("/sought-persons/{sought_id}/fate-reports", status_code=201, responses=documented(404, 409, 413, 415))
def report_fate(
    access: FateWriter,
    sought_id: UUID,
    draft: FateDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> FateView:
    """Report what is said to have become of a sought person. Nothing happens to the search yet.

    `source` says where it comes from, `evidence` what was gathered. A death (`deceased`) needs a document of the
    source that is named (civil register, hospital or morgue, forensic identification, authority, court), or the
    source `eye_witnesses` and two of them who were heard apart. Sightings are no witnesses, however many there
    are. `event_account` and `partial_answer` are for what can be said without a death; while a found person of the
    search lives, they take her answer (409).
    """
    view = service.propose(access, sought_id, draft, idempotency_key)
    response.headers["Location"] = f"/v1/fate-reports/{view.id}"
    tag(response, view.id, view.edition)
    return view


@router.get("/sought-persons/{sought_id}/fate-reports", responses=documented(404))
def list_fate_reports(access: FateReader, sought_id: UUID) -> FatesView:
    """List the fate reports about a sought person, newest first."""
    return FatesView(items=service.of_search(access, sought_id))


@router.get("/fate-reports/{report_id}", responses=documented(304, 404))
def show_fate_report(
    access: FateReader, report_id: UUID, response: Response, if_none_match: IfNoneMatch = None
) -> FateView:
    """Show one fate report.

    Account, statements and places are withheld where the sought person, the enquirer or somebody of a sighting
    that is named is protected and neither your case nor your team's; broken glass shows them.
    """
    view = service.show(access, report_id)
    tag(response, view.id, view.edition)
    if is_unchanged(if_none_match, view.id, view.edition):
        return Response(status_code=304, headers=dict(response.headers))  # type: ignore[return-value]  # FastAPI passes it on
    return view


@router.post("/fate-reports/{report_id}/events", responses=documented(404, 409, 412, 413, 415, 428))
def settle_fate_report(
    access: FateWriter, report_id: UUID, draft: FateEventDraft, response: Response, if_match: IfMatch = None
) -> FateView:
    """Let something happen to a fate report. Needs `If-Match` with the ETag as last read.

    `confirm` (supervisors, never the human who reported): the report is reviewed, the search is in `fate_review`.
    `establish` (supervisors, never the human who reported): the evidence carries the finding, and the search is
    `outcome_ready` with a fate to tell. Neither is done by somebody from whom the words are withheld (403 `withheld`):
    break the glass first. `refute`: it came to nothing, and the search goes on.
    """
    service.require_for(access, draft.event)
    row = service.find(access, report_id)
    require_match(if_match, row.id, service.edition_of(access, row))
    view = service.happen(access, row, draft.event)
    tag(response, view.id, view.edition)
    return view
