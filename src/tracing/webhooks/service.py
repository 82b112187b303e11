"""The rules of keeping webhooks: no HTTP, no SQL."""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracing.gate import feed, idempotency
from tracing.gate.access import Access
from tracing.kit.errors import Flaw, Invalid, NotFound
from tracing.kit.ids import new_id
from tracing.kit.outbound import Outbound, OutboundRefused
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind
from tracing.webhooks import delivering, store
from tracing.webhooks.errors import NotTheOwner, OneSecretOnly, WebhookDisabled
from tracing.webhooks.schemas import (
    DeliveryView,
    NewSecretView,
    ReplayDraft,
    ReplayView,
    SecretView,
    WebhookChange,
    WebhookDraft,
    WebhookView,
)
from tracing.webhooks.states import TABLE, DeliveryState, Disabled, EventType

if TYPE_CHECKING:
    from tracing.webhooks.tables import Webhook, WebhookDelivery, WebhookProgress

    Known = tuple[Webhook, WebhookProgress]

SECRET_BYTES = 32
ACTIVE = 2
REPLAYED_AT_ONCE = 500
SETTLED = (DeliveryState.DELIVERED, DeliveryState.GIVEN_UP)


def add(access: Access, draft: WebhookDraft, key: str | None = None) -> NewSecretView:
    """Register an endpoint of the caller's; it is told of what happens from now on. Its secret is shown this once.

    A retry with the same Idempotency-Key returns the endpoint without the secret.

    Raises:
        Invalid: the address may not be called, or the caller may not read what an event is about.
    """
    print_of = f"webhooks.add|{draft.model_dump_json()}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        access.note("webhooks.read", made)
        return NewSecretView(webhook=_view(access, delivering.found(access, made)), secret=None)
    origin = _origin(access, draft.url)
    _refuse_unread(access, draft.events)
    webhook_id, (key_id, _) = new_id(), access.keys.fresh()
    secret = _new_secret(access)
    details = {"url": draft.url, "secrets": [secret]}
    known = store.webhook(
        access,
        webhook_id,
        origin=origin,
        events=" ".join(draft.events),
        key_id=key_id,
        details=delivering.sealed(access, webhook_id, key_id, details),
        cursor=feed.head(access),
    )
    store.add(access, *known)
    idempotency.remember(access, key, print_of, webhook_id)
    access.note("webhooks.add", webhook_id)
    return NewSecretView(webhook=_view(access, known), secret=secret["text"])


