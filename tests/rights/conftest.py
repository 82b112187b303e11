"""The officer's desk, for every test of the rights."""

import pytest
from fastapi.testclient import TestClient

from tests.rights.desk import Officer
from tests.support import People
from tracing.gate.opening import Gate


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Officer:
    return Officer(client, people, gate)
