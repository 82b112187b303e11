"""A withdrawal reaches whoever was sent a copy: whatever became of the case there or here, and of its records."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import SQLModel

from tests.exchange.found import PHONE, matched, told
from tests.exchange.pair import SHARE, Loop, Pair
from tests.exchange.test_ended import end_partner, hidden
from tests.exchange.test_kinds import theirs
from tests.exchange.test_states import put
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tests.rights.desk import Officer
from tests.support import Json, granted, request_draft
from tracing.exchange import copies, copy_store, delivering
from tracing.exchange.states import ENDED_THERE, Kind, State
from tracing.gate.admit import admitted
from tracing.gate.partnering.partner_tables import Channel
from tracing.gate.partnering.partners import Terms, change, find
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.outbound import Answer

T = SQLModel.metadata.tables


@dataclass
class Lost(Loop):
    """Delivers, and loses the answer."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        Loop.post(self, url, body, headers, origin=origin)
        return Answer(503, {}, b"", False)


def revocations(pair: Pair, society: str = "KE") -> list[str]:
    """Return where each revocation of a society stands, in their order."""
    items = pair.desk.get("/exchange/outbox", "caseworker", society).json()["items"]
    return [item["progress"] for item in items if item["kind"] == "revoke"]


def not_taken_back(pair: Pair) -> list[Json]:
    items: list[Json] = pair.desk.get("/tasks", "caseworker", kind="not_taken_back").json()["items"]
    return items


def forget(pair: Pair, *record_ids: str, society: str = "UG") -> None:
    """Let the night forget records that were hidden long ago."""
    record = T["record"]
    long_ago = clock.now() - timedelta(days=pair.desk.gate.settings.forget_after_days, minutes=1)
    with raw(pair.desk.gate, society) as connection:
        for row in connection.execute(record.select().where(record.c.society == society)).all():
            if str(row.id) in record_ids:
                assert row.hidden_at is not None
                connection.execute(record.update().where(record.c.id == row.id).values(hidden_at=long_ago))
    assert pair.desk.night_of(society).forgotten == len(record_ids)


