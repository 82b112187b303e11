"""Changing, listing and refusing tracing requests over HTTP, on both databases."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.support import Json, People, granted, made, person, post, request_draft, sought_draft
from tests.trails import acts, entries
from tracing.gate import consents, register
from tracing.gate.admit import admitted
from tracing.gate.consents import ConsentFact
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Decision, LawfulBasis, Purpose

REQUESTS = "/v1/tracing-requests"
SOUGHT = "/v1/sought-persons"
BROTHER = {"sex": "male", "relationship": "brother"}


@pytest.fixture
def view(client: TestClient, people: People) -> Json:
    """A request for a sister and a brother, both being searched for."""
    draft = request_draft(sought_draft(), sought_draft("Omar Yusuf Warsame", **BROTHER))
    return made(post(client, "/tracing-requests", draft, people.auth()))


def shown(client: TestClient, people: People, path: str) -> Json:
    return made(client.get(path, headers=people.auth()), 200)


def etag(client: TestClient, people: People, path: str, label: str = "caseworker") -> str:
    return str(client.get(path, headers=people.auth(label)).headers["ETag"])


def change(client: TestClient, people: People, path: str, body: Json, label: str = "caseworker") -> Response:
    headers = people.auth(label) | {"If-Match": etag(client, people, path, label)}
    answer: Response = client.patch(path, json=body, headers=headers)
    return answer


def happen(client: TestClient, people: People, sought_id: str, body: Json, label: str = "caseworker") -> Response:
    headers = people.auth(label) | {"If-Match": etag(client, people, f"{SOUGHT}/{sought_id}", label)}
    answer: Response = client.post(f"{SOUGHT}/{sought_id}/events", json=body, headers=headers)
    return answer


def rest(at: UUID, gate: Gate, people: People) -> None:
    """Let the night have matched a record."""
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_READ) as access:
        register.records(access, [at])[at].match_due = False
        access.note("test.matched", at)


def due(at: UUID, gate: Gate, people: People) -> bool:
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_READ) as access:
        access.note("test.looked", at)
        return register.records(access, [at])[at].match_due


def withdraw(at: UUID, gate: Gate, people: People) -> None:
    with admitted(gate, people.token("caseworker"), Permission.CONSENTS_WRITE) as access:
        consents.decide(access, at, [ConsentFact(Purpose.REGISTER, Decision.WITHDRAWN, LawfulBasis.CONSENT)])
        access.note("consents.withdraw", at)


class TestChangeRequest:
    def test_replaces_what_is_sent_and_nothing_else(self, client: TestClient, people: People, view: Json) -> None:
        path = f"{REQUESTS}/{view['id']}"
        body = {"already_tried": "Asked the neighbours.", "never_disclose_to": ["the uncle"]}
        changed = made(change(client, people, path, body), 200)
        assert changed == view | body | {"version": 2, "updated_at": changed["updated_at"]}
        assert shown(client, people, path) == changed

    def test_what_can_be_absent_is_taken_away_by_null(self, client: TestClient, people: People, view: Json) -> None:
        path = f"{REQUESTS}/{view['id']}"
        made(change(client, people, path, {"already_tried": "Asked the neighbours."}), 200)
        assert made(change(client, people, path, {"already_tried": None}), 200)["already_tried"] is None

    def test_what_cannot_be_absent_is_not_taken_away(self, client: TestClient, people: People, view: Json) -> None:
        sought = f"{SOUGHT}/{view['sought'][0]['id']}"
        cases = [(f"{REQUESTS}/{view['id']}", f) for f in ("enquirer", "separation", "never_disclose_to")]
        cases += [(sought, f) for f in ("person", "relationship", "sensitivity", "priority")]
        for path, field in cases:
            answer = change(client, people, path, {field: None})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
        assert shown(client, people, f"{REQUESTS}/{view['id']}") == view

    def test_the_case_the_state_and_the_consents_are_not_changed_this_way(
        self, client: TestClient, people: People, view: Json
    ) -> None:
        for field in ("state", "case_type", "id", "consents", "sought", "society"):
            answer = change(client, people, f"{REQUESTS}/{view['id']}", {field: "x"})
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown-field")

    def test_a_new_enquirer_makes_the_sought_persons_due_too(
        self, client: TestClient, gate: Gate, people: People, view: Json
    ) -> None:
        ids = [UUID(view["id"]), *(UUID(s["id"]) for s in view["sought"])]
        for record_id in ids:
            rest(record_id, gate, people)
        made(change(client, people, f"{REQUESTS}/{view['id']}", {"already_tried": "Asked."}), 200)
        assert [due(i, gate, people) for i in ids] == [False, False, False]
        enquirer = {k: v for k, v in view["enquirer"].items() if k != "person"}
        body = {"enquirer": enquirer | {"person": person("Abdi Y. Warsame", sex="male")}}
        made(change(client, people, f"{REQUESTS}/{view['id']}", body), 200)
        assert [due(i, gate, people) for i in ids] == [True, True, True]


class TestChangeSought:
    def test_replaces_what_is_sent_and_makes_the_person_due(
        self, client: TestClient, gate: Gate, people: People, view: Json
    ) -> None:
        sought_id = view["sought"][0]["id"]
        rest(UUID(sought_id), gate, people)
        made(change(client, people, f"{SOUGHT}/{sought_id}", {"priority": "high"}), 200)
        assert not due(UUID(sought_id), gate, people)
        body = {"person": person("Amina Yusuf", birth="1991")}
        changed = made(change(client, people, f"{SOUGHT}/{sought_id}", body), 200)
        assert (changed["priority"], changed["person"]["birth"], changed["version"]) == ("high", "1991", 3)
        assert due(UUID(sought_id), gate, people)

    def test_only_a_supervisor_lowers_the_sensitivity(self, client: TestClient, people: People, view: Json) -> None:
        path = f"{SOUGHT}/{view['sought'][0]['id']}"
        assert made(change(client, people, path, {"sensitivity": "protected"}, "intake"), 200)["sensitivity"] == (
            "protected"
        )
        lower = {"sensitivity": "normal", "priority": "high"}
        assert change(client, people, path, lower, "intake").status_code == 403
        assert shown(client, people, path)["priority"] == "normal"
        assert made(change(client, people, path, lower, "supervisor"), 200)["sensitivity"] == "normal"


class TestTags:
    def test_what_the_caller_holds_is_not_sent_again(self, client: TestClient, people: People, view: Json) -> None:
        for path in (f"{REQUESTS}/{view['id']}", f"{SOUGHT}/{view['sought'][0]['id']}"):
            held = etag(client, people, path)
            answer = client.get(path, headers=people.auth() | {"If-None-Match": f'"other", {held}'})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", held)
            answer = client.get(path, headers=people.auth() | {"If-None-Match": '"other"'})
            assert (answer.status_code, answer.headers["ETag"]) == (200, held)

    def test_the_tag_on_opening_and_changing_is_the_one_on_reading(self, client: TestClient, people: People) -> None:
        answer = post(client, "/tracing-requests", request_draft(), people.auth())
        path = answer.headers["Location"]
        assert answer.headers["ETag"] == etag(client, people, path)
        answer = change(client, people, path, {"already_tried": "Asked."})
        assert answer.headers["ETag"] == etag(client, people, path)

    def test_a_request_has_changed_when_a_search_in_it_has(
        self, client: TestClient, people: People, view: Json
    ) -> None:
        path = f"{REQUESTS}/{view['id']}"
        held = etag(client, people, path)
        made(happen(client, people, view["sought"][0]["id"], {"event": "suspend"}), 200)
        answer = client.get(path, headers=people.auth() | {"If-None-Match": held})
        assert (answer.status_code, answer.json()["sought"][0]["state"]) == (200, "suspended")

    def test_a_request_has_changed_when_a_sought_person_is_gone_from_it(
        self, client: TestClient, gate: Gate, people: People, view: Json
    ) -> None:
        path = f"{REQUESTS}/{view['id']}"
        held = etag(client, people, path)
        withdraw(UUID(view["sought"][0]["id"]), gate, people)
        answer = client.get(path, headers=people.auth() | {"If-None-Match": held})
        assert answer.status_code == 200
        assert [s["id"] for s in answer.json()["sought"]] == [view["sought"][1]["id"]]

    def test_without_the_tag_or_with_an_old_one_nothing_changes(
        self, client: TestClient, people: People, view: Json
    ) -> None:
        sought_id = view["sought"][0]["id"]
        calls: list[tuple[str, str, Json]] = [
            ("PATCH", f"{REQUESTS}/{view['id']}", {"already_tried": "Asked."}),
            ("PATCH", f"{SOUGHT}/{sought_id}", {"priority": "high"}),
            ("POST", f"{SOUGHT}/{sought_id}/events", {"event": "suspend"}),
        ]
        for method, path, body in calls:
            old = etag(client, people, path.removesuffix("/events")).replace('"', '"0')
            for headers, status, code in (({}, 428, "condition-missing"), ({"If-Match": old}, 412, "stale")):
                answer = client.request(method, path, json=body, headers=people.auth() | headers)
                assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert shown(client, people, f"{REQUESTS}/{view['id']}") == view


class TestOrderOfAnswers:
    @pytest.mark.parametrize(
        ("method", "path", "body", "lacks"),
        [
            ("PATCH", "/v1/tracing-requests/{request}", {"already_tried": "Asked."}, "auditor"),
            ("PATCH", "/v1/sought-persons/{sought}", {"priority": "high"}, "auditor"),
            ("POST", "/v1/sought-persons/{sought}/events", {"event": "suspend"}, "auditor"),
            (
                "POST",
                "/v1/sought-persons/{sought}/events",
                {"event": "close", "reason": "enquirer_withdrew"},
                "intake",
            ),
        ],
    )
    def test_is_401_403_404_428_412(
        self, client: TestClient, people: People, view: Json, method: str, path: str, body: Json, lacks: str
    ) -> None:
        known = path.format(request=view["id"], sought=view["sought"][0]["id"])
        absent = path.format(request=uuid4(), sought=uuid4())

        def call(where: str, auth: dict[str, str], **headers: str) -> int:
            return int(client.request(method, where, json=body, headers=auth | headers).status_code)

        assert call(absent, {}) == 401
        assert call(absent, {"Authorization": "Bearer trc_no_token"}) == 401
        assert call(absent, people.auth(lacks)) == 403
        assert call(known, people.auth(lacks), **{"If-Match": '"old"'}) == 403
        assert call(absent, people.auth()) == 404
        assert call(known, people.auth(society="UG"), **{"If-Match": '"old"'}) == 404
        assert call(known, people.auth()) == 428
        assert call(known, people.auth(), **{"If-Match": '"old"'}) == 412
        tag = etag(client, people, known.removesuffix("/events"))
        assert call(known, people.auth(), **{"If-Match": tag}) == 200


class TestRefusals:
    def test_what_an_auditor_may_not_do_is_refused_and_on_the_trail(
        self, client: TestClient, gate: Gate, people: People, view: Json
    ) -> None:
        auditor = people.auth("auditor")
        answers = [
            client.get(REQUESTS, headers=auditor),
            client.get(f"{REQUESTS}/{view['id']}", headers=auditor),
            post(client, "/tracing-requests", request_draft(), auditor),
        ]
        assert [a.status_code for a in answers] == [403, 403, 403]
        assert all(a.json()["code"] == "refused" and "Amina" not in a.text for a in answers)
        assert acts(gate, people)[-3:] == [
            ("requests:read", "refused"),
            ("requests:read", "refused"),
            ("requests:write", "refused"),
        ]

    def test_a_refusal_half_way_leaves_only_its_row_on_the_trail(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        answer = post(client, "/tracing-requests", request_draft(), people.auth("intake"))
        assert answer.status_code == 403  # `start` needs somebody who may accept cases
        assert client.get(REQUESTS, headers=people.auth()).json()["items"] == []
        done = [entry for entry in entries(gate, people) if entry.act.startswith("requests")]
        assert [(e.act, e.outcome) for e in done] == [
            ("requests:write", "refused"),
            ("requests.list", "done"),
        ]

    def test_reasons_are_codes_since_they_stand_in_the_clear(
        self, client: TestClient, people: People, view: Json
    ) -> None:
        body = {"event": "close", "reason": "amina_warsame"}
        answer = happen(client, people, view["sought"][0]["id"], body)
        assert answer.status_code == 422
        assert {flaw["pointer"].split("/")[1] for flaw in answer.json()["errors"]} == {"reason"}

    @pytest.mark.parametrize(
        "bad",
        [
            {"valid_until": "9999-12-31T23:59:59-14:00"},
            {"decided_at": "0001-01-01T00:00:00+14:00"},
            {"information_notice_version": "x" * 41},
            {"information_notice_version": "read by Amina"},
        ],
    )
    def test_consents_that_no_database_could_hold_are_refused(
        self, client: TestClient, people: People, bad: dict[str, Any]
    ) -> None:
        basis = granted()
        answer = post(client, "/tracing-requests", request_draft(sought_draft(basis=[basis[0] | bad])), people.auth())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/sought/0/basis/0/{next(iter(bad))}"


class TestPages:
    def pages(self, client: TestClient, auth: dict[str, str], limit: int) -> list[Json]:
        found = [made(client.get(REQUESTS, params={"limit": limit}, headers=auth), 200)]
        while found[-1]["has_more"]:
            params = {"limit": limit, "cursor": found[-1]["next_cursor"]}
            found.append(made(client.get(REQUESTS, params=params, headers=auth), 200))
        return found

    def test_follow_each_other_without_gap_or_repeat(self, client: TestClient, people: People) -> None:
        ids = [made(post(client, "/tracing-requests", request_draft(), people.auth()))["id"] for _ in range(5)]
        pages = self.pages(client, people.auth(), 2)
        assert [[item["id"] for item in page["items"]] for page in pages] == [ids[:2], ids[2:4], ids[4:]]
        assert pages[-1]["next_cursor"] is None
        assert [len(page["items"]) for page in self.pages(client, people.auth(), 5)] == [5]

    def test_name_the_next_one_in_a_link(self, client: TestClient, people: People) -> None:
        for _ in range(2):
            made(post(client, "/tracing-requests", request_draft(), people.auth()))
        answer = client.get(REQUESTS, params={"limit": 1}, headers=people.auth())
        target = answer.headers["Link"].split(">")[0].removeprefix("<")
        assert target.startswith(REQUESTS)
        following = client.get(target, headers=people.auth())
        assert (following.status_code, "Link" in following.headers) == (200, False)
        assert following.json()["items"][0]["id"] != answer.json()["items"][0]["id"]

    def test_take_no_cursor_that_they_did_not_give_out(self, client: TestClient, people: People) -> None:
        for _ in range(2):
            made(post(client, "/tracing-requests", request_draft(), people.auth()))
        cursor = client.get(REQUESTS, params={"limit": 1}, headers=people.auth()).json()["next_cursor"]

        def answer(text: str, path: str = REQUESTS, society: str = "KE") -> tuple[int, str]:
            got = client.get(path, params={"cursor": text}, headers=people.auth(society=society))
            return got.status_code, got.json().get("code", "")

        assert answer(cursor)[0] == 200
        swapped = [cursor[:i] + ("A" if cursor[i] != "A" else "B") + cursor[i + 1 :] for i in range(len(cursor))]
        odd = [
            "",
            "x",
            "!",
            "ä",
            "\0",
            cursor[:-1],
            cursor[1:],
            cursor + "A",
            cursor + "=",
            f"{cursor[:9]}!{cursor[9:]}",
        ]
        assert {text: answer(text) for text in (*swapped, *odd) if answer(text) != (400, "malformed")} == {}
        assert answer(cursor, society="UG") == (400, "malformed")
        assert answer(cursor, path="/v1/sightings") == (400, "malformed")

    @pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e9", "NaN"])
    def test_have_one_to_two_hundred_rows(self, client: TestClient, people: People, limit: str) -> None:
        answer = client.get(REQUESTS, params={"limit": limit}, headers=people.auth())
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query:limit")
