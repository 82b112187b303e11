"""Request ids, readiness and metrics: what the machines around the service look at."""

import re
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from tests.postgres import server
from tests.support import People, made, post, request_draft
from tracing.app import create_app
from tracing.gate.opening import Gate
from tracing.gate.schema import downgrade
from tracing.kit.settings import Settings


class TestRequestId:
    @pytest.mark.parametrize("given", ["0123456789abcdef", "6f1c0b1e-6f3e-4a57-9a77-0f0c7f1c2b11", "A" * 63 + "1"])
    def test_of_the_client_is_kept(self, client: TestClient, given: str) -> None:
        assert client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "1",
            "Amina-Yusuf-Warsame-1990",
            "abcdefabcdefabcdef",
            "a1" * 33,
            "0123456789abcdef\n",
            "0123456789abcdeg",
            "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦",
            "0123456789abcde;",
        ],
    )
    def test_that_could_be_anything_is_replaced(self, client: TestClient, given: str) -> None:
        told = client.get("/livez", headers={"X-Request-Id": given.encode()}).headers["X-Request-Id"]
        assert UUID(told).version == 4

    def test_stands_on_answers_errors_and_the_trail(self, client: TestClient, people: People) -> None:
        headers = {"X-Request-Id": "0123456789abcdef"}
        made(post(client, "/tracing-requests", request_draft(), people.auth(), **headers))
        refused = client.get("/v1/accounts", headers=people.auth() | headers)
        assert refused.json()["request_id"] == refused.headers["X-Request-Id"] == headers["X-Request-Id"]
        trail = client.get("/v1/trail?limit=200", headers=people.auth("auditor")).json()["items"]
        named = [(row["act"], row["outcome"]) for row in trail if row["request_id"] == headers["X-Request-Id"]]
        assert ("requests.open", "done") in named
        assert ("accounts:read", "refused") in named

    def test_differs_from_call_to_call(self, client: TestClient) -> None:
        assert len({client.get("/livez").headers["X-Request-Id"] for _ in range(20)}) == 20


class TestReadiness:
    def test_holds_at_this_versions_schema(self, client: TestClient) -> None:
        assert client.get("/readyz").json() == {"status": "ready"}

    def test_ends_with_another_schema(self, client: TestClient, settings: Settings) -> None:
        url = settings.main_url if settings.embedded else server().admin_url(settings.main_url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = '2031_01_01_later'"))
        engine.dispose()
        told = client.get("/readyz")
        assert (told.status_code, told.json()["code"]) == (503, "busy")
        assert told.headers["Retry-After"]
        assert client.get("/livez").status_code == 200

    def test_ends_without_a_schema(self, client: TestClient, gate: Gate, settings: Settings) -> None:
        gate.close()
        downgrade(settings, "base")
        assert client.get("/readyz").status_code == 503
        assert client.get("/livez").status_code == 200


class TestMetrics:
    def test_name_methods_templates_and_statuses_only(self, client: TestClient, people: People) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        client.get(f"/v1/tracing-requests/{view['id']}", headers=people.auth())
        client.get("/v1/nowhere/Amina")
        client.request("AMINA", "/Amina")
        told = client.get("/metrics").text
        assert 'route="/v1/tracing-requests/{request_id}",status="200"' in told
        assert view["id"].replace("-", "") not in told
        assert "Amina" not in told
        assert "AMINA" not in told
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", told)
        labels = set(re.findall(r'(\w+)="', told))
        assert labels == {"method", "route", "status", "le"}

    def test_count_each_answer_once(self, gate: Gate) -> None:
        client = TestClient(create_app(gate.settings, gate))
        for _ in range(3):
            client.get("/livez")
        assert 'tracing_requests_total{method="GET",route="/livez",status="200"} 3.0' in client.get("/metrics").text
