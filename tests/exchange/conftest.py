"""The pair, for every test of the exchange."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.conftest import serving
from tests.exchange.pair import ORIGIN, Pair, agree, make_pair
from tests.review.desk import Desk
from tests.support import People
from tracing.gate.opening import Gate
from tracing.gate.partnering.partners import TokenTerms
from tracing.review import nights


@pytest.fixture
def pair(gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """Two societies that are partners of each other, over one case base."""
    monkeypatch.setattr(nights, "SHARDS", 2)
    known = replace(gate, settings=gate.settings.model_copy(update={"exchange_origin": ORIGIN}))
    with TestClient(serving(known), raise_server_exceptions=False) as client:
        yield make_pair(Desk(client, people, known))


@pytest.fixture
def strict(pair: Pair) -> Pair:
    """The pair, whose inboxes ask for a token, and whose entry for the other says where to get one."""
    gate = replace(pair.desk.gate, settings=pair.desk.gate.settings.model_copy(update={"exchange_bearer": True}))
    pair.desk.client.app.state.gate = gate  # type: ignore[attr-defined]  # the fixture's application
    for society, other in (("KE", "UG"), ("UG", "KE")):
        agree(pair, society, other, TokenTerms(f"{ORIGIN}/v1/exchange/{other}/token", society))
    return pair
