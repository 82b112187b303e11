"""What was written about a protected person is read by their own, through broken glass, and nowhere else.

A word that is no other stands in every free text that can be written about a family; every route that answers is then
read by somebody of another team, who must not find it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import DATABASES, stage
from tests.house import matrix
from tests.house.doors import OPEN, Door, doors
from tests.postgres import server
from tests.review.desk import Desk
from tests.risk.test_whereabouts import ASKING, LOCATED, LOST
from tests.sightings.reports import registration
from tests.stories.family import NO, Family, interview
from tests.support import People, person, request_draft, sought_draft
from tracing.app import create_app
from tracing.gate import glass
from tracing.gate.opening import open_gate
from tracing.gate.permissions import Role
from tracing.kit import clock

WORD = "Zqxjkvwy"
READERS = ("stranger", "strange-chief")
DEATH: dict[str, Any] = {
    "finding": "partial_answer",
    "source": "family_statement",
    "account": f"last seen at {WORD}",
    "evidence": [{"kind": "family_statement", "ref": "talk 4", "place": WORD, "statement": f"he saw her at {WORD}"}],
    "language": "en",
}


@dataclass(frozen=True)
class Written:
    """A protected family about whom everything was written, and the routes that show it."""

    family: Family
    ids: dict[str, str]
    doors: Sequence[Door]

    def read(self, label: str) -> dict[str, str]:
        """Return what each route that only shows something answers a caller, by its path."""
        found = {}
        for door in self.doors:
            query = matrix.QUERIES.get(f"{door.method} {door.path}")
            if door.method == "GET" and door.path not in OPEN and "/events" not in door.path:
                answer = self.family.desk.client.get(
                    door.url(**self.ids), params=query, headers=self.family.desk.auth(label)
                )
                found[door.path] = answer.text if answer.is_success else ""
        return found

    def telling(self, label: str) -> list[str]:
        """Return the routes whose answer to a caller holds the word."""
        return sorted(path for path, text in self.read(label).items() if WORD in text)


def written(desk: Desk) -> Written:
    """Write the word wherever words about a protected person can be written."""
    desk.hire_elsewhere("away")
    desk.hire_elsewhere("stranger", "mombasa")
    desk.hire_elsewhere("strange-chief", "mombasa", Role.SUPERVISOR)
    family = Family(desk)
    careful = {"sensitivity": "high_risk"}
    lost = LOST | {"last_contact_mode": f"called from {WORD}"}
    looks = {"physical_description": f"as all at {WORD}", "distinguishing_marks": f"the mark of {WORD}"}
    feared = {"never_disclose_to": [f"Uncle {WORD}"]}
    asked = request_draft(sought_draft(separation=lost, **careful, **LOCATED, **looks), **ASKING, **careful, **feared)
    her = registration(person=person("Amina Yusuf Warsame", sex="female", birth="1990", **LOCATED, **looks), **careful)
    her |= feared
    family.matched(asked, her | {"narrative": f"she stays at {WORD}"})
    path = f"/suggestions/{family.suggestion}"
    undone = {"verdict": "undo", "reason": "decided_wrongly", "note": f"she is at {WORD}"}
    family.step(path, f"{path}/decisions", undone, status=201)
    for label in ("caseworker", "caseworker-2"):
        body = {"verdict": "confirm_same_person", "reason": "same_names_and_kin", "note": f"lives at {WORD}"}
        family.step(path, f"{path}/decisions", body, label=label, status=201)
    family.screened(protected_location={"answer": "yes", "note": f"at {WORD}"})
    family.ids["verification"] = family.post(f"{path}/verifications", {})["id"]
    for side in ("enquirer", "found"):
        talk = interview(side)
        talk["facts"][0]["statement"] = f"a well at {WORD}"
        family.post(f"/verifications/{family.verification}/interviews", talk)
    at = f"/verifications/{family.verification}"
    given = {"identity": "established", "relationship": "established", "note": f"she lives at {WORD}"}
    family.step(at, f"{at}/result", given)
    family.approved(at, f"{at}/approval", "away")
    family.asked(approver="away").granted("share_location", contact_to_share=WORD, location_to_share=WORD)
    at = f"/disclosure-cases/{family.case}"
    family.ids["release"] = family.step(at, f"{at}/releases", {"level": "share_location"}, status=201)["id"]
    at = f"/releases/{family.release}"
    family.approved(at, f"{at}/approval", "away")
    family.step(at, f"{at}/telling", {})
    news = {"direction": "to_enquirer", "text": f"I am well. {WORD}", "language": "so"}
    family.ids["message"] = family.post(f"/sought-persons/{family.sought}/messages", news)["id"]
    sought = f"/sought-persons/{family.sought}"
    told = {"channel": "visit", "told_at": clock.now().isoformat(), "language": "so", "support_offered": True}
    family.post(f"{sought}/tellings", told | {"release_id": family.release, "note": f"told her place, {WORD}"})
    family.ids["fate"] = family.post(f"{sought}/fate-reports", DEATH)["id"]
    tried = {"channel": "visit", "purpose": "outreach", "result": "no_answer", "note": f"went to {WORD}"}
    family.post(f"/records/{family.found}/contact-attempts", tried)
    right = {"record_id": family.found, "kind": "access", "words": f"Write to me at {WORD}."}
    family.ids["right"] = family.post("/data-subject/requests", right, label="supervisor")["id"]
    ids = {
        "request_id": family.request,
        "sought_id": family.sought,
        "sighting_id": family.found,
        "record_id": family.found,
        "suggestion_id": family.suggestion,
        "verification_id": family.verification,
        "case_id": family.case,
        "release_id": family.release,
        "report_id": family.fate,
        "message_id": family.message,
    }
    return Written(family, ids, doors(desk.client.app))  # type: ignore[arg-type]  # Starlette's client names no FastAPI


@pytest.fixture(
    scope="module", params=[pytest.param(d, marks=pytest.mark.xdist_group(f"free text {d}")) for d in DATABASES]
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """One family for the module, in a case base of its own; nothing that a test does lasts."""
    folder = tmp_path_factory.mktemp("words") / "var"
    with matrix.opened(request.param, folder, stage, server) as (settings, people):
        gate = open_gate(settings)
        with TestClient(create_app(settings, gate), raise_server_exceptions=False) as client:
            assert isinstance(people, People)
            yield written(Desk(client, people, gate))
        gate.close()


TOLD = (
    "/v1/disclosure-cases/{case_id}",
    "/v1/fate-reports/{report_id}",
    "/v1/messages/{message_id}",
    "/v1/records/{record_id}/contact-attempts",
    "/v1/releases/{release_id}",
    "/v1/sightings",
    "/v1/sightings/{sighting_id}",
    "/v1/sought-persons/{sought_id}",
    "/v1/sought-persons/{sought_id}/fate-reports",
    "/v1/sought-persons/{sought_id}/messages",
    "/v1/sought-persons/{sought_id}/outcome",
    "/v1/suggestions/{suggestion_id}",
    "/v1/suggestions/{suggestion_id}/risk-screens",
    "/v1/tracing-requests",
    "/v1/tracing-requests/{request_id}",
    "/v1/verifications",
    "/v1/verifications/{verification_id}",
)
"""Where the person's own team reads what was written; a route that shows words and is none of these is a new one."""

