"""The registry of partners over HTTP: nothing is trusted whose fingerprint was not read out."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from tests.support import Json, People, made, post
from tests.trails import entries
from tracing.gate.opening import Gate
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.partnering.partners import fingerprint, spoken
from tracing.kit import clock

ADMIN = "administrator"
ENDS = (clock.now() + timedelta(days=30)).isoformat()


def key(**changes: str) -> Json:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    digits = spoken(fingerprint(KeyUse.SIGNING, public))
    return {"use": "signing", "public": public, "fingerprint": digits, "not_after": ENDS} | changes


def partner(**changes: object) -> Json:
    return {"code": "TZ", "team": "nairobi", "origin": "https://tz.example", "keys": [key()]} | changes


def add(client: TestClient, people: People, **changes: object) -> Json:
    return made(post(client, "/partners", partner(**changes), people.auth(ADMIN)))


def refused(client: TestClient, people: People, **changes: object) -> list[str]:
    """Return the codes with which a partner is not entered."""
    problem = made(post(client, "/partners", partner(**changes), people.auth(ADMIN)), 422)
    return [flaw["code"] for flaw in problem["errors"]]


class TestAdd:
    def test_shows_what_was_agreed_and_the_keys(self, client: TestClient, people: People) -> None:
        view = add(client, people)
        assert (view["code"], view["team"], view["kinds"][0]) == ("TZ", "nairobi", "request_search")
        assert view["keys"][0]["spoken"].count(" ") == 7
        assert made(client.get("/v1/partners", headers=people.auth("caseworker")), 200)["items"] == [view]

    def test_shows_where_a_token_is_got(self, client: TestClient, people: People) -> None:
        token = {"endpoint": "https://sso.tz.example/token", "client_id": "KE", "audience": None, "scope": "exchange"}
        assert add(client, people, token=token)["token"] == token

    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            ({"keys": [key(fingerprint="0" * 32)]}, ["fingerprint-differs"]),
            ({"keys": [key(public="00ff")]}, ["no-key"]),
            ({"keys": [key(use="bundle")]}, ["no-key"]),
            ({"keys": [key(not_after="2020-01-01T00:00:00Z")]}, ["in-the-past"]),
            ({"code": "KE"}, ["own-society"]),
            ({"origin": "https://127.0.0.1"}, ["outbound-refused"]),
            ({"origin": "http://tz.example"}, ["outbound-refused"]),
            ({"origin": ""}, ["missing"]),
            ({"token": {"endpoint": "https://10.0.0.1/t", "client_id": "KE"}}, ["outbound-refused"]),
            ({"token": {"endpoint": "ftp://tz.example/t", "client_id": "KE"}}, ["string-pattern-mismatch"]),
            ({"token": {"endpoint": "https://tz.example/t"}}, ["missing"]),
        ],
    )
    def test_refuses_what_must_not_be_trusted(
        self, client: TestClient, people: People, changes: Json, codes: list[str]
    ) -> None:
        assert refused(client, people, **changes) == codes
        assert made(client.get("/v1/partners", headers=people.auth("caseworker")), 200)["items"] == []

    def test_of_a_known_partner_is_refused(self, client: TestClient, people: People) -> None:
        add(client, people)
        assert made(post(client, "/partners", partner(), people.auth(ADMIN)), 409)["code"] == "conflict"

    def test_again_with_the_same_key_returns_the_first(self, client: TestClient, people: People) -> None:
        draft, once = partner(), {"Idempotency-Key": "add-tz-0001"}
        first = made(post(client, "/partners", draft, people.auth(ADMIN), **once))
        assert made(post(client, "/partners", draft, people.auth(ADMIN), **once)) == first

    def test_is_for_the_administrator(self, client: TestClient, people: People) -> None:
        assert post(client, "/partners", partner(), people.auth("supervisor")).status_code == 403


class TestKeys:
    def act(self, client: TestClient, people: People, view: Json, path: str, body: Json, status: int) -> Json:
        at = f"/v1/partners/{view['id']}"
        tag = {"If-Match": client.get(at, headers=people.auth(ADMIN)).headers["etag"]}
        return made(client.post(f"{at}/{path}", json=body, headers=people.auth(ADMIN) | tag), status)

    def test_are_rotated_by_trusting_another_and_ending_the_first(self, client: TestClient, people: People) -> None:
        view = add(client, people)
        two = self.act(client, people, view, "keys", key(), 201)
        assert [k["revoked_at"] for k in two["keys"]] == [None, None]
        first = view["keys"][0]["id"]
        one = self.act(client, people, view, f"keys/{first}/revocation", {}, 200)
        assert {k["id"]: k["revoked_at"] is None for k in one["keys"]}[first] is False

    def test_of_a_revoked_partner_are_all_over_and_none_is_added(self, client: TestClient, people: People) -> None:
        view = add(client, people)
        gone = self.act(client, people, view, "revocation", {}, 200)
        assert all(k["revoked_at"] for k in gone["keys"])
        assert self.act(client, people, view, "keys", key(), 409)["code"] == "conflict"

    def test_need_the_version_that_was_read(self, client: TestClient, people: People) -> None:
        view = add(client, people)
        at = f"/v1/partners/{view['id']}/keys"
        assert client.post(at, json=key(), headers=people.auth(ADMIN)).status_code == 428
        assert client.post(at, json=key(), headers=people.auth(ADMIN) | {"If-Match": '"0-9"'}).status_code == 412


class TestTerms:
    def put(self, client: TestClient, people: People, view: Json, body: Json, label: str = ADMIN) -> Any:
        at = f"/v1/partners/{view['id']}"
        tag = {"If-Match": client.get(at, headers=people.auth("caseworker")).headers["etag"]}
        return client.put(f"{at}/terms", json=body, headers=people.auth(label) | tag)

    def test_are_replaced_as_a_whole(self, client: TestClient, people: People, gate: Gate) -> None:
        view = add(client, people)
        terms = {"origin": "", "channels": ["offline"], "kinds": ["pre_check"], "messages_a_day": 7, "open_searches": 3}
        now = made(self.put(client, people, view, terms), 200)
        assert {name: now[name] for name in terms} == terms
        assert now["version"] == view["version"] + 1
        assert entries(gate, people)[-1].act == "partners.change"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"quota": 7}, "/…"),
            ({"code": "UG"}, "/code"),
            ({"kinds": ["gossip"]}, "/kinds/0"),
            ({"channels": []}, "/channels"),
            ({"messages_a_day": "7"}, "/messages_a_day"),
        ],
    )
    def test_that_are_none_are_refused_by_their_field(
        self, client: TestClient, people: People, body: Json, field: str
    ) -> None:
        view = add(client, people)
        problem = made(self.put(client, people, view, body), 422)
        assert [flaw["pointer"] for flaw in problem["errors"]] == [field]
        assert made(client.get("/v1/partners", headers=people.auth("caseworker")), 200)["items"] == [view]

    def test_are_for_the_administrator(self, client: TestClient, people: People) -> None:
        assert self.put(client, people, add(client, people), {}, "supervisor").status_code == 403


class TestCard:
    def test_shows_public_halves_alone(self, client: TestClient, people: People) -> None:
        assert made(client.get("/v1/partners/own-card", headers=people.auth(ADMIN)), 200) == {
            "code": "KE",
            "origin": "",
            "keys": [],
        }
