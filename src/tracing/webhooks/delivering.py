"""What the dispatcher does in transactions: look for work, collect it, write down what came of it.

Between collecting and writing down nothing is open: that is when the network is used.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tracing.gate import feed, people
from tracing.gate.access import Access
from tracing.gate.ledger import What
from tracing.gate.vault import Place, seal, unseal
from tracing.kit.errors import NotFound
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind
from tracing.webhooks import store, views
from tracing.webhooks.schemas import Payload
from tracing.webhooks.states import (
    EVENT_OF,
    TABLE,
    About,
    DeliveryState,
    Disabled,
    EventType,
    Patience,
    Trouble,
)

if TYPE_CHECKING:
    from tracing.webhooks.tables import Webhook, WebhookDelivery, WebhookProgress

READ_AT_ONCE = 200
SENT_AT_ONCE = 10
KEPT = timedelta(days=30)
"""How long a settled delivery can be listed and replayed."""
FORGOTTEN_AT_ONCE = 500
SLACK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Todo:
    """What a society's endpoints are waiting for.

    Attributes:
        seq: end of the trail when it was looked at.
        webhooks: (endpoint, owner) of those that may be sent something now.
        next_at: when the first of the others is tried again.
        anybody: whether there is an endpoint that is not disabled.
    """

    seq: int
    webhooks: tuple[tuple[UUID, UUID], ...]
    next_at: datetime | None
    anybody: bool


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery as it is to be sent."""

    delivery_id: UUID
    url: str
    origin: str
    secrets: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt; `trouble` is None when it was delivered."""

    delivery_id: UUID
    status: int | None
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be sent to one endpoint now, in this order, and whether there is more behind it."""

    posts: tuple[Post, ...]
    more: bool


def look(access: Access) -> Todo:
    """Return what the society's endpoints are waiting for."""
    seq = feed.head(access)
    rows = store.active(access)
    at = [(max(progress.next_at, progress.leased_until), webhook) for webhook, progress in rows]
    ready = tuple((webhook.id, webhook.owner_id) for moment, webhook in at if moment <= access.now)
    access.note("webhooks.look", count=len(rows))
    return Todo(seq, ready, min((m for m, _ in at if m > access.now), default=None), bool(rows))


def collect(access: Access, webhook_id: UUID, lease: timedelta) -> Batch:
    """Read the trail behind the endpoint's cursor, and take what is to be sent for as long as `lease`.

    Args:
        access: of the endpoint's owner.
        webhook_id: the endpoint.
        lease: time for one post.

    Raises:
        NotFound: there is no such endpoint.
    """
    webhook, progress = found(access, webhook_id)
    access.note("webhooks.collect", webhook_id, count=0)
    if webhook.disabled_at is not None or max(progress.next_at, progress.leased_until) > access.now:
        return Batch((), more=False)
    more = _read_on(access, webhook, progress)
    rows = store.pending(access, webhook_id, SENT_AT_ONCE)
    kept = [row for row, sent in zip(rows, _seen(access, rows), strict=True) if sent]
    for row in rows:
        if row not in kept:
            row.state, row.settled_at = DeliveryState.WITHHELD, access.now
    store.add_deliveries(access, rows)
    store.forget(access, webhook_id, access.now - KEPT, FORGOTTEN_AT_ONCE)
    if kept:
        progress.leased_until = access.now + lease * len(kept) + SLACK
    store.save_progress(access, progress)
    return Batch(_posts(access, webhook, kept), more or len(rows) == SENT_AT_ONCE)


def _read_on(access: Access, webhook: "Webhook", progress: "WebhookProgress") -> bool:
    """Write a delivery for each new event that the owner may know of; return whether the trail has more to read."""
    end = feed.head(access)
    wanted = [act for event in webhook.events.split() for act in TABLE[EventType(event)].acts]
    entries = feed.acts_after(access, progress.cursor, wanted, limit=READ_AT_ONCE)
    rows = [
        store.delivery(access, webhook.id, EVENT_OF[entry.act], entry.at, entry.seq, entry.subject_id)
        for entry in entries
    ]
    store.add_deliveries(access, [row for row, told in zip(rows, _seen(access, rows), strict=True) if told])
    more = len(entries) == READ_AT_ONCE
    last = max((entry.seq for entry in entries), default=progress.cursor)
    progress.cursor = last if more else max(end, last)  # the trail may have grown since its end was asked
    return more


def _seen(access: Access, rows: Sequence["WebhookDelivery"]) -> list[bool]:
    return views.seen(access, [(row.event, row.subject_id) for row in rows])


