"""What a partner was told is taken back once the found person's answer, the match or their record has ended."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.exchange.found import PHONE, matched, revised_downward, take_back, told, undone, withdrawn
from tests.exchange.pair import ORIGIN, Pair
from tests.exchange.test_kinds import later
from tests.rights.desk import Officer
from tests.stories.family import Family
from tests.support import Json, made, post
from tracing.disclosure import telling
from tracing.exchange import jobs
from tracing.exchange.calling import Line, Tokens, call
from tracing.exchange.delivering import WITHDRAWALS, inbox_url
from tracing.gate import feed
from tracing.gate.partnering import own_keys
from tracing.gate.purposes import Use
from tracing.kit import clock

Ends = Callable[[Pair, Family], object]


@pytest.fixture
def family(pair: Pair) -> Family:
    """Somebody whom UG found, and of whom KE was told everything."""
    family = told(pair, matched(pair))
    pair.settle()
    assert heard(pair, family)["told"]["contact_to_share"] == PHONE
    return family


def heard(pair: Pair, family: Family) -> Json:
    lines = [line for line in pair.case("KE", family.ours)["messages"] if line["finding"] == "told"]
    return dict(lines[-1])


def outcome(pair: Pair, family: Family) -> Json:
    return made(pair.desk.get(f"/sought-persons/{family.wanted}/outcome"), 200)


def tell(pair: Pair, family: Family, answer_id: str) -> Any:
    body = {"answer_id": answer_id, "channel": "visit", "told_at": clock.now().isoformat(), "language": "so"}
    at = f"/sought-persons/{family.wanted}/tellings"
    return post(pair.desk.client, at, body | {"support_offered": True}, pair.desk.auth())


def hidden(pair: Pair, family: Family) -> None:
    at = f"/v1/records/{family.found}/consents/withdrawal"
    answer = pair.desk.client.post(at, json={"purposes": ["register"]}, headers=pair.desk.auth("caseworker", "UG"))
    assert answer.status_code == 204, answer.text


class Abroad(Officer):
    def auth(self, label: str = "caseworker", society: str = "UG") -> dict[str, str]:
        return self.people.auth(label, "UG")

    def get(self, path: str, label: str = "caseworker", society: str = "UG", **params: Any) -> Any:
        return Officer.get(self, path, label, "UG", **params)


def erased(pair: Pair, family: Family) -> None:
    Abroad(pair.desk.client, pair.desk.people, pair.desk.gate).erase(family.found)


class TestTold:
    @pytest.mark.parametrize(
        "ends",
        [withdrawn, *(pytest.param(e, marks=pytest.mark.slow) for e in (revised_downward, undone, hidden, erased))],
    )
    def test_is_gone_at_the_partner(self, pair: Pair, family: Family, ends: Ends) -> None:
        (answer,) = outcome(pair, family)["may_be_told"]
        ends(pair, family)
        take_back(pair)
        line = heard(pair, family)
        assert (line["told"], line["reason"], line["trouble"]) == (None, "consent_withdrawn", "taken-back")
        assert outcome(pair, family)["may_be_told"] == []
        assert tell(pair, family, answer["id"]).json()["code"] == "not-told"
        tasks = pair.desk.get("/tasks", "caseworker", "KE", kind="partner_wrote").json()["items"]
        assert [task["about_id"] for task in tasks].count(family.ours) == 2, "it was told, and taken back"
        (ours,) = [m for m in pair.case("UG", family.theirs)["messages"] if m["finding"] == "told"]
        assert ours["status"] == "revoked", "they said that it is gone"
        pair.loop.sent.clear()
        take_back(pair)
        assert pair.loop.sent == [], "once is enough"

    def test_is_gone_as_well_after_the_enquirer_was_told_and_the_search_may_end_so(
        self, pair: Pair, family: Family
    ) -> None:
        (answer,) = outcome(pair, family)["may_be_told"]
        assert tell(pair, family, answer["id"]).status_code == 201
        withdrawn(pair, family)
        take_back(pair)
        assert heard(pair, family)["told"] is None
        known = outcome(pair, family)
        assert (known["may_be_told"], len(known["tellings"])) == ([], 1)
        assert tell(pair, family, answer["id"]).json()["code"] == "not-told"
        allowed = [reason["reason"] for reason in known["reasons"] if reason["allowed"]]
        assert "reconnected_contact_exchanged" in allowed

    @pytest.mark.slow
    def test_is_found_in_the_next_round(self, pair: Pair, family: Family) -> None:
        turn = pair.turn("UG")
        with turn(Use.REGISTER) as access:
            head = feed.head(access)
            access.note("tests.look")
        withdrawn(pair, family)
        assert feed.has_more(pair.desk.gate, "UG", head, WITHDRAWALS)
        jobs.take_back_withdrawn(turn, head)
        pair.settle()
        assert heard(pair, family)["told"] is None

    @pytest.mark.slow
    def test_stays_while_the_answer_holds(self, pair: Pair, family: Family) -> None:
        take_back(pair)
        assert heard(pair, family)["told"]["contact_to_share"] == PHONE

    def test_is_told_no_longer_than_the_person_allows_it(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        until = clock.now() + timedelta(days=2)
        family = told(pair, matched(pair), valid_until=until.isoformat())
        pair.settle()
        (said,) = [e for _, body, _ in pair.loop.sent if (e := json.loads(body))["payload"].get("finding") == "told"]
        assert datetime.fromisoformat(said["expires_at"]) == until
        assert heard(pair, family)["told"]["contact_to_share"] == PHONE
        (answer,) = outcome(pair, family)["may_be_told"]
        true = clock.now
        monkeypatch.setattr(clock, "now", lambda: true() + timedelta(days=2))
        assert heard(pair, family)["told"] is None, "from that moment on, and nobody has looked yet"
        pair.take_back("KE")
        assert (heard(pair, family)["trouble"], outcome(pair, family)["may_be_told"]) == ("over", [])
        assert tell(pair, family, answer["id"]).json()["code"] == "not-told"

    def test_stays_there_when_nobody_looks(self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault: an answer that is taken to stand for ever."""
        monkeypatch.setattr(telling, "still_stands", lambda *_: True)
        withdrawn(pair, family)
        take_back(pair)
        assert heard(pair, family)["told"] is not None

    @pytest.mark.slow
    def test_is_not_kept_when_the_revocation_overtook_it(self, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
        family = told(pair, matched(pair))
        pair.loop.down = True
        pair.deliver("UG")  # it left; whether it arrived nobody knows
        body = pair.loop.sent[-1][1]
        pair.loop.down = False
        withdrawn(pair, family)
        take_back(pair)
        later(monkeypatch)
        pair.settle()
        assert PHONE.encode() in body
        came = _come(pair, body)
        assert came == 202
        assert [line["told"] for line in pair.case("KE", family.ours)["messages"] if line["finding"] == "told"] == []
        assert outcome(pair, family)["may_be_told"] == []


def _come(pair: Pair, body: bytes) -> int:
    """Let a message come late, as the courier signs it."""
    with pair.turn("UG")(Use.REGISTER) as access:
        key = own_keys.signing(access)
        access.note("tests.look")
    line: Any = pair.loop
    return call(line, Tokens(), Line(ORIGIN, *key, None), inbox_url(ORIGIN, "KE"), body).status
