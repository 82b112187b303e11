"""The desk, for every test of fates."""

import pytest
from fastapi.testclient import TestClient

from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)
