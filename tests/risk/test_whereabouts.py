"""Where a protected person is: who is shown it in the answers about their record, and who may change it."""

import pytest

from tests.risk.desk import Desk
from tests.support import Json, granted, made, person, post, sought_draft
from tracing.gate.permissions import Role

BODY: Json = {"reason": "danger_to_life", "note": "She is not at the shelter."}
SECRET = "Zqxjkvwy"
"""Stands in every field that tells where a person is or how they are reached, and in no other."""
LOCATED: Json = {
    "birth_place": SECRET,
    "origin_place": SECRET,
    "last_place": SECRET,
    "last_place_date": "2021-03-14",
    "occupation": f"baker at {SECRET}",
    "school_or_teacher": SECRET,
    "identifiers": [{"type": t, "value": f"{SECRET} {t}"} for t in ("phone", "social_handle", "other")]
    + [{"type": "passport", "value": "P5550101"}],
}
LOST: Json = {"place": SECRET, "route": [SECRET], "circumstances": f"on the way to {SECRET}", "cause": "conflict"}
ASKING: Json = {
    "enquirer": {
        "person": {"names": [{"full": "Abdi Yusuf Warsame"}]} | LOCATED,
        "contacts": [{"kind": "address", "value": SECRET, "safe": "yes"}],
        "consents": granted(),
    },
    "separation": LOST,
    "already_tried": f"asked at {SECRET}",
}
SEEN: Json = {
    "person": {"names": [{"full": "Amina Yusuf Warsame"}]} | LOCATED,
    "sighting_place": SECRET,
    "reporter": {"place": SECRET, "contacts": [{"kind": "address", "value": SECRET, "safe": "yes"}]},
    "narrative": f"she stays at {SECRET}",
    "list_ref": f"{SECRET} 4",
    "evidence": [{"kind": "document", "ref": f"{SECRET} 5", "note": SECRET}],
}


