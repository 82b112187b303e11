"""HTTP face of asking found persons, and of telling enquirers what they allow."""

from uuid import UUID

from fastapi import APIRouter, Response

from tracing.disclosure import service, telling
from tracing.disclosure.schemas import (
    AskingEventDraft,
    DisclosureApprovalDraft,
    DisclosureCaseView,
    ReleaseDraft,
    ReleaseView,
)
from tracing.gate.permissions import Permission
from tracing.kit.editions import edition
from tracing.persons.schemas import Receipt
from tracing.requests.schemas import RequestDraft, RequestView
from tracing.web.conditional import IfMatch, require_match, tag, tagged
from tracing.web.door import DisclosureApprover, DisclosureReader, DisclosureWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented

router = APIRouter(tags=["disclosure"])
LIST = "disclosure-cases"


@router.post("/verifications/{verification_id}/disclosure-cases", status_code=201, responses=documented(404, 409))
def open_disclosure_case(
    access: DisclosureWriter, verification_id: UUID, response: Response, idempotency_key: IdempotencyKey = None
) -> DisclosureCaseView:
    """Open the asking of a found person, on a verification that passed while the search waits for their answer.

    Nothing is asked yet. Who was asked before about the same search keeps the answer they gave.
    """
    view = service.open_case(access, verification_id, idempotency_key)
    response.headers["Location"] = f"/v1/disclosure-cases/{view.id}"
    tag(response, view.id, edition(view.shown))
    return view


@router.get("/disclosure-cases", responses=documented())
def list_disclosure_cases(access: DisclosureReader, paging: Paged) -> Page[DisclosureCaseView]:
    """List the askings of the society's found persons, oldest first. Never with what the persons gave."""
    rows = service.page_of_cases(access, limit=paging.most, after=paging.after(access, LIST))
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.get("/disclosure-cases/{case_id}", responses=documented(404))
def show_disclosure_case(access: DisclosureReader, case_id: UUID, response: Response) -> DisclosureCaseView:
    """Show an asking with its releases.

    What the person gave to be passed on is shown while their answer holds; where another team must approve, it
    is withheld from the enquirer's team. Where a protected person is stays withheld as on their record: break its
    glass to see it.
    """
    view = service.show_case(access, case_id)
    tag(response, view.id, edition(view.shown))
    return view


@router.post("/disclosure-cases/{case_id}/events", responses=documented(404, 409, 412, 413, 415, 428))
def happen_in_disclosure_case(
    access: DisclosureWriter,
    case_id: UUID,
    draft: AskingEventDraft,
    response: Response,
    if_match: IfMatch = None,
) -> DisclosureCaseView:
    """Record what happened with the found person: reached, informed, what they answered, or why they could not.

    - `reach_out` needs a passed verification, a risk screen that allows it, and that neither side named the
      other as somebody who must never learn of it; where either side is protected or the screen asks for it,
      somebody outside the enquirer's team has approved it first (`/outreach`).
    - `inform`: ask first "do you want to know who is asking?", and say with `named_as` how far they were named.
    - `grant` says what the enquirer may learn, up to a `level`, who answered and how. Whatever is to be passed
      on comes from the person here; nothing is taken from their record. For a child, `ask_guardian` comes first;
      for somebody grown who cannot answer, `find_incapable` before it; and a worker makes sure that whoever answers is
      `apart_from_enquirer`. A yes for a child ends when they are grown.
    - `reach_out` leads back to the person themself who was answered for, was found incapable, or was said to be dead.
    - `decline`, `defer`, `withdraw`, `revise` are heard at any time. Silence is never consent.

    A no, a withdrawal, and nobody reached change nothing that the enquirer can see. An answer that is withdrawn
    or revised stops every release that was not told yet.
    """
    row = service.find_case(access, case_id)
    require_match(if_match, row.id, edition(service.shown_with(access, row)))
    view = service.happen(access, row, draft)
    tag(response, view.id, edition(view.shown))
    return view


