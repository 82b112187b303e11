"""Sightings over HTTP, on both databases."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from tests.sightings.reports import (
    NO_PLACE,
    PATH,
    change,
    etag,
    opened,
    record,
    registration,
    report,
    same,
    step,
    withdraw,
)
from tests.support import Json, People, granted, made, person, post, request_draft
from tests.trails import acts, entries
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Purpose
from tracing.kit.errors import Conflict, MissingConsent
from tracing.sightings import service
from tracing.sightings.schemas import SightingDraft
from tracing.sightings.states import Event

# (report, code of the first flaw, where)
BAD_REPORTS: tuple[tuple[Json, str, str], ...] = (
    (report(consents=[]), "missing-consent", "/consents"),
    (report(consents=granted("match_within_society")), "missing-consent", "/consents"),
    (
        report(consents=[{"purpose": "register", "decision": "refused"}]),
        "missing-consent",
        "/consents",
    ),
    (report(subject_knows="no"), "missing-consent", "/consents/0"),
    (report(condition="deceased"), "death-needs-two-workers", "/condition"),
    (report(sighting_time="2199"), "in-the-future", "/sighting_time"),
    (report(sighting_time="2021-02-30"), "impossible-date", "/sighting_time"),
    (report(sighting_time="2021/2019"), "impossible-date", "/sighting_time"),
    (report(basis="self"), "basis-of-another-kind", ""),
    (registration(basis="met_in_person"), "basis-of-another-kind", ""),
    (report(message_code="i_am_travelling"), "only-self-registrations", ""),
    (report(visible_to="network"), "only-self-registrations", ""),
    (report(kind="sought"), "literal-error", "/kind"),
    (report(basis="dreamt"), "enum", "/basis"),
    (report(sighting_place="Kam\u202epala"), "bidi-control", "/sighting_place"),
    (report(sighting_place="K" * 301), "string-too-long", "/sighting_place"),
    (report(seen_place="Kampala"), "unknown-field", "/seen_place"),
    (report(reporter={"name": "x"}), "unknown-field", "/reporter/name"),
    (report(person=person(" ")), "empty", "/person/names/0/full"),
)


class TestOpenSighting:
    def test_a_clean_report_is_matched_at_once_and_the_trail_says_by_what(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        view = opened(client, people)
        assert (view["state"], view["flags"], view["version"]) == ("active", [], 1)
        assert record(gate, people, view["id"]).matchable
        about = [e.act for e in entries(gate, people) if str(e.subject_id) == view["id"]]
        assert about[:2] == ["sightings.accept_by_rule", "sightings.open"]

    def test_a_flagged_report_waits_unmatched_for_a_worker(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        view = opened(client, people, **NO_PLACE)
        assert (view["state"], view["flags"]) == ("triage", ["no_place"])
        assert not record(gate, people, view["id"]).matchable
        assert ("sightings.accept_by_rule", "done") not in acts(gate, people)

    def test_keeps_the_reporter_apart_from_what_was_seen(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        assert (view["sighting_place"], view["reporter"]["place"]) == ("Kampala", "Nairobi")
        assert view["reporter"] == report()["reporter"] | {"contacts": [view["reporter"]["contacts"][0]]}

    def test_a_person_may_register_themselves(self, client: TestClient, people: People) -> None:
        view = made(post(client, "/sightings", registration(), people.auth("intake")))
        shown = {k: view[k] for k in ("kind", "basis", "state", "message_code", "visible_to", "sighting_place")}
        assert shown == {
            "kind": "self_registration",
            "basis": "self",
            "state": "active",
            "message_code": "i_am_safe_and_well",
            "visible_to": "named_relatives",
            "sighting_place": None,
        }

    def test_bad_reports_are_refused_and_leave_nothing(self, client: TestClient, people: People) -> None:
        found = []
        for draft, _, _ in BAD_REPORTS:
            answer = post(client, "/sightings", draft, people.auth())
            assert answer.status_code == 422, answer.text
            assert "Amina" not in answer.text
            flaw = answer.json()["errors"][0]
            found.append((draft, flaw["code"], flaw["pointer"]))
        assert found == list(BAD_REPORTS)
        assert client.get(PATH, headers=people.auth()).json()["items"] == []

    def test_who_does_not_know_can_still_be_registered_on_another_basis(
        self, client: TestClient, people: People
    ) -> None:
        lawful = granted(lawful_basis="vital_interest")
        assert opened(client, people, subject_knows="no", consents=lawful)["state"] == "active"

    def test_a_retry_with_the_same_key_returns_the_first_one(self, client: TestClient, people: People) -> None:
        headers = {"Idempotency-Key": "retry-me-0001"}
        first = made(post(client, "/sightings", report(), people.auth(), **headers))
        again = made(post(client, "/sightings", report(), people.auth(), **headers))
        assert again["id"] == first["id"]
        assert len(client.get(PATH, headers=people.auth()).json()["items"]) == 1

    def test_the_same_key_with_another_body_is_refused(self, client: TestClient, people: People) -> None:
        headers = {"Idempotency-Key": "retry-me-0001"}
        made(post(client, "/sightings", report(), people.auth(), **headers))
        answer = post(client, "/sightings", report(condition="ill"), people.auth(), **headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")

    def test_the_clients_id_is_taken_and_in_use_gets_one_answer(
        self, client: TestClient, gate: Gate, people: People
    ) -> None:
        wanted = str(uuid4())
        assert opened(client, people, id=wanted)["id"] == wanted
        visible = post(client, "/sightings", report(id=wanted), people.auth())
        withdraw(gate, people, wanted)
        hidden = post(client, "/sightings", report(id=wanted), people.auth())
        assert (visible.status_code, visible.json()["code"]) == (409, "conflict")
        assert same(visible.json(), hidden.json())

    def test_others_may_not_and_that_is_on_the_trail(self, client: TestClient, gate: Gate, people: People) -> None:
        for label in ("auditor", "administrator", "partner", "enquirer", "statistics"):
            assert post(client, "/sightings", report(), people.auth(label)).status_code == 403
        assert acts(gate, people)[-5:] == [("sightings:write", "refused")] * 5


class TestShowSighting:
    def test_its_own_society_sees_it(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        assert made(client.get(f"{PATH}/{view['id']}", headers=people.auth()), 200) == view

    def test_foreign_withdrawn_and_absent_are_one_answer(self, client: TestClient, gate: Gate, people: People) -> None:
        view = opened(client, people)
        foreign = client.get(f"{PATH}/{view['id']}", headers=people.auth(society="UG"))
        withdraw(gate, people, view["id"])
        withdrawn = client.get(f"{PATH}/{view['id']}", headers=people.auth())
        absent = client.get(f"{PATH}/{uuid4()}", headers=people.auth())
        assert {a.status_code for a in (foreign, withdrawn, absent)} == {404}
        assert same(foreign.json(), absent.json())
        assert same(withdrawn.json(), absent.json())
        assert client.get(PATH, headers=people.auth()).json()["items"] == []

    def test_withdrawing_the_matching_leaves_it_readable(self, client: TestClient, gate: Gate, people: People) -> None:
        view = opened(client, people)
        withdraw(gate, people, view["id"], Purpose.MATCH_WITHIN_SOCIETY)
        assert client.get(f"{PATH}/{view['id']}", headers=people.auth()).status_code == 200

    def test_what_the_caller_holds_is_not_sent_again(self, client: TestClient, people: People) -> None:
        view = opened(client, people)
        held = etag(client, people, view["id"])
        answer = client.get(f"{PATH}/{view['id']}", headers=people.auth() | {"If-None-Match": held})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", held)
        assert change(client, people, view["id"], {"condition": "ill"}).status_code == 200
        answer = client.get(f"{PATH}/{view['id']}", headers=people.auth() | {"If-None-Match": held})
        assert (answer.status_code, answer.json()["condition"]) == (200, "ill")


class TestListSightings:
    def test_pages_follow_each_other_without_gap_or_repeat(self, client: TestClient, people: People) -> None:
        ids = [opened(client, people)["id"] for _ in range(5)]
        seen: list[str] = []
        cursor: str | None = None
        for _ in range(3):
            params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = made(client.get(PATH, params=params, headers=people.auth()), 200)
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert (seen, cursor, page["has_more"]) == (ids, None, False)

    def test_the_queue_of_those_that_wait(self, client: TestClient, people: People) -> None:
        opened(client, people)
        waiting = opened(client, people, **NO_PLACE)
        page = made(client.get(PATH, params={"state": "triage"}, headers=people.auth()), 200)
        assert [item["id"] for item in page["items"]] == [waiting["id"]]
        both = made(client.get(PATH, params={"state": ["triage", "active"]}, headers=people.auth()), 200)
        assert len(both["items"]) == 2

    def test_an_unknown_state_is_refused(self, client: TestClient, people: People) -> None:
        answer = client.get(PATH, params={"state": "dormant"}, headers=people.auth())
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "enum")

    def test_another_society_sees_none_of_them(self, client: TestClient, people: People) -> None:
        opened(client, people)
        assert client.get(PATH, headers=people.auth(society="UG")).json()["items"] == []

    def test_a_page_is_one_row_on_the_trail(self, client: TestClient, gate: Gate, people: People) -> None:
        for _ in range(3):
            opened(client, people)
        client.get(PATH, headers=people.auth())
        row = entries(gate, people)[-1]
        assert (row.act, row.count, row.subject_id) == ("sightings.list", 3, None)
        assert row.digest


class TestSoughtPersons:
    def test_a_sighting_never_changes_their_status(self, client: TestClient, gate: Gate, people: People) -> None:
        request = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        view = opened(client, people)
        made(change(client, people, view["id"], {"sighting_place": "Gulu"}), 200)
        with admitted(gate, people.token("caseworker"), Permission.SUGGESTIONS_DECIDE) as access:
            service.follow_decision(access, UUID(view["id"]), Event.LINK)
        made(step(client, people, view["id"], {"event": "withdraw"}), 200)
        assert made(client.get(f"/v1/tracing-requests/{request['id']}", headers=people.auth()), 200) == request


class TestOpenSightings:
    def drafts(self, *reports: Json) -> list[tuple[SightingDraft, str | None]]:
        return [(SightingDraft.model_validate(r), f"row-{n}") for n, r in enumerate(reports)]

    def bring(self, gate: Gate, people: People, drafts: Sequence[tuple[SightingDraft, str | None]]) -> list[UUID]:
        with admitted(gate, people.token("intake"), Permission.IMPORTS_WRITE) as access:
            ids = service.open_sightings(access, drafts)
            access.note_page("imports.sightings", ids)
        return ids

    def test_several_come_in_at_once_in_order(self, client: TestClient, gate: Gate, people: People) -> None:
        drafts = self.drafts(report(), report(**NO_PLACE), registration())
        ids = self.bring(gate, people, drafts)
        shown = [made(client.get(f"{PATH}/{i}", headers=people.auth()), 200) for i in ids]
        assert [s["state"] for s in shown] == ["active", "triage", "active"]
        rule = next(e for e in entries(gate, people) if e.act == "sightings.accept_by_rule")
        assert (rule.count, rule.subject_id) == (2, None)

    def test_one_without_a_basis_and_none_is_recorded(self, client: TestClient, gate: Gate, people: People) -> None:
        drafts = self.drafts(report(), report(consents=[]))
        with pytest.raises(MissingConsent):
            self.bring(gate, people, drafts)
        assert client.get(PATH, headers=people.auth()).json()["items"] == []

    @pytest.mark.parametrize("how", ["reference", "id"])
    def test_the_same_row_twice_is_refused(self, client: TestClient, gate: Gate, people: People, how: str) -> None:
        fields = {"id": str(uuid4())} if how == "id" else {}
        draft = SightingDraft.model_validate(report(**fields))
        twice = [(draft, "row-1"), (draft, "row-1" if how == "reference" else "row-2")]
        with pytest.raises(Conflict):
            self.bring(gate, people, twice)
        assert client.get(PATH, headers=people.auth()).json()["items"] == []