class TestWhereabouts:
    """Of a protected person in every answer about their record, and what somebody who does not see them may change."""

    @pytest.fixture(params=["protected", "high_risk"])
    def whole(self, request: pytest.FixtureRequest, fresh: Desk) -> dict[str, str]:
        """Paths of a request, of the search under it and of a sighting, all of them protected."""
        fresh.hire_into("kisumu", "stranger")
        fresh.hire_into("kisumu", "strange-chief", Role.SUPERVISOR)
        careful = {"sensitivity": request.param}
        sought = sought_draft(separation=LOST, **careful, **LOCATED)
        case = fresh.open(sought, **ASKING, **careful)
        return {
            "request": f"/tracing-requests/{case['id']}",
            "sought": f"/sought-persons/{case['sought'][0]['id']}",
            "sighting": f"/sightings/{fresh.report(**SEEN, **careful)}",
        }

    def answers(self, desk: Desk, whole: dict[str, str], label: str) -> dict[str, Json]:
        one = {what: made(desk.get(path, label), 200) for what, path in whole.items()}
        for what, path in (("request", "/tracing-requests"), ("sighting", "/sightings")):
            assert made(desk.get(path, label), 200)["items"] == [one[what]]
        assert one["request"]["sought"] == [one["sought"]]
        return one

    def test_are_told_the_team_and_whoever_breaks_the_glass_and_nobody_else(
        self, fresh: Desk, whole: dict[str, str]
    ) -> None:
        known = self.answers(fresh, whole, "caseworker")
        assert self.answers(fresh, whole, "caseworker-2") == known
        for one in known.values():
            assert (SECRET in str(one), one["places_withheld"]) == (True, False)
        for label in ("stranger", "strange-chief"):
            for one in self.answers(fresh, whole, label).values():
                assert (SECRET in str(one), "2021-03-14" in str(one), one["places_withheld"]) == (False, False, True)
                assert "P5550101" in str(one)
        for path in whole.values():
            made(post(fresh.client, f"/records/{path.split('/')[-1]}/broken-glass", BODY, fresh.auth("stranger")))
        assert self.answers(fresh, whole, "stranger") == known
        assert SECRET not in str(self.answers(fresh, whole, "strange-chief"))

    def test_of_one_protected_person_take_the_places_of_the_whole_case(self, fresh: Desk) -> None:
        fresh.hire_into("kisumu", "stranger")
        case = fresh.open(sought_draft(sensitivity="protected", **LOCATED), sought_draft("Hodan Yusuf"), **ASKING)
        told = made(fresh.get(f"/tracing-requests/{case['id']}", "stranger"), 200)
        assert (told["contacts_withheld"], told["places_withheld"]) == (False, True)
        assert [view["places_withheld"] for view in told["sought"]] == [True, False]
        assert SECRET in str(told["enquirer"])
        assert SECRET not in str(told | {"enquirer": None})

    def test_of_nobody_protected_are_told_everybody(self, fresh: Desk) -> None:
        fresh.hire_into("kisumu", "stranger")
        path = f"/tracing-requests/{fresh.open(sought_draft(separation=LOST, **LOCATED), **ASKING)['id']}"
        assert made(fresh.get(path, "stranger"), 200) == made(fresh.get(path), 200)

    CHANGES: tuple[tuple[str, Json], ...] = (
        ("request", {"enquirer": {"person": {"names": [{"full": "Abdi Warsame"}]}}}),
        ("request", {"separation": {"cause": "conflict"}}),
        ("request", {"already_tried": None}),
        ("sought", {"person": {"names": [{"full": "Amina Warsame"}]}}),
        ("sought", {"separation": None}),
        ("sighting", {"person": {"names": [{"full": "Amina Warsame"}]}}),
        ("sighting", {"reporter": {"capacity": "staff"}}),
        *(("sighting", {field: None}) for field in ("sighting_place", "narrative", "list_ref")),
        ("sighting", {"evidence": []}),
    )

    def test_are_not_wiped_by_whom_they_are_withheld_from(self, fresh: Desk, whole: dict[str, str]) -> None:
        known = self.answers(fresh, whole, "caseworker")
        for what, change in self.CHANGES:
            url, auth = f"/v1{whole[what]}", fresh.auth("stranger")
            tag = {"If-Match": fresh.get(whole[what], "stranger").headers["ETag"]}
            answer = fresh.client.patch(url, headers=auth | tag, json=change)
            assert (answer.status_code, answer.json()["code"]) == (403, "withheld"), change
        assert self.answers(fresh, whole, "caseworker") == known
        for what, change in (
            ("request", {"preferred_channel": "visit"}),
            ("sought", {"priority": "high"}),
            ("sighting", {"subject_knows": "yes"}),
        ):
            tag = {"If-Match": fresh.get(whole[what], "stranger").headers["ETag"]}
            answer = fresh.client.patch(f"/v1{whole[what]}", headers=fresh.auth("stranger") | tag, json=change)
            assert (answer.status_code, SECRET in answer.text) == (200, False), what
        after = self.answers(fresh, whole, "caseworker")
        assert (after["sighting"]["narrative"], after["sought"]["person"]) == (
            known["sighting"]["narrative"],
            known["sought"]["person"],
        )

    def test_withheld_are_another_edition(self, fresh: Desk, whole: dict[str, str]) -> None:
        path = whole["sought"]
        tag = fresh.get(path, "stranger").headers["ETag"]
        assert tag != fresh.get(path).headers["ETag"]
        url, headers = f"/v1{path}", fresh.auth("stranger") | {"If-None-Match": tag}
        assert fresh.client.get(url, headers=headers).status_code == 304
        case = fresh.get(whole["request"], "stranger").headers["ETag"]
        made(post(fresh.client, f"/records/{path.split('/')[-1]}/broken-glass", BODY, fresh.auth("stranger")))
        again = fresh.client.get(url, headers=headers)
        assert (again.status_code, again.json()["places_withheld"]) == (200, False)
        assert fresh.get(whole["request"], "stranger").headers["ETag"] != case

    def test_are_told_in_no_plan_and_no_note_of_how_to_reach_them(self, fresh: Desk, whole: dict[str, str]) -> None:
        record = whole["request"].split("/")[-1]
        at, tries = f"/records/{record}/contact-plan", f"/records/{record}/contact-attempts"
        tag = {"If-Match": fresh.get(at, purpose="case_update").headers["ETag"]}
        body = {"contact": 0, "channel": "visit", "purpose": "case_update", "result": "no_answer", "note": SECRET}
        made(post(fresh.client, tries, body, fresh.auth(), **tag))
        refused = fresh.get(at, "stranger", purpose="case_update")
        assert (refused.status_code, refused.json()["code"]) == (403, "withheld")
        tag = {"If-Match": fresh.get(whole["request"], "stranger").headers["ETag"]}
        assert post(fresh.client, tries, body, fresh.auth("stranger"), **tag).json()["code"] == "withheld"
        for label, note in (("caseworker-2", SECRET), ("stranger", None)):
            assert [item["note"] for item in fresh.get(tries, label).json()["items"]] == [note]

    def test_are_in_no_reason_of_a_match_by_telephone(self, fresh: Desk) -> None:
        number: Json = {"identifiers": [{"type": "phone", "value": "+252 61 555 0177"}]}
        fresh.open(sought_draft(sensitivity="protected", **number))
        fresh.report(person=person("Amina Yusuf Warsame") | number)
        fresh.night()
        assert "5550177" not in str(fresh.queue()).replace(" ", "")
