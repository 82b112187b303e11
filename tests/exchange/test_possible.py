"""A possible match is spoken of only while there is one: whoever said no looks like whoever was never found."""

import json
from collections.abc import Callable

import pytest

from tests.exchange.found import decided, matched
from tests.exchange.pair import Pair
from tests.stories.family import Family
from tests.support import Json
from tracing.exchange import outbox

POSSIBLE = {"kind": "provide_answer", "finding": "possible_match"}


def undone(family: Family) -> None:
    decided(family, "undo", "decided_wrongly")


def declined(family: Family) -> None:
    family.screened().verified().asked().answered("decline")


def payloads(pair: Pair) -> list[Json]:
    found = [json.loads(body)["payload"] for _, body, _ in pair.loop.sent]
    pair.loop.sent.clear()
    return found


class TestQueued:
    @pytest.mark.parametrize("ends", [undone, declined])
    def test_does_not_leave_once_there_is_nothing_to_speak_of(self, pair: Pair, ends: Callable[[Family], None]) -> None:
        family = matched(pair)
        pair.act("UG", family.theirs, "messages", POSSIBLE)
        ends(family)
        pair.loop.sent.clear()
        pair.settle()
        assert payloads(pair) == []
        case = pair.case("KE", family.ours)
        assert (case["state"], case["handle"]) == ("accepted", None)
        pair.say("UG", family.theirs, {"kind": "ask_question", "text": "Did she ever work as a nurse?"})
        pair.settle()
        assert payloads(pair) == [{"kind": "ask_question", "text": "Did she ever work as a nurse?"}], "no handle"

    def test_leaves_where_nobody_asks_again(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: what was true when it was written."""
        family = matched(pair)
        pair.act("UG", family.theirs, "messages", POSSIBLE)
        undone(family)
        monkeypatch.setattr(outbox, "require_possible", lambda *_: None)
        pair.settle()
        assert pair.case("KE", family.ours)["state"] == "in_progress"

    def test_leaves_while_she_may_be_told_of(self, pair: Pair) -> None:
        family = matched(pair)
        family.screened().verified().asked().granted("say_alive_only")
        pair.act("UG", family.theirs, "messages", POSSIBLE)
        pair.settle()
        assert pair.case("KE", family.ours)["messages"][-1]["finding"] == "possible_match"


class TestWritten:
    @pytest.mark.parametrize("ends", [undone, declined])
    def test_is_refused_alike_whether_she_said_no_or_was_not_found(
        self, pair: Pair, ends: Callable[[Family], None]
    ) -> None:
        family = matched(pair)
        ends(family)
        refused = pair.act("UG", family.theirs, "messages", POSSIBLE, status=409)
        assert (refused["code"], refused["detail"]) == ("conflict", "no match of this search is confirmed")
