"""What takes back and acknowledges leaves first, whatever waits before it; what comes later than it has no effect."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.bundles.post import Post
from tests.exchange.pair import ORIGIN, Pair
from tests.exchange.test_ended import hidden
from tests.exchange.test_kinds import theirs
from tests.exchange.test_way import ask
from tracing.exchange import delivering, outbox, store
from tracing.exchange.calling import Line, Tokens, call
from tracing.exchange.delivering import inbox_url
from tracing.exchange.states import Kind, State
from tracing.gate.partnering import own_keys, partners
from tracing.gate.purposes import Use


def backlog(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let three searches wait before the revocation of one that arrived, with room for a single one in a round."""
    _, sought, _ = ask(pair)
    pair.settle()
    copy = theirs(pair)
    for _ in range(3):
        ask(pair)
    pair.desk.withdraw(sought, "share_with_society")
    pair.take_back()
    monkeypatch.setattr(delivering, "PAGE", 1)
    return copy


class TestOnline:
    def test_a_revocation_overtakes_what_waits(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        copy = backlog(pair, monkeypatch)
        assert pair.deliver("KE").delivered == 1
        assert hidden(pair, copy)
        pair.deliver("KE")
        assert [case["state"] for case in pair.cases("UG")] == ["received"], "and then the rest, in its order"

    def test_a_revocation_waits_where_numbers_alone_count(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: first come, first sent."""
        copy = backlog(pair, monkeypatch)
        monkeypatch.setattr(store, "due", lambda access, one, by, *, limit: store.waiting(access, one, limit=limit))
        assert pair.deliver("KE").delivered == 1
        assert not hidden(pair, copy)

    def test_a_receipt_overtakes_what_waits(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        _, _, ours = ask(pair)
        pair.deliver("KE")
        copy = theirs(pair)
        pair.act("UG", copy["id"], "events", {"event": "accept"})
        pair.say("UG", copy["id"], {"kind": "ask_question", "text": "Which school did she go to?"})
        pair.act("UG", copy["id"], "events", {"event": "return"})
        monkeypatch.setattr(delivering, "PAGE", 3)
        pair.deliver("UG")
        assert pair.case("KE", ours)["state"] == "returned"

    def test_a_revocation_overtakes_receipts(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """However much a partner sends, and lets itself be told of: it hears first what it must give up."""
        _, sought, _ = ask(pair)
        pair.settle()
        copy = theirs(pair)
        with pair.turn("KE")(Use.REGISTER) as access:
            for _ in range(3):
                outbox.queue(access, partners.find(access, "UG"), Kind.RECEIPT, about=uuid4(), code=State.RECEIVED)
            access.note("tests.queue")
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        monkeypatch.setattr(delivering, "PAGE", 1)
        pair.deliver("KE")
        assert hidden(pair, copy)


class TestBeforeWhatItTakesBack:
    def test_a_search_that_comes_later_is_never_seen(self, pair: Pair) -> None:
        """It left, and its answer was lost; then its revocation left first of all, and it came once more."""
        _, sought, _ = ask(pair)
        pair.loop.down = True
        pair.deliver("KE")
        late = next(body for _, body, _ in reversed(pair.loop.sent) if b"request_search" in body)
        pair.loop.down = False
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        pair.settle()
        assert come(pair, late) == 202
        assert pair.cases("UG") == []
        pair.settle()
        assert come(pair, late) == 200, "its effects, none, happened once"


def come(pair: Pair, body: bytes) -> int:
    """Let a message of KE's come late, as the courier signs it."""
    with pair.turn("KE")(Use.REGISTER) as access:
        key = own_keys.signing(access)
        access.note("tests.look")
    line: Any = pair.loop
    return call(line, Tokens(), Line(ORIGIN, *key, None), inbox_url(ORIGIN, "UG"), body).status


class TestInBundles:
    def kinds(self, mail: Post) -> list[list[str]]:
        parts = mail.pack("KE", most=100)
        return [[json.loads(line)["payload"]["kind"] for line in mail.opened("UG", part)[2]] for part in parts]

    def test_a_revocation_stands_in_the_first_one(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        backlog(pair, monkeypatch)
        assert self.kinds(Post(pair)) == [["revoke"], *[["request_search"]] * 3]

    def test_a_revocation_stands_in_the_last_one_where_numbers_alone_count(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: first come, first packed."""
        backlog(pair, monkeypatch)

        def by_number(*args: Any, control: bool, **more: Any) -> Any:
            return [] if control else store.waiting(*args, **more)

        monkeypatch.setattr(delivering, "waiting", by_number)
        assert self.kinds(Post(pair))[-1] == ["revoke"]

    def test_each_lists_its_messages_by_number_and_is_taken_whole(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy = backlog(pair, monkeypatch)
        mail = Post(pair)
        (out,) = mail.pack("KE")
        done = mail.take("UG", out)
        assert (done.taken, done.refused) == (4, [])
        assert hidden(pair, copy)
        mail.take("KE", *mail.pack("UG"))
        assert set(mail.sent("KE")) == {"delivered"}

    def test_what_stops_on_its_way_out_is_taken_back_in_the_same_export(self, pair: Pair) -> None:
        mail = Post(pair)
        _, sought, _ = ask(pair)
        mail.pack("KE")
        pair.desk.withdraw(sought, "share_with_society")
        assert self.kinds(mail) == [["revoke"]]
