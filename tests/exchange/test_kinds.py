"""What each kind of message does on the other side, and what it must not do."""

from datetime import timedelta
from typing import Any

import pytest

from tests.exchange.pair import SHARE, Pair
from tests.exchange.test_way import BASIS, ask
from tests.sightings.reports import registration
from tests.support import Json, granted, made, person, post, request_draft, sought_draft
from tracing.kit import clock

PLACE = "Bright Harbour Shelter"


def shareable(pair: Pair, **person_fields: Any) -> str:
    """Open a request in KE of which both persons may be given to UG; return the sought person."""
    enquirer = request_draft()["enquirer"] | {"consents": [*granted(), SHARE]}
    opened = pair.desk.open(sought_draft(basis=BASIS, **person_fields), enquirer=enquirer)
    return str(opened["sought"][0]["id"])


def theirs(pair: Pair) -> Json:
    (case,) = pair.cases("UG", side="received")
    return case


def sought_of(pair: Pair, case: Json) -> Json:
    found: Json = made(pair.desk.get(f"/sought-persons/{case['sought_id']}", "caseworker", "UG"), 200)
    return found


class TestShareForInformation:
    def test_is_read_and_never_matched(self, pair: Pair) -> None:
        pair.send(shareable(pair), "share_for_information")
        pair.settle()
        case = theirs(pair)
        assert sought_of(pair, case)["person"]["names"][0]["full"] == "Amina Yusuf Warsame"
        made(post(pair.desk.client, "/sightings", registration(), pair.desk.auth("caseworker", "UG")))
        pair.desk.night_of("UG")
        suggestions = pair.desk.get(f"/sought-persons/{case['sought_id']}/suggestions", "caseworker", "UG")
        assert suggestions.status_code == 404 or suggestions.json()["items"] == []

    def test_is_matched_by_no_workers_word(self, pair: Pair) -> None:
        pair.send(shareable(pair), "share_for_information")
        pair.settle()
        case = theirs(pair)
        body = {"decisions": [{"purpose": "match_within_society", "lawful_basis": "public_interest"}]}
        for record_id in (case["sought_id"], case["request_id"]):
            answer = post(pair.desk.client, f"/records/{record_id}/consents", body, pair.desk.auth("caseworker", "UG"))
            assert (answer.status_code, answer.json()["code"]) == (409, "foreign-record")


class TestTransfer:
    def test_becomes_a_case_of_the_receiver_with_all_that_it_needs(self, pair: Pair) -> None:
        sought = shareable(pair)
        ours = pair.send(sought, "transfer_case", label="supervisor")["id"]
        pair.settle()
        case = theirs(pair)
        assert sought_of(pair, case)["origin"] == "exchange:KE"
        pair.act("UG", case["id"], "events", {"event": "accept"})
        taken = pair.case("UG", case["id"])
        assert taken["sought_id"] != case["sought_id"]
        mine = sought_of(pair, taken)
        assert (mine["origin"], mine["state"]) == ("", "searching")
        request = made(pair.desk.get(f"/tracing-requests/{taken['request_id']}", "caseworker", "UG"), 200)
        assert request["enquirer"]["contacts"][0]["value"] == "+252 61 555 0101"
        assert pair.desk.get(f"/sought-persons/{case['sought_id']}", "caseworker", "UG").status_code == 404
        pair.settle()
        assert pair.case("KE", ours)["state"] == "accepted"

    def test_needs_both_persons_consent(self, pair: Pair) -> None:
        _, sought, _ = ask(pair)
        body = {"partner": "UG", "kind": "transfer_case"}
        answer = post(pair.desk.client, f"/sought-persons/{sought}/exchange", body, pair.desk.auth("supervisor"))
        assert answer.json()["code"] == "missing-consent"

    def test_is_for_whoever_hands_out_cases(self, pair: Pair) -> None:
        body = {"partner": "UG", "kind": "transfer_case"}
        answer = post(pair.desk.client, f"/sought-persons/{shareable(pair)}/exchange", body, pair.desk.auth())
        assert answer.status_code == 403


