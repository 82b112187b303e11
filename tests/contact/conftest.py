"""The desk, for every test of keeping contact."""

import pytest
from fastapi.testclient import TestClient

from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate
from tracing.review import nights


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A caseworker's desk of KE over the case base; its nights have two shards, each is a transaction."""
    monkeypatch.setattr(nights, "SHARDS", 2)
    return Desk(client, people, gate)
