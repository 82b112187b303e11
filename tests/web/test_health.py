"""Request ids, readiness and metrics: what the machines around the service look at."""

import re
from dataclasses import replace
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
from tracing.web import door, request_id

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class TestRequestId:
    @pytest.mark.parametrize(
        "given",
        [
            TRACE,
            "6f1c0b1e-6f3e-4a57-9a77-0f0c7f1c2b11",
            "6F1C0B1E-6F3E-4A57-9A77-0F0C7F1C2B11",
            "01890a5d-ac96-774b-bcce-b302099a8057",
        ],
    )
    def test_of_the_client_is_kept(self, client: TestClient, given: str) -> None:
        assert client.get("/livez", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "1",
            "Amina-Yusuf-Warsame-1990",
            "abcdefabcdefabcdef",
            "abcdefabcdefabcdefabcdefabcdefab",
            "254-700-555-0199",
            "254700555019900",
            "25470055501992547005550199254700",
            "25470055-5019-4254-8005-550199254700",
            "00000000-0000-0000-0000-00254700555f",
            "a47005550199",
            "0123456789abcdef",
            TRACE.upper(),
            "a1" * 33,
            TRACE + "\n",
            TRACE[:-1] + "g",
            "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦",
            TRACE[:-1] + ";",
        ],
    )
    def test_that_could_be_anything_is_replaced(self, client: TestClient, given: str) -> None:
        told = client.get("/livez", headers={"X-Request-Id": given.encode()}).headers["X-Request-Id"]
        assert UUID(told).version == 4

    def test_of_any_form_is_the_clients_where_none_is_asked_for(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: a telephone number stands on the trail."""
        monkeypatch.setattr(request_id, "GOOD_ID", re.compile("[0-9-]+"))
        client.get("/v1/accounts", headers=people.auth() | {"X-Request-Id": "254-700-555-0199"})
        assert "254-700-555-0199" in client.get("/v1/trail?limit=200", headers=people.auth("auditor")).text

    def test_stands_on_answers_errors_and_the_trail(self, client: TestClient, people: People) -> None:
        headers = {"X-Request-Id": TRACE}
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
        told = client.get("/metrics", headers=people.auth("operator")).text
        assert 'route="/v1/tracing-requests/{request_id}",status="200"' in told
        assert view["id"].replace("-", "") not in told
        assert "Amina" not in told
        assert "AMINA" not in told
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", told)
        labels = set(re.findall(r'(\w+)="', told))
        assert labels == {"method", "route", "status", "le"}

    def test_count_each_answer_once(self, gate: Gate) -> None:
        settings = gate.settings.model_copy(update={"metrics_on_loopback": True})
        client = TestClient(create_app(settings, replace(gate, settings=settings)), client=("127.0.0.1", 50000))
        for _ in range(3):
            client.get("/livez")
        assert 'tracing_requests_total{method="GET",route="/livez",status="200"} 3.0' in client.get("/metrics").text

    @pytest.mark.parametrize(
        ("label", "status", "code"),
        [
            (None, 401, "unidentified"),
            ("caseworker", 403, "refused"),
            ("supervisor", 403, "refused"),
            ("enquirer", 403, "refused"),
            ("operator", 200, None),
        ],
    )
    def test_are_an_operators_to_read(
        self, client: TestClient, people: People, label: str | None, status: int, code: str | None
    ) -> None:
        """Else a small society's enquirer counts the steps of their own case."""
        answer = client.get("/metrics", headers=people.auth(label) if label else {})
        assert answer.status_code == status
        assert code is None or answer.json()["code"] == code
        assert ("tracing_requests_total" in answer.text) == (status == 200)

    @pytest.mark.parametrize(
        ("on", "host", "status"),
        [(False, "127.0.0.1", 401), (True, "127.0.0.1", 200), (True, "::1", 200), (True, "192.0.2.7", 401)],
    )
    def test_are_read_from_this_machine_only_where_the_setting_says_so(
        self, gate: Gate, on: bool, host: str, status: int
    ) -> None:
        settings = gate.settings.model_copy(update={"metrics_on_loopback": on})
        app = create_app(settings, replace(gate, settings=settings))
        assert TestClient(app, client=(host, 50000)).get("/metrics").status_code == status

    def test_without_the_door_are_anybodys(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault."""
        monkeypatch.setattr(door, "require_held", lambda *_: None)
        assert client.get("/metrics").status_code == 200
