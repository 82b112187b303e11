"""What begins a case about somebody protected leaves only as another worker approved it, to the letter."""

from typing import Any

import pytest

from tests.exchange.found import left
from tests.exchange.pair import Pair
from tests.exchange.test_kinds import later
from tests.exchange.test_way import BASIS
from tests.support import Json, person, post, sought_draft
from tracing.exchange import approving
from tracing.gate import glass

QUESTION: Json = {"kind": "ask_question", "text": "Which school did she go to?"}
ALIAS, BROTHER = "Canary Hidden Alias", "Canary Hidden Brother"
EDITED = person(
    "Fadumo Someone Else", sex="female", birth="1990-05", relatives=[{"relation": "sibling", "name": BROTHER}]
)
EDITED["names"].append({"full": ALIAS, "type": "alias"})


def draft(pair: Pair, **fields: Any) -> Json:
    """Return KE's case that has not left."""
    return pair.send(pair.desk.open(sought_draft(basis=BASIS, **fields))["sought"][0]["id"])


def approve(pair: Pair, case: Json, label: str = "caseworker-2", status: int = 200) -> Json:
    return pair.act("KE", case["id"], "approval", {"approve": True}, label=label, status=status)


def propose(pair: Pair, case: Json) -> Json:
    return pair.act("KE", case["id"], "events", {"event": "propose"})


class TestRaised:
    def test_waits_once_somebody_is_protected(self, pair: Pair) -> None:
        case = draft(pair)
        assert case["approval_needed"] is False
        pair.desk.change(f"/sought-persons/{case['sought_id']}", sensitivity="high_risk")
        assert pair.case("KE", case["id"])["approval_needed"] is True
        pair.settle()
        waits = pair.case("KE", case["id"])
        assert (pair.loop.sent, waits["state"], waits["approval_needed"]) == ([], "draft", True)
        assert waits["messages"][0]["trouble"] == "not-approved"
        tasks = pair.desk.get("/tasks", "caseworker", "KE", kind="approval_waits").json()["items"]
        assert [task["about_id"] for task in tasks] == [case["id"]]
        propose(pair, case)
        assert approve(pair, case, "caseworker", 403)["code"] == "same-worker"
        approve(pair, case)
        pair.settle()
        assert [c["partner"] for c in pair.cases("UG", side="received")] == ["KE"]

    def test_leaves_again_once_nobody_is(self, pair: Pair) -> None:
        case = draft(pair)
        for sensitivity in ("protected", "normal"):
            pair.desk.change(f"/sought-persons/{case['sought_id']}", label="supervisor", sensitivity=sensitivity)
            pair.settle()
        assert pair.loop.sent == []
        propose(pair, case)
        pair.settle()
        assert pair.case("KE", case["id"])["state"] == "received"

    def test_what_may_have_arrived_is_taken_back_when_turned_down(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = draft(pair)
        pair.loop.down = True
        pair.deliver("KE")
        pair.loop.down = False
        pair.desk.change(f"/sought-persons/{case['sought_id']}", sensitivity="protected")
        propose(pair, case)
        pair.act("KE", case["id"], "approval", {"approve": False}, label="caseworker-2")
        later(monkeypatch)
        pair.loop.sent.clear()
        pair.settle()
        assert left(pair, '"revoke"')
        assert not left(pair, '"request_search"')


class TestEdited:
    def edited(self, pair: Pair) -> Json:
        case = draft(pair, sensitivity="protected")
        approve(pair, case)
        pair.desk.change(f"/sought-persons/{case['sought_id']}", person=EDITED)
        return case

    def test_waits_for_an_approval_of_what_it_says_now(self, pair: Pair) -> None:
        case = self.edited(pair)
        assert pair.case("KE", case["id"])["approval_needed"] is True
        pair.settle()
        assert pair.loop.sent == []
        propose(pair, case)
        pair.settle()
        assert pair.loop.sent == []
        approve(pair, case)
        pair.settle()
        assert left(pair, ALIAS)
        assert len(pair.cases("UG", side="received")) == 1

    def test_is_not_approved_as_it_was_proposed_before(self, pair: Pair) -> None:
        case = draft(pair, sensitivity="protected")
        pair.desk.change(f"/sought-persons/{case['sought_id']}", person=EDITED)
        assert approve(pair, case, status=409)["code"] == "not-approved"
        pair.settle()
        assert pair.loop.sent == []

    def test_leaves_where_nobody_asks_again(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: an approval that is good for whatever the record says later."""
        monkeypatch.setattr(approving, "require_opening", lambda *_: None)
        self.edited(pair)
        pair.settle()
        assert left(pair, ALIAS, BROTHER)


class TestUnread:
    """Nobody approves what is withheld from them, be it what begins a case or words about it."""

    def waiting(self, pair: Pair) -> tuple[Json, Json]:
        """Return a protected person's case, and words about it that wait for another worker."""
        pair.desk.hire_elsewhere("away")
        case = draft(pair, sensitivity="protected")
        approve(pair, case)
        pair.settle()
        waits = pair.act("KE", case["id"], "messages", QUESTION)["messages"][-1]
        return case, {"approve": True, "line_id": waits["id"]}

    def open_to(self, pair: Pair, case: Json, label: str) -> None:
        why = {"reason": "approval", "note": "I am asked to approve it."}
        answer = post(pair.desk.client, f"/records/{case['sought_id']}/broken-glass", why, pair.desk.auth(label))
        assert answer.status_code == 201

    def test_what_begins_a_case_is_approved_once_the_glass_is_broken(self, pair: Pair) -> None:
        pair.desk.hire_elsewhere("away")
        case = draft(pair, sensitivity="protected")
        assert approve(pair, case, "away", 403)["code"] == "withheld"
        self.open_to(pair, case, "away")
        approve(pair, case, "away")

    def test_words_are_approved_once_the_glass_is_broken(self, pair: Pair) -> None:
        case, body = self.waiting(pair)
        assert pair.act("KE", case["id"], "approval", body, label="away", status=403)["code"] == "withheld"
        self.open_to(pair, case, "away")
        pair.act("KE", case["id"], "approval", body, label="away")

    def test_both_leave_unread_where_the_law_forgets_it(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault."""
        case, body = self.waiting(pair)
        monkeypatch.setattr(glass, "require_open", lambda *_: None)
        pair.act("KE", case["id"], "approval", body, label="away")
        approve(pair, draft(pair, sensitivity="protected"), "away")
