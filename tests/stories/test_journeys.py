"""Journeys by name, over HTTP, as people would go them; only the night itself is started in this process."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import SQLModel, select

from tests.intake.lists import csv_of, sighting_row
from tests.review.desk import Desk, raw
from tests.sightings.reports import report
from tests.support import Json, made, person, post, request_draft, sought_draft
from tracing.gate import audit
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.kit import clock


def trail(desk: Desk, record_id: str) -> list[str]:
    """Return what stands on the trail about one record, in order."""
    items = made(desk.get("/trail", "supervisor", subject_id=record_id, limit=200), 200)["items"]
    return [f"{item['act']}" for item in items]


def test_a_brother_finds_his_sister_across_scripts(desk: Desk) -> None:
    """He writes Latin letters, she Arabic ones; a caseworker reads the reasons and confirms."""
    view = desk.open(sought_draft("Amina Yusuf Warsame", birth="1990-05", last_place="Kismayo"))
    sought_id = view["sought"][0]["id"]
    herself = person("أمينة يوسف ورسمه", sex="female", birth="1990", father=["يوسف ورسمه"], mother=["حليمة نور"])
    seen_id = desk.register(person=herself)
    for number, name in enumerate(("Samira Hassan Ali", "Hodan Abdi Farah", "Fadumo Ahmed Nur")):
        desk.report(person=person(name, sex="female", birth=str(1988 + number)))
    assert desk.state_of(sought_id) == "searching"

    night = desk.night(workers=2).run
    assert night is not None
    assert night.state == "done"

    best = desk.queue()[0]
    assert (best["left_id"], best["right_id"]) == (sought_id, seen_id)
    assert best["band"] in ("strong", "probable")
    reasons = {piece["comparison"]: piece for piece in best["evidence"]}
    assert {"names", "birth", "father", "mother"} <= set(reasons)
    assert all(reasons[c]["weight"] > 0 and reasons[c]["reason"] for c in ("names", "birth", "father"))
    assert desk.state_of(sought_id) == "searching"

    case = desk.decided(best["id"], "confirm_same_person", reason="same_names_and_kin")
    assert case["state"] == "confirmed_same_person"
    assert (desk.state_of(sought_id), desk.state_of_sighting(seen_id)) == ("lead_found", "linked")

    assert "sought.confirm_lead" in trail(desk, sought_id)
    assert "suggestions.confirm_same_person" in trail(desk, best["id"])
    with admitted(desk.gate, desk.people.token("auditor"), Permission.TRAIL_VERIFY) as access:
        verdict = audit.verify(access, desk.gate)
    assert (verdict.broken_at, verdict.reason) == (None, "whole")


def test_a_withdrawn_consent_ends_everything(desk: Desk) -> None:
    """She registered, was found, and wants no more of it: gone at once, and for good after the undo window."""
    sought_id, seen_id = desk.seek(), desk.register()
    desk.night()
    suggestion_id = desk.only()["id"]
    query = {"queries": {"q": {"person": report()["person"]}}}

    def visible() -> dict[str, bool]:
        hits = made(post(desk.client, "/match", query, desk.auth()), 200)["responses"]["q"]
        return {
            "record": desk.get(f"/sightings/{seen_id}").status_code == 200,
            "list": seen_id in desk.get("/sightings").text,
            "suggestion": desk.get(f"/suggestions/{suggestion_id}").status_code == 200,
            "queue": bool(desk.queue()),
            "search": seen_id in [hit["record_id"] for hit in hits],
            "consents": desk.get(f"/records/{seen_id}/consents").status_code == 200,
            "her own rights": desk.get(f"/data-subject/records/{seen_id}/consents", "supervisor").status_code == 200,
        }

    assert set(visible().values()) == {True}
    desk.withdraw(seen_id, "register", "match_within_society")
    assert [place for place, seen in visible().items() if seen] == ["her own rights"]
    assert desk.state_of(sought_id) == "searching"
    again = desk.night()
    assert (again.forgotten, again.run) == (0, None)

    record = SQLModel.metadata.tables["record"]
    with raw(desk.gate) as connection:
        long_ago = clock.now() - timedelta(days=desk.gate.settings.forget_after_days, minutes=1)
        connection.execute(record.update().where(record.c.hidden_at.is_not(None)).values(hidden_at=long_ago))
    keys = desk.gate.keys.count()
    assert desk.night().forgotten == 1
    assert desk.gate.keys.count() == keys - 1
    assert not any(visible().values())
    with raw(desk.gate) as connection:
        left = connection.execute(select(SQLModel.metadata.tables["match_key"].c.record_id)).scalars().all()
    assert seen_id not in [str(record_id) for record_id in left]


def test_two_relatives_seek_each_other(desk: Desk) -> None:
    """Each is the other's enquirer; one confirmation per search, and both have their lead."""
    brother = {"sex": "male", "birth": "1988", "father": ["Yusuf Warsame"], "mother": ["Halima Nur"]}
    sister = {"sex": "female", "birth": "1990", "father": ["Yuusuf Warsame"], "mother": ["Xaliimo Nuur"]}
    his = desk.open(
        sought_draft(),
        enquirer=request_draft()["enquirer"] | {"person": person("Abdi Yusuf Warsame", **brother)},
    )
    hers = desk.open(
        sought_draft("Cabdi Yuusuf Warsame", relationship="brother", **brother),
        enquirer=request_draft()["enquirer"] | {"person": person("Aamina Yuusuf Warsame", **sister)},
    )
    desk.night()
    best = {s["left_id"]: s for s in desk.queue(band=["strong", "probable"])}
    assert {left: s["right_id"] for left, s in best.items()} == {
        his["sought"][0]["id"]: hers["id"],
        hers["sought"][0]["id"]: his["id"],
    }
    for suggestion in best.values():
        assert suggestion["right_kind"] == "request"
        desk.decided(suggestion["id"], "confirm_same_person", reason="same_names_and_kin")
    assert {desk.state_of(left) for left in best} == {"lead_found"}


