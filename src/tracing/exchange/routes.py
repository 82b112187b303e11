"""HTTP face of the exchange: for our workers by token, for partner societies by signature."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from tracing.exchange import inbox, precheck, service
from tracing.exchange.envelope import Envelope
from tracing.exchange.schemas import (
    ApproveDraft,
    BoxLine,
    ExchangeCaseView,
    ExchangeEventDraft,
    PartnerMessageDraft,
    PreCheckAnswer,
    PreCheckDraft,
    PreCheckHitsView,
    SendDraft,
    TakenView,
    TokenView,
)
from tracing.exchange.states import Side, State
from tracing.kit.assertions import GRANT, TYPE
from tracing.web.conditional import IfMatch, require_match, tag
from tracing.web.door import ExchangeReader, ExchangeWriter, PartnerApplicant, SignedBatches, SignedPartner
from tracing.web.idempotency import IdempotencyKey
from tracing.web.openapi import SIGNATURE, TOKEN
from tracing.web.paging import CursorText, Limit, Page, Place, link_next, read_cursor, write_cursor
from tracing.web.problems import documented

router = APIRouter(tags=["exchange"])
LIST = "exchange-cases"
TOKEN_REQUEST = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type", "client_assertion_type", "client_assertion"],
                "properties": {
                    "grant_type": {"const": GRANT},
                    "client_assertion_type": {"const": TYPE},
                    "client_assertion": {"type": "string", "description": "A JWT, signed with EdDSA."},
                    "client_id": {"type": "string", "description": "The partner's code, if it is sent at all."},
                },
            }
        }
    },
}
OUTBOX, INBOX = "exchange-outbox", "exchange-inbox"


@router.post(
    "/exchange/{society}/inbox",
    status_code=202,
    responses=documented(404, 409, 413, 415, 429),
    openapi_extra={"security": [{SIGNATURE: []}, {SIGNATURE: [], TOKEN: []}]},
)
def take_message(access: SignedPartner, society: str, envelope: Envelope, response: Response) -> TakenView:
    """Take a message of a partner society, signed with one of its keys (RFC 9421, Ed25519).

    The signature, with the tag `tracing-exchange`, covers `@method`, `@target-uri` and `content-digest`, and has
    `created`, at most five minutes ago, `keyid` and a `nonce` that comes once. 202: its effects happened. 200 and
    `known`: it came before, and nothing happened. 409 `not-yet`: it is about a message that has not come; send it
    again later. 429: as much came as was agreed.
    """
    taken = inbox.take(access, envelope)
    response.status_code = 200 if taken.known else 202
    return taken


@router.post(
    "/exchange/{society}/token",
    responses=documented(404, 409, 413, 429),
    openapi_extra={"security": [{TOKEN: []}], "requestBody": TOKEN_REQUEST},
)
def issue_token(applicant: PartnerApplicant, society: str, response: Response) -> TokenView:
    """Give a partner society an access token for an assertion made with one of its keys (RFC 7523, EdDSA).

    The claims are `iss` and `sub`, its own code; `aud`, this address; `exp`, at most five minutes ahead; and a `jti`
    that comes once. The token is good for some minutes and only beside a signature of the same key. It is needed
    where the receiver says so; whoever needs none may leave it. 429: as many came as one key may get.
    """
    response.headers["Cache-Control"] = "no-store"
    return inbox.token_for(applicant.access, applicant.key_id)


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
    return precheck.answer(turn, draft)


@router.get("/sought-persons/{sought_id}/pre-checks", responses=documented(404))
def list_pre_check_hits(access: ExchangeReader, sought_id: UUID) -> PreCheckHitsView:
    """List which partners may know of a sought person, the latest first: opaque handles and numbers of shared tokens.

    It is no match. What may follow is an ordinary `request_search` under its own consent; nothing is sent by itself.
    """
    return precheck.hits(access, sought_id)


@router.post("/sought-persons/{sought_id}/exchange", status_code=201, responses=documented(404, 409, 413, 415))
def send_to_partner(
    access: ExchangeWriter,
    sought_id: UUID,
    draft: SendDraft,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ExchangeCaseView:
    """Ask a partner society to search, share for information, or hand the case over.

    What leaves is cut at the moment of sending to what `share_with_society` allows for this recipient. The enquirer
    is named only where they agreed to it themselves. Where somebody is protected, places are left out and another
    worker must approve first. A transfer needs both persons' consent, and `requests:assign`.
    """
    view = service.send(access, sought_id, draft, idempotency_key)
    tag(response, view.id, view.version)
    return view


@router.get("/exchange/cases", responses=documented())
def list_exchange_cases(
    access: ExchangeReader,
    request: Request,
    response: Response,
    side: Annotated[Side | None, Query(description="Sent by us, or received.")] = None,
    state: Annotated[list[State] | None, Query(description="One or several states.")] = None,
    limit: Limit = 20,
    cursor: CursorText = None,
) -> Page[ExchangeCaseView]:
    """List what we have with partners, the oldest first."""
    what = f"{LIST}|{side}|{','.join(state or [])}"
    place = read_cursor(access, what, cursor)
    after = (place.moment, place.id) if place else None
    rows = service.page(access, limit=limit + 1, after=after, side=side, states=state or [])
    more = len(rows) > limit
    rows = rows[:limit]
    following = write_cursor(access, what, Place(at=rows[-1].created_at, id=rows[-1].id)) if more else None
    link_next(request, response, following)
    return Page(items=rows, next_cursor=following, has_more=more)


@router.get("/exchange/cases/{exchange_case_id}", responses=documented(404))
def show_exchange_case(access: ExchangeReader, exchange_case_id: UUID, response: Response) -> ExchangeCaseView:
    """Show a case with a partner, with all messages of both sides."""
    view = service.show(access, exchange_case_id)
    tag(response, view.id, view.version)
    return view


@router.post("/exchange/cases/{exchange_case_id}/approval", responses=documented(404, 409, 412, 413, 415, 428))
def settle_sending(
    access: ExchangeWriter, exchange_case_id: UUID, draft: ApproveDraft, response: Response, if_match: IfMatch = None
) -> ExchangeCaseView:
    """Approve or turn down, as another worker, that a protected person's case leaves."""
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    view = service.settle(access, row, approve=draft.approve)
    tag(response, view.id, view.version)
    return view


