"""Verdicts: every row of the table and every missing one, the second reader, and what a verdict leads to."""

from itertools import product

import pytest
from sqlmodel import SQLModel, select

from tests.review.desk import Desk, raw, suggested_pair
from tests.scenes import scene
from tests.support import made, post, request_draft, sought_draft
from tests.trails import entries
from tracing.gate.opening import Gate
from tracing.requests import service as requests
from tracing.review import service, states, store
from tracing.review.states import Guard, State, Verdict
from tracing.sightings import service as sightings

C, R, N, T, U = "confirm_same_person", "not_same_person", "needs_information", "cannot_tell", "undo"
OPEN = {C: "confirmed_same_person", R: "rejected", N: "needs_information", T: "cannot_tell"}
# What each verdict leads to by state, written down apart from the code; what is not here is not possible.
EXPECTED: dict[str, dict[str, str]] = {
    "suggested": OPEN,
    "needs_information": OPEN,
    "cannot_tell": OPEN,
    "stale": OPEN,
    "rejected": {U: "suggested"},
    "provisionally_confirmed": OPEN | {U: "suggested"},
    "confirmed_same_person": {U: "suggested"},
}


def put(gate: Gate, state: State) -> None:
    """Put the suggestion into a state, whatever led there."""
    table = SQLModel.metadata.tables["suggestion"]
    with raw(gate) as connection:
        connection.execute(table.update().values(state=state))


def state_of(gate: Gate) -> str:
    with raw(gate) as connection:
        return str(connection.execute(select(SQLModel.metadata.tables["suggestion"].c.state)).scalar_one().value)


def outcome(desk: Desk, suggestion_id: str, state: State, verdict: Verdict) -> tuple[int, str | None, str]:
    """Return the status, the problem and the state afterwards of a verdict."""
    tag = {"If-Match": desk.get(f"/suggestions/{suggestion_id}").headers["etag"]}
    put(desk.gate, state)
    label = "caseworker-2" if state is State.PROVISIONALLY_CONFIRMED else "caseworker"
    body = {"verdict": verdict, "reason": "other"}
    answer = post(desk.client, f"/suggestions/{suggestion_id}/decisions", body, desk.auth(label), **tag)
    return answer.status_code, answer.json().get("code"), state_of(desk.gate)


def deviations(desk: Desk, suggestion_id: str, *, protected: bool) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for state, verdict in product(State, Verdict):
        target = EXPECTED[state].get(verdict)
        if protected and verdict == C and EXPECTED[state] is OPEN:
            target = "provisionally_confirmed"
        expected = (409, "no-such-verdict", state.value) if target is None else (201, None, target)
        got = outcome(desk, suggestion_id, state, verdict)
        if got != expected:
            found.append((state.value, verdict.value, str(got), str(expected)))
    return found


@pytest.fixture
def pair(desk: Desk) -> tuple[str, str, str]:
    """A sought sister, a sighting of her, and the suggestion that the night made of them."""
    return scene(desk.gate, "a pair", lambda: suggested_pair(desk))