class TestCase:
    @pytest.mark.parametrize("state", ENDED_THERE)
    def test_that_has_ended_is_taken_back_all_the_same(self, pair: Pair, state: State) -> None:
        """The partner ought to have forgotten it; whether it did, only its word that it is gone says."""
        _, sought, ours = ask(pair)
        pair.settle()
        put(pair, "KE", ours, state)
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        pair.settle()
        assert revocations(pair) == ["delivered"]
        assert hidden(pair, {"sought_id": pair_copy(pair)})
        assert pair.case("KE", ours)["acknowledged_at"] is not None

    @pytest.mark.parametrize("state", ENDED_THERE)
    def test_that_has_ended_stays_while_the_consent_holds(self, pair: Pair, state: State) -> None:
        _, _, ours = ask(pair)
        pair.settle()
        put(pair, "KE", ours, state)
        pair.take_back()
        assert revocations(pair) == []

    def test_that_has_ended_is_left_there_where_only_what_lasts_is_looked_at(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: a case that was refused is taken to be held by nobody."""
        monkeypatch.setattr(copy_store, "ENDED_THERE", ())
        _, sought, ours = ask(pair)
        pair.settle()
        put(pair, "KE", ours, State.REFUSED)
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        assert revocations(pair) == []

    @pytest.mark.parametrize("by_hand", [True, False])
    def test_that_may_have_arrived_is_taken_back(self, pair: Pair, *, by_hand: bool) -> None:
        _, sought, ours = ask(pair)
        there = pair.loop.client
        assert pair.deliver("KE", Lost(there)).later == 1
        assert pair.case("KE", ours)["state"] == "draft"
        copy = theirs(pair)
        if by_hand:
            pair.act("KE", ours, "events", {"event": "revoke", "revocation": "safety"})
        else:
            pair.desk.withdraw(sought, "share_with_society")
            pair.take_back()
        pair.settle()
        assert hidden(pair, copy)
        assert pair.case("KE", ours)["acknowledged_at"] is not None

    def test_that_never_left_needs_no_taking_back(self, pair: Pair) -> None:
        _, sought, _ = ask(pair)
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        assert revocations(pair) == []


def pair_copy(pair: Pair) -> str:
    """Return UG's record of whom KE seeks, whether or not anybody sees it."""
    case = T["exchange_case"]
    with raw(pair.desk.gate, "UG") as connection:
        return str(connection.execute(case.select().where(case.c.society == "UG")).one().sought_id)


class TestEnquirer:
    def named(self, pair: Pair) -> str:
        enquirer = request_draft()["enquirer"] | {"consents": [*granted(), SHARE]}
        request, _, _ = ask(pair, enquirer=enquirer)
        pair.settle()
        return request

    def test_who_was_named_is_taken_back_with_the_search(self, pair: Pair) -> None:
        request = self.named(pair)
        copy = theirs(pair)
        pair.desk.withdraw(request, "share_with_society")
        pair.take_back()
        pair.settle()
        assert hidden(pair, copy)

    def test_who_was_not_named_has_nothing_there(self, pair: Pair) -> None:
        ask(pair)
        pair.settle()
        pair.take_back()
        assert revocations(pair) == []

    def test_stays_there_when_nobody_remembers_the_name(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: what the sought person allows is asked alone."""
        monkeypatch.setattr(copy_store, "named", lambda *_: False)
        pair.desk.withdraw(self.named(pair), "share_with_society")
        pair.take_back()
        assert revocations(pair) == []


class TestForgotten:
    def ended(self, pair: Pair) -> tuple[str, list[str]]:
        """Let KE know of the found person, and the search be forgotten by UG; return KE's case."""
        family = told(pair, matched(pair))
        pair.settle()
        pair.act("KE", family.ours, "events", {"event": "revoke", "revocation": "search_ended"})
        pair.settle()
        return family.ours, [family.sought, family.request]

    def telling(self, pair: Pair, ours: str) -> Json | None:
        (line,) = [line for line in pair.case("KE", ours)["messages"] if line["finding"] == "told"]
        told: Json | None = line["told"]
        return told

    def test_search_takes_along_what_was_told_for_it(self, pair: Pair) -> None:
        """Nobody could take the answer back any more: the found person would never be rid of it."""
        ours, records = self.ended(pair)
        told = self.telling(pair, ours)
        assert told is not None
        assert told["contact_to_share"] == PHONE
        forget(pair, *records)
        pair.settle()
        assert self.telling(pair, ours) is None
        assert revocations(pair, "UG") == ["delivered"]
        pair.take_back("UG")
        assert pair.deliver("UG").tried == 0, "once is enough"

    def test_search_leaves_it_there_where_only_what_is_seen_is_looked_at(
        self, pair: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The planted fault: what was told for a search that is forgotten is looked at no more."""
        monkeypatch.setattr(copies, "may_be_known", lambda *_: True)
        ours, records = self.ended(pair)
        forget(pair, *records)
        pair.settle()
        assert self.telling(pair, ours) is not None

    def test_persons_are_taken_back_however_many_they_are(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delivering, "PAGE", 1)
        sought = [ask(pair)[1] for _ in range(3)]
        while pair.deliver("KE").delivered:
            pass
        for one in sought:
            Officer(pair.desk.client, pair.desk.people, pair.desk.gate).erase(one)
        pair.take_back()
        assert revocations(pair) == ["waiting"] * 3


class TestPartnership:
    @pytest.mark.parametrize("ends", [lambda pair, sought: pair.desk.withdraw(sought, "register"), "erase"])
    def test_that_has_ended_is_a_task_for_somebody(self, pair: Pair, ends: Callable[[Pair, str], None] | str) -> None:
        _, sought, _ = ask(pair)
        pair.settle()
        end_partner(pair)
        if callable(ends):
            ends(pair, sought)
        else:
            Officer(pair.desk.client, pair.desk.people, pair.desk.gate).erase(sought)
        pair.take_back()
        (task,) = not_taken_back(pair)
        assert (task["record_id"], task["team"]) == (None, "nairobi")
        assert revocations(pair) == ["failed"]
        pair.take_back()
        assert [one["id"] for one in not_taken_back(pair)] == [task["id"]], "once is enough"

    @pytest.mark.parametrize("channels", [tuple(Channel), (Channel.OFFLINE,)])
    def test_that_ends_while_a_revocation_waits_is_a_task_as_well(
        self, pair: Pair, channels: tuple[Channel, ...]
    ) -> None:
        _, sought, _ = ask(pair)
        pair.settle()
        agreed(pair, channels)
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        end_partner(pair)
        assert not_taken_back(pair) == []
        pair.take_back()
        assert len(not_taken_back(pair)) == 1

    def test_that_ends_is_noticed_by_a_courier_that_does_not_sweep(self, pair: Pair) -> None:
        _, sought, _ = ask(pair)
        pair.settle()
        pair.desk.withdraw(sought, "share_with_society")
        pair.take_back()
        end_partner(pair)
        assert pair.deliver("KE").delivered == 0
        assert len(not_taken_back(pair)) == 1


def agreed(pair: Pair, channels: tuple[Channel, ...]) -> None:
    token = pair.desk.people.token("operator", "KE")
    with admitted(pair.desk.gate, token, Permission.PARTNERS_WRITE) as access:
        partner = find(access, "UG")
        terms = Terms(partner.origin, channels, tuple(partner.kinds.split()), 500, 200)
        change(access, partner, replace(terms, origin=partner.origin if Channel.ONLINE in channels else ""))


class TestSentAgain:
    @pytest.fixture
    def given_up(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> Json:
        """A revocation of somebody who is hidden, which the partner never answered; its task."""
        _, sought, _ = ask(pair)
        pair.settle()
        pair.desk.withdraw(sought, "register")
        pair.take_back()
        pair.loop.down = True
        with monkeypatch.context() as patch:
            patch.setattr(delivering, "MOST_TRIES", 1)
            pair.deliver("KE")
        pair.loop.down = False
        (task,) = not_taken_back(pair)
        return task

    def again(self, pair: Pair, message_id: str, label: str = "caseworker", society: str = "KE") -> tuple[int, Json]:
        at = f"/v1/exchange/outbox/{message_id}/again"
        answer = pair.desk.client.post(at, headers=pair.desk.auth(label, society))
        return answer.status_code, answer.json()

    def test_reaches_the_partner_and_ends_the_task_once_they_say_so(self, pair: Pair, given_up: Json) -> None:
        status, line = self.again(pair, given_up["about_id"])
        assert (status, line["kind"], line["progress"]) == (201, "revoke", "waiting")
        assert len(not_taken_back(pair)) == 1, "it is not taken back before they say so"
        assert self.again(pair, given_up["about_id"])[1]["code"] == "no-such-transition", "once is enough"
        pair.settle()
        assert not_taken_back(pair) == []
        assert hidden(pair, {"sought_id": pair_copy(pair)})
        trail = T["trail_entry"]
        with raw(pair.desk.gate) as connection:
            acts = [row.act for row in connection.execute(trail.select()).all()]
        assert acts.count("exchange.send_again") == 1

    def test_that_fails_again_raises_no_second_task(
        self, pair: Pair, given_up: Json, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.again(pair, given_up["about_id"])
        pair.loop.down = True
        monkeypatch.setattr(delivering, "MOST_TRIES", 1)
        pair.deliver("KE")
        assert [task["id"] for task in not_taken_back(pair)] == [given_up["id"]]
        pair.loop.down = False
        assert self.again(pair, given_up["about_id"])[0] == 201

    def test_is_for_revocations_of_ours_alone(self, pair: Pair, given_up: Json) -> None:
        others = {Kind.REQUEST_SEARCH: "KE", Kind.RECEIPT: "UG"}
        for kind, society in others.items():
            items = pair.desk.get("/exchange/outbox", "caseworker", society).json()["items"]
            message = next(item["id"] for item in items if item["kind"] == kind)
            assert self.again(pair, message, society=society)[1]["code"] == "no-such-transition"
        assert self.again(pair, given_up["about_id"], society="UG")[0] == 404
        assert self.again(pair, given_up["about_id"], label="auditor")[0] == 403

    def test_is_in_vain_once_the_partnership_has_ended(self, pair: Pair, given_up: Json) -> None:
        end_partner(pair)
        assert self.again(pair, given_up["about_id"])[0] == 404
        assert len(not_taken_back(pair)) == 1
