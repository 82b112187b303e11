"""A hundred planted names in two case bases: none of those out of scope is in the traffic, logs, metrics or errors."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.exchange.envelopes import SOUGHT, as_json, fields, signed
from tests.exchange.pair import Pair
from tests.exchange.test_forged import INBOX, Ends
from tests.exchange.test_way import BASIS
from tests.house.canaries import CANARIES, STEMS, fill, found_in, leaks
from tests.sightings.reports import WOMAN, registration, report
from tests.stories.family import Family
from tests.support import Json, made, person, post, request_draft, sought_draft
from tracing.exchange import traits
from tracing.exchange.states import Kind

pytestmark = [pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]
ASIDE: dict[str, Any] = {
    "occupation": "@",
    "distinguishing_marks": "@",
    "identifiers": [{"type": "passport", "value": "@"}],
}
"""What no search carries."""


@pytest.fixture
def traffic(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Return what goes over the line from now on, both ways: addresses, headers, bodies."""
    seen: list[tuple[str, bytes]] = []
    post_ = pair.loop.post

    def watched(url: str, body: bytes, headers: Any, *, origin: str) -> Any:
        answer = post_(url, body, headers, origin=origin)
        seen.append(("request", repr((url, dict(headers))).encode() + body))
        seen.append(("answer", repr((answer.status, dict(answer.headers))).encode() + answer.body))
        return answer

    monkeypatch.setattr(pair.loop, "post", watched)
    return seen


def plant(pair: Pair, numbers: Iterator[int]) -> None:
    """Register fifty persons in each society, each under a planted name."""
    asked = request_draft()["enquirer"] | {"person": person("@")}
    for _ in range(5):
        draft = request_draft(*(sought_draft("@") for _ in range(10)), enquirer=asked)
        made(post(pair.desk.client, "/tracing-requests", fill(draft, numbers), pair.desk.auth()))
    for _ in range(50):
        draft = report(person=person("@"))
        made(post(pair.desk.client, "/sightings", fill(draft, numbers), pair.desk.auth("caseworker", "UG")))


def until_both_agreed(pair: Pair, numbers: Iterator[int]) -> None:
    """Go the whole way up to the found person's answer; the enquirer named nobody to the partner."""
    asked = request_draft()["enquirer"] | {"person": person("@", sex="male", father=["@"])}
    draft = request_draft(sought_draft(basis=BASIS, **ASIDE), enquirer=asked)
    opened = made(post(pair.desk.client, "/tracing-requests", fill(draft, numbers), pair.desk.auth()))
    ours = pair.send(opened["sought"][0]["id"])["id"]
    pair.settle()
    (theirs,) = pair.cases("UG", side="received")
    pair.act("UG", theirs["id"], "events", {"event": "accept"})
    family = Family(pair.desk, society="UG")
    family.ids |= {"request": theirs["request_id"], "sought": theirs["sought_id"]}
    found: Json = registration(person=person("Amina Yusuf Warsame", **WOMAN, **ASIDE))
    family.ids["found"] = family.post("/sightings", fill(found, numbers))["id"]
    pair.desk.night_of("UG")
    items = family.get(f"/sought-persons/{family.sought}/suggestions")["items"]
    family.ids["suggestion"] = next(i["id"] for i in items if i["right_id"] == family.found)
    at = f"/suggestions/{family.suggestion}"
    family.step(at, f"{at}/decisions", {"verdict": "confirm_same_person", "reason": "same_names_and_kin"}, status=201)
    pair.act("UG", theirs["id"], "messages", {"kind": "provide_answer", "finding": "possible_match"})
    pair.settle()
    assert pair.case("KE", ours)["state"] == "in_progress"
    family.screened().verified().asked().granted("pass_message", words_to_pass=CANARIES[next(numbers) % 100])
    pair.settle()


@pytest.mark.slow
class TestTraffic:
    def test_until_both_have_agreed_holds_no_name_out_of_scope(
        self, pair: Pair, traffic: list[tuple[str, bytes]], caplog: pytest.LogCaptureFixture
    ) -> None:
        numbers = count()
        plant(pair, numbers)
        until_both_agreed(pair, numbers)
        assert next(numbers) > 100
        assert any(b"Amina Yusuf Warsame" in hay for _, hay in traffic), "the sought person's name is in scope"
        shown = pair.desk.get("/sightings", "caseworker", "UG", limit=100).content
        shown += pair.desk.get("/tracing-requests", limit=100).content
        assert found_in(shown) == set(STEMS), "the names did arrive"
        assert len(traffic) >= 8
        assert leaks(traffic) == []
        metrics = pair.desk.client.get("/metrics", headers=pair.desk.auth("operator")).content
        assert b"tracing_requests_total" in metrics
        assert leaks([("metrics", metrics), ("log", str([vars(r) for r in caplog.records]).encode())]) == []

    def test_is_shown_to_leak_where_more_is_shared(
        self, pair: Pair, traffic: list[tuple[str, bytes]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(traits, "SEARCHED", (*traits.SEARCHED, "occupation"))
        until_both_agreed(pair, count())
        assert leaks(traffic) != []


class TestErrors:
    def test_hold_nothing_of_what_was_sent(self, pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
        true, name = Ends(pair), CANARIES[0]
        named = SOUGHT | {"names": [{"full": f"{name} {name}"}]}
        wrong: list[dict[str, Any]] = [
            {"scope": [], "payload": {"sought": named}},
            {"consents": [], "payload": {"sought": named}},
            {"payload": {"sought": named | {"birth": name}}},
            {"payload": {"sought": named | {"sex": name}}},
            {"payload": {"sought": named | {name: "x"}}},
            {"payload": {"sought": name}},
            {"legal_basis": name, "payload": {"sought": named}},
            {"sender": name},
            {name: name},
        ]
        answers = []
        for changes in wrong:
            known = fields(Kind.REQUEST_SEARCH)
            payload = known["payload"] | changes.get("payload", {})
            sent = signed(INBOX, as_json(known | changes | {"payload": payload}), true.key, true.key_id)
            answer = true.post(sent)
            assert answer.status_code == 422, answer.text
            answers.append(("answer", repr(dict(answer.headers)).encode() + answer.content))
        broken = signed(INBOX, json.dumps({name: name}).encode()[:-1], true.key, true.key_id)
        answers.append(("answer", true.post(broken).content))
        assert leaks(answers) == []
        assert leaks([("log", str([vars(r) for r in caplog.records]).encode())]) == []