OWN = ("/v1/sightings", "/v1/sightings/{sighting_id}", "/v1/sought-persons/{sought_id}")
"""Records withhold by themselves what tells where somebody is."""


class TestFreeText:
    def test_is_read_by_their_own(self, case: Written) -> None:
        assert case.telling("caseworker") == list(TOLD)

    def test_is_read_by_their_own_officer_where_they_use_a_right(self, case: Written) -> None:
        """Another team's officer sees that there is a request, by when it is due, and what is withheld."""
        path = "/data-subject/requests"
        own, theirs = (case.family.desk.get(path, who).json()["items"][0] for who in ("supervisor", "strange-chief"))
        assert (WORD in own["words"], own["words_withheld"]) == (True, False)
        assert theirs == own | {"words": None, "words_withheld": True}

    @pytest.mark.parametrize("label", READERS)
    def test_is_read_by_no_stranger(self, case: Written, label: str) -> None:
        assert case.telling(label) == []

    def test_leaves_the_rest_to_them(self, case: Written) -> None:
        """What is coded stays: who was heard, about what, whether it agrees; the source, the kind of evidence."""
        desk = case.family.desk
        own, theirs = (
            desk.get(f"/verifications/{case.ids['verification_id']}", who).json() for who in ("caseworker", "stranger")
        )
        assert [view["words_withheld"] for view in (own, theirs)] == [False, True]
        for mine, seen in zip(own["interviews"], theirs["interviews"], strict=True):
            assert [fact | {"statement": None} for fact in mine["facts"]] == seen["facts"]
        assert theirs["result"] == own["result"] | {"note": None}
        own, theirs = (
            desk.get(f"/fate-reports/{case.ids['report_id']}", who).json() for who in ("caseworker", "stranger")
        )
        assert (theirs["account"], theirs["words_withheld"], theirs["source"]) == (None, True, own["source"])
        assert [piece | {"place": None, "statement": None} for piece in own["evidence"]] == theirs["evidence"]
        screens = f"/suggestions/{case.ids['suggestion_id']}/risk-screens"
        own, theirs = (desk.get(screens, who).json()[0] for who in ("caseworker", "stranger"))
        for flag in NO:
            assert theirs["answers"][flag] == own["answers"][flag] | {"note": None}

    def test_withheld_is_another_edition(self, case: Written) -> None:
        """Whoever read an answer without the words is not told that nothing has changed once the glass is broken."""
        desk = case.family.desk
        desk.hire_elsewhere("helper", "mombasa")
        paths = [
            f"/verifications/{case.ids['verification_id']}",
            f"/fate-reports/{case.ids['report_id']}",
            f"/sought-persons/{case.ids['sought_id']}/outcome",
        ]
        tags = {path: desk.get(path, "helper").headers["ETag"] for path in paths}
        for path, tag in tags.items():
            assert tag != desk.get(path).headers["ETag"]
            headers = desk.auth("helper") | {"If-None-Match": tag}
            assert desk.client.get(f"/v1{path}", headers=headers).status_code == 304
        for record_id in (case.ids["request_id"], case.ids["sought_id"], case.ids["record_id"]):
            body = {"reason": "danger_to_life", "note": "She is not at the shelter."}
            case.family.post(f"/records/{record_id}/broken-glass", body, label="helper")
        for path, tag in tags.items():
            headers = desk.auth("helper") | {"If-None-Match": tag}
            again = desk.client.get(f"/v1{path}", headers=headers)
            assert (again.status_code, WORD in again.text) == (200, True), path
        assert set(TOLD) <= set(case.telling("helper"))  # and in the reasons of the pair

    def test_of_one_that_forgot_to_ask_is_found(self, case: Written) -> None:
        """A planted fault: no free text is withheld from anybody."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(glass, "unspoken", lambda _, groups: [False for _ in groups])
            shown = case.telling("stranger")
        assert shown == [path for path in TOLD if "tracing-requests" not in path and path not in OWN]
