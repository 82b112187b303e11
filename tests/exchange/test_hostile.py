"""What a partner that means ill learns here, and what it can bring about: nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.exchange.envelopes import SOUGHT
from tests.exchange.pair import Pair
from tests.exchange.test_forged import Ends
from tests.exchange.test_kinds import theirs
from tests.exchange.test_way import ask
from tests.review.desk import raw, suggested, tables
from tests.sightings.reports import registration
from tests.support import made, post
from tracing.exchange import inbox, store, traits
from tracing.exchange.states import Kind
from tracing.gate import rooms, suppression
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate
from tracing.gate.partnering import proofs
from tracing.gate.people import find_account, issue_token
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.persons.erased import forms_of
from tracing.persons.schemas import PersonDraft
from tracing.web import flood

pytestmark = [pytest.mark.parametrize("settings", ["sqlite"], indirect=True), pytest.mark.usefixtures("patient")]
T = SQLModel.metadata.tables
ERASED = SOUGHT | {"names": [{"full": "Zahra Ismail Duale"}], "birth": "1984-03-11"}
OTHER = SOUGHT | {"names": [{"full": "Hodan Farah Abdi"}], "birth": "1984-03-12"}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sent too much need not wait in most tests."""
    monkeypatch.setattr(rooms, "SHUT_S", 0.0)


@pytest.fixture
def true(pair: Pair) -> Ends:
    return Ends(pair)


def erase(true: Ends, person: dict[str, Any]) -> None:
    """Let a person be one who was erased at UG, as feeds know her."""
    token = true.pair.desk.people.token("operator", "UG")
    with admitted(true.pair.desk.gate, token, Permission.NIGHT_RUN) as access:
        suppression.add(access, [suppression.hash_of(access, form) for form in forms_of(PersonDraft(**person))])
        access.note("test")


def receipts(true: Ends) -> list[tuple[str, str]]:
    """Return kind and status of what UG would send next, in order."""
    with raw(true.pair.desk.gate, "UG") as connection:
        t = T["exchange_message"]
        query = select(t.c.kind, t.c.code).where(t.c.society == "UG", t.c.side == "sent").order_by(t.c.number)
        return [(str(kind), str(code)) for kind, code in connection.execute(query)]


def told(true: Ends, person: dict[str, Any], **changes: Any) -> list[Any]:
    """Return all that a partner sees when it asks for a person, talks about her and takes it back."""
    about, first = true.send(Kind.REQUEST_SEARCH, payload={"sought": person}, **changes)
    seen: list[Any] = [first]
    for kind in (Kind.ASK_QUESTION, Kind.SEND_MESSAGE, Kind.PROVIDE_ANSWER):
        seen.append(true.send(kind, about)[1])
    known = len(receipts(true))
    seen.append(true.send(Kind.REVOKE, about)[1])
    seen += [true.send(Kind.ASK_QUESTION, about)[1], receipts(true)[known - 1 :]]
    return seen