@router.post("/disclosure-cases/{case_id}/outreach", responses=documented(404, 409, 412, 428))
def propose_outreach(
    access: DisclosureWriter, case_id: UUID, response: Response, if_match: IfMatch = None
) -> DisclosureCaseView:
    """Propose to reach out to a found person where somebody outside the enquirer's team must approve it."""
    row = service.find_case(access, case_id)
    require_match(if_match, row.id, edition(service.shown_with(access, row)))
    view = service.propose_outreach(access, row)
    tag(response, view.id, edition(view.shown))
    return view


@router.post("/disclosure-cases/{case_id}/outreach/approval", responses=documented(404, 409, 412, 413, 415, 428))
def approve_outreach(
    access: DisclosureApprover,
    case_id: UUID,
    draft: DisclosureApprovalDraft,
    response: Response,
    if_match: IfMatch = None,
) -> DisclosureCaseView:
    """Approve or turn down reaching out. Never by the human who proposed it, nor by one of the enquirer's team."""
    row = service.find_case(access, case_id)
    require_match(if_match, row.id, edition(service.shown_with(access, row)))
    view = service.settle_outreach(access, row, approve=draft.approve)
    tag(response, view.id, edition(view.shown))
    return view


@router.post("/disclosure-cases/{case_id}/own-request", status_code=201, responses=documented(404, 409, 413, 415))
def open_own_request(
    access: DisclosureWriter,
    case_id: UUID,
    draft: RequestDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> RequestView | Receipt:
    """Let the found person become an enquirer in the same act: open a tracing request of their own.

    Without `requests:read` the answer is the id alone.
    """
    view = service.open_own_request(access, service.find_case(access, case_id), draft, idempotency_key)
    response.headers["Location"] = f"/v1/tracing-requests/{view.id}"
    if Permission.REQUESTS_READ not in access.caller.permissions:
        return Receipt(id=view.id)
    tag(response, view.id, view.edition)
    return view


@router.post(
    "/disclosure-cases/{case_id}/releases", status_code=201, responses=documented(404, 409, 412, 413, 415, 428)
)
def propose_release(
    access: DisclosureWriter,
    case_id: UUID,
    draft: ReleaseDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ReleaseView:
    """Propose to tell the enquirer exactly what a level allows, at most the level that the found person agreed to.

    `say_alive_only`: alive and well, no more. `pass_message`: and their words. `receive_message`: and that the
    enquirer may write. `share_contact`, `share_location`, `agree_to_meeting`: and what was given for each.
    """
    row = service.find_case(access, case_id)
    require_match(if_match, row.id, edition(service.shown_with(access, row)))
    view = telling.propose_release(access, row, draft.level)
    response.headers["Location"] = f"/v1/releases/{view.id}"
    return tagged(response, view)


@router.get("/releases/{release_id}", responses=documented(404))
def show_release(access: DisclosureReader, release_id: UUID, response: Response) -> ReleaseView:
    """Show a release. Where another team must approve, the enquirer's team sees its content once it was told.

    It is shown while the very answer that it rests on holds: what was told and is withdrawn since is read nowhere any
    more. Of a protected person it is shown to who took down their answer, and as on their record: to whoever is
    answerable for it, to its team, and to who breaks the glass.
    """
    return tagged(response, telling.show_release(access, release_id))


@router.post("/releases/{release_id}/approval", responses=documented(404, 409, 412, 413, 415, 428))
def approve_release(
    access: DisclosureApprover,
    release_id: UUID,
    draft: DisclosureApprovalDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ReleaseView:
    """Approve or turn down a release as it is shown. Never by the human who proposed it.

    Nobody approves unread: of a protected person, whoever it is withheld from breaks the glass of their record first
    (403 `withheld`). Where either side is protected or the screen asks for it, never by one of the enquirer's team
    either.
    """
    row = telling.find_release(access, release_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, telling.settle_release(access, row, approve=draft.approve))


@router.post("/releases/{release_id}/telling", responses=documented(404, 409, 412, 428))
def tell_release(
    access: DisclosureWriter, release_id: UUID, response: Response, if_match: IfMatch = None
) -> ReleaseView:
    """Tell an approved release, once: the answer is what to read out to the enquirer now.

    The found person's answer, the verification, the screen and the approval are asked once more at this moment.
    """
    row = telling.find_release(access, release_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, telling.tell(access, row))
