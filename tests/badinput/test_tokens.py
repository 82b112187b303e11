"""Tokens that do not hold, and retries that are none. These write, so each has a case base of its own."""

from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from tests.badinput.world import CANARY, problem, rows
from tests.support import People, made, post, request_draft
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.tables import Token
from tracing.kit import clock
from tracing.kit.settings import Settings

PATH = "/v1/tracing-requests"


def spoil(gate: Gate, people: People, label: str, **fields: object) -> None:
    """Change the stored token of somebody."""
    token_id = UUID(hex=people.token(label).split("_")[1])
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        row = access.session.exec(select(Token).where(Token.id == token_id)).one()
        for name, value in fields.items():
            setattr(row, name, value)
        access.session.add(row)
        access.note("tokens.change", token_id)


class TestToken:
    def test_that_has_expired_is_401(self, client: TestClient, gate: Gate, people: People) -> None:
        assert client.get(PATH, headers=people.auth()).status_code == 200
        spoil(gate, people, "caseworker", expires_at=clock.now() - timedelta(seconds=1))
        problem(client.get(PATH, headers=people.auth()), 401, "unidentified")

    def test_that_was_revoked_is_401_from_the_next_call(self, client: TestClient, gate: Gate, people: People) -> None:
        token_id = UUID(hex=people.token("caseworker").split("_")[1])
        made(client.post(f"/v1/tokens/{token_id}/revoke", headers=people.auth("operator")), 200)
        problem(client.get(PATH, headers=people.auth()), 401, "unidentified")

    def test_of_a_narrow_scope_is_403_outside_it(self, client: TestClient, gate: Gate, people: People) -> None:
        spoil(gate, people, "caseworker", scope="sightings:read")
        problem(client.get(PATH, headers=people.auth()), 403, "refused")
        assert client.get("/v1/sightings", headers=people.auth()).status_code == 200

    @pytest.mark.parametrize("change", ["secret", "id", "prefix", "cut", "more", "unicode", "case"])
    def test_that_was_altered_is_401(self, client: TestClient, people: People, change: str) -> None:
        prefix, token_id, secret = people.token("caseworker").split("_", 2)
        altered = {
            "secret": f"{prefix}_{token_id}_{CANARY}",
            "id": f"{prefix}_{'0' * 32}_{secret}",
            "prefix": f"x{prefix}_{token_id}_{secret}",
            "cut": f"{prefix}_{token_id}_{secret[:-1]}",
            "more": f"{prefix}_{token_id}_{secret}A",
            "unicode": f"{prefix}_{token_id}_{secret}é",
            "case": f"{prefix}_{token_id}_{secret.swapcase()}",
        }[change]
        headers = {"Authorization": f"Bearer {altered}".encode()}
        problem(client.get(PATH, headers=headers), 401, "unidentified")


class TestRetry:
    def test_with_another_body_is_422_and_leaves_the_first(
        self, client: TestClient, people: People, settings: Settings
    ) -> None:
        key = {"Idempotency-Key": "retry-me-0001"}
        made(post(client, "/tracing-requests", request_draft(), people.auth(), **key))
        before = rows(settings)
        for other in (
            request_draft(already_tried=CANARY),
            request_draft(start=False),
            request_draft(id=None, sought=[]),
        ):
            answer = post(client, "/tracing-requests", other, people.auth(), **key)
            problem(answer, 422)
        assert rows(settings) == before

    def test_on_another_route_or_by_somebody_else_is_another_act(self, client: TestClient, people: People) -> None:
        key = {"Idempotency-Key": "retry-me-0001"}
        first = made(post(client, "/tracing-requests", request_draft(), people.auth(), **key))
        other = made(post(client, "/tracing-requests", request_draft(), people.auth("caseworker-2"), **key))
        assert other["id"] != first["id"]


class TestId:
    def test_of_another_society_is_free_here_so_nobody_learns_that_it_is_in_use(
        self, client: TestClient, people: People
    ) -> None:
        theirs = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        mine = post(client, "/tracing-requests", request_draft(id=theirs["id"]), people.auth(society="UG"))
        assert made(mine)["id"] == theirs["id"]
        assert made(client.get(f"{PATH}/{theirs['id']}", headers=people.auth()), 200) == theirs
