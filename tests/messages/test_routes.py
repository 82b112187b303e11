"""Red Cross Messages over HTTP: who may write, read and carry them, and what nobody sees."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.messages.desk import NEWS, answered, hired, pair
from tests.review.desk import Desk, raw, run_night
from tests.support import Json, made, person, post
from tests.trails import entries
from tracing.gate.disclosing import Level
from tracing.kit import clock
from tracing.risk.states import Verdict

BAD: tuple[tuple[Json, str], ...] = (
    ({"text": ""}, "/text"),
    ({"text": "x" * 2001}, "/text"),
    ({"text": "a\u202eb"}, "/text"),
    ({"text": 7}, "/text"),
    ({"language": "english"}, "/language"),
    ({"direction": "to_everybody"}, "/direction"),
    ({"found_id": "me"}, "/found_id"),
    ({"address": "Acacia street"}, "/…"),
)


def acts(desk: Desk, record_id: str) -> list[str]:
    return [entry.act for entry in entries(desk.gate, desk.people) if entry.subject_id == UUID(record_id)]


class TestMessage:
    def test_goes_from_the_enquirer_to_the_found_through_two_workers(self, desk: Desk) -> None:
        two = pair(desk)
        message_id = two.written()["id"]
        same = two.step(message_id, "read", "caseworker")
        assert (same.status_code, same.json()["code"]) == (403, "same-worker")
        early = two.step(message_id, "send")
        assert (early.status_code, early.json()["code"]) == (409, "no-such-transition")
        for event, state in (("read", "read"), ("send", "sent"), ("deliver", "delivered")):
            assert made(two.step(message_id, event), 200)["state"] == state
        told = [act for act in acts(desk, two.found_id) if act.startswith(("messages.", "disclosures."))]
        assert [act for act in told if act != "messages.show"] == [
            "messages.write",
            "messages.read",
            "disclosures.release",
            "messages.send",
            "disclosures.release",
            "messages.deliver",
        ]

    def test_for_the_enquirer_is_read_in_another_team(self, desk: Desk) -> None:
        two = pair(desk, Level.PASS_MESSAGE, Verdict.SECOND_APPROVER)
        assert two.write().json()["code"] == "not-allowed-by-the-person"
        message_id = two.written(direction="to_enquirer")["id"]
        assert two.step(message_id, "read").json()["code"] == "same-team"
        hired(desk, "caseworker-kisumu", "kisumu")
        assert made(two.step(message_id, "read", "caseworker-kisumu"), 200)["state"] == "read"
        assert made(two.step(message_id, "send"), 200)["state"] == "sent"

    def test_is_not_read_by_its_writer_under_a_second_account(self, desk: Desk) -> None:
        two = pair(desk)
        message_id = two.written()["id"]
        desk.hire_again("caseworker-at-night", known="caseworker")
        for label in ("caseworker", "caseworker-at-night"):
            assert two.step(message_id, "read", label).json()["code"] == "same-worker", label
        made(two.step(message_id, "read"), 200)
        before = two.show(message_id)
        after = made(two.rewrite(message_id, "Better words.", "caseworker-at-night"), 200)
        assert (after["state"], after["text"]) == ("written", "Better words.")
        assert after["entered_by"] != before["entered_by"]
        assert two.step(message_id, "read", "caseworker").json()["code"] == "same-worker"

    def test_is_withheld_while_the_answer_does_not_allow_it(self, desk: Desk) -> None:
        two = pair(desk)
        message_id = two.written()["id"]
        held = desk.get(f"/messages/{message_id}").headers["etag"]
        assert two.show(message_id)["text"] == NEWS
        answered(desk, two, Level.PASS_MESSAGE)
        view = two.show(message_id)
        assert (view["text"], view["language"], view["state"]) == (None, None, "written")
        again = desk.client.get(f"/v1/messages/{message_id}", headers=desk.auth() | {"If-None-Match": held})
        assert (again.status_code, NEWS in again.text) == (200, False)
        assert NEWS not in desk.get(f"/sought-persons/{two.sought_id}/messages").text
        for event in ("read", "send", "deliver"):
            assert two.step(message_id, event).status_code == 409, event

    def test_of_an_answer_that_ends_is_stopped_by_the_night(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        two, three = pair(desk, None), pair(desk)
        answered(desk, two, Level.RECEIVE_MESSAGE, until=clock.now() + timedelta(days=1))
        ended, kept = two.written()["id"], three.written()["id"]
        run_night(desk.gate, desk.people.token("supervisor"))
        assert two.show(ended)["state"] == "written"
        tomorrow = clock.now() + timedelta(days=1, minutes=1)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        assert two.step(ended, "read").json()["code"] == "not-allowed-by-the-person"
        for _ in range(2):
            run_night(desk.gate, desk.people.token("supervisor"))
            assert (two.show(ended)["state"], three.show(kept)["state"]) == ("stopped", "written")
        assert acts(desk, two.found_id).count("messages.stop") == 1

    def test_is_hidden_with_either_side_and_from_other_societies(self, desk: Desk) -> None:
        two, three = pair(desk), pair(desk)
        for number, message_id in enumerate((two.written()["id"], three.written()["id"])):
            which = (two, three)[number]
            assert desk.get(f"/messages/{message_id}", society="UG").status_code == 404
            assert which.write(society="UG").status_code == 404
            desk.withdraw((which.found_id, which.sought_id)[number], "register", "match_within_society")
            assert desk.get(f"/messages/{message_id}").status_code == 404
            assert which.step(message_id, "read").status_code == 404
            assert which.write().status_code in ((409, 404)[number], 404)
        listed = made(desk.get(f"/sought-persons/{two.sought_id}/messages"), 200)
        assert listed["items"] == []
        assert desk.get(f"/sought-persons/{three.sought_id}/messages").status_code == 404
        assert desk.get(f"/sought-persons/{uuid4()}/messages").status_code == 404

    def test_is_of_the_found_person_who_was_asked_last(self, desk: Desk) -> None:
        two = pair(desk)
        earlier = two.written()["id"]
        other = pair(desk, Level.PASS_MESSAGE, sought_id=two.sought_id)
        assert two.written(direction="to_enquirer")["found_id"] == other.found_id
        assert two.write().json()["code"] == "not-allowed-by-the-person"  # and she receives none
        assert two.write(found_id=two.found_id).json()["code"] == "no-such-transition"
        assert two.step(earlier, "read").json()["code"] == "no-such-transition"
        assert two.write(found_id=str(uuid4())).status_code == 404

    def test_sent_again_is_the_same_one_and_a_list_has_pages(self, desk: Desk) -> None:
        two = pair(desk)
        key = {"Idempotency-Key": "message-0001"}
        first = two.written(headers=key)
        assert two.written(headers=key) == first
        second = two.written(text="A second one.")
        path = f"/sought-persons/{two.sought_id}/messages"
        page = made(desk.get(path, limit=1), 200)
        assert (page["items"], page["has_more"]) == ([first], True)
        rest = made(desk.get(path, limit=1, cursor=page["next_cursor"]), 200)
        assert (rest["items"], rest["has_more"]) == ([second], False)

    def test_needs_the_version_that_was_read(self, desk: Desk) -> None:
        two = pair(desk)
        message_id = two.written()["id"]
        path, stale = f"/messages/{message_id}", {"If-Match": f'"{UUID(message_id).hex}-9"'}
        step, text = {"event": "read"}, {"text": "Other words.", "language": "en"}
        for headers, status in (({}, 428), (stale, 412)):
            assert post(desk.client, f"{path}/events", step, desk.auth("caseworker-2"), **headers).status_code == status
            changed = desk.client.patch(f"/v1{path}", json=text, headers=desk.auth() | headers)
            assert changed.status_code == status

    def test_that_cannot_be_is_422(self, desk: Desk) -> None:
        two = pair(desk)
        for fields, pointer in BAD:
            answer = two.write(**fields)
            assert answer.status_code == 422, (fields, answer.text)
            assert [flaw["pointer"] for flaw in answer.json()["errors"]] == [pointer], fields
        message_id = two.written()["id"]
        for event in ("rewrite", "gossip", 1):
            assert two.step(message_id, event).status_code == 422  # type: ignore[arg-type]  # on purpose


class TestWords:
    def test_stand_sealed_with_the_found_persons_key(self, desk: Desk) -> None:
        two = pair(desk)
        two.written(text="Zqxjkvwy is well")
        message, record = (SQLModel.metadata.tables[name] for name in ("family_message", "record"))
        with raw(desk.gate) as connection:
            rows = connection.execute(select(*message.columns)).all()
            key_id = connection.execute(select(record.c.key_id).where(record.c.id == UUID(two.found_id))).scalar_one()
        assert [row.key_id for row in rows] == [key_id]
        assert "Zqxjkvwy" not in repr(rows)

    def test_of_a_protected_person_may_name_the_persons_of_both_families(self, desk: Desk) -> None:
        kin = [{"relation": "child", "name": "Jordan Guled"}]
        two = pair(desk, sensitivity="protected", person=person("Amina Yusuf Warsame", relatives=kin))
        message = two.written(text="Jordan is well and goes to school.")
        assert message["flags"] == []
        assert two.show(message["id"])["flags"] == []
        assert two.write(text="Jordan is well. We are in Amman.").status_code == 422
        assert two.write(text="Chad is well and goes to school.").status_code == 422

    def test_of_a_protected_person_hold_no_address(self, desk: Desk) -> None:
        two = pair(desk, sensitivity="protected")
        answer = two.write(text="Zqxjkvwy lives in Acacia street, call +254 700 555 010")
        assert answer.status_code == 422
        assert [flaw["code"] for flaw in answer.json()["errors"]] == ["holds-address", "holds-phone"]
        assert "Zqxjkvwy" not in answer.text
        made(two.write())

    def test_of_either_side_come_without_a_contact_or_an_address(self, desk: Desk) -> None:
        two = pair(desk)
        message_id = two.written()["id"]
        shown = desk.get(f"/messages/{message_id}").text + desk.get(f"/sought-persons/{two.sought_id}/messages").text
        assert not [word for word in ("555", "Kampala", "Nairobi", "Kismayo", "Warsame") if word in shown]
