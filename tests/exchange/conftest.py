"""The pair, for every test of the exchange."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.conftest import serving
from tests.exchange.pair import ORIGIN, Pair, make_pair
from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate
from tracing.review import nights


@pytest.fixture
def pair(gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """Two societies that are partners of each other, over one case base."""
    monkeypatch.setattr(nights, "SHARDS", 2)
    known = replace(gate, settings=gate.settings.model_copy(update={"exchange_origin": ORIGIN}))
    with TestClient(serving(known), raise_server_exceptions=False) as client:
        yield make_pair(Desk(client, people, known))