class TestSomebodyErased:
    def test_looks_like_anybody_else(self, true: Ends) -> None:
        erase(true, ERASED)
        for basis in ("public_interest", "consent"):
            assert told(true, ERASED, legal_basis=basis) == told(true, OTHER, legal_basis=basis)
        names = {line["trouble"] for line in true.pair.desk.get("/exchange/inbox", "caseworker", "UG").json()["items"]}
        assert "held-back" in names, "she was held back at all"
        assert len(true.pair.cases("UG")) == 0

    def test_leaves_no_row_that_is_hers(self, true: Ends) -> None:
        erase(true, ERASED)
        apart = frozenset({"trail_entry", "trail_head", "seen_nonce", "exchange_message"})
        before = tables(true.pair.desk.gate, without=apart)
        assert true.send(Kind.REQUEST_SEARCH, payload={"sought": ERASED})[1] == 202
        assert tables(true.pair.desk.gate, without=apart) == before

    def test_counts_among_the_open_searches(self, true: Ends) -> None:
        erase(true, ERASED)
        with raw(true.pair.desk.gate, "UG") as connection:
            connection.execute(T["partner"].update().values(open_searches=2))
        about, _ = true.send(Kind.REQUEST_SEARCH, payload={"sought": ERASED})
        assert [true.send(Kind.REQUEST_SEARCH)[1] for _ in range(2)] == [202, 429]
        true.send(Kind.REVOKE, about)
        assert true.send(Kind.REQUEST_SEARCH)[1] == 202

    @pytest.mark.slow
    def test_takes_as_long(self, true: Ends) -> None:
        erase(true, ERASED)
        assert told_apart(*timed(true, 150)) < 0.6, "chance is .50, a standard error .033"

    @pytest.mark.slow
    def test_is_told_by_the_time_where_no_decoy_is_registered(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erase(true, ERASED)
        register = inbox._register
        monkeypatch.setattr(traits, "decoy", lambda _: None)
        monkeypatch.setattr(inbox, "_register", lambda a, c, draft: register(a, c, draft) if draft else uuid4())
        assert told_apart(*timed(true, 40)) > 0.9

    @pytest.mark.slow
    def test_is_told_by_what_is_open_where_nothing_is_done_about_it(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erase(true, ERASED)
        monkeypatch.setattr(store, "began", lambda *_: False)
        assert told(true, ERASED) != told(true, OTHER)


def timed(true: Ends, count: int) -> tuple[list[float], list[float]]:
    """Return processor time of so many searches for the one who was erased and for another, in an order of chance."""
    took: dict[bool, list[float]] = {True: [], False: []}
    with raw(true.pair.desk.gate, "UG") as connection:
        connection.execute(T["partner"].update().values(open_searches=9_999, messages_a_day=9_999))
    turns = [True, False] * count
    Random(count).shuffle(turns)
    for gone in turns:
        sent = true.genuine(Kind.REQUEST_SEARCH, payload={"sought": ERASED if gone else OTHER}).sent
        began = time.process_time()
        assert true.post(sent).status_code == 202
        took[gone].append(time.process_time() - began)
    return took[True], took[False]


def told_apart(one: list[float], other: list[float]) -> float:
    """Return how often a pair of times tells which is which: .5 is chance (the area under the curve)."""
    above = sum((a > b) + (a == b) / 2 for a in one for b in other) / len(one) / len(other)
    return max(above, 1 - above)


class TestUnaccepted:
    def test_search_is_not_compared(self, true: Ends) -> None:
        assert true.send(Kind.REQUEST_SEARCH)[1] == 202
        auth = true.pair.desk.auth("caseworker", "UG")
        made(post(true.pair.desk.client, "/sightings", registration(), auth))
        true.pair.desk.night_of("UG")
        assert suggested(true.pair.desk.gate, "UG") == []
        case = theirs(true.pair)
        assert case["state"] == "received"
        true.pair.act("UG", case["id"], "events", {"event": "accept"})
        true.pair.desk.night_of("UG")
        assert len(suggested(true.pair.desk.gate, "UG")) == 1


class TestQuota:
    def test_is_answered_with_a_time_to_come_back(self, true: Ends) -> None:
        with raw(true.pair.desk.gate, "UG") as connection:
            connection.execute(T["partner"].update().values(messages_a_day=2))
        about = true.send(Kind.REQUEST_SEARCH)[0]
        true.send(Kind.ASK_QUESTION, about)
        refused = true.post(true.genuine(Kind.ASK_QUESTION, about).sent)
        assert (refused.status_code, refused.json()["code"]) == (429, "quota-reached")
        assert int(refused.headers["retry-after"]) > 0
        assert true.send(Kind.REVOKE, about)[1] == 202, "what was sent too much can be taken back"
        assert [true.send(Kind.RECEIPT, about)[1] for _ in range(2)] == [202, 429], "but not without end"

    def test_holds_for_what_comes_again_and_more_of_that_leaves_no_row(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with raw(true.pair.desk.gate, "UG") as connection:
            connection.execute(T["partner"].update().values(messages_a_day=3))
        sent = true.genuine(Kind.REQUEST_SEARCH).sent
        assert [true.post(true.anew(sent)).status_code for _ in range(4)] == [202, 200, 200, 200]
        before = tables(true.pair.desk.gate, without=frozenset())
        refused = [true.post(true.anew(sent)) for _ in range(5)]
        assert {(one.status_code, one.json()["code"]) for one in refused} == {(429, "quota-reached")}
        assert tables(true.pair.desk.gate, without=frozenset()) == before
        assert true.send(Kind.REQUEST_SEARCH)[1] == 202, "new ones are counted apart"
        tomorrow = clock.now() + timedelta(days=1, seconds=1)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        assert true.post(true.anew(sent)).status_code == 200

    @pytest.mark.slow
    def test_is_not_told_by_what_others_send(self, true: Ends) -> None:
        ask(true.pair)
        true.pair.deliver("KE")
        with raw(true.pair.desk.gate, "UG") as connection:
            connection.execute(T["partner"].update().values(messages_a_day=1))
        assert true.send(Kind.ASK_QUESTION, uuid4())[1] == 429


class TestAtOnce:
    def test_the_third_is_told_to_come_back_before_it_waits_for_the_writer(self, true: Ends) -> None:
        gate = gate_of(true)
        messages = [true.genuine(Kind.REQUEST_SEARCH).sent for _ in range(rooms.AT_ONCE)]
        with ThreadPoolExecutor(rooms.AT_ONCE) as beside:
            with gate.turn:
                waiting = [beside.submit(true.post, message) for message in messages]
                for _ in range(1_000):
                    if sum(gate.rooms._inside.values()) == rooms.AT_ONCE:
                        break
                    time.sleep(0.01)
                refused = true.post(true.genuine(Kind.REQUEST_SEARCH).sent)
            assert [answer.result().status_code for answer in waiting] == [202] * rooms.AT_ONCE
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0

    def test_a_key_that_sent_too_much_waits_outside_and_no_other_does(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1_000.0]  # of the shutting: how long the machine takes says nothing
        monkeypatch.setattr(rooms, "SHUT_S", 30.0)
        monkeypatch.setattr(rooms, "monotonic", lambda: now[0])
        monkeypatch.setattr(flood, "LATE_S", 0.1)
        with raw(true.pair.desk.gate, "UG") as connection:
            connection.execute(T["partner"].update().values(messages_a_day=1))
        assert [true.send(Kind.REQUEST_SEARCH)[1] for _ in range(2)] == [202, 429]
        began, looked_at = time.monotonic(), []
        monkeypatch.setattr(proofs, "of_request", lambda *_: looked_at.append(1))
        refused = true.post(true.genuine(Kind.REVOKE, uuid4()).sent)
        assert (refused.status_code, looked_at) == (429, [])
        assert time.monotonic() - began > 0.09
        assert gate_of(true).rooms.shut_for("0" * 32) == 0
        assert gate_of(true).rooms.shut_for(true.key_id) == 30
        now[0] += 30
        assert gate_of(true).rooms.shut_for(true.key_id) == 0


def gate_of(true: Ends) -> Gate:
    """Return the gate that the service of the test goes through."""
    gate: Gate = true.pair.desk.client.app.state.gate  # type: ignore[attr-defined]  # the fixture's application
    return gate


class TestMayNot:
    def test_open_anything_but_the_inbox_with_its_key(self, true: Ends) -> None:
        sent = true.genuine(Kind.REQUEST_SEARCH).sent
        for path in ("/v1/exchange/cases", "/v1/exchange/inbox", "/v1/partners", "/v1/tracing-requests"):
            assert true.pair.desk.client.get(path, headers=sent.headers).status_code == 401

    def test_post_to_the_inbox_with_a_token(self, true: Ends) -> None:
        gate = true.pair.desk.gate
        with admitted(gate, true.pair.desk.people.token("operator", "UG"), Permission.ACCOUNTS_WRITE) as access:
            token = issue_token(access, find_account(access, "partner-ke"))[1]
        sent = true.genuine(Kind.REQUEST_SEARCH).sent
        auth = {"Authorization": f"Bearer {token}", "content-type": "application/json"}
        at = "/v1/exchange/UG/inbox"
        assert true.pair.desk.client.post(at, content=sent.body, headers=auth).status_code == 401
        assert true.pair.desk.client.get("/v1/exchange/cases", headers=auth).status_code == 403

    def test_talk_about_what_another_partner_sent(self, true: Ends) -> None:
        about, _ = true.send(Kind.REQUEST_SEARCH)
        with raw(true.pair.desk.gate, "UG") as connection:
            other = connection.execute(select(T["partner"].c.id).where(T["partner"].c.code == "SO")).scalar_one()
            connection.execute(T["exchange_case"].update().values(partner_id=other))
            connection.execute(T["exchange_message"].update().values(partner_id=other))
        before = receipts(true)
        assert true.send(Kind.ASK_QUESTION, about)[1] == 409
        assert true.send(Kind.REVOKE, about)[1] == 202
        assert [row["state"] for row in true.pair.cases("UG")] == ["received"]
        assert len(receipts(true)) == len(before) + 1

    def test_say_that_what_nobody_took_back_is_gone(self, true: Ends) -> None:
        ours = sent_by_ug(true)
        assert true.send(Kind.RECEIPT, ours, payload={"status": "revoked"})[1] == 202
        assert true.pair.cases("UG", side="sent")[0]["acknowledged_at"] is None

    def test_outdo_what_comes_later_by_a_date_ahead(self, true: Ends) -> None:
        """A clock that was a day fast once would else hide a refusal, and whoever waits would not hear of it."""
        ours, ahead = sent_by_ug(true), clock.now() + timedelta(hours=20)
        true.send(Kind.RECEIPT, ours, payload={"status": "accepted"}, sent_at=ahead)
        assert true.pair.cases("UG", side="sent")[0]["state"] == "accepted"
        true.send(Kind.RECEIPT, ours, payload={"status": "refused", "reason": "no_capacity"})
        assert true.pair.cases("UG", side="sent")[0]["state"] == "refused"

    def test_begin_something_under_the_id_of_a_message_of_ours(self, true: Ends) -> None:
        """Else everything about it would be about two things at once, and nothing of it could be taken any more."""
        ours = sent_by_ug(true)
        with raw(true.pair.desk.gate, "UG") as connection:
            t = T["exchange_message"]
            connection.execute(t.update().where(t.c.message_id == ours).values(side="sent", number=1_000))
        refused = true.post(true.genuine(Kind.REQUEST_SEARCH, id=ours).sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/id")
        assert true.send(Kind.ASK_QUESTION, ours)[1] == 202
        assert true.send(Kind.RECEIPT, ours, payload={"status": "accepted"})[1] == 202

    def test_break_what_is_about_it_where_the_id_may_be_used_twice(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: an id of theirs may be any."""
        ours = sent_by_ug(true)
        with raw(true.pair.desk.gate, "UG") as connection:
            t = T["exchange_message"]
            connection.execute(t.update().where(t.c.message_id == ours).values(side="sent", number=1_000))
        monkeypatch.setattr(store, "sent", lambda *_: None)
        assert true.send(Kind.REQUEST_SEARCH, id=ours)[1] == 202
        assert true.send(Kind.ASK_QUESTION, ours)[1] == 500

    def test_end_a_case_that_it_handed_over(self, true: Ends) -> None:
        about, _ = true.send(Kind.TRANSFER_CASE)
        true.pair.act("UG", theirs(true.pair)["id"], "events", {"event": "accept"})
        taken = theirs(true.pair)
        assert true.send(Kind.REVOKE, about)[1] == 202
        mine = made(true.pair.desk.get(f"/sought-persons/{taken['sought_id']}", "caseworker", "UG"), 200)
        assert (mine["origin"], mine["state"]) == ("", "searching")
        kinds = true.pair.desk.get("/tasks", "caseworker", "UG", kind="partner_wrote").json()["items"]
        assert [task["about_id"] for task in kinds] == [taken["id"]]


def sent_by_ug(true: Ends) -> UUID:
    """Turn the roles round: return the id of a message of UG's that KE has."""
    true.send(Kind.REQUEST_SEARCH)
    with raw(true.pair.desk.gate, "UG") as connection:
        t = T["exchange_case"]
        connection.execute(t.update().values(side="sent", state="received"))
        return UUID(str(connection.execute(select(t.c.opened_by)).scalar_one()))
