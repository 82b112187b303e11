"""Ad-hoc queries: options inside each query, absolute probabilities, nothing stored but the trail."""

from itertools import pairwise
from typing import Any

import pytest

from tests.review.desk import Desk, tables
from tests.support import Json, made, person, post, request_draft
from tests.trails import acts
from tracing.matching import Engine
from tracing.review import suggest

AMINA = person("Amina Yusuf Warsame", sex="female", birth="1990", father=["Yusuf Warsame"])
POOR = person("Amina Yusuf Hersi", sex="male", birth="1961", father=["Hassan Hersi"])
KINDS = ("request", "sought", "sighting", "self_registration")


def ask(desk: Desk, society: str = "KE", **queries: Json) -> dict[str, list[Json]]:
    answer = post(desk.client, "/match", {"queries": queries}, desk.auth(society=society))
    found: dict[str, list[Json]] = made(answer, 200)["responses"]
    return found


@pytest.fixture
def known(desk: Desk) -> dict[str, str]:
    """One Amina of each kind; ids by kind."""
    enquirer = request_draft(person("Zainab Idris Bello", father=["Idris Bello"]))["enquirer"] | {"person": AMINA}
    view = desk.open(enquirer=enquirer)
    return {
        "request": view["id"],
        "sought": view["sought"][0]["id"],
        "sighting": desk.report(),
        "self_registration": desk.register(),
    }


