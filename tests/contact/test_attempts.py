"""Which ways to somebody may be used, and the tries to reach them, over HTTP and in the rows."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlmodel import SQLModel, select

from tests.conftest import fill
from tests.review.desk import Desk, raw
from tests.support import Json, made, post, request_draft
from tests.trails import entries
from tracing.contact import service
from tracing.contact.errors import NotExhausted
from tracing.contact.schemas import AttemptDraft
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.errors import TracingError
from tracing.kit.settings import Settings
from tracing.requests import service as requests
from tracing.requests.schemas import RequestDraft

PHONE = {"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}
CALL = {"contact": 0, "channel": "phone", "purpose": "case_update", "result": "no_answer"}

BAD: tuple[tuple[Json, str], ...] = (
    ({"contact": 1}, "/contact"),
    ({"contact": -1}, "/contact"),
    ({"contact": 20}, "/contact"),
    ({"contact": "0"}, "/contact"),
    ({"contact": True}, "/contact"),
    ({"channel": "email"}, "/channel"),
    ({"made_at": "2999-01-01T00:00:00Z"}, "/made_at"),
    ({"made_at": "2020-01-01T00:00:00"}, "/made_at"),
    ({"purpose": "gossip"}, "/purpose"),
    ({"result": "done"}, "/result"),
    ({"note": ""}, "/note"),
)


def asking(*contacts: Json, **fields: Any) -> Json:
    """Return an enquirer with these contact points."""
    made_up: Json = request_draft()["enquirer"] | {"contacts": list(contacts)} | fields
    return made_up


def plan(desk: Desk, record_id: str, purpose: str = "case_update", **who: Any) -> Response:
    return desk.get(f"/records/{record_id}/contact-plan", purpose=purpose, **who)


def attempt(desk: Desk, record_id: str, label: str = "caseworker", society: str = "KE", **fields: Any) -> Response:
    """Return the answer to a try, made on the plan as it stands unless `headers` say otherwise; unchecked."""
    read = desk.get(f"/records/{record_id}/contact-plan", label, society, purpose="case_update")
    headers = {"If-Match": read.headers.get("ETag", '"none"')} | fields.pop("headers", {})
    return post(
        desk.client, f"/records/{record_id}/contact-attempts", CALL | fields, desk.auth(label, society), **headers
    )


def schedule(desk: Desk, record_id: str) -> Any:
    table = SQLModel.metadata.tables["contact_schedule"]
    with raw(desk.gate) as connection:
        return connection.execute(select(*table.columns).where(table.c.record_id == UUID(record_id))).one_or_none()


class TestPlan:
    def test_says_how_the_usable_are_used_and_why_the_others_are_not(self, desk: Desk) -> None:
        rules = {"may_identify_as": "neutral_name", "may_leave_voicemail": True, "code_word": "acacia"}
        barred = PHONE | {"value": "+252 61 555 0199", "safe": "unknown", "code_word": "baobab"}
        request = desk.open(
            enquirer=asking(barred, PHONE | rules | {"hours": "dusk", "shared_device": True, "language": "so"})
        )
        told = made(plan(desk, request["id"]), 200)
        assert told["usable"] == [
            {
                "contact": 1,
                "kind": "phone",
                "value": PHONE["value"],
                "belongs_to": "subject",
                "channels": ["phone"],
                "may_identify_as": "neutral_name",
                "may_leave_voicemail": False,
                "hours": "dusk",
                "code_word": "acacia",
                "shared_device": True,
                "language": "so",
            }
        ]
        assert told["not_usable"] == [{"contact": 0, "kind": "phone", "why": ["unknown_counts_as_unsafe"]}]
        assert "0199" not in str(told)
        assert "baobab" not in str(told)
        assert (told["no_safe_contact"], told["reconfirmed_at"]) == (False, None)
        due = datetime.fromisoformat(told["due_at"])
        assert due - datetime.fromisoformat(request["created_at"]) == timedelta(days=90)

    def test_of_a_report_is_that_of_its_reporter_and_of_a_registration_the_persons_own(self, desk: Desk) -> None:
        reported = desk.report()
        assert len(made(plan(desk, reported), 200)["usable"]) == 1
        assert made(plan(desk, reported, "outreach"), 200)["not_usable"][0]["why"] == ["belongs_to_reporter"]
        silent = desk.report(reporter={"contacts": [PHONE]})
        assert made(plan(desk, silent), 200)["not_usable"][0]["why"] == ["reporter_not_to_be_called"]
        herself = desk.register(reporter={"contacts": [PHONE]})
        assert len(made(plan(desk, herself, "outreach"), 200)["usable"]) == 1

    def test_of_what_holds_no_contact_is_foreign_or_hidden_is_404(self, desk: Desk) -> None:
        request = desk.open()
        for record_id in (request["sought"][0]["id"], str(uuid4())):
            assert plan(desk, record_id).status_code == 404
            assert attempt(desk, record_id).status_code == 404
            assert desk.get(f"/records/{record_id}/contact-attempts").status_code == 404
        assert plan(desk, request["id"], society="UG").status_code == 404
        assert attempt(desk, request["id"], society="UG").status_code == 404
        desk.withdraw(request["id"], "register", "match_within_society")
        for answer in (
            plan(desk, request["id"]),
            attempt(desk, request["id"]),
            desk.get(f"/records/{request['id']}/contact-attempts"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


class TestAttempt:
    def test_is_kept_sealed_and_listed_in_its_order(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        notes = ["called at noon, Zqxjkvwy answered", "none"]
        earlier = (clock.now() - timedelta(days=3)).isoformat()
        second = made(attempt(desk, request_id, note=notes[0]))
        first = made(attempt(desk, request_id, made_at=earlier, contact=None, channel="visit", note=notes[1]))
        path = f"/records/{request_id}/contact-attempts"
        page = made(desk.get(path, limit=1), 200)
        assert (page["items"], page["has_more"]) == ([first], True)
        rest = made(desk.get(path, limit=1, cursor=page["next_cursor"]), 200)
        assert (rest["items"], rest["has_more"]) == ([second], False)
        assert (second["contact"], second["note"], first["contact"]) == (0, notes[0], None)
        table = SQLModel.metadata.tables["contact_attempt"]
        with raw(desk.gate) as connection:
            rows = connection.execute(select(*table.columns)).all()
        assert "Zqxjkvwy" not in repr(rows)
        record = SQLModel.metadata.tables["record"]
        with raw(desk.gate) as connection:
            key_id = connection.execute(select(record.c.key_id).where(record.c.id == UUID(request_id))).scalar_one()
        assert {row.key_id for row in rows} == {key_id}
        acts = [e.act for e in entries(desk.gate, desk.people) if e.subject_id == UUID(request_id)]
        assert acts.count("contacts.attempt") == 2

    def test_over_a_point_that_may_not_be_used_is_refused(self, desk: Desk) -> None:
        request_id = desk.open(enquirer=asking(PHONE | {"use_for": ["emergency"]}, PHONE))["id"]
        answer = attempt(desk, request_id)
        assert (answer.status_code, answer.json()["code"]) == (409, "contact-not-to-be-used")
        assert "not_for_this_purpose" in answer.json()["detail"]
        assert made(desk.get(f"/records/{request_id}/contact-attempts"), 200)["items"] == []
        made(attempt(desk, request_id, purpose="emergency"))

    @pytest.mark.parametrize("kind", ["request", "report"])
    def test_found_unsafe_marks_the_point_at_once(self, desk: Desk, kind: str) -> None:
        record_id = desk.open()["id"] if kind == "request" else desk.report()
        path = f"/tracing-requests/{record_id}" if kind == "request" else f"/sightings/{record_id}"
        before = made(desk.get(path), 200)
        made(attempt(desk, record_id, result="unsafe"))
        after = made(desk.get(path), 200)
        points = (after["enquirer"] if kind == "request" else after["reporter"])["contacts"]
        assert [point["safe"] for point in points] == ["no"]
        assert after["version"] > before["version"]
        assert made(plan(desk, record_id), 200)["not_usable"][0]["why"] == ["unsafe"]
        assert attempt(desk, record_id).status_code == 409

    def test_that_reached_them_puts_off_the_next_question(self, desk: Desk) -> None:
        request_id, at = desk.open()["id"], clock.now() - timedelta(days=1)
        before = schedule(desk, request_id)
        made(attempt(desk, request_id))
        assert schedule(desk, request_id) == before
        made(attempt(desk, request_id, result="reached", made_at=at.isoformat()))
        told = made(plan(desk, request_id), 200)
        assert datetime.fromisoformat(told["reconfirmed_at"]) == at
        assert datetime.fromisoformat(told["due_at"]) == at + timedelta(days=90)
        older = at - timedelta(days=9)  # recorded late, it takes nothing back
        made(attempt(desk, request_id, result="reached", made_at=older.isoformat()))
        assert made(plan(desk, request_id), 200)["reconfirmed_at"] == told["reconfirmed_at"]

    def test_reaching_a_reporter_sets_no_next_question(self, desk: Desk) -> None:
        seen_id = desk.report()
        assert schedule(desk, seen_id) is None
        made(attempt(desk, seen_id, result="reached"))
        assert schedule(desk, seen_id).due_at is None
        assert schedule(desk, seen_id).reconfirmed_at is not None

    def test_sent_again_is_the_same_one(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        key = {"Idempotency-Key": "attempt-0001", "If-Match": plan(desk, request_id).headers["ETag"]}
        first = made(attempt(desk, request_id, result="unsafe", headers=key))
        assert made(attempt(desk, request_id, result="unsafe", headers=key)) == first
        assert len(made(desk.get(f"/records/{request_id}/contact-attempts"), 200)["items"]) == 1

    @pytest.mark.parametrize("kind", ["request", "report"])
    def test_names_a_point_as_the_plan_was_read(self, desk: Desk, kind: str) -> None:
        """Somebody put another contact point first in between: the place that was read is another one's by now."""
        other = PHONE | {"value": "+252 61 555 0199"}
        record_id = desk.open()["id"] if kind == "request" else desk.report()
        path = f"/tracing-requests/{record_id}" if kind == "request" else f"/sightings/{record_id}"
        url, read = f"/records/{record_id}/contact-attempts", {"If-Match": plan(desk, record_id).headers["ETag"]}
        assert read["If-Match"] == desk.get(path).headers["ETag"]
        assert post(desk.client, url, CALL, desk.auth()).status_code == 428
        if kind == "request":
            desk.change(path, enquirer=_details(other, PHONE))
        else:
            desk.change(path, reporter={"contacts": [other, PHONE], "consent_scope": ["be_called_back"]})
        stale = post(desk.client, url, CALL | {"result": "unsafe"}, desk.auth(), **read)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")
        assert len(made(plan(desk, record_id), 200)["usable"]) == 2
        made(post(desk.client, url, CALL | {"contact": None, "channel": "visit"}, desk.auth()))
        made(attempt(desk, record_id, contact=1))

    def test_that_cannot_be_is_422(self, desk: Desk) -> None:
        request_id = desk.open()["id"]
        for fields, pointer in BAD:
            answer = attempt(desk, request_id, **fields)
            assert answer.status_code == 422, (fields, answer.text)
            assert [flaw["pointer"] for flaw in answer.json()["errors"]] == [pointer], fields
        assert made(desk.get(f"/records/{request_id}/contact-attempts"), 200)["items"] == []


