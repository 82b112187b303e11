"""Who reviews no suggestions reads off nothing that somebody was found: no state, refusal, version, tag or time."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import Response

from tests.enquirer.desk import DECLINED, LEAD, PENDING, TO_TELL, Steps, bring
from tests.review.desk import Desk
from tests.support import Json, made, post
from tracing.gate.access import Caller
from tracing.gate.permissions import Permission
from tracing.requests import states
from tracing.requests.states import Event

WAYS: dict[str, Steps] = {
    "lead": LEAD,
    "pending": PENDING,
    "declined": DECLINED,
    "to tell": TO_TELL,
    "undone": [*LEAD, (Event.UNDO_LEAD, None)],
}


@pytest.fixture
def desk(client: Any, people: Any, gate: Any) -> Desk:
    return Desk(client, people, gate)


def seen(desk: Desk, path: str) -> tuple[Json, str]:
    """Return what an intake worker is shown, and its tag."""
    answer = desk.get(path, "intake")
    return made(answer, 200), answer.headers["etag"]


def ask(desk: Desk, sought_id: str, event: str) -> Response:
    path = f"/sought-persons/{sought_id}"
    tag = {"If-Match": seen(desk, path)[1]}
    return post(desk.client, f"{path}/events", {"event": event}, desk.auth("intake"), **tag)


class TestSearch:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("asked", [False, True], ids=["", "asked"])
    def test_shows_the_same_before_and_after_what_is_hidden(self, desk: Desk, way: str, asked: bool) -> None:
        view = desk.open()
        paths = f"/sought-persons/{view['sought'][0]['id']}", f"/tracing-requests/{view['id']}"
        if asked:
            desk.happen(paths[0], "ask_enquirer")
        before = [seen(desk, path) for path in paths]
        bring(desk, view["sought"][0]["id"], WAYS[way])
        assert [seen(desk, path) for path in paths] == before
        assert before[0][0]["state"] == ("awaiting_enquirer" if asked else "searching")

    @pytest.mark.parametrize("way", WAYS)
    def test_is_refused_by_the_state_that_is_shown(self, desk: Desk, way: str) -> None:
        sought_id = desk.seek()
        bring(desk, sought_id, WAYS[way])
        path = f"/sought-persons/{sought_id}"
        tag = {"If-Match": seen(desk, path)[1]}
        answer = post(desk.client, f"{path}/events", {"event": "submit"}, desk.auth("intake"), **tag)
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            "`submit` is not possible in the state `searching`",
        )

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("event", ["ask_enquirer", "ask_partner", "ask_authority"])
    def test_is_asked_about_by_nobody_who_would_learn_by_asking(self, desk: Desk, way: str, event: str) -> None:
        """In vain or not: the answer is the same."""
        vain, found = desk.seek(), desk.seek()
        bring(desk, found, WAYS[way])
        answers = [ask(desk, sought_id, event) for sought_id in (vain, found)]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "refused")] * 2

    def test_would_tell_whoever_may_ask(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """The planted fault."""
        free = {key: replace(row, who=Permission.REQUESTS_WRITE) for key, row in states.BY_KEY.items()}
        monkeypatch.setattr(states, "BY_KEY", free)
        monkeypatch.setattr(states, "WHO", {event: row.who for (_, event), row in free.items()})
        vain, found = desk.seek(), desk.seek()
        bring(desk, found, LEAD)
        assert [ask(desk, sought_id, "ask_partner").status_code for sought_id in (vain, found)] == [200, 409]

    def test_is_changed_by_its_tag_and_by_no_older_one(self, desk: Desk) -> None:
        path = f"/sought-persons/{desk.seek()}"
        old = seen(desk, path)[1]
        headers = desk.auth("intake") | {"If-Match": old}
        answers = [desk.client.patch(f"/v1{path}", json={"priority": p}, headers=headers) for p in ("high", "normal")]
        assert [answer.status_code for answer in answers] == [200, 412]
        assert seen(desk, path)[1] == answers[0].headers["etag"] != old

    def test_would_tell_whom_it_takes_for_a_reviewer(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Caller, "learns_of_findings", True)
        sought_id = desk.seek()
        path = f"/sought-persons/{sought_id}"
        before = seen(desk, path)
        bring(desk, sought_id, DECLINED)
        assert seen(desk, path) != before


class TestSighting:
    def test_that_is_linked_reads_and_is_listed_as_active(self, desk: Desk) -> None:
        desk.seek()
        sighting_id = desk.report()
        desk.night()
        path = f"/sightings/{sighting_id}"
        before = seen(desk, path)
        desk.decided(desk.only()["id"], "confirm_same_person")
        assert desk.state_of_sighting(sighting_id) == "linked"
        assert seen(desk, path) == before
        assert listed(desk, "intake", "linked") == []
        assert listed(desk, "intake", "active") == listed(desk, "intake", "active", "linked") == [sighting_id]
        assert listed(desk, "intake", "triage", "linked") == []
        assert listed(desk, "caseworker", "linked") == [sighting_id]
        assert listed(desk, "caseworker", "active") == []
        tag = {"If-Match": before[1]}
        answer = post(desk.client, f"{path}/triage", {"event": "activate"}, desk.auth("intake"), **tag)
        assert (answer.status_code, "`active`" in answer.json()["detail"]) == (409, True)


def listed(desk: Desk, label: str, *states: str) -> list[str]:
    items = made(desk.get("/sightings", label, state=list(states)), 200)["items"]
    return [item["id"] for item in items]
