"""What is withheld about protected persons, and who sees it through broken glass, for how long."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.review.desk import raw
from tests.risk.desk import Desk, Pair
from tests.support import Json, granted, made, post, sought_draft
from tests.trails import entries
from tracing.gate import glass, register
from tracing.gate.access import Access
from tracing.gate.kinds import GlassReason, Sensitivity
from tracing.requests import service as requests
from tracing.requests.schemas import RequestChange
from tracing.review import service as review
from tracing.review.schemas import MatchDraft
from tracing.risk import service
from tracing.risk.schemas import GlassDraft
from tracing.sightings import service as sightings
from tracing.sightings.schemas import SightingChange

PLACES = ("Kismayo", "Kampala", "Mogadishu")  # her last residence, where she was seen, where she is sought
WHY = GlassDraft(reason=GlassReason.DANGER_TO_LIFE, note="She is not at the shelter.")
BODY: Json = {"reason": "danger_to_life", "note": "She is not at the shelter."}
PHONE = "+252 61 555 0101"
REPORTERS = "+254 700 555 0102"


@pytest.fixture(scope="module")
def pair(desk: Desk) -> Pair:
    """A woman and the report of her, both with places, neither protected yet."""
    view = desk.open(sought_draft(last_place="Mogadishu"))
    seen = desk.report()
    desk.night()
    queue = {s["right_id"]: s["id"] for s in desk.queue()}
    return Pair(UUID(queue[seen]), UUID(view["id"]), UUID(view["sought"][0]["id"]), UUID(seen))


def protect(access: Access, *record_ids: UUID) -> None:
    for record_id in record_ids:
        register.set_sensitivity(access, record_id, Sensitivity.PROTECTED)
    access.session.flush()


def places(access: Access, pair: Pair) -> set[str]:
    """Return which places a caller reads in the queue, in the case and in an ad-hoc query."""
    query = {"person": {"names": [{"full": "Amina Yusuf Warsame"}], "last_place": "Kampala"}, "limit": 50}
    asked = MatchDraft.model_validate({"queries": {"q": query}})
    told = (
        review.show(access, pair.suggestion_id).model_dump_json(),
        review.page(access, limit=9)[0].model_dump_json(),
        review.match(access, asked).model_copy(update={"next_questions": {}}).model_dump_json(),
    )
    in_pairs = {place for place in PLACES if place in told[0]}
    assert in_pairs == {place for place in PLACES if place in told[1]}
    return in_pairs | {
        f"match: {record_id}" for record_id in (pair.found_id, pair.sought_id) if _told(told[2], record_id)
    }


def _told(answer: str, record_id: UUID) -> bool:
    """Return whether an ad-hoc answer gives the places of a record."""
    hits = answer.split('"record_id":"')
    mine = [hit for hit in hits if hit.startswith(str(record_id))]
    assert mine
    return '"places_withheld":false' in mine[0]


def later(access: Access, minutes: float) -> Access:
    """Move the clock of an access."""
    object.__setattr__(access, "now", access.now + timedelta(minutes=minutes))
    return access


class TestPlaces:
    def test_of_nobody_protected_are_told(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            told = {"Kismayo", "Mogadishu", f"match: {pair.found_id}", f"match: {pair.sought_id}"}
            assert places(access, pair) == told

    @pytest.mark.parametrize("protected", [("found_id",), ("sought_id",), ("found_id", "sought_id")])
    def test_are_shown_to_the_one_who_broke_the_glass_while_it_lasts(
        self, desk: Desk, pair: Pair, protected: tuple[str, ...]
    ) -> None:
        with desk.trial() as access:
            open_to_all = places(access, pair)
            whole = [getattr(pair, side) for side in protected]
            hidden = {*PLACES, *(f"match: {record_id}" for record_id in whole)}
            protect(access, *whole)
            for record_id in whole:
                assert f"match: {record_id}" not in places(access, pair)
                assert not places(access, pair) & set(PLACES)  # one of two broken is not enough
                service.break_glass(access, record_id, WHY)
            assert places(access, pair) == open_to_all
            assert places(desk.beside(access, "caseworker-at-night"), pair) == open_to_all
            for stranger in ("caseworker-2", "supervisor", "kisumu-caseworker"):
                assert not places(desk.beside(access, stranger), pair) & hidden
            lasts = access.settings.glass_minutes
            assert places(later(access, lasts - 0.01), pair) == open_to_all
            assert not places(later(access, 0.01), pair) & hidden

    def test_stay_withheld_when_the_other_glass_is_broken(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            protect(access, pair.found_id)
            service.break_glass(access, pair.sought_id, WHY)
            service.break_glass(access, pair.request_id, WHY)
            assert not places(access, pair) & set(PLACES)

    def test_of_a_protected_pair_still_need_two_readers(self, desk: Desk, pair: Pair) -> None:
        with desk.trial() as access:
            protect(access, pair.found_id)
            service.break_glass(access, pair.found_id, WHY)
            assert review.show(access, pair.suggestion_id).needs_second_reader


class TestContacts:
    """Of a protected enquirer, and of the reporter who knows where a protected person is."""

    @pytest.mark.parametrize(
        ("who", "withheld"),
        [
            ("a worker of the team", False),
            ("another team's worker", True),
            ("another team's supervisor", True),
            ("another team's worker who is answerable", False),
            ("another team's worker who broke the glass", False),
            ("another team's worker who broke it too long ago", True),
        ],
    )
    @pytest.mark.parametrize("sensitivity", [Sensitivity.NORMAL, Sensitivity.PROTECTED, Sensitivity.HIGH_RISK])
    def test_are_withheld_from_strangers(
        self, desk: Desk, pair: Pair, who: str, withheld: bool, sensitivity: Sensitivity
    ) -> None:
        with desk.trial("supervisor") as access:
            label = "kisumu-supervisor" if "supervisor" in who else "kisumu-caseworker"
            reader = desk.beside(access, "caseworker-2" if who.startswith("a worker") else label)
            for record_id in (pair.request_id, pair.found_id):
                register.set_sensitivity(access, record_id, sensitivity)
                if "answerable" in who:
                    register.assign(access, [record_id], reader.caller.account_id)
                if "broke" in who:
                    service.break_glass(reader, record_id, WHY)
            access.session.flush()
            if "too long" in who:
                later(reader, reader.settings.glass_minutes + 1)
            shut = withheld and sensitivity is not Sensitivity.NORMAL
            request = requests.show_request(reader, pair.request_id)
            assert (request.contacts_withheld, PHONE in request.model_dump_json()) == (shut, not shut)
            listed = requests.page_of_requests(reader, limit=9, after=None)
            assert [view.contacts_withheld for view in listed] == [shut]
            seen = sightings.show_sighting(reader, pair.found_id)
            assert (seen.contacts_withheld, REPORTERS in seen.model_dump_json()) == (shut, not shut)

    def test_are_not_replaced_by_whom_they_are_withheld_from(self, desk: Desk, pair: Pair) -> None:
        with desk.trial("supervisor") as access:
            protect(access, pair.request_id, pair.found_id)
            stranger = desk.beside(access, "kisumu-caseworker")
            request, seen = (
                requests.find_request(access, pair.request_id),
                sightings.find_sighting(access, pair.found_id),
            )
            enquirer = requests.show_request(stranger, pair.request_id).enquirer
            reporter = sightings.show_sighting(stranger, pair.found_id).reporter
            with pytest.raises(glass.Withheld):
                requests.change_request(stranger, request, RequestChange(enquirer=enquirer))
            with pytest.raises(glass.Withheld):
                sightings.change_sighting(stranger, seen, SightingChange(reporter=reporter))
            requests.change_request(stranger, request, RequestChange(preferred_channel="visit"))
            sightings.change_sighting(stranger, seen, SightingChange(subject_knows="yes"))
            assert PHONE in requests.show_request(access, pair.request_id).model_dump_json()
            assert REPORTERS in sightings.show_sighting(access, pair.found_id).model_dump_json()

    def test_withheld_are_another_edition(self, fresh: Desk) -> None:
        """Whoever read an answer without them is not told that nothing has changed once the glass is broken."""
        fresh.hire_into("kisumu", "stranger")
        request_id = fresh.open(sensitivity="protected")["id"]
        seen_id = fresh.report(sensitivity="protected")
        for path, record_id, change in (
            (f"/tracing-requests/{request_id}", request_id, {"preferred_channel": "visit"}),
            (f"/sightings/{seen_id}", seen_id, {"subject_knows": "yes"}),
        ):
            tag = fresh.get(path, "stranger").headers["ETag"]
            url, headers = f"/v1{path}", fresh.auth("stranger")
            assert tag != fresh.get(path).headers["ETag"]
            assert fresh.client.get(url, headers=headers | {"If-None-Match": tag}).status_code == 304
            changed = fresh.client.patch(url, headers=headers | {"If-Match": tag}, json=change)
            assert changed.status_code == 200, changed.text
            tag = changed.headers["ETag"]
            made(post(fresh.client, f"/records/{record_id}/broken-glass", BODY, headers))
            again = fresh.client.get(url, headers=headers | {"If-None-Match": tag})
            assert (again.status_code, again.json()["contacts_withheld"]) == (200, False)


class TestBreaking:
    def test_is_told_once_and_raises_a_task(self, fresh: Desk) -> None:
        seen_id = fresh.report(sensitivity="protected")
        path, key = f"/records/{seen_id}/broken-glass", {"Idempotency-Key": "glass-1-of-1"}
        first = made(post(fresh.client, path, BODY, fresh.auth(), **key))
        assert made(post(fresh.client, path, BODY, fresh.auth(), **key)) == first
        assert (first["record_id"], first["reason"], first["note"]) == (seen_id, BODY["reason"], BODY["note"])
        told = [e.act for e in entries(fresh.gate, fresh.people) if str(e.subject_id) == seen_id]
        assert (told.count("glass.break"), told.count("tasks.raise")) == (1, 1)
        with raw(fresh.gate) as connection:
            task, record, broken = (SQLModel.metadata.tables[name].c for name in ("task", "record", "broken_glass"))
            asked = select(task.kind, task.state, task.about_id, task.team).where(task.record_id == UUID(seen_id))
            assert connection.execute(asked).all() == [("glass_broken", "open", UUID(first["id"]), "nairobi")]
            key_id = connection.execute(select(record.key_id).where(record.id == UUID(seen_id))).scalar_one()
            row = connection.execute(select(broken.key_id, broken.details)).one()
            assert (row.key_id, b"shelter" in row.details) == (key_id, False)

    def test_is_listed_for_supervisors(self, fresh: Desk) -> None:
        seen_id = fresh.report(sensitivity="protected")
        for label in ("caseworker", "caseworker-2", "supervisor"):
            made(post(fresh.client, f"/records/{seen_id}/broken-glass", BODY, fresh.auth(label)))
        first = made(fresh.get("/broken-glass", "supervisor", limit=2), 200)
        rest = made(fresh.get("/broken-glass", "supervisor", cursor=first["next_cursor"]), 200)
        rows = [*first["items"], *rest["items"]]
        assert (len(first["items"]), first["has_more"], rest["has_more"]) == (2, True, False)
        assert [row["note"] for row in rows] == [BODY["note"]] * 3
        assert len({row["broken_by"] for row in rows}) == 3
        assert [row["note"] for row in fresh.get("/broken-glass", "auditor").json()["items"]] == [None] * 3
        assert fresh.get("/broken-glass").status_code == 403
        assert fresh.get("/broken-glass", "supervisor", "UG").json()["items"] == []
        fresh.withdraw(seen_id, "register")
        assert fresh.get("/broken-glass", "supervisor").json()["items"] == []

    @pytest.mark.parametrize("why", ["absent", "another society's", "withdrawn"])
    def test_of_what_is_not_seen_is_404(self, fresh: Desk, why: str) -> None:
        seen_id = fresh.report(consents=granted())
        if why == "withdrawn":
            fresh.withdraw(seen_id, "register")
        society = "UG" if why == "another society's" else "KE"
        record_id = uuid4() if why == "absent" else seen_id
        answer = post(fresh.client, f"/records/{record_id}/broken-glass", BODY, fresh.auth(society=society))
        assert (answer.status_code, answer.json()["detail"]) == (404, "no such record")

    def test_takes_a_reason_of_the_list_and_a_note(self, fresh: Desk) -> None:
        seen_id = fresh.report()
        for body in ({"reason": "curiosity", "note": "why not"}, {"reason": "danger_to_life"}, {"note": "why"}):
            answer = post(fresh.client, f"/records/{seen_id}/broken-glass", body, fresh.auth())
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    def test_is_not_for_those_who_register_people(self, fresh: Desk) -> None:
        answer = post(fresh.client, f"/records/{fresh.report()}/broken-glass", BODY, fresh.auth("intake"))
        assert answer.status_code == 403