class TestSchedule:
    def test_holds_when_the_first_point_ends(self, desk: Desk) -> None:
        year = clock.now().year + 2
        request = desk.open(enquirer=asking(PHONE | {"expires_at": f"{year}-06"}, PHONE | {"expires_at": f"{year}"}))
        assert schedule(desk, request["id"]).expires_at.replace(tzinfo=UTC) == datetime(year, 1, 1, tzinfo=UTC)
        desk.change(f"/tracing-requests/{request['id']}", enquirer=_details(PHONE))
        assert schedule(desk, request["id"]).expires_at is None
        seen_id = desk.report(reporter={"contacts": [PHONE | {"expires_at": f"{year}-06"}]})
        assert schedule(desk, seen_id).expires_at.replace(tzinfo=UTC) == datetime(year, 6, 1, tzinfo=UTC)
        desk.change(f"/sightings/{seen_id}", reporter={})
        assert schedule(desk, seen_id).expires_at is None


def _details(*contacts: Json) -> Json:
    return {k: v for k, v in asking(*contacts).items() if k != "consents"}


class Undone(TracingError):
    """Ends a trial, so that the next one finds nothing of it."""


@pytest.fixture(scope="module")
def untried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gate, str, UUID]]:
    """A gate on SQLite, a caseworker's token, and a request whose enquirer nobody has tried to reach."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("untried"))
    people = fill(settings, hired=True)
    assert people is not None
    gate = open_gate(settings)
    with admitted(gate, people.token("caseworker"), Permission.REQUESTS_WRITE) as access:
        view = requests.open_request(access, RequestDraft.model_validate(request_draft()))
    yield gate, people.token("caseworker"), view.id
    gate.close()


ENOUGH = [(20, "phone"), (15, "phone"), (10, "visit"), (6, "phone"), (5, "phone")]
"""Tries: how many days ago, over which channel."""


class TestExhausted:
    @pytest.mark.parametrize(
        ("why", "tries", "holds"),
        [
            ("five tries, two channels, fifteen days", ENOUGH, True),
            ("exactly fourteen days", [(19, "phone"), *ENOUGH[1:]], True),
            ("none at all", [], False),
            ("one fewer", [ENOUGH[0], *ENOUGH[2:]], False),
            ("one channel", [(days, "phone") for days, _ in ENOUGH], False),
            ("thirteen days", [(18, "phone"), *ENOUGH[1:]], False),
            ("reached in between", [*ENOUGH[:4], (5.5, "reached"), ENOUGH[4]], False),
            ("reached before all of them", [(30, "reached"), *ENOUGH], True),
        ],
    )
    def test_is_who_was_tried_often_enough_since_they_were_reached(
        self, untried: tuple[Gate, str, UUID], why: str, tries: list[tuple[float, str]], holds: bool
    ) -> None:
        gate, token, request_id = untried
        with suppress(Undone), admitted(gate, token, Permission.CONTACTS_WRITE) as access:
            for days, channel in tries:
                result, over = ("reached", "phone") if channel == "reached" else ("no_answer", channel)
                made_at = access.now - timedelta(days=days)
                draft = {"channel": over, "purpose": "case_update", "result": result, "made_at": made_at}
                service.attempt(access, request_id, AttemptDraft.model_validate(draft))
            if holds:
                service.require_exhausted(access, request_id)
            else:
                with pytest.raises(NotExhausted):
                    service.require_exhausted(access, request_id)
            raise Undone(why)
