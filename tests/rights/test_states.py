"""The life of a data subject's request through the real service: every row, every missing row, every guard."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel

from tests.review.desk import raw
from tests.rights.desk import IDENTITY, Officer
from tests.support import made, person, post
from tracing.kit import clock
from tracing.rights import states
from tracing.rights.states import Event, Kind, State

T = SQLModel.metadata.tables
ROWS = [(row.source, row.event, row.target) for row in states.TABLE]
MISSING = [(source, event) for source in State for event in Event if (source, event) not in states.BY_KEY]
TAKES: dict[Event, dict[str, Any]] = {
    Event.IDENTIFY: {"identity": IDENTITY},
    Event.REFUSE: {"reason": "manifestly_unfounded"},
    Event.EXTEND: {"reason": "complex"},
}


def put_in(desk: Officer, request_id: str, state: State) -> None:
    """Set the state past the service."""
    table = T["subject_request"]
    with raw(desk.gate) as connection:
        connection.execute(table.update().values(state=state).where(table.c.id == UUID(request_id)))


def kind_for(source: State, event: Event) -> Kind:
    """Return the kind of request in which the row's guard holds."""
    proposed = source is State.PROPOSED or event is Event.PROPOSE
    return Kind.ERASURE if proposed else Kind.ACCESS


def reach(desk: Officer, record_id: str, source: State, kind: Kind) -> str:
    """Bring a request of `kind` to `source` by its own steps."""
    request_id = desk.ask(record_id, kind)
    if source in (State.IDENTIFIED, State.PROPOSED):
        desk.stepped(request_id, "identify", identity=IDENTITY)
    if source is State.PROPOSED:
        desk.stepped(request_id, "propose")
    return request_id


class TestTable:
    @pytest.mark.parametrize(("source", "event", "target"), ROWS, ids=[f"{s}-{e}" for s, e, _ in ROWS])
    def test_each_row_happens_once_and_stands_on_the_trail(
        self, desk: Officer, source: State, event: Event, target: State
    ) -> None:
        record_id = desk.register()
        request_id = reach(desk, record_id, source, kind_for(source, event))
        told = len([act for act in desk.acts_on(record_id) if act == f"rights.{event}"])
        view = desk.stepped(request_id, event, label="supervisor-2", **TAKES.get(event, {}))
        assert (view["state"], view["settled_at"] is None) == (target, target in states.OPEN)
        assert len([act for act in desk.acts_on(record_id) if act == f"rights.{event}"]) == told + 1

    @pytest.mark.slow
    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
    def test_no_missing_row_happens(self, desk: Officer) -> None:
        record_id = desk.register()
        for kind in (Kind.ACCESS, Kind.ERASURE):
            request_id = desk.ask(record_id, kind)
            for source, event in MISSING:
                if (kind, source, event) == (Kind.ERASURE, State.DONE, Event.CARRY_OUT):
                    continue  # finishes what was carried out, see test_erasure
                put_in(desk, request_id, source)
                answer = desk.step(request_id, event, **TAKES.get(event, {}))
                assert (answer.status_code, answer.json()["code"]) == (409, "no-such-step"), (source, event)
                assert desk.request(request_id)["state"] == source


class TestIdentity:
    def test_comes_before_anything_that_touches_the_record(self, desk: Officer) -> None:
        record_id = desk.register()
        for kind in Kind:
            request_id = desk.ask(record_id, kind)
            for event in ("carry_out", "propose"):
                assert desk.step(request_id, event).status_code == 409
            assert desk.bundle(request_id).status_code == 409

    def test_is_recorded_with_method_and_claimant(self, desk: Officer) -> None:
        request_id = desk.ask(desk.register(), "access", words="What do you hold about me?")
        assert desk.step(request_id, "identify").json()["errors"][0]["pointer"] == "/identity"
        desk.stepped(request_id, "identify", identity=IDENTITY | {"claimant": "guardian"})
        view = desk.request(request_id)
        assert view["identity"] == IDENTITY | {"claimant": "guardian"}
        assert view["words"] == "What do you hold about me?"

    def test_and_words_stand_sealed(self, desk: Officer) -> None:
        request_id = desk.ask(desk.register(), "access", words="Halima asks")
        row = desk.row("subject_request", request_id)
        assert "Halima" not in repr(row)


