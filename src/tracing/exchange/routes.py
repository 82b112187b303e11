"""HTTP face of the exchange: for our workers by token, for partner societies by signature."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.exchange import inbox, service
from tracing.exchange.envelope import Envelope
from tracing.exchange.schemas import (
    ApproveDraft,
    BoxLine,
    ExchangeCaseView,
    ExchangeEventDraft,
    PartnerMessageDraft,
    SendDraft,
    TakenView,
    TokenView,
)
from tracing.exchange.states import Side, State
from tracing.kit.assertions import GRANT, TYPE
from tracing.web.conditional import IfMatch, require_match, tagged
from tracing.web.door import ExchangeReader, ExchangeWriter, PartnerApplicant, SignedPartner
from tracing.web.idempotency import IdempotencyKey
from tracing.web.openapi import SIGNATURE, TOKEN
from tracing.web.paging import Page, Paged, Paging
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
    return tagged(response, service.send(access, sought_id, draft, idempotency_key))


@router.get("/exchange/cases", responses=documented())
def list_exchange_cases(
    access: ExchangeReader,
    paging: Paged,
    side: Annotated[Side | None, Query(description="Sent by us, or received.")] = None,
    state: Annotated[list[State] | None, Query(description="One or several states.")] = None,
) -> Page[ExchangeCaseView]:
    """List what we have with partners, the oldest first."""
    what = f"{LIST}|{side}|{','.join(state or [])}"
    rows = service.page(access, limit=paging.most, after=paging.after(access, what), side=side, states=state or [])
    return paging.page(access, what, rows, lambda row: (row.created_at, row.id))


@router.get("/exchange/cases/{exchange_case_id}", responses=documented(404))
def show_exchange_case(access: ExchangeReader, exchange_case_id: UUID, response: Response) -> ExchangeCaseView:
    """Show a case with a partner, with all messages of both sides."""
    return tagged(response, service.show(access, exchange_case_id))


@router.post("/exchange/cases/{exchange_case_id}/approval", responses=documented(404, 409, 412, 413, 415, 428))
def settle_sending(
    access: ExchangeWriter, exchange_case_id: UUID, draft: ApproveDraft, response: Response, if_match: IfMatch = None
) -> ExchangeCaseView:
    """Approve or turn down, as another worker, that a protected person's case leaves; or, with `line_id`, words of it.

    Where a side is protected, whoever approves words is of another team than the enquirer's; nobody approves what is
    withheld from them (403 `withheld`): break the glass first.
    """
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    if draft.line_id is not None:
        return tagged(response, service.settle_words(access, row, draft.line_id, approve=draft.approve))
    return tagged(response, service.settle(access, row, approve=draft.approve))


@router.post("/exchange/cases/{exchange_case_id}/events", responses=documented(404, 409, 412, 413, 415, 428))
def happen_to_exchange_case(
    access: ExchangeWriter,
    exchange_case_id: UUID,
    draft: ExchangeEventDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ExchangeCaseView:
    """Accept, refuse or return what a partner sent; or take back what we sent.

    `propose` asks again for the approval of what has not left: it was changed since, or somebody is protected by now.
    The partner is told with the next delivery. What was refused or returned is hidden here at once and forgotten by
    the night. `revoke` ends the partner's access; they acknowledge it in `acknowledged_at`.
    """
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.happen(access, row, draft))


@router.post("/exchange/cases/{exchange_case_id}/messages", responses=documented(404, 409, 412, 413, 415, 428))
def write_to_partner(
    access: ExchangeWriter,
    exchange_case_id: UUID,
    draft: PartnerMessageDraft,
    response: Response,
    if_match: IfMatch = None,
) -> ExchangeCaseView:
    """Ask the partner a question, send a Red Cross Message on, or answer.

    Words of a question or of facts wait until another worker approves just these. `send_message` carries on the
    Red Cross Message `message_id`, to the enquirer, that was read and sent, while the found person allows it.
    `possible_match` sends an opaque handle and nothing of the person; it needs a match that a worker confirmed.
    `told` sends what an approved release lets the enquirer learn, if the found person's answer still allows it when
    the message leaves.
    """
    row = service.find_case(access, exchange_case_id)
    require_match(if_match, row.id, row.version)
    return tagged(response, service.write(access, row, draft))


@router.get("/exchange/outbox", responses=documented())
def list_outbox(access: ExchangeReader, paging: Paged) -> Page[BoxLine]:
    """List what we send, the oldest first: ids, codes and how often it was tried."""
    return _box(access, Side.SENT, OUTBOX, paging)


@router.post("/exchange/outbox/{exchange_message_id}/again", status_code=201, responses=documented(404, 409))
def send_revocation_again(access: ExchangeWriter, exchange_message_id: UUID) -> BoxLine:
    """Send a revocation again that was given up, though the person may be hidden or forgotten by now.

    The `id` is the line's in the outbox, which a `not_taken_back` task has in `about_id`. A new message leaves with the
    next delivery; the task ends when the partner says that what was sent is gone. 409: another one is on its way, or
    has arrived.
    """
    return service.send_again(access, exchange_message_id)


@router.get("/exchange/inbox", responses=documented())
def list_inbox(access: ExchangeReader, paging: Paged) -> Page[BoxLine]:
    """List what partners sent, the oldest first."""
    return _box(access, Side.RECEIVED, INBOX, paging)


def _box(access: ExchangeReader, side: Side, what: str, paging: Paging) -> Page[BoxLine]:
    rows = service.box(access, side, limit=paging.most, after=paging.after(access, what))
    return paging.page(access, what, rows, lambda row: (row.at, row.id))
