"""At its limit the service says 503 and when to try again; never 500; and it recovers by itself."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.support import People, post, request_draft
from tracing.app import create_app
from tracing.gate.opening import Gate, open_gate
from tracing.kit.settings import Settings

POOL = 2


@pytest.fixture
def small(settings: Settings) -> Iterator[Gate]:
    """A gate with two connections and little patience."""
    narrow = {"pool_size": POOL, "pool_overflow": 0, "pool_timeout_s": 0.05, "threads": 40}
    gate = open_gate(settings.model_copy(update=narrow))
    yield gate
    gate.close()


@pytest.fixture
def crowded(small: Gate, people: People) -> Iterator[TestClient]:
    with TestClient(create_app(small.settings, small), raise_server_exceptions=False) as client:
        yield client


class TestOverload:
    def test_without_a_free_connection_is_503_and_ends_with_it(
        self, crowded: TestClient, small: Gate, people: People
    ) -> None:
        def calls() -> list[Response]:
            return [
                crowded.get("/v1/tracing-requests", headers=people.auth()),
                post(crowded, "/tracing-requests", request_draft(), people.auth()),
                crowded.get("/v1/accounts", headers=people.auth()),
                crowded.get("/readyz"),
            ]

        with ExitStack() as held:
            for _ in range(POOL):
                held.enter_context(small.engine.connect())
            for told in calls():
                assert (told.status_code, told.json()["code"]) == (503, "busy"), told.text
                assert int(told.headers["Retry-After"]) > 0
            assert crowded.get("/livez").status_code == 200
        assert [told.status_code for told in calls()] == [200, 201, 403, 200]

    def test_of_sixty_at_once_is_never_500(self, crowded: TestClient, small: Gate, people: People) -> None:
        def one(number: int) -> int:
            if number % 3:
                return int(crowded.get("/v1/tracing-requests?limit=5", headers=people.auth()).status_code)
            return int(post(crowded, "/tracing-requests", request_draft(), people.auth()).status_code)

        with ThreadPoolExecutor(30) as crowd:
            statuses = Counter(crowd.map(one, range(60)))
        assert set(statuses) <= {200, 201, 503}, statuses
        assert sum(statuses.values()) == 60
        assert small.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool counts
        assert crowded.get("/v1/tracing-requests", headers=people.auth()).status_code == 200
        kept = crowded.get("/v1/tracing-requests?limit=200", headers=people.auth()).json()["items"]
        assert len(kept) == statuses[201]

    @pytest.mark.parametrize("threads", [1, 4])
    def test_of_more_callers_than_threads_nobody_waits_for_somebody_who_waits_for_a_thread(
        self, settings: Settings, people: People, threads: int
    ) -> None:
        gate = open_gate(settings.model_copy(update={"threads": threads}))

        def one(_: int) -> int:
            return int(client.get("/v1/tracing-requests", headers=people.auth()).status_code)

        with TestClient(create_app(gate.settings, gate)) as client, ThreadPoolExecutor(16) as crowd:
            began = time.monotonic()
            statuses = Counter(crowd.map(one, range(32)))
            assert client.get("/livez").status_code == 200
            took = time.monotonic() - began
        gate.close()
        assert statuses[200] > 0
        assert set(statuses) <= {200, 503}, statuses
        assert took < 10, "whoever held the turn got no thread until the others gave up"