class TestClock:
    def test_runs_from_when_the_request_came_in(self, desk: Officer) -> None:
        came = clock.now() - timedelta(days=31)
        request_id = desk.ask(desk.register(), "access", received_at=came.isoformat())
        view = desk.request(request_id)
        assert moment(view["due_at"]) - moment(view["received_at"]) == timedelta(days=30)
        assert view["overdue"] is True

    def test_is_extended_once_by_twice_as_many_days_with_a_reason(self, desk: Officer) -> None:
        request_id = desk.ask(desk.register(), "access")
        before = moment(desk.request(request_id)["due_at"])
        assert desk.step(request_id, "extend").status_code == 422
        view = desk.stepped(request_id, "extend", reason="complex")
        assert (view["extended"], view["reason"]) == (True, "complex")
        assert moment(view["due_at"]) - before == timedelta(days=60)
        again = desk.step(request_id, "extend", reason="complex")
        assert (again.status_code, again.json()["code"]) == (409, "no-such-step")

    def test_stands_still_when_the_request_is_settled(self, desk: Officer) -> None:
        came = clock.now() - timedelta(days=31)
        request_id = desk.ask(desk.register(), "access", received_at=came.isoformat())
        desk.stepped(request_id, "withdraw")
        assert desk.request(request_id)["overdue"] is False

    def test_never_begins_in_the_future(self, desk: Officer) -> None:
        body = {"record_id": desk.register(), "kind": "access", "received_at": "2999-01-01T00:00:00Z"}
        answer = post(desk.client, "/data-subject/requests", body, desk.auth("supervisor"))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/received_at")


class TestList:
    def test_is_in_the_order_in_which_answers_are_due(self, desk: Officer) -> None:
        record_id, ids = desk.register(), {}
        for days in (3, 9, 1, 7, 5):
            came = (clock.now() - timedelta(days=days)).isoformat()
            ids[days] = desk.ask(record_id, "access", received_at=came)
        desk.stepped(ids[9], "withdraw")
        assert listed(desk) == [ids[7], ids[5], ids[3], ids[1]]
        assert listed(desk, state=["withdrawn"]) == [ids[9]]

    def test_shows_requests_about_hidden_records_and_none_of_another_society(self, desk: Officer) -> None:
        record_id = desk.register()
        request_id = desk.ask(record_id, "access")
        desk.withdraw(record_id, "register")
        assert listed(desk) == [request_id]
        assert made(desk.get("/data-subject/requests", "supervisor", "UG"), 200)["items"] == []
        assert desk.get(f"/data-subject/requests/{request_id}", "supervisor", "UG").status_code == 404


def listed(desk: Officer, **params: Any) -> list[str]:
    """Return the ids of every page, two rows at a time."""
    found: list[str] = []
    params["limit"] = 2
    while True:
        page = made(desk.get("/data-subject/requests", "supervisor", **params), 200)
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestAsked:
    def test_twice_with_one_key_it_is_one_request(self, desk: Officer) -> None:
        body, key = {"record_id": desk.register(), "kind": "access"}, {"Idempotency-Key": "the-same-letter"}
        twice = [made(post(desk.client, "/data-subject/requests", body, desk.auth("supervisor"), **key)) for _ in "ab"]
        assert twice[0]["id"] == twice[1]["id"]

    @pytest.mark.parametrize("label", ["caseworker", "intake", "auditor"])
    def test_by_nobody_but_the_officer(self, desk: Officer, label: str) -> None:
        body = {"record_id": desk.register(), "kind": "access"}
        assert post(desk.client, "/data-subject/requests", body, desk.auth(label)).status_code == 403

    def test_about_an_absent_or_foreign_record_it_is_404(self, desk: Officer) -> None:
        for record_id, society in ((str(uuid4()), "KE"), (desk.register(), "UG")):
            body = {"record_id": record_id, "kind": "access"}
            answer = post(desk.client, "/data-subject/requests", body, desk.auth("supervisor", society))
            assert answer.status_code == 404

    def test_without_or_with_a_stale_condition_nothing_happens(self, desk: Officer) -> None:
        request_id = desk.ask(desk.register(), "access")
        path = f"/data-subject/requests/{request_id}/events"
        body, auth = {"event": "withdraw"}, desk.auth("supervisor")
        assert post(desk.client, path, body, auth).status_code == 428
        assert post(desk.client, path, body, auth, **{"If-Match": '"x"'}).status_code == 412
        assert desk.request(request_id)["state"] == "received"


