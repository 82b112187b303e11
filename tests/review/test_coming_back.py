"""A rejected pair stays away until a matchable field of either side changes, and says which side."""

from typing import Any

import pytest

from tests.review.desk import Desk, run_night, suggested_pair, tables
from tests.scenes import scene
from tests.sightings.reports import WOMAN
from tests.support import person
from tracing.review import nights

SISTER = {"sex": "female", "birth": "1990-05", "father": ["Yusuf Warsame"], "mother": ["Halima Nur"]}
NAME = "Amina Yusuf Warsame"


@pytest.fixture
def rejected(desk: Desk) -> tuple[str, str, str]:
    """A rejected pair: (sought id, sighting id, suggestion id)."""

    def play() -> tuple[str, str, str]:
        sought_id, sighting_id, suggestion_id = suggested_pair(desk)
        desk.decided(suggestion_id, "not_same_person", reason="homonym")
        return sought_id, sighting_id, suggestion_id

    return scene(desk.gate, "a rejected pair", play)


def state(desk: Desk, suggestion_id: str) -> tuple[str, str | None]:
    view = desk.show(suggestion_id)
    return view["state"], view["resurface_reason"]


class TestRejectedPair:
    def test_stays_away_over_nights_and_newcomers(self, desk: Desk, rejected: tuple[str, str, str]) -> None:
        for birth in ("1991", "1989"):
            desk.report(person=person(NAME, **WOMAN | {"birth": birth}))
            assert desk.night().run is not None
        assert state(desk, rejected[2]) == ("rejected", None)
        assert rejected[2] not in [item["id"] for item in desk.queue()]

    def test_stays_away_when_nothing_that_is_compared_changes(self, desk: Desk, rejected: tuple[str, str, str]) -> None:
        desk.change(f"/sought-persons/{rejected[0]}", priority="high")
        desk.change(f"/sought-persons/{rejected[0]}", person=person(NAME, **SISTER, occupation="teacher"))
        desk.change(f"/sightings/{rejected[1]}", narrative="She said that she is well.")
        assert desk.night().run is None
        assert state(desk, rejected[2]) == ("rejected", None)

    @pytest.mark.parametrize(
        ("sides", "why"),
        [
            (["sought"], "changed:sought_person"),
            (["seen"], "changed:other_record"),
            (["sought", "seen"], "changed:sought_person+other_record"),
        ],
        ids=["sought", "seen", "both"],
    )
    def test_comes_back_and_says_which_side_changed(
        self, desk: Desk, rejected: tuple[str, str, str], sides: list[str], why: str
    ) -> None:
        if "sought" in sides:
            desk.change(f"/sought-persons/{rejected[0]}", person=person(NAME, **SISTER, last_place="Kismayo"))
        if "seen" in sides:
            desk.change(f"/sightings/{rejected[1]}", person=person(NAME, **WOMAN | {"birth": "1990-05"}))
        report = desk.night()
        assert report.run is not None
        assert report.run.resurfaced == 1
        assert state(desk, rejected[2]) == ("suggested", why)
        assert [d["verdict"] for d in desk.show(rejected[2])["decisions"]] == ["not_same_person"]
        desk.decided(rejected[2], "not_same_person", reason="homonym")
        assert state(desk, rejected[2]) == ("rejected", None)

    def test_does_not_come_back_for_a_change_that_its_reader_has_seen(self, desk: Desk) -> None:
        desk.seek()
        sighting_id = desk.report()
        desk.night()
        suggestion_id = desk.only()["id"]
        desk.change(f"/sightings/{sighting_id}", person=person(NAME, **WOMAN | {"birth": "1990-05"}))
        desk.decided(suggestion_id, "not_same_person", reason="homonym")
        desk.night()
        assert state(desk, suggestion_id) == ("rejected", None)

    def test_does_not_come_back_when_the_change_is_taken_back(self, desk: Desk, rejected: tuple[str, str, str]) -> None:
        desk.change(f"/sightings/{rejected[1]}", person=person(NAME, **WOMAN | {"birth": "1960"}))
        desk.change(f"/sightings/{rejected[1]}", person=person(NAME, **WOMAN))
        desk.night()
        assert state(desk, rejected[2]) == ("rejected", None)

    def test_a_night_that_forgets_rejections_is_seen(
        self, desk: Desk, rejected: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.report(person=person(NAME, **WOMAN | {"birth": "1960"}))
        desk.change(f"/sightings/{rejected[1]}", person=person(NAME, **WOMAN | {"birth": "1990-05"}))
        monkeypatch.setattr(nights, "_state_after", lambda row, *_: (row.state, None))
        desk.night()
        assert state(desk, rejected[2]) == ("rejected", None)


class TestUndecidedPair:
    @pytest.fixture
    def pair(self, desk: Desk) -> tuple[str, str, str]:
        return scene(desk.gate, "a pair", lambda: suggested_pair(desk))

    def test_grows_stale_when_it_is_no_longer_found_and_comes_back_when_it_is(
        self, desk: Desk, pair: tuple[str, str, str]
    ) -> None:
        path = f"/sightings/{pair[1]}"
        desk.change(path, person=person("Ngozi Adaeze Okafor", sex="male", birth="1941"))
        report = desk.night()
        assert report.run is not None
        assert report.run.stale == 1
        assert desk.queue() == []
        assert desk.only(state="stale")["id"] == pair[2]
        desk.change(path, person=person(NAME, **WOMAN))
        desk.night()
        assert desk.only()["id"] == pair[2]

    def test_is_scored_anew_and_keeps_its_state(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        desk.decided(pair[2], "needs_information")
        before = desk.show(pair[2])
        desk.change(f"/sightings/{pair[1]}", person=person(NAME, **WOMAN | {"birth": "1990-05"}))
        desk.night()
        after = desk.show(pair[2])
        assert (after["state"], after["created_at"]) == ("needs_information", before["created_at"])
        assert after["weight"] > before["weight"]
        assert after["version"] == before["version"] + 1

    @pytest.mark.parametrize("gone", [{"birth": None}, {"sex": "unknown"}, {"father": []}], ids=str)
    def test_is_shown_with_present_reasons_before_the_night_has_come(
        self, desk: Desk, pair: tuple[str, str, str], gone: dict[str, Any]
    ) -> None:
        left = {field: value for field, value in (WOMAN | gone).items() if value is not None}
        desk.change(f"/sightings/{pair[1]}", person=person(NAME, **left))
        told = {piece["comparison"]: piece for piece in desk.only()["evidence"]}
        assert next(iter(gone)) not in told
        assert told["names"]["reason"]

    def test_a_confirmed_one_is_never_touched_by_the_night(self, desk: Desk, pair: tuple[str, str, str]) -> None:
        desk.decided(pair[2], "confirm_same_person")
        before = tables(desk.gate)["suggestion"]
        desk.change(f"/sightings/{pair[1]}", person=person("Ngozi Adaeze Okafor", sex="male", birth="1941"))
        assert run_night(desk.gate, desk.people.token("supervisor")).run is not None
        assert tables(desk.gate)["suggestion"] == before