@router.post("/exchange/cases/{exchange_case_id}/events", responses=documented(404, 409, 412, 413, 415, 428))
def happen_to_exchange_case(
    access: ExchangeWriter,
    exchange_case_id: UUID,
    draft: ExchangeEventDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ExchangeCaseView:
    """Accept, refuse or return what a partner sent; or take back what we sent.

    The partner is told with the next delivery. What was refused or returned is hidden here at once and forgotten by
    the night. `revoke` ends the partner's access; they acknowledge it in `acknowledged_at`.
    """
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    view = service.happen(access, row, draft)
    tag(response, view.id, view.version)
    return view


@router.post("/exchange/cases/{exchange_case_id}/messages", responses=documented(404, 409, 412, 413, 415, 428))
def write_to_partner(
    access: ExchangeWriter,
    exchange_case_id: UUID,
    draft: PartnerMessageDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ExchangeCaseView:
    """Ask the partner a question, send a Red Cross Message on, or answer.

    `possible_match` sends an opaque handle and nothing of the person; it needs a match that a worker confirmed.
    `told` sends what an approved release lets the enquirer learn, if the found person's answer still allows it when
    the message leaves.
    """
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    view = service.write(access, row, draft)
    tag(response, view.id, view.version)
    return view


@router.get("/exchange/outbox", responses=documented())
def list_outbox(
    access: ExchangeReader, request: Request, response: Response, limit: Limit = 20, cursor: CursorText = None
) -> Page[BoxLine]:
    """List what we send, the oldest first: ids, codes and how often it was tried."""
    return _box(access, Side.SENT, OUTBOX, request, response, limit, cursor)


@router.get("/exchange/inbox", responses=documented())
def list_inbox(
    access: ExchangeReader, request: Request, response: Response, limit: Limit = 20, cursor: CursorText = None
) -> Page[BoxLine]:
    """List what partners sent, the oldest first."""
    return _box(access, Side.RECEIVED, INBOX, request, response, limit, cursor)


def _box(
    access: ExchangeReader,
    side: Side,
    what: str,
    request: Request,
    response: Response,
    limit: int,
    cursor: str | None,
) -> Page[BoxLine]:
    place = read_cursor(access, what, cursor)
    rows = service.box(access, side, limit=limit + 1, after=(place.moment, place.id) if place else None)
    more = len(rows) > limit
    rows = rows[:limit]
    following = write_cursor(access, what, Place(at=rows[-1].at, id=rows[-1].id)) if more else None
    link_next(request, response, following)
    return Page(items=rows, next_cursor=following, has_more=more)