def test_a_rejected_namesake_stays_away(desk: Desk) -> None:
    """Another Amina; rejected once, silent over nights, back only when her record says something new."""
    sought_id = desk.seek()
    namesake = {"sex": "female", "birth": "1989", "father": ["Yusuf Warsame"], "mother": ["Sahra Ali"]}
    seen_id = desk.report(person=person("Amina Yusuf Warsame", **namesake))
    desk.night()
    suggestion_id = next(s["id"] for s in desk.queue() if s["right_id"] == seen_id)
    desk.decided(suggestion_id, "not_same_person", reason="different_parents")
    for number in range(2):
        desk.report(person=person("Amina Yusuf Warsame", sex="female", birth=str(1989 + number)))
        desk.night()
        assert seen_id not in [s["right_id"] for s in desk.queue()]
    desk.change(f"/sought-persons/{sought_id}", priority="high")
    desk.night()
    assert seen_id not in [s["right_id"] for s in desk.queue()]
    corrected = person("Amina Yusuf Warsame", sex="female", birth="1990-05", father=["Yusuf Warsame"])
    desk.change(f"/sightings/{seen_id}", person=corrected)
    desk.night()
    back = next(s for s in desk.queue() if s["right_id"] == seen_id)
    assert (back["id"], back["resurface_reason"]) == (suggestion_id, "changed:other_record")
    assert [d["verdict"] for d in desk.show(suggestion_id)["decisions"]] == ["not_same_person"]


def test_a_protected_survivor_needs_two_readers(desk: Desk) -> None:
    """One reader may only propose; not even with a second account; places are nobody's business."""
    sought_id = desk.seek(last_place="Kismayo")
    seen_id = desk.report(sensitivity="high_risk")
    desk.night()
    suggestion = desk.only()
    assert suggestion["needs_second_reader"]
    assert not [word for word in ("Kampala", "Kismayo", "Nairobi") if word in desk.get("/suggestions").text]
    assert desk.decided(suggestion["id"], "confirm_same_person")["state"] == "provisionally_confirmed"
    desk.hire_again("caseworker-at-night", known="caseworker")
    for label in ("caseworker", "caseworker-at-night"):
        answer = desk.decide(suggestion["id"], "confirm_same_person", label=label)
        assert (answer.status_code, answer.json()["code"]) == (403, "same-reader")
    assert (desk.state_of(sought_id), desk.state_of_sighting(seen_id)) == ("searching", "active")
    done = desk.decided(suggestion["id"], "confirm_same_person", label="caseworker-2")
    assert len({d["decided_by"] for d in done["decisions"]}) == 2
    assert (desk.state_of(sought_id), desk.state_of_sighting(seen_id)) == ("lead_found", "linked")