class TestTable:
    @pytest.mark.slow
    def test_leads_where_it_says_and_nowhere_else(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        assert deviations(desk, pair[2], protected=False) == []

    @pytest.mark.slow
    def test_needs_two_readers_of_a_protected_person(self, desk: Desk) -> None:
        desk.seek(sensitivity="protected")
        desk.report()
        desk.night()
        assert deviations(desk, desk.only()["id"], protected=True) == []

    def test_names_every_state_and_every_guard(self) -> None:
        assert set(EXPECTED) == set(State)
        assert {row.guard for row in states.TABLE} == set(Guard)

    def test_a_row_too_many_is_seen(
        self, desk: Desk, pair: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        more = states.Row(State.REJECTED, Verdict.CONFIRM_SAME_PERSON, State.CONFIRMED_SAME_PERSON, Guard.NONE)
        monkeypatch.setattr(states, "TABLE", (*states.TABLE, more))
        assert outcome(desk, pair[2], State.REJECTED, Verdict.CONFIRM_SAME_PERSON)[0] == 201


class TestWhatComesWithAVerdict:
    def test_the_decision_stands_with_its_reason_and_note(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        tag = desk.get(f"/suggestions/{pair[2]}").headers["etag"]
        body = {"verdict": N, "reason": "insufficient_data", "note": "ask about the aunt in Lamu"}
        answer = post(desk.client, f"/suggestions/{pair[2]}/decisions", body, desk.auth(), **{"If-Match": tag})
        (decision,) = made(answer)["decisions"]
        assert (decision["verdict"], decision["reason"], decision["led_to"]) == (N, "insufficient_data", N)
        assert desk.show(pair[2])["decisions"][0]["note"] == "ask about the aunt in Lamu"

    def test_decisions_are_kept_in_their_order(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        for verdict in (N, R, U, C):
            desk.decided(pair[2], verdict)
        assert [d["verdict"] for d in desk.show(pair[2])["decisions"]] == [N, R, U, C]

    def test_only_caseworkers_and_supervisors_decide(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        for label in ("intake", "auditor", "partner", "statistics", "enquirer", "administrator"):
            assert desk.decide(pair[2], C, label=label).status_code == 403, label
        assert desk.show(pair[2])["decisions"] == []

    def test_conditions_come_in_their_order(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        path, body = f"/suggestions/{pair[2]}/decisions", {"verdict": C, "reason": "other"}
        seen = desk.get(f"/suggestions/{pair[2]}").headers["etag"]
        absent = "/suggestions/00000000-0000-4000-8000-000000000000/decisions"
        assert post(desk.client, absent, body, desk.auth()).status_code == 404
        assert post(desk.client, path, body, desk.auth(society="UG")).status_code == 404
        assert post(desk.client, path, body, desk.auth()).status_code == 428
        assert post(desk.client, path, body, desk.auth(), **{"If-Match": '"else-1"'}).status_code == 412
        made(post(desk.client, path, body, desk.auth(), **{"If-Match": seen}))
        assert post(desk.client, path, body, desk.auth(), **{"If-Match": seen}).status_code == 412

    def test_a_person_who_has_changed_since_is_read_again_first(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        path, body = f"/suggestions/{pair[2]}/decisions", {"verdict": C, "reason": "other"}
        mother = {"names": [{"full": "Amina Yusuf Warsame"}], "mother": ["Fadumo Cali"]}
        for side, change in (
            (f"/sought-persons/{pair[0]}", {"person": mother}),
            (f"/sightings/{pair[1]}", {"sensitivity": "protected"}),
        ):
            seen = {"If-Match": desk.get(f"/suggestions/{pair[2]}").headers["etag"]}
            desk.change(side, **change)
            assert post(desk.client, path, body, desk.auth(), **seen).status_code == 412, side
        assert made(desk.decide(pair[2], C))["state"] == "provisionally_confirmed"

    def test_an_unknown_word_is_refused_and_changes_nothing(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        tag = {"If-Match": desk.get(f"/suggestions/{pair[2]}").headers["etag"]}
        for change in (
            {"verdict": "same_person"},
            {"verdict": None},
            {"reason": "because"},
            {"reason": ""},
            {"note": "\x00"},
            {"state": "confirmed_same_person"},
        ):
            body = {"verdict": C, "reason": "other"} | change
            answer = post(desk.client, f"/suggestions/{pair[2]}/decisions", body, desk.auth(), **tag)
            assert answer.status_code == 422, change
            assert "because" not in answer.text
        assert (desk.show(pair[2])["state"], desk.state_of(pair[0])) == ("suggested", "searching")


class TestSecondReader:
    @pytest.fixture
    def guarded(self, desk: Desk) -> tuple[str, str]:
        """A sought person, a protected sighting of her: (sought id, suggestion id)."""
        sought_id, _, suggestion_id = scene(
            desk.gate, "a guarded pair", lambda: suggested_pair(desk, sensitivity="high_risk")
        )
        return sought_id, suggestion_id

    def test_one_reader_confirms_provisionally_and_nothing_follows(self, desk: Desk, guarded: tuple[str, str]) -> None:
        assert desk.show(guarded[1])["needs_second_reader"]
        assert desk.decided(guarded[1], C)["state"] == "provisionally_confirmed"
        assert desk.state_of(guarded[0]) == "searching"

    def test_another_human_completes_it(self, desk: Desk, guarded: tuple[str, str]) -> None:
        desk.decided(guarded[1], C)
        assert desk.decided(guarded[1], C, label="caseworker-2")["state"] == "confirmed_same_person"
        assert desk.state_of(guarded[0]) == "lead_found"

    def test_the_same_account_is_refused_and_that_is_on_the_trail(self, desk: Desk, guarded: tuple[str, str]) -> None:
        desk.decided(guarded[1], C)
        answer = desk.decide(guarded[1], C)
        assert (answer.status_code, answer.json()["code"]) == (403, "same-reader")
        assert [e.act for e in entries(desk.gate, desk.people) if e.outcome == "refused"] == ["suggestions:decide"]
        assert desk.state_of(guarded[0]) == "searching"

    def test_the_same_human_with_another_account_is_refused(self, desk: Desk, guarded: tuple[str, str]) -> None:
        desk.hire_again("caseworker-twin", known="caseworker")
        desk.decided(guarded[1], C)
        answer = desk.decide(guarded[1], C, label="caseworker-twin")
        assert (answer.status_code, answer.json()["code"]) == (403, "same-reader")
        assert desk.show(guarded[1])["state"] == "provisionally_confirmed"

    def test_comparing_accounts_instead_of_humans_is_seen(
        self, desk: Desk, guarded: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.hire_again("caseworker-twin", known="caseworker")
        desk.decided(guarded[1], C)
        monkeypatch.setattr(service, "_first_reader", lambda *_: None)
        assert desk.decide(guarded[1], C, label="caseworker-twin").status_code == 201

    def test_whoever_confirms_anew_is_the_first_reader_again(self, desk: Desk, guarded: tuple[str, str]) -> None:
        desk.decided(guarded[1], C)
        desk.decided(guarded[1], N, label="caseworker-2")
        assert desk.decided(guarded[1], C, label="caseworker-2")["state"] == "provisionally_confirmed"
        assert desk.decide(guarded[1], C, label="caseworker-2").status_code == 403
        assert desk.decided(guarded[1], C)["state"] == "confirmed_same_person"

    def test_protection_that_ends_in_between_does_not_spare_the_second_reader(
        self, desk: Desk, guarded: tuple[str, str]
    ) -> None:
        desk.decided(guarded[1], C)
        desk.change(f"/sightings/{desk.show(guarded[1])['right_id']}", "supervisor", sensitivity="normal")
        assert desk.decide(guarded[1], C).status_code == 403
        assert desk.decided(guarded[1], C, label="supervisor")["state"] == "confirmed_same_person"


class TestWhatFollows:
    def test_a_confirmation_is_a_lead_and_links_the_sighting(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        desk.decided(pair[2], C)
        assert (desk.state_of(pair[0]), desk.state_of_sighting(pair[1])) == ("lead_found", "linked")

    def test_a_search_of_an_enquirer_who_agreed_to_no_matching_is_no_other(self, desk: Desk) -> None:
        enquirer = request_draft()["enquirer"] | {"consents": [{"purpose": "register"}]}
        sought = str(desk.open(enquirer=enquirer)["sought"][0]["id"])
        desk.report()
        desk.night()
        (item,) = desk.queue()
        desk.decide(item["id"], C)
        assert desk.get(f"/sought-persons/{sought}").json()["state"] == "lead_found"

    def test_no_other_verdict_moves_anything(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        for verdict in (N, T, R):
            desk.decided(pair[2], verdict)
            assert (desk.state_of(pair[0]), desk.state_of_sighting(pair[1])) == ("searching", "active"), verdict

    def test_undoing_it_goes_on_searching(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        desk.decided(pair[2], C)
        desk.decided(pair[2], U)
        assert (desk.state_of(pair[0]), desk.state_of_sighting(pair[1])) == ("searching", "active")

    def test_unless_another_confirmation_stands(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        again = desk.register()
        desk.night()
        second = next(s["id"] for s in desk.queue() if s["right_id"] == again)
        desk.decided(pair[2], C)
        desk.decided(second, C)
        desk.decided(pair[2], U)
        assert (desk.state_of(pair[0]), desk.state_of_sighting(pair[1])) == ("lead_found", "active")
        assert desk.state_of_sighting(again) == "linked"
        desk.decided(second, U)
        assert (desk.state_of(pair[0]), desk.state_of_sighting(again)) == ("searching", "active")

    def test_one_sighting_may_answer_two_searches(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        other = desk.seek()
        desk.night()
        second = next(s["id"] for s in desk.queue() if {s["left_id"], s["right_id"]} == {other, pair[1]})
        desk.decided(pair[2], C)
        desk.decided(second, C)
        desk.decided(pair[2], U)
        assert (desk.state_of(pair[0]), desk.state_of(other)) == ("searching", "lead_found")
        assert desk.state_of_sighting(pair[1]) == "linked"

    def test_a_duplicate_request_is_no_lead(self, desk: Desk) -> None:
        one, two = desk.seek(), desk.seek()
        desk.night()
        suggestion = next(s for s in desk.queue() if {s["left_id"], s["right_id"]} == {one, two})
        assert desk.decided(suggestion["id"], C)["state"] == "confirmed_same_person"
        assert (desk.state_of(one), desk.state_of(two)) == ("searching", "searching")

    def test_a_duplicate_request_keeps_no_lead_alive(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        other = desk.seek()
        desk.night()
        twins = next(s["id"] for s in desk.queue() if {s["left_id"], s["right_id"]} == {pair[0], other})
        desk.decided(twins, C)
        desk.decided(pair[2], C)
        desk.decided(pair[2], U)
        assert desk.state_of(pair[0]) == "searching"

    def test_a_lead_that_does_not_follow_is_seen(
        self, desk: Desk, pair: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requests, "follow_decision", lambda *_: None)
        monkeypatch.setattr(sightings, "follow_decision", lambda *_: None)
        desk.decided(pair[2], C)
        assert (desk.state_of(pair[0]), desk.state_of_sighting(pair[1])) == ("searching", "active")

    def test_a_forgotten_second_confirmation_is_seen(
        self, desk: Desk, pair: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        again = desk.register()
        desk.night()
        second = next(s["id"] for s in desk.queue() if s["right_id"] == again)
        desk.decided(pair[2], C)
        desk.decided(second, C)
        monkeypatch.setattr(store, "confirmed_others", lambda *_: 0)
        desk.decided(pair[2], U)
        assert desk.state_of(pair[0]) == "searching"

    def test_no_verdict_on_one_sought_person_touches_their_sibling(self, desk: Desk) -> None:
        brother = sought_draft("Omar Yusuf Warsame", sex="male", birth="1993", relationship="brother")
        view = desk.open(sought_draft(), brother)
        sighting_id = desk.report()
        desk.night()
        sister = view["sought"][0]["id"]
        suggestion = next(s for s in desk.queue() if (s["left_id"], s["right_id"]) == (sister, sighting_id))
        desk.decided(suggestion["id"], C)
        assert [desk.state_of(s["id"]) for s in view["sought"]] == ["lead_found", "searching"]
