"""Changing and triaging sightings over HTTP, on both databases."""

from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from tests.sightings.reports import NO_PLACE, PATH, WOMAN, change, etag, opened, record, report, step
from tests.support import Json, People, made, person
from tests.trails import acts
from tracing.gate import people as register_of_people
from tracing.gate import register
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission

NEVER_ABSENT = (
    "person",
    "basis",
    "reporter",
    "subject_knows",
    "condition",
    "evidence",
    "visible_to",
    "sensitivity",
)


BAD_CHANGES: tuple[tuple[Json, str], ...] = (
    ({"condition": "deceased"}, "death-needs-two-workers"),
    ({"sighting_time": "2199"}, "invalid"),
    ({"basis": "self"}, "invalid"),
    ({"message_code": "i_am_travelling"}, "invalid"),
    ({"kind": "self_registration"}, "invalid"),
    ({"state": "active"}, "invalid"),
)


class TestChangeSighting:
    def test_replaces_what_is_sent_and_nothing_else(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        changed = made(change(client, people, view["id"], {"condition": "ill", "list_ref": "K-7"}), 200)
        assert changed == view | {
            "condition": "ill",
            "list_ref": "K-7",
            "version": 2,
            "updated_at": changed["updated_at"],
        }

    def test_what_can_be_absent_is_taken_away_by_null(self, client: TestClient, people: People) -> None:
        view = opened(client, people, narrative="She asked for her brother.")
        assert made(change(client, people, view["id"], {"narrative": None}), 200)["narrative"] is None

    def test_what_cannot_be_absent_is_not_taken_away(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        for field in NEVER_ABSENT:
            answer = change(client, people, view["id"], {field: None})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
        assert made(client.get(f"{PATH}/{view['id']}", headers=people.auth()), 200) == view

    def test_a_new_flag_sends_it_back_and_ends_the_matching(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        view = opened(client, people)
        changed = made(change(client, people, view["id"], {"sighting_place": "+256 700 555 0101"}), 200)
        assert (changed["state"], changed["flags"]) == ("triage", ["place_is_contact"])
        assert not record(gate, people, view["id"]).matchable
        assert ("sightings.reconsider_by_rule", "done") in acts(gate, people)

    def test_when_the_last_flag_goes_a_worker_still_has_to_accept(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        view = opened(client, people, **NO_PLACE)
        changed = made(change(client, people, view["id"], {"sighting_place": "Kampala"}), 200)
        assert (changed["state"], changed["flags"]) == ("triage", [])
        assert not record(gate, people, view["id"]).matchable

    def test_a_flag_that_a_worker_accepted_does_not_send_it_back(self, client: TestClient, people: People) -> None:
        view = opened(client, people, **NO_PLACE)
        for event in ("accept", "activate"):
            made(step(client, people, view["id"], {"event": event}), 200)
        changed = made(change(client, people, view["id"], {"condition": "ill"}), 200)
        assert (changed["state"], changed["flags"]) == ("active", ["no_place"])

    @pytest.mark.parametrize(
        ("body", "due"),
        [
            ({"sighting_place": "Gulu"}, True),
            ({"person": person("Amina Y. Warsame", **WOMAN)}, True),
            ({"reporter": {"place": "Gulu", "capacity": "staff"}}, False),
            ({"narrative": "She asked for her brother."}, False),
        ],
    )
    def test_only_what_the_engine_sees_makes_it_due(
        self, client: TestClient, gate: Gate, people: People, body: Json, due: bool
    ) -> None:
        view = opened(client, people)
        with admitted(gate, people.token("caseworker"), Permission.SIGHTINGS_WRITE) as access:
            row = register.records(access, [UUID(view["id"])])[UUID(view["id"])]
            row.match_due = False
            access.note("test.matched")
        made(change(client, people, view["id"], body), 200)
        assert record(gate, people, view["id"]).match_due is due

    def test_bad_changes_are_refused_and_change_nothing(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        for body, code in BAD_CHANGES:
            answer = change(client, people, view["id"], body)
            assert (answer.status_code, answer.json()["code"]) == (422, code), body
        assert made(client.get(f"{PATH}/{view['id']}", headers=people.auth()), 200) == view

    def test_only_a_supervisor_lowers_the_sensitivity(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        raised = made(change(client, people, view["id"], {"sensitivity": "high_risk"}), 200)
        assert raised["sensitivity"] == "high_risk"
        lower = {"sensitivity": "normal", "condition": "ill"}
        assert change(client, people, view["id"], lower).status_code == 403
        kept = made(client.get(f"{PATH}/{view['id']}", headers=people.auth()), 200)
        assert (kept["sensitivity"], kept["condition"]) == ("high_risk", "well")
        assert made(change(client, people, view["id"], lower, "supervisor"), 200)["sensitivity"] == "normal"


class TestTriage:
    def test_a_flagged_report_is_clarified_and_accepted(self, client: TestClient, gate: Gate, people: People) -> None:
        sighting_id = opened(client, people, **NO_PLACE)["id"]
        assert made(step(client, people, sighting_id, {"event": "ask_reporter"}), 200)["state"] == (
            "clarify_with_reporter"
        )
        made(change(client, people, sighting_id, {"sighting_place": "Kampala"}), 200)
        made(step(client, people, sighting_id, {"event": "clarified"}, "intake"), 200)
        made(step(client, people, sighting_id, {"event": "accept"}), 200)
        assert not record(gate, people, sighting_id).matchable
        view = made(step(client, people, sighting_id, {"event": "activate"}, "intake"), 200)
        assert (view["state"], view["flags"]) == ("active", [])
        assert record(gate, people, sighting_id).matchable
        done = [act for act, _ in acts(gate, people) if act.startswith("sightings.") and act != "sightings.read"]
        assert done == [
            "sightings.open",
            "sightings.ask_reporter",
            "sightings.change",
            "sightings.clarified",
            "sightings.accept",
            "sightings.activate",
        ]

    def test_a_rejection_needs_a_coded_reason(self, client: TestClient, people: People) -> None:
        sighting_id = opened(client, people, **NO_PLACE)["id"]
        bare = step(client, people, sighting_id, {"event": "reject"})
        assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/reason")
        free = step(client, people, sighting_id, {"event": "reject", "reason": "amina_warsame"})
        assert (free.status_code, free.json()["errors"][0]["code"]) == (422, "enum")
        coded = made(step(client, people, sighting_id, {"event": "reject", "reason": "place_unknown"}), 200)
        assert (coded["state"], coded["reason"]) == ("not_actionable", "place_unknown")

    @pytest.mark.parametrize("event", ["link", "unlink", "expire", "accept"])
    def test_what_is_not_possible_now_answers_409(self, client: TestClient, people: People, event: str) -> None:
        sighting_id = opened(client, people)["id"]
        answer = step(client, people, sighting_id, {"event": event}, "supervisor")
        assert (answer.status_code, answer.json()["code"]) == (409, "no-such-transition")

    def test_answers_come_in_the_settled_order(self, client: TestClient, people: People) -> None:
        known, absent = opened(client, people, **NO_PLACE)["id"], uuid4()
        accept = {"event": "accept"}

        def call(sighting_id: object, auth: Json, **headers: str) -> int:
            path = f"{PATH}/{sighting_id}/triage"
            return int(client.post(path, json=accept, headers=auth | headers).status_code)

        assert call(absent, {}) == 401
        assert call(absent, people.auth("intake")) == 403
        assert call(known, people.auth("intake")) == 403
        assert call(absent, people.auth()) == 404
        assert call(known, people.auth(society="UG")) == 404
        assert call(known, people.auth()) == 428
        assert call(known, people.auth(), **{"If-Match": '"stale"'}) == 412
        assert call(known, people.auth(), **{"If-Match": etag(client, people, known)}) == 200

    def test_a_stale_tag_changes_nothing(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        stale = etag(client, people, view["id"])
        changed = made(change(client, people, view["id"], {"condition": "ill"}), 200)
        for method, path in (("PATCH", f"{PATH}/{view['id']}"), ("POST", f"{PATH}/{view['id']}/triage")):
            body = {"condition": "injured"} if method == "PATCH" else {"event": "withdraw"}
            answer = client.request(method, path, json=body, headers=people.auth() | {"If-Match": stale})
            assert (answer.status_code, answer.json()["code"]) == (412, "stale")
            answer = client.request(method, path, json=body, headers=people.auth())
            assert (answer.status_code, answer.json()["code"]) == (428, "condition-missing")
        assert made(client.get(f"{PATH}/{view['id']}", headers=people.auth()), 200) == changed


class TestATokenForWritingOnly:
    def test_files_reports_and_reads_none_back(self, client: TestClient, gate: Gate, people: People) -> None:
        with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            device = register_of_people.find_account(access, "intake")
            text = register_of_people.issue_token(access, device, scope=[Permission.SIGHTINGS_WRITE])[1]
        own = {"Authorization": f"Bearer {text}"}
        filed = made(client.post("/v1/sightings", json=report(), headers=own))
        path, tag = f"/v1/sightings/{filed['id']}", {"If-Match": f'"{filed["id"].replace("-", "")}-1"'}
        assert client.get(path, headers=own).status_code == 403
        assert client.patch(path, json={}, headers=own | tag).status_code == 403
