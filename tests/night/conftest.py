"""A case base that no night has seen, and who may run one."""

import pytest
from fastapi.testclient import TestClient

from tests.night.casebase import fill
from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate


@pytest.fixture
def desk(client: TestClient, people: People, gate: Gate) -> Desk:
    return Desk(client, people, gate)


@pytest.fixture
def token(people: People) -> str:
    return people.token("supervisor")


@pytest.fixture
def filled(gate: Gate, people: People) -> Gate:
    """A case base of some fictional families that no night has seen."""
    fill(gate, people)
    return gate
