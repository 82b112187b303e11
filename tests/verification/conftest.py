"""Desks for tests of verification: one on SQLite for a whole module, one per test on both databases."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.support import People
from tests.verification.desk import Desk, opened
from tracing.gate.opening import Gate
from tracing.review import nights


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One case base for the module, with one confirmed pair; trials leave it as it was."""
    with opened(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def fresh(client: TestClient, people: People, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A case base of the test's own, on either database."""
    monkeypatch.setattr(nights, "SHARDS", 2)
    return Desk(client, people, gate)
