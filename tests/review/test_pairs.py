"""Whom the night compares: sought persons with sightings, registrations, enquirers and other requests' sought."""

from uuid import UUID

import pytest

from tests.review.desk import Desk
from tests.support import Json, person, request_draft, sought_draft
from tracing.gate import bulk

SISTER = {"sex": "female", "birth": "1990-05", "father": ["Yusuf Warsame"], "mother": ["Halima Nur"]}
BROTHER = {"sex": "male", "birth": "1988", "father": ["Yusuf Warsame"], "mother": ["Halima Nur"]}


def sisters_request(desk: Desk, **sought: Json) -> Json:
    """Amina asks for her brother Abdi, as he asks for her."""
    enquirer = request_draft()["enquirer"] | {"person": person("Amina Yusuf Warsame", **SISTER)}
    asked = sought_draft("Abdi Yusuf Warsame", relationship="brother", **BROTHER)
    return desk.open(asked, enquirer=enquirer)


class TestPairs:
    def test_a_sought_person_with_a_sighting_and_a_registration(self, desk: Desk) -> None:
        sought_id, seen, registered = desk.seek(), desk.report(), desk.register()
        desk.night()
        assert {(s["left_id"], s["right_id"], s["right_kind"]) for s in desk.queue()} == {
            (sought_id, seen, "sighting"),
            (sought_id, registered, "self_registration"),
        }

    def test_two_relatives_who_seek_each_other_meet_twice(self, desk: Desk) -> None:
        his, hers = desk.open(), sisters_request(desk)
        desk.night()
        best = {(s["left_id"], s["right_id"]): s for s in desk.queue(band=["strong", "probable"])}
        expected = {(his["sought"][0]["id"], hers["id"]), (hers["sought"][0]["id"], his["id"])}
        assert set(best) == expected
        assert {s["right_kind"] for s in best.values()} == {"request"}

    def test_the_same_person_sought_twice_is_one_pair(self, desk: Desk) -> None:
        one, two = desk.seek(), desk.seek("Aamina Yuusuf Warsame")
        desk.night()
        found = [s for s in desk.queue() if s["right_kind"] == "sought"]
        assert [(s["left_id"], s["right_id"]) for s in found] == [(min(one, two), max(one, two))]

    def test_nobody_within_one_request(self, desk: Desk) -> None:
        twins = [
            sought_draft(),
            sought_draft(),
            sought_draft("Abdi Yusuf Warsame", relationship="brother", **BROTHER),
        ]
        desk.open(*twins)
        report = desk.night()
        assert report.run is not None
        assert (report.run.pairs, desk.queue()) == (0, [])

    def test_no_two_sightings_and_no_two_enquirers(self, desk: Desk) -> None:
        desk.report()
        desk.register()
        enquirer = request_draft()["enquirer"]
        far = sought_draft("Nguyen Thi Lan", birth="1950", father=[], mother=[])
        desk.open(far, enquirer=enquirer)
        desk.open(far | {"person": person("Kovalenko Oksana", sex="female", birth="1931")}, enquirer=enquirer)
        desk.night()
        assert desk.queue() == []

    def test_nobody_across_societies(self, desk: Desk) -> None:
        desk.seek()
        foreign = desk.client.post("/v1/sightings", json=REPORT, headers=desk.auth(society="UG"))
        assert foreign.status_code == 201
        report = desk.night()
        assert report.run is not None
        assert (report.run.pool, report.run.pairs) == (2, 0)

    def test_comparing_within_a_request_is_seen(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        twins = desk.open(sought_draft(), sought_draft())["sought"]
        ids = sorted(s["id"] for s in twins)
        monkeypatch.setattr(bulk, "candidates", lambda *_: iter([(UUID(ids[0]), UUID(ids[1]))]))
        desk.night()
        assert desk.pairs() == {(ids[0], ids[1])}


REPORT = {
    "person": person("Amina Yusuf Warsame", **SISTER),
    "basis": "met_in_person",
    "sighting_place": "Kampala",
    "subject_knows": "yes",
    "consents": [{"purpose": "register"}, {"purpose": "match_within_society"}],
}
