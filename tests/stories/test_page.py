"""docs/how-to/from-match-to-family.md, walked: each call that it names is made and answers, in the page's order."""

import re
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from tests.review.desk import Desk
from tests.sightings.reports import registration
from tests.stories.family import NEWS, Family
from tests.stories.test_asking import DEATH
from tests.support import request_draft
from tracing.gate.permissions import Role
from tracing.kit.errors import TracingError

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "from-match-to-family.md").read_text(encoding="utf-8")
CALL = re.compile(r"\b(GET|POST) /v1(/[a-z{}/-]+)")
ID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/case-status)/[0-9A-Z-]{19}")
TWICE = {("POST", "/records/{id}/contact-attempts"), ("POST", "/records/{id}/broken-glass")}
"""Named where the service says no; neither is a step."""


def named(text: str) -> list[tuple[str, str]]:
    """Return the calls that a page names, in their order, each once."""
    return list(dict.fromkeys((method, re.sub(r"\{\w+\}", "{id}", path)) for method, path in CALL.findall(text)))


def codes(kind: type[TracingError] = TracingError) -> set[str]:
    """Return the codes of all refusals."""
    return {kind.code}.union(*(codes(below) for below in kind.__subclasses__()))


@pytest.fixture
def family(desk: Desk) -> Family:
    return Family(desk)


@pytest.fixture
def made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The calls that were answered, in their order, with `{id}` for each id."""
    calls: list[tuple[str, str]] = []
    send = desk.client.request

    def request(method: str, url: Any, **more: Any) -> Response:
        answer: Response = send(method, url, **more)
        if answer.is_success:
            calls.append((method, ID.sub("/{id}", str(url).removeprefix("/v1"))))
        return answer

    monkeypatch.setattr(desk.client, "request", request)
    return calls


def walked(family: Family) -> None:
    """Go the way of the page, step by step: with a found person who is protected, and dies later."""
    family.desk.hire_elsewhere("away")
    family.desk.hire_elsewhere("chief", role=Role.SUPERVISOR)
    family.matched(request_draft(), registration(sensitivity="protected")).screened().verified(approver="away")
    family.asked(approver="away").granted("receive_message", words_to_pass=NEWS)
    family.told("pass_message", approver="away")
    news = {"direction": "to_enquirer", "text": NEWS, "language": "en"}
    at = f"/messages/{family.post(f'/sought-persons/{family.sought}/messages', news)['id']}"
    family.step(at, f"{at}/events", {"event": "read"}, label="away")
    for event in ("send", "deliver"):
        family.step(at, f"{at}/events", {"event": event})
    family.telling(release_id=family.release)
    family.concluded("reconnected_message_only")
    for event in ("reopen", "resume"):
        family.desk.happen(f"/sought-persons/{family.sought}", event)
    family.answered("learn_of_death")
    report = family.post(f"/sought-persons/{family.sought}/fate-reports", DEATH)["id"]
    for event in ("confirm", "establish"):
        at = f"/fate-reports/{report}"
        family.step(at, f"{at}/events", {"event": event}, label="chief")
    tried = {"channel": "visit", "purpose": "outreach", "result": "no_answer"}
    family.post(f"/records/{family.found}/contact-attempts", tried)
    why = {"reason": "danger_to_life", "note": "She is not at the shelter."}
    family.post(f"/records/{family.found}/broken-glass", why, label="away")
    family.code()
    assert family.public().status_code == 200


def test_each_call_is_made_and_answers_in_the_order_of_the_page(family: Family, made: list[tuple[str, str]]) -> None:
    walked(family)
    wanted = named(PAGE)
    assert len(wanted) > 20
    assert [call for call in wanted if call not in made] == []
    first = [made.index(call) for call in wanted if call not in TWICE]
    assert first == sorted(first), [call for call, at in zip(wanted, first, strict=False)]


def test_a_call_that_nobody_can_make_is_found(family: Family, made: list[tuple[str, str]]) -> None:
    walked(family)
    assert [call for call in named(f"{PAGE} `POST /v1/releases/{{id}}/reading`") if call not in made] == [
        ("POST", "/releases/{id}/reading")
    ]


def test_each_refusal_that_it_explains_is_one() -> None:
    table = PAGE.partition("## When the service says no")[2].partition("\n\nWhat was written")[0]
    told = re.findall(
        r"`([a-z-]+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    )
    assert len(told) > 15
    assert set(told) - {"code"} - codes() == set()
