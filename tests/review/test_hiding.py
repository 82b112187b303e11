"""What is withdrawn, suspended or protected: hidden at once, from every side, and back when it is granted again."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from tests.review.desk import Desk, raw
from tests.scenes import scene
from tests.sightings.reports import WOMAN
from tests.support import Json, made, person, post
from tracing.gate import guard
from tracing.gate.opening import Gate
from tracing.kit import clock
from tracing.matching import BANDS
from tracing.review import service, views
from tracing.review.veil import PLACES

ABSENT = "00000000-0000-4000-8000-000000000000"
PHONE: Json = {"type": "phone", "value": "+254 700 555 0199"}
WRONG: Json = {"type": "phone", "value": "+254 700 555 0198"}
AT_KAMPALA: Json = WOMAN | {"birth_place": "Garissa", "last_place": "Kampala", "identifiers": [PHONE]}
HER = person("Amina Yusuf Warsame", **AT_KAMPALA)
GUESSES = (
    ("Garissa", "Kampala", PHONE),
    ("Garissa", "Kismayo", WRONG),
    ("Lodwar", "Kismayo", {"type": "phone", "value": "+44 20 7946 0000"}),
)


def told(view: Json) -> Json:
    """Return what a pair or a hit tells, but for what is its own whatever is compared."""
    own = {"id", "left_id", "right_id", "record_id", "created_at", "updated_at"}
    return {field: value for field, value in view.items() if field not in own}


def guess(desk: Desk, **fields: object) -> list[Json]:
    """Return the hits of an ad-hoc query about a woman of whom some more is guessed."""
    query = {"person": person("Amina Yusuf Warsame", **WOMAN | fields), "min_probability": 0}
    hits: list[Json] = made(post(desk.client, "/match", {"queries": {"q": query}}, desk.auth()), 200)["responses"]["q"]
    return hits


def walked(desk: Desk) -> tuple[list[str], set[bytes]]:
    """Return the ids of the queue, read one by one, and the places that its cursors name while it is protected."""
    ids: list[str] = []
    places: set[bytes] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = made(desk.get("/suggestions", limit=1, **({"cursor": cursor} if cursor else {})), 200)
        (view,) = page["items"]
        ids.append(view["id"])
        cursor = page["next_cursor"]
        if cursor and view["places_withheld"]:
            places.add(base64.urlsafe_b64decode(f"{cursor}===").partition(b"|")[0])
    return ids, places


@pytest.fixture
def pair(desk: Desk) -> dict[str, str]:
    """A pair that needs information; ids by side."""

    def play() -> dict[str, str]:
        found = {"sought": desk.seek(last_place="Kismayo"), "seen": desk.report()}
        desk.night()
        found["suggestion"] = desk.only()["id"]
        desk.decided(found["suggestion"], "needs_information")
        return found

    return scene(desk.gate, "a pair that needs information", play)


def places(desk: Desk, pair: dict[str, str]) -> dict[str, bool]:
    """Say where the suggestion can be seen."""

    def holds(path: str) -> bool:
        answer = desk.get(path)
        return answer.status_code == 200 and pair["suggestion"] in [i["id"] for i in answer.json()["items"]]

    return {
        "queue": holds("/suggestions"),
        "sought": holds(f"/sought-persons/{pair['sought']}/suggestions"),
        "seen": holds(f"/sightings/{pair['seen']}/suggestions"),
        "by id": desk.get(f"/suggestions/{pair['suggestion']}").status_code == 200,
        "decide": desk.decide(pair["suggestion"], "cannot_tell").status_code != 404,
    }


def everywhere(desk: Desk, pair: dict[str, str]) -> set[bool]:
    return set(places(desk, pair).values())


class TestWithdrawnConsent:
    @pytest.mark.parametrize("side", ["sought", "seen"])
    @pytest.mark.parametrize("purposes", [["match_within_society"], ["register", "match_within_society"]], ids=len)
    def test_hides_the_pair_everywhere_at_once_and_granting_brings_it_back(
        self, desk: Desk, pair: dict[str, str], side: str, purposes: list[str]
    ) -> None:
        assert everywhere(desk, pair) == {True}
        decisions = desk.show(pair["suggestion"])["decisions"]
        desk.withdraw(pair[side], *purposes)
        assert everywhere(desk, pair) == {False}
        gone = desk.get(f"/suggestions/{pair['suggestion']}").json()
        absent = desk.get(f"/suggestions/{ABSENT}").json()
        assert gone | {"request_id": ""} == absent | {"request_id": ""}
        body = {"decisions": [{"purpose": p} for p in purposes]}
        made(post(desk.client, f"/data-subject/records/{pair[side]}/consents", body, desk.auth("supervisor")))
        back = desk.show(pair["suggestion"])
        assert back["decisions"] == decisions
        assert everywhere(desk, pair) == {True}

    def test_of_the_enquirer_for_registering_hides_those_they_seek(self, desk: Desk, pair: dict[str, str]) -> None:
        desk.withdraw(desk.get(f"/sought-persons/{pair['sought']}").json()["request_id"], "register")
        assert everywhere(desk, pair) == {False}

    def test_leaves_the_record_itself_readable(self, desk: Desk, pair: dict[str, str]) -> None:
        desk.withdraw(pair["seen"])
        assert desk.get(f"/sightings/{pair['seen']}").status_code == 200

    def test_is_outlived_by_a_pair_when_the_guard_looks_away(
        self, desk: Desk, pair: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.withdraw(pair["seen"])
        monkeypatch.setattr(guard, "filters", lambda *_: ())
        assert desk.get(f"/suggestions/{pair['suggestion']}").status_code == 200


class TestSuspendedSearch:
    def test_hides_its_suggestions_until_it_is_resumed(self, desk: Desk, pair: dict[str, str]) -> None:
        path = f"/sought-persons/{pair['sought']}"
        desk.happen(path, "suspend")
        assert everywhere(desk, pair) == {False}
        desk.happen(path, "resume")
        assert everywhere(desk, pair) == {True}

    def test_meets_what_came_meanwhile(self, desk: Desk, pair: dict[str, str]) -> None:
        path = f"/sought-persons/{pair['sought']}"
        desk.happen(path, "suspend")
        later = desk.register()
        desk.night()
        assert desk.queue() == []
        desk.happen(path, "resume")
        desk.night()
        assert (pair["sought"], later) in desk.pairs()


class TestComingBack:
    @pytest.mark.parametrize("how", ["register", "until"])
    def test_who_comes_back_meets_what_came_meanwhile(self, desk: Desk, pair: dict[str, str], how: str) -> None:
        if how == "register":
            desk.withdraw(pair["sought"], "register")
        else:
            expire_matching(desk.gate, pair["sought"])
        later = desk.register()
        desk.night()
        body = {"decisions": [{"purpose": "register"}, {"purpose": "match_within_society"}]}
        door = f"/data-subject/records/{pair['sought']}/consents"
        made(post(desk.client, door, body, desk.auth("supervisor")))
        desk.night()
        assert (pair["sought"], later) in desk.pairs()


def expire_matching(gate: Gate, record_id: str) -> None:
    """Let the consent to be matched have ended a minute ago."""
    table = SQLModel.metadata.tables["record"]
    with raw(gate) as connection:
        before = clock.now() - timedelta(minutes=1)
        connection.execute(table.update().where(table.c.id == UUID(record_id)).values(match_until=before))


class TestRecordViews:
    def test_show_the_same_pair_from_both_sides(self, desk: Desk, pair: dict[str, str]) -> None:
        queue = desk.queue()
        for path in (f"/sought-persons/{pair['sought']}", f"/sightings/{pair['seen']}"):
            assert desk.get(f"{path}/suggestions").json()["items"] == queue

    def test_of_another_kind_or_society_are_absent(self, desk: Desk, pair: dict[str, str]) -> None:
        answers = [
            desk.get(f"/sought-persons/{pair['seen']}/suggestions"),
            desk.get(f"/sightings/{pair['sought']}/suggestions"),
            desk.get(f"/sightings/{pair['seen']}/suggestions", society="UG"),
            desk.get(f"/sightings/{ABSENT}/suggestions"),
        ]
        assert {a.status_code for a in answers} == {404}
        assert len({str(a.json() | {"request_id": ""}) for a in answers}) == 1


class TestProtectedSide:
    def test_withholds_places_and_asks_for_a_second_reader(self, desk: Desk) -> None:
        desk.seek(last_place="Kismayo", birth_place="Garissa")
        desk.report(person=person("Amina Yusuf Warsame", **WOMAN, birth_place="Garissa"), sensitivity="protected")
        desk.night()
        view = desk.only()
        assert view["needs_second_reader"]
        assert view["places_withheld"]
        assert not PLACES & {e["comparison"] for e in view["evidence"]}
        for path in ("/suggestions", f"/suggestions/{view['id']}"):
            text = desk.get(path).text
            assert not [word for word in ("Kismayo", "Garissa", "Kampala", "Nairobi") if word in text]

    def test_weighs_a_right_and_a_wrong_guess_alike(self, desk: Desk) -> None:
        desk.seek(last_place="Kampala", birth_place="Garissa", identifiers=[PHONE])
        desk.seek(last_place="Kismayo", birth_place="Lodwar", identifiers=[WRONG])
        seen = desk.report(person=HER, sensitivity="protected")
        desk.night()
        one, other = (told(view) for view in desk.queue() if view["right_id"] == seen)
        assert one == other
        assert one["weight"] == pytest.approx(sum(e["weight"] for e in one["evidence"]), abs=0.01)

    def test_of_the_queue_stands_in_no_order_and_in_every_band(self, desk: Desk) -> None:
        sought = [desk.seek(last_place=place) for place in ("Kampala", "Kismayo", "Lodwar", "Kampala")]
        seen = desk.report(sensitivity="protected")
        desk.night()
        queue = desk.queue()
        first = [view["id"] for view in queue if view["right_id"] == seen]
        assert len(first) == len(sought) < len(queue)
        assert [view["id"] for view in queue][: len(first)] == sorted(first)
        for band in BANDS:
            assert [view["id"] for view in desk.queue(band=band)][: len(first)] == sorted(first)
        assert walked(desk) == ([view["id"] for view in queue], {b"n" + (2.0).hex().encode()})

    def test_in_an_ad_hoc_query_answers_every_guess_alike(self, desk: Desk) -> None:
        desk.report(person=HER, sensitivity="protected")
        desk.report(person=person("Amina Yusuf Warsame", **WOMAN | {"last_place": "Kampala"}))
        answers = [guess(desk, birth_place=a, last_place=b, identifiers=[c]) for a, b, c in GUESSES]
        assert len({str(told(hit)) for hits in answers for hit in hits if hit["places_withheld"]}) == 1
        assert len({str(told(hit)) for hits in answers for hit in hits if not hit["places_withheld"]}) > 1

    def test_is_not_found_by_a_guessed_address_alone(self, desk: Desk) -> None:
        street = "12 High Street, Oldtown, 2145"
        for sensitivity in ("normal", "protected"):
            desk.report(person=person("Amina Yusuf Warsame", birth_place=street), sensitivity=sensitivity)
        query = {"person": person("Zzyzx Qwerty", birth_place=street), "min_probability": 0}
        ask = {"queries": {"q": query}}
        hits = made(post(desk.client, "/match", ask, desk.auth()), 200)["responses"]["q"]
        assert [hit["places_withheld"] for hit in hits] == [False]

    @pytest.mark.parametrize("part", ["veiled", "silenced"])
    def test_is_guessed_where_nothing_is_left_out(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
        desk.seek(last_place="Kampala")
        desk.report(person=person("Amina Yusuf Warsame", **WOMAN | {"last_place": "Kampala"}), sensitivity="protected")
        desk.night()
        monkeypatch.setattr(service if part == "veiled" else views, part, lambda whole: whole)
        shown = guess(desk, last_place="Kampala") if part == "veiled" else desk.queue()
        assert "place" in {e["comparison"] for view in shown for e in view["evidence"]}

    def test_an_ordinary_pair_shows_them_but_never_a_contact(self, desk: Desk, pair: dict[str, str]) -> None:
        text = desk.get(f"/suggestions/{pair['suggestion']}").text
        assert "Kismayo" in text
        assert not [number for number in ("555 0101", "555 0102") if number in text]
        assert "Nairobi" not in text
