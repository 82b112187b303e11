"""The trail over HTTP, on both databases."""

import pytest
from fastapi.testclient import TestClient

from tests.support import Json, People, made, post, request_draft
from tracing.gate.permissions import Role

ODD_QUESTIONS: tuple[tuple[Json, int], ...] = (
    ({"cursor": "AAAA"}, 400),
    ({"limit": 0}, 422),
    ({"limit": 201}, 422),
    ({"subject_id": "x"}, 422),
)


@pytest.fixture
def auditor(people: People) -> Json:
    return people.auth("auditor")


def walk(client: TestClient, auth: Json, **params: str | int | bool) -> list[Json]:
    """Return the whole list, page by page."""
    rows: list[Json] = []
    cursor: str | None = None
    while True:
        sent = params | ({"cursor": cursor} if cursor else {})
        page = made(client.get("/v1/trail", params=sent, headers=auth), 200)
        rows += page["items"]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return rows


def newest(client: TestClient, auth: Json) -> Json:
    params: Json = {"newest_first": True, "limit": 1}
    row: Json = client.get("/v1/trail", params=params, headers=auth).json()["items"][0]
    return row


class TestReadTrail:
    def test_every_act_stands_on_it_once_and_in_order(self, client: TestClient, people: People, auditor: Json) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        client.get(f"/v1/tracing-requests/{view['id']}", headers=people.auth())
        rows = made(client.get("/v1/trail", params={"limit": 200}, headers=auditor), 200)["items"]
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        assert [row["act"] for row in rows][-2:] == ["requests.open", "requests.read"]

    def test_pages_of_any_size_make_the_same_list(self, client: TestClient, auditor: Json) -> None:
        up = [row["seq"] for row in walk(client, auditor, limit=7)]
        assert up == sorted(set(up))
        down = [row["seq"] for row in walk(client, auditor, limit=9, newest_first=True)]
        assert down == sorted(set(down), reverse=True)
        assert set(up) <= set(down)

    def test_one_records_acts_can_be_asked_for(self, client: TestClient, people: People, auditor: Json) -> None:
        mine = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        made(post(client, "/tracing-requests", request_draft(), people.auth()))
        rows = walk(client, auditor, subject_id=mine["id"], limit=1)
        assert [row["act"] for row in rows][:1] == ["requests.open"]
        assert {row["subject_id"] for row in rows} == {mine["id"]}

    def test_reading_it_is_an_act(self, client: TestClient, auditor: Json) -> None:
        made(client.get("/v1/trail", headers=auditor), 200)
        last = newest(client, auditor)
        assert (last["act"], last["count"]) == ("trail.read", 20)

    def test_a_refusal_stands_on_it(self, client: TestClient, people: People, auditor: Json) -> None:
        assert client.get("/v1/trail", headers=people.auth("caseworker")).status_code == 403
        last = newest(client, auditor)
        assert (last["act"], last["outcome"]) == ("trail:read", "refused")

    def test_holds_no_names_and_no_other_societys_acts(self, client: TestClient, people: People, auditor: Json) -> None:
        made(post(client, "/tracing-requests", request_draft(), people.auth()))
        foreign = made(post(client, "/tracing-requests", request_draft(), people.auth(society="UG")))
        text = client.get("/v1/trail", params={"limit": 200}, headers=auditor).text
        assert not [word for word in ("Amina", "Warsame", "1990", foreign["id"]) if word in text]

    def test_is_shut_for_other_roles(self, client: TestClient, people: People) -> None:
        for role in set(Role) - {Role.SUPERVISOR, Role.AUDITOR}:
            assert client.get("/v1/trail", headers=people.auth(role)).status_code == 403, role

    def test_odd_questions_are_refused(self, client: TestClient, auditor: Json) -> None:
        for params, status in ODD_QUESTIONS:
            assert client.get("/v1/trail", params=params, headers=auditor).status_code == status, params

    def test_a_cursor_serves_one_question_only(self, client: TestClient, auditor: Json) -> None:
        cursor = client.get("/v1/trail", params={"limit": 2}, headers=auditor).json()["next_cursor"]
        other = client.get("/v1/trail", params={"cursor": cursor, "newest_first": True}, headers=auditor)
        assert other.status_code == 400
