"""A desk, a receiver and a dispatcher, for every test of webhooks."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.receivers import Receiver, receiving
from tests.review.desk import Desk
from tests.support import People
from tests.webhooks.hooks import Hooks
from tracing.gate.opening import Gate, open_gate
from tracing.kit.settings import Settings
from tracing.review import nights


@pytest.fixture
def gate(settings: Settings) -> Iterator[Gate]:
    """An open gate that may call this machine, and waits for a second at most."""
    gate = open_gate(settings.model_copy(update={"outbound_loopback": True, "outbound_timeout_s": 1.0}))
    yield gate
    gate.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hooks(client: TestClient, people: People, gate: Gate, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Hooks:
    """Webhooks of KE over the case base; its nights have two shards, each is a transaction."""
    monkeypatch.setattr(nights, "SHARDS", 2)
    return Hooks(Desk(client, people, gate), receiver)
