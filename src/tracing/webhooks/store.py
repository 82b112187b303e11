"""Every statement about webhooks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, or_, select

from tracing.gate.access import Access
from tracing.kit.ids import new_id
from tracing.webhooks.states import DeliveryState, EventType
from tracing.webhooks.tables import Webhook, WebhookDelivery, WebhookProgress


def delivery(
    access: Access, webhook_id: UUID, event: EventType, happened_at: datetime, seq: int | None, subject_id: UUID | None
) -> WebhookDelivery:
    """Return a delivery that is to be sent, not yet added."""
    return WebhookDelivery(
        society=access.society,
        id=new_id(),
        webhook_id=webhook_id,
        seq=seq,
        event=event,
        subject_id=subject_id,
        happened_at=happened_at,
        state=DeliveryState.PENDING,
        created_at=access.now,
    )


def webhook(
    access: Access, webhook_id: UUID, *, origin: str, events: str, key_id: UUID, details: bytes, cursor: int
) -> tuple[Webhook, WebhookProgress]:
    """Return an endpoint of the caller's and where it stands, not yet added."""
    row = Webhook(
        society=access.society,
        id=webhook_id,
        owner_id=access.caller.account_id,
        origin=origin,
        events=events,
        key_id=key_id,
        details=details,
        created_at=access.now,
        updated_at=access.now,
    )
    progress = WebhookProgress(
        society=access.society,
        webhook_id=webhook_id,
        cursor=cursor,
        leased_until=access.now,
        next_at=access.now,
    )
    return row, progress


def add(access: Access, webhook: Webhook, progress: WebhookProgress) -> None:
    """Add an endpoint and where it stands."""
    access.session.add(webhook)
    access.session.flush()
    access.session.add(progress)
    access.session.flush()


def find(access: Access, webhook_id: UUID) -> tuple[Webhook, WebhookProgress] | None:
    """Return an endpoint of the society and where it stands."""
    query = select(Webhook, WebhookProgress).where(
        Webhook.id == webhook_id,
        WebhookProgress.society == Webhook.society,
        WebhookProgress.webhook_id == Webhook.id,
    )
    return access.session.exec(query).one_or_none()


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None
) -> Sequence[tuple[Webhook, WebhookProgress]]:
    """Return at most `limit` endpoints that follow `after`, oldest first."""
    query = select(Webhook, WebhookProgress).where(
        WebhookProgress.society == Webhook.society, WebhookProgress.webhook_id == Webhook.id
    )
    if after is not None:
        at, webhook_id = after
        same = (col(Webhook.created_at) == at) & (col(Webhook.id) > webhook_id)
        query = query.where(or_(col(Webhook.created_at) > at, same))
    return access.session.exec(query.order_by(col(Webhook.created_at), col(Webhook.id)).limit(limit)).all()


def active(access: Access) -> Sequence[tuple[Webhook, WebhookProgress]]:
    """Return every endpoint that is not disabled."""
    query = select(Webhook, WebhookProgress).where(
        WebhookProgress.society == Webhook.society,
        WebhookProgress.webhook_id == Webhook.id,
        col(Webhook.disabled_at).is_(None),
    )
    return access.session.exec(query.order_by(col(Webhook.created_at), col(Webhook.id))).all()


def save(access: Access, row: Webhook) -> None:
    """Write a changed endpoint and count its version up."""
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def save_progress(access: Access, row: WebhookProgress) -> None:
    """Write where an endpoint stands; two that write at once are told apart by the version."""
    row.version += 1
    access.session.add(row)
    access.session.flush()


def add_deliveries(access: Access, rows: Sequence[WebhookDelivery]) -> None:
    """Add or write deliveries."""
    access.session.add_all(rows)
    access.session.flush()


def pending(access: Access, webhook_id: UUID, limit: int) -> Sequence[WebhookDelivery]:
    """Return at most `limit` deliveries that are to be sent, tests first, then in the trail's order."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state == DeliveryState.PENDING
    )
    order = (func.coalesce(WebhookDelivery.seq, 0), col(WebhookDelivery.created_at), col(WebhookDelivery.id))
    return access.session.exec(query.order_by(*order).limit(limit)).all()


def deliveries(access: Access, ids: Sequence[UUID]) -> dict[UUID, WebhookDelivery]:
    """Return some deliveries by their ids."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.id).in_(ids))
    return {row.id: row for row in access.session.exec(query).all()}


def page_of_deliveries(
    access: Access,
    webhook_id: UUID,
    *,
    state: DeliveryState | None,
    limit: int,
    after: tuple[datetime, UUID] | None,
) -> Sequence[WebhookDelivery]:
    """Return at most `limit` deliveries of an endpoint that follow `after`, newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    at, row_id = col(WebhookDelivery.happened_at), col(WebhookDelivery.id)
    if after is not None:
        query = query.where(or_(at < after[0], (at == after[0]) & (row_id < after[1])))
    return access.session.exec(query.order_by(at.desc(), row_id.desc()).limit(limit)).all()


def settled_since(access: Access, webhook_id: UUID, since: datetime, limit: int) -> Sequence[WebhookDelivery]:
    """Return at most `limit` deliveries of what happened since then that were sent or given up, the oldest first."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id,
        col(WebhookDelivery.state).in_((DeliveryState.DELIVERED, DeliveryState.GIVEN_UP)),
        WebhookDelivery.happened_at >= since,
    )
    order = (col(WebhookDelivery.happened_at), col(WebhookDelivery.id))
    return access.session.exec(query.order_by(*order).limit(limit)).all()


def forget(access: Access, webhook_id: UUID, before: datetime, limit: int) -> int:
    """Delete at most `limit` deliveries that were settled before then, and return how many."""
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, col(WebhookDelivery.settled_at) < before
    )
    rows = access.session.exec(query.limit(limit)).all()
    for row in rows:
        access.session.delete(row)
    access.session.flush()
    return len(rows)
