"""A desk, and a clock that can be moved."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from fastapi.testclient import TestClient

from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate
from tracing.kit import clock


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock to so many days after noon (UTC) of tomorrow, and begin there."""
    noon = datetime.combine(clock.now() + timedelta(days=1), time(12), UTC)

    def move(days: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: noon + timedelta(days=days))

    move(0)
    return move
