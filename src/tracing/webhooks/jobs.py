"""The dispatcher: reads the trail behind each endpoint's cursor and sends, signed, at least once.

Per endpoint one dispatcher works at a time, in the trail's order; the first failure ends the turn, and the next one
begins with the same delivery under the same `webhook-id`. Whoever is killed leaves a lease that runs out.
"""

import logging
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from standardwebhooks import Webhook as Signer

from tracing.gate import feed, founding
from tracing.gate.access import Access
from tracing.gate.opening import Gate
from tracing.kit import clock, log
from tracing.kit.errors import NotFound, Refused, TracingError
from tracing.kit.outbound import Outbound, OutboundFailed, OutboundRefused
from tracing.webhooks import delivering
from tracing.webhooks.delivering import Post, Result
from tracing.webhooks.states import EVENT_OF, WORK, Patience, Trouble

TURNS = 100  # batches for one endpoint before the next one has its turn
_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last look at a society's endpoints said."""

    seq: int
    next_at: datetime | None
    anybody: bool


@dataclass
class Dispatcher:
    """Sends what the endpoints of every society of a case base are waiting for.

    Attributes:
        gate: the case base.
        outbound: the client that calls out.
        operator: opens an access of a society's operator.
        owner: opens an access of an account of a society, with what it may read.
        patience: how long an endpoint is waited for.
        stop: set to end within one post.
    """

    gate: Gate
    outbound: Outbound
    operator: Callable[[str], AbstractContextManager[Access]]
    owner: Callable[[str, UUID], AbstractContextManager[Access]]
    patience: Patience = field(default_factory=Patience)
    stop: Event = field(default_factory=Event)
    _known: dict[str, _Known] = field(default_factory=dict)

    def watch(self, interval_s: float) -> None:
        """Send until `stop` is set, looking every `interval_s` seconds. Trouble is logged and tried again."""
        while not self.stop.is_set():
            try:
                self.round()
            except Exception as error:  # noqa: BLE001  # the loop outlives the database, which comes back
                log.say(logging.ERROR, "webhooks", error=type(error).__name__)
            self.stop.wait(interval_s)

    def round(self) -> int:
        """Send everything that is due now, and return how many deliveries arrived."""
        return sum(self._society(society) for society in founding.societies(self.gate) if self._is_due(society))

    def _is_due(self, society: str) -> bool:
        known = self._known.get(society)
        if known is None or (known.next_at is not None and known.next_at <= clock.now()):
            return True
        acts = WORK | EVENT_OF.keys() if known.anybody else WORK
        return feed.has_more(self.gate, society, known.seq, acts)

    def _society(self, society: str) -> int:
        with self.operator(society) as access:
            todo = delivering.look(access)
        arrived, waits = 0, [todo.next_at] if todo.next_at else []
        for webhook_id, owner_id in todo.webhooks:
            try:
                came, next_at = self._endpoint(society, webhook_id, owner_id)
            except TracingError as error:  # another dispatcher was quicker, or the database is busy: look again
                log.say(logging.WARNING, "webhooks", error=error.code)
                came, next_at = 0, clock.now() + self.patience.first
            arrived += came
            waits += [next_at] if next_at else []
            if self.stop.is_set():
                return arrived
        self._known[society] = _Known(todo.seq, min(waits, default=None), todo.anybody)
        return arrived

    def _endpoint(self, society: str, webhook_id: UUID, owner_id: UUID) -> tuple[int, datetime | None]:
        """Return how many deliveries arrived, and when the endpoint is to be looked at again."""
        arrived = 0
        lease = timedelta(seconds=self.gate.settings.outbound_timeout_s)
        for _ in range(TURNS):
            try:
                with self.owner(society, owner_id) as access:
                    batch = delivering.collect(access, webhook_id, lease)
            except (NotFound, Refused):
                with self.operator(society) as access:
                    delivering.owner_gone(access, webhook_id)
                return arrived, None
            if not batch.posts and not batch.more:
                return arrived, None
            results = self._send_all(batch.posts)
            if results:
                with self.operator(society) as access:
                    delivering.settle(access, webhook_id, results, self.patience, _chance.random())
            arrived += sum(result.trouble is None for result in results)
            if len(results) < len(batch.posts) or any(result.trouble for result in results):
                return arrived, clock.now() + self.patience.first / 2
        return arrived, clock.now()

    def _send_all(self, posts: tuple[Post, ...]) -> list[Result]:
        """Send in order up to the first failure."""
        results: list[Result] = []
        for post in posts:
            if self.stop.is_set():
                break
            results.append(self._send(post))
            if results[-1].trouble is not None:
                break
        return results

    def _send(self, post: Post) -> Result:
        try:
            answer = self.outbound.post(post.url, post.body, headers(post, clock.now()), origin=post.origin)
        except OutboundRefused:
            return Result(post.delivery_id, None, Trouble.REFUSED)
        except OutboundFailed as error:
            return Result(post.delivery_id, None, Trouble(error.reason.value))
        trouble = None if 200 <= answer.status < 300 else Trouble.STATUS
        return Result(post.delivery_id, answer.status, trouble)


def headers(post: Post, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks: one signature per active secret."""
    webhook_id = f"msg_{post.delivery_id.hex}"
    signatures = (Signer(secret).sign(webhook_id, now, post.body.decode()) for secret in post.secrets)
    return {
        "content-type": "application/json",
        "user-agent": "tracing-webhooks",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
