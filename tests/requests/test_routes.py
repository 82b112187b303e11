"""Tracing requests over HTTP, on both databases."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.support import People, granted, made, post, request_draft, sought_draft


class TestOpenRequest:
    def test_opens_a_search_for_each_sought_person(self, client: TestClient, people: People) -> None:
        draft = request_draft(sought_draft(), sought_draft("Omar Yusuf Warsame", sex="male", relationship="brother"))
        view = made(post(client, "/tracing-requests", draft, people.auth()))
        assert [s["state"] for s in view["sought"]] == ["searching", "searching"]
        assert view["sought"][1]["person"]["names"][0]["full"] == "Omar Yusuf Warsame"

    def test_a_retry_with_the_same_key_returns_the_first_one(self, client: TestClient, people: People) -> None:
        headers = {"Idempotency-Key": "retry-me-0001"}
        first = made(post(client, "/tracing-requests", request_draft(), people.auth(), **headers))
        again = made(post(client, "/tracing-requests", request_draft(), people.auth(), **headers))
        assert again["id"] == first["id"]

    def test_the_same_key_with_another_body_is_refused(self, client: TestClient, people: People) -> None:
        headers = {"Idempotency-Key": "retry-me-0001"}
        made(post(client, "/tracing-requests", request_draft(), people.auth(), **headers))
        answer = post(client, "/tracing-requests", request_draft(already_tried="x"), people.auth(), **headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")

    @pytest.mark.parametrize("side", ["enquirer", "sought"])
    def test_without_a_basis_nobody_is_registered(self, client: TestClient, people: People, side: str) -> None:
        draft = request_draft(sought_draft(basis=[] if side == "sought" else granted()))
        if side == "enquirer":
            draft["enquirer"]["consents"] = granted("match_within_society")
        answer = post(client, "/tracing-requests", draft, people.auth())
        assert (answer.status_code, answer.json()["code"]) == (422, "missing-consent")
        assert answer.json()["errors"][0]["pointer"].startswith(f"/{side}")
        assert client.get("/v1/tracing-requests", headers=people.auth()).json()["items"] == []

    def test_an_id_in_use_gets_one_answer(self, client: TestClient, people: People) -> None:
        draft = request_draft(id=str(uuid4()))
        made(post(client, "/tracing-requests", draft, people.auth()))
        answer = post(client, "/tracing-requests", request_draft(id=draft["id"]), people.auth())
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


class TestShowRequest:
    def test_its_own_society_sees_it(self, client: TestClient, people: People) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        assert made(client.get(f"/v1/tracing-requests/{view['id']}", headers=people.auth()), 200) == view

    def test_another_society_is_told_that_it_does_not_exist(self, client: TestClient, people: People) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        foreign = client.get(f"/v1/tracing-requests/{view['id']}", headers=people.auth(society="UG"))
        absent = client.get(f"/v1/tracing-requests/{uuid4()}", headers=people.auth(society="UG"))
        assert foreign.status_code == 404
        drop = {"request_id"}
        assert {k: v for k, v in foreign.json().items() if k not in drop} == {
            k: v for k, v in absent.json().items() if k not in drop
        }


class TestAssign:
    def test_a_supervisor_hands_a_case_to_a_colleague(self, client: TestClient, people: People) -> None:
        case = post(client, "/tracing-requests", request_draft(), people.auth())
        colleague = next(
            account["id"]
            for account in client.get("/v1/accounts", headers=people.auth("administrator")).json()["items"]
            if account["label"] == "caseworker-2"
        )
        path, tag = f"/tracing-requests/{case.json()['id']}/assignee", {"If-Match": case.headers["etag"]}
        assert post(client, path, {"account_id": colleague}, people.auth(), **tag).status_code == 403
        view = made(post(client, path, {"account_id": colleague}, people.auth("supervisor"), **tag), 200)
        assert view["assignee_id"] == colleague
        assert post(client, path, {"account_id": colleague}, people.auth("supervisor"), **tag).status_code == 412

    def test_only_who_works_on_cases_gets_it(self, client: TestClient, people: People) -> None:
        case = post(client, "/tracing-requests", request_draft(), people.auth())
        path, tag = f"/tracing-requests/{case.json()['id']}/assignee", case.headers["etag"]
        given = set()
        for account in client.get("/v1/accounts", headers=people.auth("administrator")).json()["items"]:
            answer = post(client, path, {"account_id": account["id"]}, people.auth("supervisor"), **{"If-Match": tag})
            if answer.status_code == 200:
                given.add(account["role"])
                tag = answer.headers["etag"]
            else:
                assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "no-such-account")
        assert given == {"caseworker", "supervisor"}

    def test_nobody_of_another_society_gets_it(self, client: TestClient, people: People) -> None:
        case = post(client, "/tracing-requests", request_draft(), people.auth())
        stranger = client.get("/v1/accounts", headers=people.auth("administrator", "UG")).json()["items"][0]["id"]
        path, tag = f"/tracing-requests/{case.json()['id']}/assignee", {"If-Match": case.headers["etag"]}
        answer = post(client, path, {"account_id": stranger}, people.auth("supervisor"), **tag)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/account_id")