def _posts(access: Access, webhook: "Webhook", rows: Sequence["WebhookDelivery"]) -> tuple[Post, ...]:
    if not rows:
        return ()
    known = opened(access, webhook)
    secrets = tuple(secret["text"] for secret in known["secrets"])
    return tuple(Post(row.id, known["url"], webhook.origin, secrets, body_of(row)) for row in rows)


def body_of(row: "WebhookDelivery") -> bytes:
    """Return what is sent of a delivery, the same each time."""
    about = About.NOTHING if row.event is EventType.TEST else TABLE[row.event].about
    data = {about.value: row.subject_id} if about is not About.NOTHING else {}
    sent = Payload.model_validate({"type": row.event, "timestamp": row.happened_at, "data": data})
    return sent.model_dump_json().encode()


def settle(
    access: Access, webhook_id: UUID, results: Sequence[Result], patience: Patience, chance: float
) -> Disabled | None:
    """Write down what came of a batch, of which only the last may have failed; return why it was disabled, if so.

    Args:
        access: of the society's operator: the owner may have gone meanwhile.
        webhook_id: the endpoint.
        results: in the order in which they were sent.
        patience: how long the endpoint is waited for.
        chance: from 0 to 1, moves the next attempt.
    """
    webhook, progress = found(access, webhook_id)
    rows = store.deliveries(access, [result.delivery_id for result in results])
    progress.leased_until, progress.next_at = access.now, access.now
    why: Disabled | None = None
    for result in results:
        row = rows[result.delivery_id]
        _write(access, row, result)
        if result.trouble is None:
            progress.failures = progress.losses = 0
            continue
        why = _failed(access, row, progress, result, patience)
        progress.next_at = access.now + patience.wait(max(progress.failures, 1), chance)
    store.add_deliveries(access, list(rows.values()))
    store.save_progress(access, progress)
    access.note("webhooks.deliver", webhook_id, count=sum(result.trouble is None for result in results))
    if why is not None and webhook.disabled_at is None:
        disable(access, webhook, why)
        _raise_task(access, webhook)
    return why


def _write(access: Access, row: "WebhookDelivery", result: Result) -> None:
    row.attempts += 1
    row.last_status, row.last_trouble = result.status, result.trouble
    if result.trouble is None:
        row.state, row.settled_at = DeliveryState.DELIVERED, access.now


def _failed(
    access: Access, row: "WebhookDelivery", progress: "WebhookProgress", result: Result, patience: Patience
) -> Disabled | None:
    progress.failures += 1
    if result.status == 410:
        return Disabled.GONE
    if row.attempts < patience.tries:
        return None
    row.state, row.settled_at = DeliveryState.GIVEN_UP, access.now
    progress.failures, progress.losses = 0, progress.losses + 1
    return Disabled.FAILING if progress.losses >= patience.losses else None


def disable(access: Access, webhook: "Webhook", why: Disabled) -> None:
    """Send an endpoint nothing any more; no restored backup brings it back."""
    webhook.disabled_at, webhook.disabled_for = access.now, why
    store.save(access, webhook)
    access.end(What.WEBHOOK, webhook.id)
    access.note(f"webhooks.disable_{why}", webhook.id)


def owner_gone(access: Access, webhook_id: UUID) -> None:
    """Disable an endpoint whose owner's account can no longer be acted for."""
    webhook, _ = found(access, webhook_id)
    access.note("webhooks.collect", webhook_id, count=0)
    if webhook.disabled_at is None:
        disable(access, webhook, Disabled.OWNER_GONE)
        _raise_task(access, webhook)


def _raise_task(access: Access, webhook: "Webhook") -> None:
    """Tell the owner's team that the system outside is told of nothing any more, whatever it was not told of."""
    team = people.find_account(access, str(webhook.owner_id)).team
    tasks.raise_alone(access, TaskKind.WEBHOOK_STOPPED, webhook.id, team)


def found(access: Access, webhook_id: UUID) -> tuple["Webhook", "WebhookProgress"]:
    """Return an endpoint and where it stands.

    Raises:
        NotFound: there is none in this society.
    """
    known = store.find(access, webhook_id)
    if known is None:
        raise NotFound("no such webhook")
    return known


def opened(access: Access, webhook: "Webhook") -> dict[str, Any]:
    """Return the endpoint's `url` and `secrets`, unsealed."""
    cipher = access.keys.cipher(webhook.key_id)
    known: dict[str, Any] = json.loads(unseal(cipher, webhook.details, _place(access, webhook.id)))
    return known


def sealed(access: Access, webhook_id: UUID, key_id: UUID, details: dict[str, Any]) -> bytes:
    """Return an endpoint's `url` and `secrets` sealed for its row."""
    return seal(access.keys.cipher(key_id), json.dumps(details).encode(), _place(access, webhook_id))


def _place(access: Access, webhook_id: UUID) -> Place:
    return Place("webhook", "details", access.society, webhook_id)