class TestRectification:
    CHANGES = (
        ("register", "sighting_change", "/sightings/{}"),
        ("seek", "sought_change", "/sought-persons/{}"),
    )

    @pytest.mark.parametrize(("make", "field", "path"), CHANGES, ids=[row[0] for row in CHANGES])
    def test_changes_the_record(self, desk: Officer, make: str, field: str, path: str) -> None:
        record_id = getattr(desk, make)()
        request_id = desk.identified(record_id, "rectification")
        change = {field: {"person": person("Aamina Yuusuf", birth="1991")}}
        wrongs: tuple[dict[str, Any], ...] = ({}, {"request_change": {"already_tried": "the camp"}})
        for wrong in wrongs:
            assert desk.step(request_id, "carry_out", **wrong).status_code == 422
        desk.stepped(request_id, "carry_out", **change)
        assert desk.get(path.format(record_id)).json()["person"]["names"][0]["full"] == "Aamina Yuusuf"

    def test_changes_an_enquirer(self, desk: Officer) -> None:
        view = desk.open()
        request_id = desk.identified(view["id"], "rectification")
        desk.stepped(request_id, "carry_out", request_change={"already_tried": "asked at the camp"})
        assert desk.get(f"/tracing-requests/{view['id']}").json()["already_tried"] == "asked at the camp"


class TestRestriction:
    def test_ends_all_but_keeping_the_record(self, desk: Officer) -> None:
        sought, seen = desk.seek(), desk.register()
        share = {"purpose": "share_with_society", "recipient": "UG"}
        made(post(desk.client, f"/records/{seen}/consents", {"decisions": [share]}, desk.auth()))
        desk.night()
        assert desk.pairs() == {(sought, seen)}
        desk.stepped(desk.identified(seen, "restriction"), "carry_out")
        assert desk.pairs() == set()
        assert desk.get(f"/sightings/{seen}").status_code == 200
        consents = desk.get(f"/records/{seen}/consents").json()
        assert consents["in_force"] == ["register"]
        latest = {(d["purpose"], d["recipient"]): d["decision"] for d in consents["decisions"]}
        assert latest["share_with_society", "UG"] == "withdrawn"

    def test_withdraws_what_relatives_were_to_learn(self, desk: Officer) -> None:
        sought, seen = desk.seek(), desk.register()
        desk.answered(seen, sought)
        desk.stepped(desk.identified(seen, "restriction"), "carry_out")
        with raw(desk.gate) as connection:
            rows = connection.execute(T["disclosure_answer"].select().order_by(T["disclosure_answer"].c.recorded_at))
            assert [row.answer for row in rows] == ["granted", "withdrawn"]


class TestObjection:
    def test_ends_what_was_objected_to(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = desk.identified(seen, "objection")
        assert desk.step(request_id, "carry_out").json()["errors"][0]["pointer"] == "/purposes"
        desk.stepped(request_id, "carry_out", purposes=["match_within_society"])
        assert desk.get(f"/records/{seen}/consents").json()["in_force"] == ["register"]

    def test_to_being_registered_hides_the_record(self, desk: Officer) -> None:
        seen = desk.register()
        desk.stepped(desk.identified(seen, "objection"), "carry_out", purposes=["register"])
        assert desk.get(f"/sightings/{seen}").status_code == 404

    def test_is_recorded_as_given_by_whoever_was_identified(self, desk: Officer) -> None:
        seen = desk.register()
        request_id = desk.identified(seen, "objection", claimant="guardian")
        desk.stepped(request_id, "carry_out", purposes=["match_within_society"])
        latest = desk.get(f"/records/{seen}/consents").json()["decisions"][-1]
        assert (latest["decision"], latest["given_by"]) == ("withdrawn", "guardian")
