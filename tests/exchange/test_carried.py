"""A Red Cross Message that a partner carries on goes no further than the found person's answer does."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.exchange.found import left, matched, revised_downward, take_back, withdrawn
from tests.exchange.pair import Pair
from tests.exchange.test_kinds import later
from tests.exchange.test_taken_back import erased, hidden
from tests.stories.family import Family
from tests.support import Json
from tracing.messages import service as messages

NEWS = "I am well. Greet mother."
Ends = Callable[[Pair, Family], object]


@pytest.fixture
def family(pair: Pair) -> Family:
    """She wrote to her brother; another worker read it, it was sent, and waits in the outbox for the partner."""
    family = matched(pair)
    family.screened().verified().asked().granted("pass_message", words_to_pass=NEWS)
    at = f"/sought-persons/{family.sought}/messages"
    family.ids["message"] = family.post(at, {"direction": "to_enquirer", "text": NEWS, "language": "so"})["id"]
    happened(family, "read", label="caseworker-2")
    happened(family, "send")
    pair.act("UG", family.theirs, "messages", {"kind": "send_message", "message_id": family.message})
    pair.loop.sent.clear()
    return family


def happened(family: Family, event: str, **more: Any) -> None:
    at = f"/messages/{family.message}"
    family.step(at, f"{at}/events", {"event": event}, **more)


def heard(pair: Pair, family: Family) -> Json:
    (line,) = [line for line in pair.case("KE", family.ours)["messages"] if line["kind"] == "send_message"]
    return dict(line)


class TestCarried:
    @pytest.mark.parametrize(
        "ends", [withdrawn, *(pytest.param(e, marks=pytest.mark.slow) for e in (revised_downward, hidden, erased))]
    )
    def test_before_it_left_it_never_does(self, pair: Pair, family: Family, ends: Ends) -> None:
        ends(pair, family)
        take_back(pair)
        assert not left(pair, NEWS)
        assert pair.desk.get("/exchange/outbox", "caseworker", "UG").json()["items"][-1]["progress"] == "stopped"

    @pytest.mark.parametrize(
        "ends", [withdrawn, *(pytest.param(e, marks=pytest.mark.slow) for e in (revised_downward, hidden, erased))]
    )
    @pytest.mark.parametrize("handed_on", [False, True])
    def test_after_it_came_it_is_taken_back(self, pair: Pair, family: Family, ends: Ends, *, handed_on: bool) -> None:
        pair.settle()
        assert heard(pair, family)["text"] == NEWS
        if handed_on:
            happened(family, "deliver")
        ends(pair, family)
        take_back(pair)
        line = heard(pair, family)
        assert (line["text"], line["reason"], line["trouble"]) == (None, "consent_withdrawn", "taken-back")
        tasks = pair.desk.get("/tasks", "caseworker", "KE", kind="partner_wrote").json()["items"]
        assert [task["about_id"] for task in tasks].count(family.ours) == 2, "it came, and was taken back"
        (ours,) = [m for m in pair.case("UG", family.theirs)["messages"] if m["kind"] == "send_message"]
        assert ours["status"] == "revoked", "they said that it is gone"
        take_back(pair)
        assert pair.deliver("UG").tried == 0, "once is enough"

    @pytest.mark.slow
    def test_when_nobody_knows_whether_it_came_it_is_taken_back(
        self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pair.loop.down = True
        pair.deliver("UG")
        pair.loop.down = False
        withdrawn(pair, family)
        later(monkeypatch)
        pair.loop.sent.clear()
        take_back(pair)
        assert not left(pair, NEWS)
        kinds = [
            (item["kind"], item["progress"])
            for item in pair.desk.get("/exchange/outbox", "caseworker", "UG").json()["items"]
        ]
        assert kinds[-2:] == [("send_message", "stopped"), ("revoke", "delivered")]

    @pytest.mark.slow
    def test_it_stays_while_the_answer_holds(self, pair: Pair, family: Family) -> None:
        pair.settle()
        take_back(pair)
        assert heard(pair, family)["text"] == NEWS

    def test_it_stays_there_when_nobody_looks(
        self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: a message that is taken to be allowed for ever."""
        monkeypatch.setattr(messages, "still_stands", lambda *_: True)
        pair.settle()
        withdrawn(pair, family)
        take_back(pair)
        assert heard(pair, family)["text"] == NEWS