class TestQuery:
    def test_finds_every_kind_with_reasons_and_answers_by_the_callers_names(
        self, desk: Desk, known: dict[str, str]
    ) -> None:
        found = ask(desk, mine={"person": AMINA}, other={"person": person("Nguyen Van Tam")})
        assert {hit["kind"]: hit["record_id"] for hit in found["mine"]} == known
        assert found["other"] == []
        assert all(hit["evidence"] and hit["evidence"][0]["reason"] for hit in found["mine"])
        weights = [hit["weight"] for hit in found["mine"]]
        assert weights == sorted(weights, reverse=True)

    def test_says_which_missing_fact_to_ask_for(self, desk: Desk, known: dict[str, str]) -> None:
        bare = {"names": AMINA["names"]}
        body = {"queries": {"bare": {"person": bare}, "none": {"person": person("Nguyen Van Tam")}}}
        answer = made(post(desk.client, "/match", body, desk.auth()), 200)["next_questions"]
        assert answer["none"] == []
        assert "birth" in [one["comparison"] for one in answer["bare"]]
        assert all(one["gain"] > 0 and one["sentence"].startswith("Ask for the ") for one in answer["bare"])

    def test_tells_the_running_sum_of_its_evidence(self, desk: Desk, known: dict[str, str]) -> None:
        for hit in ask(desk, q={"person": AMINA})["q"]:
            pieces = hit["evidence"]
            assert pieces[0]["start"] == 0
            assert all(one["end"] == two["start"] for one, two in pairwise(pieces))
            assert pieces[-1]["end"] == pytest.approx(hit["weight"], abs=0.01)

    def test_keeps_its_options_to_itself(self, desk: Desk, known: dict[str, str]) -> None:
        base: Json = {"person": AMINA}
        each: dict[str, Any] = {kind: base | {"kinds": [kind]} for kind in KINDS}
        found = ask(
            desk,
            plain=base,
            two=base | {"limit": 2},
            strict=base | {"min_probability": 1.0},
            without=base | {"exclude": [known["sighting"]]},
            **each,
        )
        assert {name: len(hits) for name, hits in found.items()} == {
            "plain": 4, "two": 2, "strict": 0, "without": 3, **dict.fromkeys(KINDS, 1)
        }  # fmt: skip
        assert found["two"] == found["plain"][:2]
        assert known["sighting"] not in [hit["record_id"] for hit in found["without"]]
        assert {kind: found[kind][0]["record_id"] for kind in KINDS} == known

    def test_stores_nothing_but_the_trail(self, desk: Desk, known: dict[str, str]) -> None:
        before, told = tables(desk.gate), acts(desk.gate, desk.people)
        ask(desk, a={"person": AMINA}, b={"person": AMINA, "seen_place": "Kampala", "seen_date": "2021"})
        assert tables(desk.gate) == before
        more = acts(desk.gate, desk.people)[len(told) :]
        assert [act for act, _ in more] == ["trail.read", "match.count_names", "match.query"]

    def test_a_lone_poor_hit_stays_poor(self, desk: Desk) -> None:
        desk.report(person=POOR)
        (hit,) = ask(desk, q={"person": AMINA, "min_probability": 0})["q"]
        assert hit["band"] == "weak"
        assert hit["probability"] < 0.1

    def test_a_probability_beside_others_is_the_same_alone(self, desk: Desk, known: dict[str, str]) -> None:
        every = {h["record_id"]: h["probability"] for h in ask(desk, q={"person": AMINA})["q"]}
        for record_id in every:
            rest = [i for i in every if i != record_id]
            (hit,) = ask(desk, q={"person": AMINA, "exclude": rest})["q"]
            assert hit["probability"] == every[record_id]

    def test_scaling_by_the_best_hit_is_seen(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        desk.report(person=POOR)
        monkeypatch.setattr(Engine, "probability", lambda *_: 1.0)
        assert ask(desk, q={"person": AMINA, "min_probability": 0})["q"][0]["probability"] == 1.0

    def test_never_finds_another_societys_person(self, desk: Desk, known: dict[str, str]) -> None:
        assert ask(desk, society="UG", q={"person": AMINA, "min_probability": 0}) == {"q": []}

    def test_never_finds_who_takes_no_part(self, desk: Desk, known: dict[str, str]) -> None:
        ask(desk, q={"person": AMINA})  # the count of names is made while everybody still takes part
        desk.happen(f"/sought-persons/{known['sought']}", "suspend")
        desk.withdraw(known["sighting"], "match_within_society")
        desk.withdraw(known["self_registration"], "register")
        found = ask(desk, q={"person": AMINA, "min_probability": 0})["q"]
        assert [hit["record_id"] for hit in found] == [known["request"]]

    def test_of_one_case_base_counts_no_names_of_another(self, desk: Desk) -> None:
        assert (desk.gate.settings.main_url, "KE") not in suggest._counted
        ask(desk, q={"person": AMINA})
        assert (desk.gate.settings.main_url, "KE") in suggest._counted


REFUSED: dict[str, Any] = {
    "no query": {"queries": {}},
    "options outside": {"queries": {"q": {"person": AMINA}}, "limit": 3},
    "no person": {"queries": {"q": {"limit": 3}}},
    "no name": {"queries": {"q": {"person": {"names": []}}}},
    "no such kind": {"queries": {"q": {"person": AMINA, "kinds": ["list"]}}},
    "no kind": {"queries": {"q": {"person": AMINA, "kinds": []}}},
    "no hits": {"queries": {"q": {"person": AMINA, "limit": 0}}},
    "too many hits": {"queries": {"q": {"person": AMINA, "limit": 51}}},
    "above one": {"queries": {"q": {"person": AMINA, "min_probability": 1.1}}},
    "an id that is none": {"queries": {"q": {"person": AMINA, "exclude": ["x"]}}},
    "an impossible date": {"queries": {"q": {"person": AMINA, "seen_date": "2021-02-30"}}},
    "a name that is somebody's": {"queries": {"Amina Yusuf": {"person": AMINA}}},
    "too many queries": {"queries": {f"q{n}": {"person": AMINA} for n in range(51)}},
}


class TestRefusals:
    def test_what_breaks_a_rule_is_refused_without_an_echo(self, desk: Desk) -> None:
        for reason, body in REFUSED.items():
            answer = post(desk.client, "/match", body, desk.auth())
            assert answer.status_code == 422, reason
            assert "Amina" not in answer.text, reason

    def test_only_caseworkers_and_supervisors_ask(self, desk: Desk) -> None:
        body = {"queries": {"q": {"person": AMINA}}}
        for label in ("intake", "auditor", "partner", "enquirer", "statistics", "administrator"):
            assert post(desk.client, "/match", body, desk.auth(label)).status_code == 403, label
