"""What a team must do about partners: raised once, without a name, and over when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.exchange.pair import Loop, Pair
from tests.exchange.test_way import ask
from tests.precheck.pilot import Pilot
from tests.support import Json, made, post
from tests.trails import entries
from tracing.exchange import delivering
from tracing.kit.outbound import Answer
from tracing.tasks import service as tasks

AMINA = "Amina Yusuf Warsame"


def open_tasks(pair: Pair, kind: str, society: str = "KE") -> list[Json]:
    found: list[Json] = made(pair.desk.get("/tasks", "caseworker", society, kind=kind), 200)["items"]
    return found


@dataclass
class Lost(Loop):
    """Delivers, and loses the answer."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        Loop.post(self, url, body, headers, origin=origin)
        return Answer(503, {}, b"", False)


class TestRevocation:
    @pytest.fixture
    def given_up(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Pair:
        """A person who was given to a partner is hidden, and the courier gives up telling the partner."""
        _, sought, _ = ask(pair)
        pair.settle()
        pair.desk.withdraw(sought, "register")
        pair.take_back()
        monkeypatch.setattr(delivering, "MOST_TRIES", 1)
        pair.loop = Lost(pair.loop.client)
        pair.deliver("KE")
        return pair

    def test_that_was_given_up_is_told_though_the_person_is_hidden(self, given_up: Pair) -> None:
        (task,) = open_tasks(given_up, "not_taken_back")
        assert (task["record_id"], task["team"]) == (None, "nairobi")
        assert AMINA not in str(task)

    def test_that_came_through_after_all_settles_the_task(self, given_up: Pair) -> None:
        given_up.loop = Loop(given_up.loop.client)
        given_up.settle()
        assert open_tasks(given_up, "not_taken_back") == []

    def test_would_be_told_to_nobody_if_a_record_were_asked_for(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks, "raise_alone", lambda *_: None)
        _, sought, _ = ask(pair)
        pair.settle()
        pair.desk.withdraw(sought, "register")
        pair.take_back()
        monkeypatch.setattr(delivering, "MOST_TRIES", 1)
        pair.loop.down = True
        pair.deliver("KE")
        assert open_tasks(pair, "not_taken_back") + open_tasks(pair, "partner_not_reached") == []


class TestAsked:
    @pytest.mark.parametrize("event", [{"event": "accept"}, {"event": "refuse", "refusal": "no_capacity"}])
    def test_is_over_when_it_is_taken_up_or_refused(self, pair: Pair, event: Json) -> None:
        ask(pair)
        pair.settle()
        assert len(open_tasks(pair, "partner_asks", "UG")) == 1
        (case,) = pair.cases("UG")
        pair.act("UG", case["id"], "events", event)
        assert open_tasks(pair, "partner_asks", "UG") == []


class TestPreCheckHit:
    def test_is_told_once_to_whoever_is_answerable_without_a_name(self, pilot: Pilot) -> None:
        both, ours = pilot.seek(AMINA), pilot.seek("Matti Virtanen", birth="1961-02")
        pilot.seek("Aamina Yuusuf Warsame", "UG")
        assert pilot.ask().hits == 1
        (task,) = open_tasks(pilot.pair, "pre_check_hit")
        worker = pilot.pair.desk.get(f"/sought-persons/{both}").json()
        assert (task["record_id"], task["team"]) == (both, "nairobi")
        assert ours not in str(task)
        assert worker["person"]["names"][0]["full"] not in str(task)
        pilot.ask()
        assert [again["id"] for again in open_tasks(pilot.pair, "pre_check_hit")] == [task["id"]]
        assert open_tasks(pilot.pair, "pre_check_hit", "UG") == []

    def test_reaches_the_team_and_whoever_hands_out_cases_when_that_account_is_no_more(self, pilot: Pilot) -> None:
        desk, both = pilot.pair.desk, pilot.seek(AMINA)
        pilot.seek(AMINA, "UG")
        accounts = made(desk.get("/accounts", "administrator", limit=200), 200)["items"]
        account = next(one["id"] for one in accounts if one["label"] == "caseworker")
        request = f"/tracing-requests/{desk.get(f'/sought-persons/{both}').json()['request_id']}"
        tag = {"If-Match": desk.get(request).headers["etag"]}
        made(post(desk.client, f"{request}/assignee", {"account_id": account}, desk.auth("supervisor"), **tag), 200)
        made(post(desk.client, f"/accounts/{account}/disable", {}, desk.auth("administrator")), 200)
        pilot.ask()
        assert desk.get("/tasks", "caseworker").status_code == 401
        for label in ("caseworker-2", "supervisor"):
            (task,) = made(desk.get("/tasks", label, kind="pre_check_hit"), 200)["items"]
            assert (task["record_id"], task["assignee_id"]) == (both, account), "for a successor to see whose it was"

    def test_is_over_when_the_partner_is_asked(self, pilot: Pilot) -> None:
        share = {"purpose": "share_with_society", "lawful_basis": "public_interest", "recipient": "UG"}
        both = pilot.seek(AMINA)
        pilot.seek(AMINA, "UG")
        pilot.ask()
        desk = pilot.pair.desk
        made(post(desk.client, f"/records/{both}/consents", {"decisions": [share]}, desk.auth()))
        pilot.pair.send(both)
        assert open_tasks(pilot.pair, "pre_check_hit") == []

    def test_is_over_when_the_partner_knows_nothing_any_more(self, pilot: Pilot) -> None:
        pilot.seek(AMINA)
        theirs = pilot.seek(AMINA, "UG")
        pilot.ask()
        desk = pilot.pair.desk
        body = {"purposes": ["match_in_network"]}
        post(desk.client, f"/records/{theirs}/consents/withdrawal", body, desk.auth("caseworker", "UG"))
        assert pilot.ask().hits == 0
        assert open_tasks(pilot.pair, "pre_check_hit") == []
        acts = [entry.act for entry in entries(desk.gate, desk.people)]
        assert acts.count("tasks.done") == 1
