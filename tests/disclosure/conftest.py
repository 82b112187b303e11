"""The counter of an asking over HTTP; and one asking on SQLite per module, for trials that are undone."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.conftest import peopled
from tests.disclosure.counter import Counter
from tests.disclosure.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate


@pytest.fixture
def counter(client: TestClient, gate: Gate, people: People) -> Counter:
    return Counter(client, gate, people)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with peopled(tmp_path_factory.mktemp("desk")) as (gate, people):
        yield Desk(gate, people)