def test_a_reception_centre_hands_over_its_list(desk: Desk) -> None:
    """A list with one bad row: tried first, then kept, sent again by mistake; the next night finds the sister."""
    sought_id = desk.seek()
    rows = [
        sighting_row(1, names="Amina Yusuf Warsame", father="Yusuf Warsame"),
        sighting_row(2, names="Nguyen Van Tam", sex="male", birth="1971"),
        sighting_row(3, names="Kovalenko Oksana", birth="1980-02-31"),
    ]

    def hand_over(**asked: str) -> Json:
        answer = desk.client.post(
            "/v1/imports",
            params={"kind": "sightings", "source": "centre-4"} | asked,
            content=csv_of(rows),
            headers=desk.auth("intake") | {"Content-Type": "text/csv"},
        )
        return made(answer, 200)

    def counts(told: Json) -> tuple[int, int, int]:
        return told["imported"], told["already_there"], told["refused"]

    tried = hand_over(dry_run="true")
    assert counts(tried) == (2, 0, 1)
    assert [(e["line"], e["field"]) for e in tried["errors"]] == [(4, "birth")]
    assert desk.get("/sightings").json()["items"] == []
    kept = hand_over()
    assert (counts(kept), kept["errors"]) == ((2, 0, 1), tried["errors"])
    assert counts(hand_over()) == (0, 2, 1)
    assert len(desk.get("/sightings").json()["items"]) == 2
    desk.night()
    found = desk.only()
    assert found["left_id"] == sought_id
    assert found["names"][1] == ["Amina Yusuf Warsame"]


def test_another_society_learns_nothing(desk: Desk) -> None:
    """Absent, another society's, withdrawn: one answer, to the byte; and no list, count or query tells more."""
    view = desk.open()
    seen_id = desk.report()
    desk.night()
    suggestion_id = desk.only()["id"]
    run_id = desk.get("/match-runs").json()[0]["id"]
    paths = {
        "/tracing-requests/{}": view["id"],
        "/sought-persons/{}": view["sought"][0]["id"],
        "/sought-persons/{}/suggestions": view["sought"][0]["id"],
        "/sightings/{}": seen_id,
        "/sightings/{}/suggestions": seen_id,
        "/suggestions/{}": suggestion_id,
        "/records/{}/consents": seen_id,
        "/jobs/{}": run_id,
        "/jobs/{}/events": run_id,
    }

    def body(path: str, society: str) -> tuple[int, dict[str, Any]]:
        answer = desk.get(path, society=society)
        dated = {"x-request-id", "content-length", "date"}
        headers = {k: v for k, v in answer.headers.items() if k not in dated}
        return answer.status_code, answer.json() | {"request_id": "", "headers": headers}

    for path, record_id in paths.items():
        foreign, absent = body(path.format(record_id), "UG"), body(path.format(uuid4()), "UG")
        assert foreign == absent, path
        assert foreign[0] == 404, path
        assert desk.get(path.format(record_id)).status_code == 200, path
    desk.withdraw(seen_id, "register", "match_within_society")
    for path in ("/sightings/{}", "/sightings/{}/suggestions", "/suggestions/{}", "/records/{}/consents"):
        assert body(path.format(paths[path]), "KE") == body(path.format(uuid4()), "KE"), path

    for path in ("/tracing-requests", "/sightings", "/suggestions"):
        assert desk.get(path, society="UG").json() == {"items": [], "next_cursor": None, "has_more": False}
    assert desk.get("/match-runs", society="UG").json() == []
    taken, free = (
        post(desk.client, "/sightings", report(id=record_id), desk.auth(society="UG"))
        for record_id in (seen_id, str(uuid4()))
    )
    assert (taken.status_code, free.status_code) == (201, 201)
    ask = {"queries": {"q": {"person": person("Amina Yusuf Warsame"), "min_probability": 0}}}
    hits = made(post(desk.client, "/match", ask, desk.auth(society="UG")), 200)["responses"]["q"]
    own = {item["id"] for item in desk.get("/sightings", society="UG").json()["items"]}
    assert {hit["record_id"] for hit in hits} == own
