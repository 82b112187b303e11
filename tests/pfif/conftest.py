"""The desk, and days that pass, for every test of PFIF."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.pfif.desk import Lists
from tests.support import People
from tracing.gate.opening import Gate
from tracing.kit import clock


@pytest.fixture
def lists(client: TestClient, people: People, gate: Gate) -> Lists:
    return Lists(client, people, gate)


@pytest.fixture
def days_pass(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    started = clock.now()
    return lambda days: monkeypatch.setattr(clock, "now", lambda: started + timedelta(days=days))
