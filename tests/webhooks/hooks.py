"""Shorthand for tests of webhooks: an endpoint over HTTP, a dispatcher in this process, what was received."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event
from typing import Any

from httpx import Response
from standardwebhooks import Webhook as Verifier

from tests.receivers import Received, Receiver
from tests.review.desk import Desk
from tests.support import Json, made, post
from tracing.cli.webhooks import dispatcher_over
from tracing.webhooks.jobs import Dispatcher
from tracing.webhooks.states import Patience

AT_ONCE = Patience(first=timedelta(0), longest=timedelta(0), tries=3, losses=2)
"""Fails and tries again within the same second."""


@dataclass
class Hooks:
    """Endpoints of KE and who receives them. `patience` is the dispatcher's."""

    desk: Desk
    receiver: Receiver
    patience: Patience = AT_ONCE
    secrets: dict[str, str] = field(default_factory=dict)

    def add(self, *events: str, label: str = "supervisor", path: str = "/hook") -> str:
        """Register an endpoint and return its id; its secret is kept."""
        body = {"url": self.receiver.origin + path, "events": list(events)}
        new = made(post(self.desk.client, "/webhooks", body, self.desk.auth(label)))
        self.secrets[new["webhook"]["id"]] = new["secret"]
        return str(new["webhook"]["id"])

    def show(self, webhook_id: str, label: str = "supervisor") -> Json:
        return made(self.desk.get(f"/webhooks/{webhook_id}", label), 200)

    def act(self, webhook_id: str, act: str, label: str = "supervisor", **body: Any) -> Response:
        """Post to an endpoint as it is now; the answer is unchecked."""
        tag = {"If-Match": self.desk.get(f"/webhooks/{webhook_id}", label).headers.get("etag", '"none"')}
        return post(self.desk.client, f"/webhooks/{webhook_id}/{act}", body or None, self.desk.auth(label), **tag)

    def deliveries(self, webhook_id: str, **params: Any) -> list[Json]:
        """Return an endpoint's deliveries, the oldest first."""
        answer = self.desk.get(f"/webhooks/{webhook_id}/deliveries", "supervisor", limit=200, **params)
        items: list[Json] = made(answer, 200)["items"]
        return items[::-1]

    def dispatcher(self) -> Dispatcher:
        return replace(dispatcher_over(self.desk.gate, Event()), patience=self.patience)

    def send(self, rounds: int = 1) -> int:
        """Let a fresh dispatcher look so many times."""
        dispatcher = self.dispatcher()
        return sum(dispatcher.round() for _ in range(rounds))

    def told(self) -> list[Json]:
        """Return the bodies that were received, in their order."""
        return [json.loads(got.body) for got in self.receiver.received]

    def types(self) -> list[str]:
        return [body["type"] for body in self.told()]

    def ids(self) -> list[str]:
        """Return the `webhook-id` of each call."""
        return [got.headers["webhook-id"] for got in self.receiver.received]


def verified(got: Received, secret: str) -> Json:
    """Return the body of a call whose signature holds, as the library of receivers says."""
    body: Json = Verifier(secret).verify(got.body, got.headers)
    return body