def page(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[WebhookView]:
    """Return at most `limit` endpoints of the society that follow `after`, oldest first."""
    rows = store.page(access, limit=limit, after=after)
    access.note_page("webhooks.list", [webhook.id for webhook, _ in rows])
    return [_view(access, row) for row in rows]


def find(access: Access, webhook_id: UUID) -> "Known":
    """Return an endpoint's rows, for checking its version.

    Raises:
        NotFound: there is none in this society.
    """
    return delivering.found(access, webhook_id)


def show(access: Access, webhook_id: UUID) -> WebhookView:
    """Return an endpoint.

    Raises:
        NotFound: there is none in this society.
    """
    known = find(access, webhook_id)
    access.note("webhooks.read", webhook_id)
    return _view(access, known)


def change(access: Access, known: "Known", change: WebhookChange) -> WebhookView:
    """Subscribe an endpoint to other events; the caller has checked the version.

    Raises:
        NotTheOwner: it is somebody else's.
        Invalid: the caller may not read what an event is about.
    """
    webhook = _own(access, known)
    _refuse_unread(access, change.events)
    webhook.events = " ".join(change.events)
    store.save(access, webhook)
    access.note("webhooks.change", webhook.id)
    return _view(access, known)


def disable(access: Access, known: "Known") -> WebhookView:
    """Send an endpoint nothing any more, whosever it is; the caller has checked the version.

    Raises:
        WebhookDisabled: it is disabled already.
    """
    webhook, _ = known
    if webhook.disabled_at is not None:
        raise WebhookDisabled("the webhook is disabled already")
    delivering.disable(access, webhook, Disabled.BY_HAND)
    return _view(access, known)


def enable(access: Access, known: "Known") -> WebhookView:
    """Send to a disabled endpoint again, from where it was left; the caller has checked the version.

    Raises:
        NotTheOwner: it is somebody else's.
        WebhookDisabled: it is not disabled.
    """
    webhook, progress = _own(access, known), known[1]
    if webhook.disabled_at is None:
        raise WebhookDisabled("the webhook is not disabled")
    webhook.disabled_at = webhook.disabled_for = None
    store.save(access, webhook)
    tasks.end(access, TaskKind.WEBHOOK_STOPPED, webhook.id)
    _at_once(access, progress)
    access.note("webhooks.enable", webhook.id)
    return _view(access, known)


def add_secret(access: Access, known: "Known") -> NewSecretView:
    """Add a second secret, which signs beside the first until that is retired; the caller has checked the version.

    Raises:
        NotTheOwner: it is somebody else's.
        OneSecretOnly: two are active already.
    """
    webhook = _own(access, known)
    details = delivering.opened(access, webhook)
    if len(details["secrets"]) >= ACTIVE:
        raise OneSecretOnly("two secrets are active; retire the older one first")
    secret = _new_secret(access)
    _seal_again(access, webhook, details, [*details["secrets"], secret])
    access.note("webhooks.add_secret", webhook.id)
    return NewSecretView(webhook=_view(access, known), secret=secret["text"])


def retire_secret(access: Access, known: "Known") -> WebhookView:
    """Stop signing with the older of two secrets; the caller has checked the version.

    Raises:
        NotTheOwner: it is somebody else's.
        OneSecretOnly: there is only one.
    """
    webhook = _own(access, known)
    details = delivering.opened(access, webhook)
    if len(details["secrets"]) < ACTIVE:
        raise OneSecretOnly("only one secret is active; add another first")
    _seal_again(access, webhook, details, details["secrets"][1:])
    access.note("webhooks.retire_secret", webhook.id)
    return _view(access, known)


def send_test(access: Access, webhook_id: UUID) -> DeliveryView:
    """Let an endpoint be sent a test, before anything else that waits.

    Raises:
        NotFound: there is no such endpoint in this society.
        NotTheOwner: it is somebody else's.
        WebhookDisabled: it is disabled.
    """
    webhook, progress = _open_own(access, webhook_id)
    row = store.delivery(access, webhook.id, EventType.TEST, access.now, None, None)
    store.add_deliveries(access, [row])
    _at_once(access, progress)
    access.note("webhooks.test", webhook_id)
    return _delivery(row)


def deliveries(
    access: Access,
    webhook_id: UUID,
    *,
    state: DeliveryState | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> list[DeliveryView]:
    """Return at most `limit` deliveries of an endpoint that follow `after`, newest first.

    Raises:
        NotFound: there is no such endpoint in this society.
    """
    find(access, webhook_id)
    rows = store.page_of_deliveries(access, webhook_id, state=state, limit=limit, after=after)
    access.note("webhooks.deliveries", webhook_id, count=len(rows))
    return [_delivery(row) for row in rows]


def replay(access: Access, webhook_id: UUID, draft: ReplayDraft) -> ReplayView:
    """Let one settled delivery, or all of what happened since a moment, be sent again under their `webhook-id`.

    Raises:
        NotFound: there is no such endpoint in this society, or no such settled delivery of it.
        NotTheOwner: it is somebody else's.
        WebhookDisabled: it is disabled.
    """
    webhook, progress = _open_own(access, webhook_id)
    if draft.delivery_id is not None:
        found = store.deliveries(access, [draft.delivery_id]).values()
        rows = [row for row in found if row.webhook_id == webhook.id and row.state in SETTLED]
        if not rows:
            raise NotFound("no such settled delivery")
    else:
        assert draft.since is not None
        rows = list(store.settled_since(access, webhook.id, draft.since, REPLAYED_AT_ONCE + 1))
    for row in rows[:REPLAYED_AT_ONCE]:
        row.state, row.attempts, row.settled_at = DeliveryState.PENDING, 0, None
    store.add_deliveries(access, rows)
    _at_once(access, progress)
    access.note("webhooks.replay", webhook_id, count=len(rows[:REPLAYED_AT_ONCE]))
    return ReplayView(replayed=len(rows[:REPLAYED_AT_ONCE]), more=len(rows) > REPLAYED_AT_ONCE)


def _origin(access: Access, url: str) -> str:
    try:
        return Outbound(access.settings).origin(url)
    except OutboundRefused as error:
        raise Invalid("the address is not one that is called", [Flaw("/url", error.code, error.detail)]) from None


def _refuse_unread(access: Access, events: Sequence[EventType]) -> None:
    flaws = [
        Flaw(f"/events/{number}", "not-readable", f"this needs the permission {TABLE[event].needs}")
        for number, event in enumerate(events)
        if TABLE[event].needs not in access.caller.permissions
    ]
    if flaws:
        raise Invalid("nobody is told of what they may not read", flaws)


def _own(access: Access, known: "Known") -> "Webhook":
    webhook, _ = known
    if webhook.owner_id != access.caller.account_id:
        raise NotTheOwner("the webhook is another account's")
    return webhook


def _open_own(access: Access, webhook_id: UUID) -> "Known":
    known = find(access, webhook_id)
    if _own(access, known).disabled_at is not None:
        raise WebhookDisabled("the webhook is disabled; enable it first")
    return known


def _at_once(access: Access, progress: "WebhookProgress") -> None:
    progress.next_at, progress.failures, progress.losses = access.now, 0, 0
    store.save_progress(access, progress)


def _new_secret(access: Access) -> dict[str, str]:
    text = "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()
    return {"id": str(new_id()), "text": text, "created_at": access.now.isoformat()}


def _seal_again(access: Access, webhook: "Webhook", details: dict[str, Any], secrets: list[dict[str, str]]) -> None:
    webhook.details = delivering.sealed(access, webhook.id, webhook.key_id, details | {"secrets": secrets})
    store.save(access, webhook)


def _view(access: Access, known: "Known") -> WebhookView:
    webhook, progress = known
    details = delivering.opened(access, webhook)
    return WebhookView(
        id=webhook.id,
        owner_id=webhook.owner_id,
        origin=webhook.origin,
        url=details["url"] if webhook.owner_id == access.caller.account_id else None,
        events=[EventType(event) for event in webhook.events.split()],
        secrets=[SecretView.model_validate({"id": s["id"], "created_at": s["created_at"]}) for s in details["secrets"]],
        failures=progress.failures,
        next_at=progress.next_at if progress.failures else None,
        disabled_at=webhook.disabled_at,
        disabled_for=webhook.disabled_for,
        version=webhook.version,
        created_at=webhook.created_at,
        updated_at=webhook.updated_at,
    )


def _delivery(row: "WebhookDelivery") -> DeliveryView:
    return DeliveryView(
        id=row.id,
        webhook_id=f"msg_{row.id.hex}",
        event=row.event,
        happened_at=row.happened_at,
        state=row.state,
        attempts=row.attempts,
        last_status=row.last_status,
        last_trouble=row.last_trouble,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )
