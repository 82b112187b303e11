"""Accounts and tokens over HTTP, on both databases."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.support import Json, People, made, post
from tracing.gate.permissions import Role

DRAFT = {"label": "nairobi-3", "role": "caseworker", "team": "nairobi"}
BAD_DRAFTS: dict[str, Json] = {
    "reads like a person's name": {"label": "Amina Yusuf"},
    "empty": {"label": ""},
    "too long": {"label": "a" * 41},
    "reads like an id": {"label": "a" * 32},
    "not of the form": {"team": "Ostteam München"},
    "no such role": {"role": "god"},
    "no id": {"worker_id": "me"},
    "no such field": {"permissions": ["trail:read"]},
}


@pytest.fixture
def admin(people: People) -> Json:
    return people.auth("administrator")


def account_of(client: TestClient, admin: Json, label: str) -> Json:
    rows = made(client.get("/v1/accounts", params={"limit": 200}, headers=admin), 200)["items"]
    (found,) = [row for row in rows if row["label"] == label]
    return dict(found)


class TestCreate:
    def test_makes_an_account_without_a_token(self, client: TestClient, admin: Json) -> None:
        view = made(post(client, "/accounts", DRAFT, admin))
        assert {k: view[k] for k in DRAFT} == DRAFT
        assert "token" not in str(view).lower()
        assert made(client.get(f"/v1/accounts/{view['id']}/tokens", headers=admin), 200)["items"] == []

    def test_a_second_account_may_have_the_same_human_behind_it(self, client: TestClient, admin: Json) -> None:
        first = made(post(client, "/accounts", DRAFT, admin))
        second = made(post(client, "/accounts", DRAFT | {"label": "nairobi-4", "worker_id": first["worker_id"]}, admin))
        assert second["worker_id"] == first["worker_id"]

    def test_a_label_in_use_is_a_conflict(self, client: TestClient, admin: Json) -> None:
        made(post(client, "/accounts", DRAFT, admin))
        assert post(client, "/accounts", DRAFT, admin).status_code == 409

    def test_two_societies_may_use_one_label(self, client: TestClient, people: People, admin: Json) -> None:
        made(post(client, "/accounts", DRAFT, admin))
        made(post(client, "/accounts", DRAFT, people.auth("administrator", "UG")))

    def test_a_draft_that_breaks_a_rule_is_refused(self, client: TestClient, admin: Json) -> None:
        for reason, fields in BAD_DRAFTS.items():
            assert post(client, "/accounts", DRAFT | fields, admin).status_code == 422, reason

    def test_a_retry_with_the_same_key_returns_the_first_one(self, client: TestClient, admin: Json) -> None:
        key = {"Idempotency-Key": "make-me-once"}
        first = made(post(client, "/accounts", DRAFT, admin, **key))
        assert made(post(client, "/accounts", DRAFT, admin, **key)) == first

    def test_only_administrators_may(self, client: TestClient, people: People) -> None:
        for role in set(Role) - {Role.ADMINISTRATOR}:
            assert post(client, "/accounts", DRAFT, people.auth(role)).status_code == 403, role
            assert client.get("/v1/accounts", headers=people.auth(role)).status_code == 403, role


class TestList:
    def test_walks_all_accounts_of_the_society_and_no_others(
        self, client: TestClient, people: People, admin: Json
    ) -> None:
        made(post(client, "/accounts", DRAFT, people.auth("administrator", "UG")))
        seen: list[str] = []
        path: str | None = "/v1/accounts?limit=3"
        while path is not None:
            answer = client.get(path, headers=admin)
            seen += [row["label"] for row in answer.json()["items"]]
            path = answer.headers["Link"].partition(";")[0].strip("<>") if "Link" in answer.headers else None
        expected = {label for society, label in people.tokens if society == "KE"}
        assert len(seen) == len(set(seen))
        assert set(seen) == expected


class TestDisable:
    def test_stops_the_accounts_tokens_at_once(self, client: TestClient, people: People, admin: Json) -> None:
        account = account_of(client, admin, "caseworker")
        made(client.get("/v1/tracing-requests", headers=people.auth()), 200)
        view = made(post(client, f"/accounts/{account['id']}/disable", {}, admin), 200)
        assert view["disabled_at"] is not None
        assert client.get("/v1/tracing-requests", headers=people.auth()).status_code == 401
        assert made(post(client, f"/accounts/{account['id']}/disable", {}, admin), 200) == view

    def test_ones_own_is_a_conflict(self, client: TestClient, admin: Json) -> None:
        account = account_of(client, admin, "administrator")
        assert post(client, f"/accounts/{account['id']}/disable", {}, admin).status_code == 409

    def test_foreign_and_absent_are_one_answer(self, client: TestClient, people: People, admin: Json) -> None:
        foreign = account_of(client, people.auth("administrator", "UG"), "caseworker")["id"]
        answers = [post(client, f"/accounts/{i}/disable", {}, admin) for i in (foreign, uuid4())]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]
        made(client.get("/v1/tracing-requests", headers=people.auth(society="UG")), 200)


class TestTokens:
    def test_are_listed_without_their_text(self, client: TestClient, people: People, admin: Json) -> None:
        account = account_of(client, admin, "caseworker")
        answer = client.get(f"/v1/accounts/{account['id']}/tokens", headers=admin)
        (token,) = made(answer, 200)["items"]
        assert token["scope"] == ["*"]
        assert people.token("caseworker").split("_", 2)[2] not in answer.text

    def test_revoked_they_are_refused_from_the_next_call_on(
        self, client: TestClient, people: People, admin: Json
    ) -> None:
        account = account_of(client, admin, "caseworker")
        (token,) = made(client.get(f"/v1/accounts/{account['id']}/tokens", headers=admin), 200)["items"]
        assert made(post(client, f"/tokens/{token['id']}/revoke", {}, admin), 200)["revoked_at"] is not None
        assert client.get("/v1/tracing-requests", headers=people.auth()).status_code == 401
        made(client.get("/v1/tracing-requests", headers=people.auth("caseworker-2")), 200)

    def test_of_another_society_cannot_be_revoked(self, client: TestClient, people: People, admin: Json) -> None:
        other = people.auth("administrator", "UG")
        account = account_of(client, other, "caseworker")
        (token,) = made(client.get(f"/v1/accounts/{account['id']}/tokens", headers=other), 200)["items"]
        assert post(client, f"/tokens/{token['id']}/revoke", {}, admin).status_code == 404
        assert client.get(f"/v1/accounts/{account['id']}/tokens", headers=admin).status_code == 404
        made(client.get("/v1/tracing-requests", headers=people.auth(society="UG")), 200)
