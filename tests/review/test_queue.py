"""The queue: most probable first, by state and band, page by page without repeats or gaps."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import SQLModel, select

from tests.review.desk import Desk, raw
from tests.scenes import scene
from tests.support import person
from tracing.review import store
from tracing.review.states import State

BANDS = ("strong", "probable", "possible", "weak")


@pytest.fixture
def many(desk: Desk) -> list[str]:
    """Twenty-four suggestions, all equally probable but for three; their ids in the order of the queue."""

    def play() -> list[str]:
        desk.seek()
        for number in range(8):
            desk.report(person=person("Amina Yusuf Warsame", sex="female", birth=str(1986 + number)))
        desk.night()
        table = SQLModel.metadata.tables["suggestion"]
        with raw(desk.gate) as connection:
            ids = connection.execute(select(table.c.id)).scalars().all()
            assert len(ids) >= 8
            for number, suggestion_id in enumerate(ids):
                values = {"probability": 0.5 if number > 2 else 0.1 + 0.3 * number, "band": BANDS[number % 4]}
                values["state"] = list(State)[number % len(State)]
                connection.execute(table.update().where(table.c.id == suggestion_id).values(**values))
            rows = connection.execute(select(table.c.id, table.c.probability)).all()
        return [str(i) for i, _ in sorted(rows, key=lambda row: (-row[1], str(row[0])))]

    return scene(desk.gate, "many pairs", play)


def pages(desk: Desk, limit: int) -> list[str]:
    """Return the ids of every page of the queue in all states, read to its end."""
    found: list[str] = []
    cursor: str | None = None
    for _ in range(50):
        more = {"cursor": cursor} if cursor else {}
        page = desk.get("/suggestions", state=list(State), limit=limit, **more).json()
        found += [item["id"] for item in page["items"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        cursor = page["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("the pages have no end")


class TestPages:
    def test_have_no_repeats_and_no_gaps_among_equals(self, desk: Desk, many: list[str]) -> None:
        assert {limit: pages(desk, limit) for limit in (1, 3, 4, 200)} == dict.fromkeys((1, 3, 4, 200), many)

    def test_with_a_cursor_that_forgets_ties_have_gaps(
        self, desk: Desk, many: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true: Callable[..., object] = store.page

        def forgetful(access: object, *, after: tuple[float, object] | None = None, **rest: object) -> object:
            return true(access, after=(after[0], uuid4().__class__(int=2**128 - 1)) if after else None, **rest)

        monkeypatch.setattr(store, "page", forgetful)
        assert pages(desk, 3) != many

    def test_link_to_the_next(self, desk: Desk, many: list[str]) -> None:
        answer = desk.get("/suggestions", state=list(State), limit=3)
        assert answer.headers["link"].endswith('rel="next"')
        assert "link" not in desk.get("/suggestions", state=list(State), limit=200).headers

    def test_of_one_record_go_on_likewise(self, desk: Desk, many: list[str]) -> None:
        sought_id = desk.show(many[0])["left_id"]
        path = f"/sought-persons/{sought_id}/suggestions"
        first = desk.get(path, limit=5).json()
        second = desk.get(path, limit=200, cursor=first["next_cursor"]).json()
        assert [i["id"] for i in first["items"] + second["items"]] == many

    def test_take_no_cursor_of_another_list_or_society(self, desk: Desk, many: list[str]) -> None:
        cursor = desk.get("/suggestions", state=list(State), limit=3).json()["next_cursor"]
        sought_id = desk.show(many[0])["left_id"]
        answers = [
            desk.get(f"/sought-persons/{sought_id}/suggestions", cursor=cursor),
            desk.get("/suggestions", society="UG", cursor=cursor),
            desk.get("/suggestions", cursor=cursor[:-2] + "AA"),
            desk.get("/sightings", cursor=cursor),
        ]
        assert {(a.status_code, a.json()["code"]) for a in answers} == {(400, "malformed")}


class TestFilters:
    def test_show_what_waits_unless_told_otherwise(self, desk: Desk, many: list[str]) -> None:
        waiting = {"suggested", "needs_information", "cannot_tell", "provisionally_confirmed"}
        assert {item["state"] for item in desk.queue()} == waiting

    def test_show_exactly_what_was_asked_for(self, desk: Desk, many: list[str]) -> None:
        everything = {"state": list(State), "limit": 200}
        for name, wanted in (("state", ["stale", "rejected"]), ("band", ["strong", "weak"])):
            expected = [i["id"] for i in desk.queue(**everything) if i[name] in wanted]
            assert [item["id"] for item in desk.queue(**everything | {name: wanted})] == expected != []

    def test_refuse_unknown_words(self, desk: Desk) -> None:
        for params in ({"state": "open"}, {"band": "sure"}, {"limit": 0}, {"limit": 201}):
            assert desk.get("/suggestions", **params).status_code == 422, params


class TestWhoReads:
    def test_only_caseworkers_and_supervisors_of_the_society(self, desk: Desk, many: list[str]) -> None:
        for label in ("intake", "auditor", "partner", "enquirer", "statistics", "administrator"):
            assert desk.get("/suggestions", label).status_code == 403, label
        assert desk.get("/suggestions", "supervisor").status_code == 200
        assert desk.get("/suggestions", society="UG").json()["items"] == []
