"""HTTP face of webhooks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from tracing.web.conditional import IfMatch, require_match, tag, tagged
from tracing.web.door import WebhookReader, WebhookWriter
from tracing.web.idempotency import IdempotencyKey
from tracing.web.paging import Page, Paged
from tracing.web.problems import documented
from tracing.webhooks import service
from tracing.webhooks.schemas import (
    DeliveryView,
    NewSecretView,
    ReplayDraft,
    ReplayView,
    WebhookChange,
    WebhookDraft,
    WebhookView,
)
from tracing.webhooks.states import DeliveryState

router = APIRouter(tags=["webhooks"])
LIST = "webhooks"
CHANGES = documented(404, 409, 412, 428)
States = Annotated[DeliveryState | None, Query(description="Only deliveries in this state.")]


@router.get("/webhooks", responses=documented())
def list_webhooks(access: WebhookReader, paging: Paged) -> Page[WebhookView]:
    """List the society's endpoints, oldest first, whosever they are; an address is whole for its owner alone."""
    rows = service.page(access, limit=paging.most, after=paging.after(access, LIST))
    return paging.page(access, LIST, rows, lambda row: (row.created_at, row.id))


@router.post("/webhooks", status_code=201, responses=documented(409, 413, 415))
def create_webhook(
    access: WebhookWriter, draft: WebhookDraft, response: Response, idempotency_key: IdempotencyKey = None
) -> NewSecretView:
    """Register an endpoint of a system outside; it is told, thinly and signed, of what happens from now on.

    Deliveries follow [Standard Webhooks](https://www.standardwebhooks.com): verify the signature, refuse old
    timestamps, and treat a `webhook-id` that came before as done. The body has a type, a time and an id; read the
    rest over this API. Nobody is told of what their own account could not read. The secret is shown this once.
    """
    made = service.add(access, draft, idempotency_key)
    tag(response, made.webhook.id, made.webhook.version)
    return made


@router.get("/webhooks/{webhook_id}", responses=documented(404))
def show_webhook(access: WebhookReader, webhook_id: UUID, response: Response) -> WebhookView:
    """Show an endpoint and how it does."""
    return tagged(response, service.show(access, webhook_id))


@router.patch("/webhooks/{webhook_id}", responses=CHANGES)
def change_webhook(
    access: WebhookWriter, webhook_id: UUID, change: WebhookChange, response: Response, if_match: IfMatch = None
) -> WebhookView:
    """Subscribe an endpoint of one's own to other events, from where it stands."""
    known = service.find(access, webhook_id)
    require_match(if_match, webhook_id, known[0].version)
    return tagged(response, service.change(access, known, change))


@router.post("/webhooks/{webhook_id}/disable", responses=CHANGES)
def disable_webhook(
    access: WebhookWriter, webhook_id: UUID, response: Response, if_match: IfMatch = None
) -> WebhookView:
    """Send an endpoint nothing any more, whosever it is."""
    known = service.find(access, webhook_id)
    require_match(if_match, webhook_id, known[0].version)
    return tagged(response, service.disable(access, known))


@router.post("/webhooks/{webhook_id}/enable", responses=CHANGES)
def enable_webhook(
    access: WebhookWriter, webhook_id: UUID, response: Response, if_match: IfMatch = None
) -> WebhookView:
    """Send to a disabled endpoint of one's own again, from where it was left; nothing in between is lost."""
    known = service.find(access, webhook_id)
    require_match(if_match, webhook_id, known[0].version)
    return tagged(response, service.enable(access, known))


@router.post("/webhooks/{webhook_id}/secrets", status_code=201, responses=CHANGES)
def add_webhook_secret(
    access: WebhookWriter, webhook_id: UUID, response: Response, if_match: IfMatch = None
) -> NewSecretView:
    """Add a second secret, shown this once: both sign until the older one is retired."""
    known = service.find(access, webhook_id)
    require_match(if_match, webhook_id, known[0].version)
    made = service.add_secret(access, known)
    tag(response, made.webhook.id, made.webhook.version)
    return made


@router.post("/webhooks/{webhook_id}/secrets/retirement", responses=CHANGES)
def retire_webhook_secret(
    access: WebhookWriter, webhook_id: UUID, response: Response, if_match: IfMatch = None
) -> WebhookView:
    """Retire the older of two secrets, when the receiver knows the newer one."""
    known = service.find(access, webhook_id)
    require_match(if_match, webhook_id, known[0].version)
    return tagged(response, service.retire_secret(access, known))


@router.post("/webhooks/{webhook_id}/test", status_code=202, responses=documented(404, 409))
def test_webhook(access: WebhookWriter, webhook_id: UUID) -> DeliveryView:
    """Let an endpoint of one's own be sent `webhook.test`; how it went stands in its deliveries."""
    return service.send_test(access, webhook_id)


@router.get("/webhooks/{webhook_id}/deliveries", responses=documented(404))
def list_webhook_deliveries(
    access: WebhookReader,
    webhook_id: UUID,
    paging: Paged,
    state: States = None,
) -> Page[DeliveryView]:
    """List what an endpoint was or shall be sent, newest first; settled ones are kept for 30 days."""
    name = f"{LIST}-{webhook_id}"
    rows = service.deliveries(access, webhook_id, state=state, limit=paging.most, after=paging.after(access, name))
    return paging.page(access, name, rows, lambda row: (row.happened_at, row.id))


@router.post("/webhooks/{webhook_id}/replay", responses=documented(404, 409))
def replay_webhook(access: WebhookWriter, webhook_id: UUID, draft: ReplayDraft) -> ReplayView:
    """Send again what was sent or given up: one delivery, or everything that happened since a moment.

    Each keeps its `webhook-id`. What its owner could no longer read is not sent again.
    """
    return service.replay(access, webhook_id, draft)
