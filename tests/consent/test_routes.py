"""Consent over HTTP: what is decided acts from the next call on, on both databases."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.support import Json, People, granted, made, post, request_draft, sought_draft
from tracing.gate.permissions import Role
from tracing.kit import clock

DOOR = "/data-subject"
BAD_DECISIONS: dict[str, Json] = {
    "in the future": {"decided_at": (clock.now() + timedelta(days=1)).isoformat()},
    "over before it was given": {"valid_until": (clock.now() - timedelta(days=1)).isoformat()},
    "no such purpose": {"purpose": "sell"},
    "not a code": {"recipient": "no spaces here"},
    "no such field": {"surprise": 1},
}
BAD_WITHDRAWALS: dict[str, Json] = {
    "names no purpose": {"purposes": []},
    "names one twice": {"purposes": ["register", "register"]},
    "no such purpose": {"purposes": ["sell"]},
    "says nothing": {},
}


@pytest.fixture
def case(client: TestClient, people: People) -> Json:
    """An open request of KE with one sought sister."""
    return made(post(client, "/tracing-requests", request_draft(), people.auth()))


def decide(client: TestClient, record_id: str, auth: Json, *decisions: Json, door: str = "") -> Any:
    return post(client, f"{door}/records/{record_id}/consents", {"decisions": list(decisions)}, auth)


def withdraw(client: TestClient, record_id: str, auth: Json, *purposes: str) -> Any:
    return post(client, f"/records/{record_id}/consents/withdrawal", {"purposes": list(purposes)}, auth)


def shown(client: TestClient, record_id: str, auth: Json, door: str = "") -> Json:
    return made(client.get(f"/v1{door}/records/{record_id}/consents", headers=auth), 200)


class TestShow:
    def test_tells_every_decision_and_what_is_in_force(self, client: TestClient, people: People, case: Json) -> None:
        view = shown(client, case["id"], people.auth())
        assert view["in_force"] == ["register", "match_within_society"]
        assert [d["decision"] for d in view["decisions"]] == ["granted", "granted"]
        assert {d["lawful_basis"] for d in view["decisions"]} == {"consent"}

    def test_a_sought_person_rests_on_its_own_basis(self, client: TestClient, people: People, case: Json) -> None:
        view = shown(client, case["sought"][0]["id"], people.auth())
        assert {d["lawful_basis"] for d in view["decisions"]} == {"public_interest"}

    @pytest.mark.parametrize("path", ["", "/withdrawal"])
    def test_foreign_and_absent_are_one_answer(self, client: TestClient, people: People, case: Json, path: str) -> None:
        body = {"purposes": ["register"]} if path else {"decisions": granted("statistics")}
        answers = [
            post(client, f"/records/{i}/consents{path}", body, people.auth(society="UG")) for i in (case["id"], uuid4())
        ]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].json()["detail"] == answers[1].json()["detail"]


class TestDecide:
    def test_adds_and_never_overwrites(self, client: TestClient, people: People, case: Json) -> None:
        view = made(decide(client, case["id"], people.auth(), *granted("statistics")))
        assert view["in_force"] == ["register", "match_within_society", "statistics"]
        assert len(view["decisions"]) == 3
        assert shown(client, case["id"], people.auth()) == view

    def test_an_older_no_does_not_end_a_newer_yes(self, client: TestClient, people: People, case: Json) -> None:
        earlier = (clock.now() - timedelta(days=9)).isoformat()
        no = {"purpose": "match_within_society", "decision": "refused", "decided_at": earlier}
        assert "match_within_society" in made(decide(client, case["id"], people.auth(), no))["in_force"]

    def test_a_consent_ends_by_itself(self, client: TestClient, people: People, case: Json) -> None:
        soon = (clock.now() + timedelta(days=9)).isoformat()
        view = made(decide(client, case["id"], people.auth(), granted("register")[0] | {"valid_until": soon}))
        assert view["expires_at"][:16] == soon[:16]

    def test_a_decision_that_breaks_a_rule_is_refused_and_nothing_written(
        self, client: TestClient, people: People, case: Json
    ) -> None:
        for reason, fields in BAD_DECISIONS.items():
            broken = granted("register")[0] | fields
            answer = decide(client, case["id"], people.auth(), *granted("statistics"), broken)
            assert answer.status_code == 422, reason
        assert len(shown(client, case["id"], people.auth())["decisions"]) == 2

    def test_bound_to_a_recipient_it_opens_nothing_for_others(
        self, client: TestClient, people: People, case: Json
    ) -> None:
        bound = granted("share_with_society")[0] | {"recipient": "UG"}
        view = made(decide(client, case["id"], people.auth(), bound))
        assert "share_with_society" not in view["in_force"]
        assert view["decisions"][-1]["recipient"] == "UG"

    def test_a_retry_with_the_same_key_adds_nothing(self, client: TestClient, people: People, case: Json) -> None:
        path, body = f"/records/{case['id']}/consents", {"decisions": granted("statistics")}
        key = {"Idempotency-Key": "once-and-once-only"}
        first = made(post(client, path, body, people.auth(), **key))
        assert made(post(client, path, body, people.auth(), **key)) == first
        other = post(client, path, {"decisions": granted("follow_up")}, people.auth(), **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


class TestWithdraw:
    def test_without_matching_the_record_stays_readable(self, client: TestClient, people: People, case: Json) -> None:
        assert withdraw(client, case["id"], people.auth(), "match_within_society").status_code == 204
        assert shown(client, case["id"], people.auth())["in_force"] == ["register"]
        made(client.get(f"/v1/tracing-requests/{case['id']}", headers=people.auth()), 200)

    def test_without_register_the_record_and_its_sought_persons_are_gone(
        self, client: TestClient, people: People, case: Json
    ) -> None:
        answer = withdraw(client, case["id"], people.auth(), "register")
        assert (answer.status_code, answer.content) == (204, b"")
        for path in (
            f"/tracing-requests/{case['id']}",
            f"/records/{case['id']}/consents",
            f"/sought-persons/{case['sought'][0]['id']}",
            f"/records/{case['sought'][0]['id']}/consents",
        ):
            assert client.get(f"/v1{path}", headers=people.auth()).status_code == 404, path
        assert client.get("/v1/tracing-requests", headers=people.auth()).json()["items"] == []

    def test_of_one_sought_person_leaves_the_others(self, client: TestClient, people: People) -> None:
        brother = sought_draft("Omar Yusuf Warsame", sex="male", relationship="brother")
        case = made(post(client, "/tracing-requests", request_draft(sought_draft(), brother), people.auth()))
        assert withdraw(client, case["sought"][0]["id"], people.auth(), "register").status_code == 204
        left = made(client.get(f"/v1/tracing-requests/{case['id']}", headers=people.auth()), 200)
        assert [s["id"] for s in left["sought"]] == [case["sought"][1]["id"]]

    def test_a_second_time_the_record_is_absent(self, client: TestClient, people: People, case: Json) -> None:
        withdraw(client, case["id"], people.auth(), "register")
        assert withdraw(client, case["id"], people.auth(), "register").status_code == 404

    def test_outdoes_what_was_granted_a_moment_ago(self, client: TestClient, people: People, case: Json) -> None:
        made(decide(client, case["id"], people.auth(), *granted("match_within_society")))
        withdraw(client, case["id"], people.auth(), "match_within_society")
        assert "match_within_society" not in shown(client, case["id"], people.auth())["in_force"]

    def test_that_is_not_readable_changes_nothing(self, client: TestClient, people: People, case: Json) -> None:
        for reason, body in BAD_WITHDRAWALS.items():
            answer = post(client, f"/records/{case['id']}/consents/withdrawal", body, people.auth())
            assert answer.status_code == 422, reason
        assert len(shown(client, case["id"], people.auth())["decisions"]) == 2


class TestDataSubjectsDoor:
    def test_shows_a_hidden_record_and_brings_it_back(self, client: TestClient, people: People, case: Json) -> None:
        officer = people.auth("supervisor")
        withdraw(client, case["id"], people.auth(), "register", "match_within_society")
        assert shown(client, case["id"], officer, DOOR)["in_force"] == []
        made(decide(client, case["id"], officer, *granted(), door=DOOR))
        back = made(client.get(f"/v1/tracing-requests/{case['id']}", headers=people.auth()), 200)
        assert [s["id"] for s in back["sought"]] == [case["sought"][0]["id"]]
        assert shown(client, back["sought"][0]["id"], people.auth())["in_force"] == [
            "register",
            "match_within_society",
        ]

    def test_a_sought_person_stays_hidden_while_its_request_is(
        self, client: TestClient, people: People, case: Json
    ) -> None:
        officer, sought_id = people.auth("supervisor"), case["sought"][0]["id"]
        withdraw(client, case["id"], people.auth(), "register")
        assert made(decide(client, sought_id, officer, *granted(), door=DOOR))["in_force"] == []
        assert client.get(f"/v1/sought-persons/{sought_id}", headers=people.auth()).status_code == 404

    def test_is_shut_for_other_roles(self, client: TestClient, people: People, case: Json) -> None:
        path = f"/v1{DOOR}/records/{case['id']}/consents"
        for role in set(Role) - {Role.SUPERVISOR}:
            assert client.get(path, headers=people.auth(role)).status_code == 403, role

    def test_does_not_open_another_societys_records(self, client: TestClient, people: People, case: Json) -> None:
        foreign = people.auth("supervisor", "UG")
        assert client.get(f"/v1{DOOR}/records/{case['id']}/consents", headers=foreign).status_code == 404
        assert decide(client, case["id"], foreign, *granted(), door=DOOR).status_code == 404

    def test_stands_on_the_trail_under_its_own_name(self, client: TestClient, people: People, case: Json) -> None:
        officer = people.auth("supervisor")
        withdraw(client, case["id"], people.auth(), "register")
        shown(client, case["id"], officer, DOOR)
        decide(client, case["id"], officer, *granted(), door=DOOR)
        acts = client.get("/v1/trail", params={"subject_id": case["id"]}, headers=officer).json()["items"]
        assert [row["act"] for row in acts] == [
            "requests.open",
            "consents.withdraw",
            "data-subject.read",
            "data-subject.decide",
        ]