class TestWords:
    def test_reach_the_team_of_the_case_and_nobody_else(self, pair: Pair) -> None:
        ask(pair)
        pair.settle()
        case = theirs(pair)
        pair.act("UG", case["id"], "events", {"event": "accept"})
        pair.say("UG", case["id"], {"kind": "ask_question", "text": "Which school did she go to?"})
        pair.settle()
        (ours,) = pair.cases("KE", side="sent")
        assert ours["messages"][-1]["text"] == "Which school did she go to?"
        tasks = pair.desk.get("/tasks", "caseworker", "KE", kind="partner_wrote").json()["items"]
        assert [task["about_id"] for task in tasks] == [ours["id"]]

    def test_are_answered_with_facts(self, pair: Pair) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        pair.settle()
        case = theirs(pair)
        pair.act("UG", case["id"], "events", {"event": "accept"})
        body = {"kind": "provide_answer", "finding": "facts", "text": "We asked; she is not known there."}
        pair.say("UG", case["id"], body)
        pair.settle()
        heard = pair.case("KE", ours)
        assert (heard["state"], heard["messages"][-1]["text"]) == ("answered", body["text"])

    def test_end_with_the_record(self, pair: Pair) -> None:
        _, sought, ours = ask(pair)
        pair.settle()
        pair.say("KE", ours, {"kind": "ask_question", "text": "Did you ask at the school?"})
        pair.desk.withdraw(sought, "register")
        sent = len(pair.loop.sent)
        pair.deliver("KE")
        assert len(pair.loop.sent) == sent


class TestTurnedDown:
    @pytest.mark.parametrize("event", ["refuse", "return"])
    def test_is_told_to_the_team_that_waits_for_it(self, pair: Pair, event: str) -> None:
        _, sought, ours = ask(pair)
        pair.settle()
        case = theirs(pair)
        if event == "return":
            pair.act("UG", case["id"], "events", {"event": "accept"})
            pair.settle()
        assert pair.desk.get("/tasks", kind="partner_wrote").json()["items"] == []
        refusal = {"refusal": "no_capacity"} if event == "refuse" else {}
        pair.act("UG", case["id"], "events", {"event": event} | refusal)
        pair.settle()
        (task,) = pair.desk.get("/tasks", kind="partner_wrote").json()["items"]
        assert (task["about_id"], task["record_id"]) == (ours, sought)


class TestProtected:
    def test_leaves_after_another_worker_approved_and_without_places(self, pair: Pair) -> None:
        opened = pair.desk.open(
            sought_draft(
                basis=BASIS,
                sensitivity="protected",
                **dict.fromkeys(("birth_place", "origin_place", "last_place"), PLACE),
                separation={"place": PLACE},
            )
        )
        case = pair.send(opened["sought"][0]["id"])
        assert case["approval_needed"] is True
        pair.settle()
        assert pair.loop.sent == []
        assert pair.act("KE", case["id"], "approval", {"approve": True}, status=403)["code"] == "same-worker"
        pair.act("KE", case["id"], "approval", {"approve": True}, label="caseworker-2")
        pair.settle()
        assert all(PLACE.encode() not in body for _, body, _ in pair.loop.sent)
        assert sought_of(pair, theirs(pair))["sensitivity"] == "protected"

    def test_that_is_turned_down_never_leaves(self, pair: Pair) -> None:
        opened = pair.desk.open(sought_draft(basis=BASIS, sensitivity="protected"))
        case = pair.send(opened["sought"][0]["id"])
        view = pair.act("KE", case["id"], "approval", {"approve": False}, label="caseworker-2")
        assert view["state"] == "revoked"
        pair.settle()
        assert pair.loop.sent == []


class TestCopies:
    def test_are_never_sent_on(self, pair: Pair) -> None:
        ask(pair)
        pair.settle()
        case = theirs(pair)
        body = {"partner": "KE"}
        auth = pair.desk.auth("caseworker", "UG")
        answer = post(pair.desk.client, f"/sought-persons/{case['sought_id']}/exchange", body, auth)
        assert (answer.status_code, answer.json()["code"]) == (409, "foreign-record")

    def test_carry_no_field_that_no_search_needs(self, pair: Pair) -> None:
        told = {
            "identifiers": [{"type": "passport", "value": "X1234567"}],
            "occupation": "teacher",
            "distinguishing_marks": "a scar",
        }
        pair.send(shareable(pair, **told))
        pair.settle()
        seen = sought_of(pair, theirs(pair))["person"]
        assert (seen["identifiers"], seen["occupation"], seen["distinguishing_marks"]) == ([], None, None)
        assert seen["father"] == ["Yusuf Warsame"]


class TestOutbox:
    def test_tries_again_while_the_partner_is_away(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        ask(pair)
        pair.loop.down = True
        assert pair.deliver("KE").later == 1
        assert pair.deliver("KE").tried == 0, "it waits before it tries again"
        pair.loop.down = False
        later(monkeypatch)
        assert pair.deliver("KE").delivered == 1
        assert len(pair.cases("UG")) == 1

    def test_tells_where_each_message_stands(self, pair: Pair) -> None:
        ask(pair)
        pair.loop.down = True
        pair.deliver("KE")
        (line,) = pair.desk.get("/exchange/outbox").json()["items"]
        assert (line["progress"], line["attempts"], line["trouble"]) == ("waiting", 1, "http-503")
        assert person()["names"][0]["full"] not in str(line)


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock on by an hour."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
