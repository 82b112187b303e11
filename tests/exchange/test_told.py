"""What the found person lets an enquirer learn, on its way to a partner: it leaves only while they still allow it."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.exchange.pair import Pair
from tests.exchange.test_kinds import later, theirs
from tests.exchange.test_way import ask
from tests.sightings.reports import registration
from tests.stories.family import Family
from tests.support import Json
from tracing.disclosure import telling
from tracing.disclosure.schemas import Told
from tracing.gate.access import Access

WORDS = "I am well."


@pytest.fixture
def family(pair: Pair) -> Family:
    """A search of KE's that UG found an answer to; the release is approved and waits in UG's outbox."""
    ask(pair)
    pair.settle()
    case = theirs(pair)
    pair.act("UG", case["id"], "events", {"event": "accept"})
    family = Family(pair.desk, society="UG")
    family.ids |= {"partner_case": case["id"], "request": case["request_id"], "sought": case["sought_id"]}
    family.ids["found"] = family.post("/sightings", registration())["id"]
    pair.desk.night_of("UG")
    items = family.get(f"/sought-persons/{family.sought}/suggestions")["items"]
    family.ids["suggestion"] = next(item["id"] for item in items if item["right_id"] == family.found)
    at = f"/suggestions/{family.suggestion}"
    family.step(at, f"{at}/decisions", {"verdict": "confirm_same_person", "reason": "same_names_and_kin"}, status=201)
    pair.act("UG", case["id"], "messages", {"kind": "provide_answer", "finding": "possible_match"})
    pair.settle()
    family.screened().verified().asked().granted("pass_message", words_to_pass=WORDS)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "pass_message"}, status=201)["id"]
    at = f"/releases/{family.release}"
    family.step(at, f"{at}/approval", {"approve": True}, label="caseworker-2")
    told: Json = {"kind": "provide_answer", "finding": "told", "release_id": family.release}
    pair.act("UG", case["id"], "messages", told)
    return family


def left(pair: Pair) -> list[str]:
    """Return what was found, of each answer that left since the last look."""
    payloads = [json.loads(body)["payload"] for _, body, _ in pair.loop.sent]
    pair.loop.sent.clear()
    return [payload["finding"] for payload in payloads if payload["kind"] == "provide_answer"]


def last(pair: Pair, family: Family) -> tuple[str, int, str | None]:
    line = pair.case("UG", family.partner_case)["messages"][-1]
    return line["progress"], line["attempts"], line["trouble"]


def take_back_answer(pair: Pair, family: Family) -> None:
    family.answered("withdraw")


def withdraw_from_the_register(pair: Pair, family: Family) -> None:
    at = f"/v1/records/{family.found}/consents/withdrawal"
    answer = pair.desk.client.post(at, json={"purposes": ["register"]}, headers=pair.desk.auth("caseworker", "UG"))
    assert answer.status_code == 204, answer.text


@pytest.mark.slow
class TestToldAgain:
    @pytest.mark.parametrize("withdraw", [take_back_answer, withdraw_from_the_register])
    def test_not_when_the_person_withdrew_meanwhile(
        self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch, withdraw: Callable[[Pair, Family], None]
    ) -> None:
        left(pair)
        pair.loop.down = True
        assert pair.deliver("UG").later == 1, "it left, and nobody knows whether it arrived"
        assert left(pair) == ["told"]
        withdraw(pair, family)
        pair.loop.down = False
        later(monkeypatch)
        pair.settle()
        assert left(pair) == []
        progress, attempts, trouble = last(pair, family)
        assert (progress, attempts) == ("stopped", 1)
        assert trouble in ("not-allowed-by-them", "no-such-transition", "not-found")
        assert all(WORDS.encode() not in body for _, body, _ in pair.loop.sent)

    def test_as_long_as_they_allow_it(self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
        pair.loop.down = True
        pair.deliver("UG")
        pair.loop.down = False
        later(monkeypatch)
        left(pair)
        pair.settle()
        assert left(pair) == ["told"]

    def test_leaves_where_nothing_is_proved_anew(
        self, pair: Pair, family: Family, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[Told] = []
        true = telling.tell_partner

        def once(access: Access, release_id: UUID) -> Told:
            told.append(told[0] if told else true(access, release_id))
            return told[0]

        monkeypatch.setattr(telling, "tell_partner", once)
        pair.loop.down = True
        pair.deliver("UG")
        take_back_answer(pair, family)
        pair.loop.down = False
        later(monkeypatch)
        left(pair)
        pair.settle()
        assert left(pair) == ["told"]
