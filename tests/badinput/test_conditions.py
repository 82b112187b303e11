"""Headers, ids, cursors, tokens and consents that do not hold."""

import base64
from typing import Any
from uuid import uuid4

import pytest

from tests.badinput.drafts import REQUEST, SIGHTING, put
from tests.badinput.world import CANARY, World, problem
from tests.support import granted, made

pytestmark = pytest.mark.usefixtures("unchanged")

# What was sent as a date, and why it is none.
BAD_DATES = (
    ("2021-02-30", "no such day"),
    ("2021-13", "no such month"),
    ("0000", "no such year"),
    ("2021/2019", "reversed"),
    ("2021-05-02/2021-05-01", "reversed by a day"),
    ("../..", "an interval without an end"),
    ("1984-05-xx", "lower-case X"),
    ("19X4", "X before a digit"),
    ("198X?", "X and a mark"),
    ("31.12.1990", "another form"),
    ("1990-5", "one digit"),
    ("1990-05-01T00:00:00", "a moment"),
    ("١٩٩٠", "other digits"),
    ("99999", "five digits"),
    ("-0001", "before the calendar"),
    ("1990\n", "a line break"),
)
DATES = (
    ("/tracing-requests", REQUEST, ("sought", 0, "person", "birth")),
    ("/tracing-requests", REQUEST, ("separation", "date")),
    ("/tracing-requests", REQUEST, ("source_date",)),
    ("/sightings", SIGHTING, ("sighting_time",)),
    ("/sightings", SIGHTING, ("person", "age_date")),
)


class TestDate:
    @pytest.mark.parametrize(("date", "why"), BAD_DATES, ids=[row[1] for row in BAD_DATES])
    def test_that_cannot_be_is_refused(self, world: World, date: str, why: str) -> None:
        for path, draft, at in DATES:
            body = world.refused("POST", path, put(draft, at, date))
            assert (body["status"], body["code"]) == (422, "invalid"), at
            told = {flaw["pointer"]: flaw["code"] for flaw in body["errors"]}
            assert told[f"/{'/'.join(map(str, at))}"] in {"impossible-date", "control-character"}, body

    @pytest.mark.parametrize(
        ("calendar", "date"), [("hijri", "1400-13"), ("ethiopian", "1990-14"), ("solar_hijri", "1370-12-31")]
    )
    def test_is_judged_in_its_calendar(self, world: World, calendar: str, date: str) -> None:
        draft = put(put(SIGHTING, ("person", "birth_calendar"), calendar), ("person", "birth"), date)
        assert world.refused("POST", "/sightings", draft)["errors"][0]["code"] == "impossible-date"

    @pytest.mark.parametrize("age", ["thirty", "-3", "30-20", "200-300", "3.5", CANARY, "٣٠"])
    def test_of_an_age_must_be_possible(self, world: World, age: str) -> None:
        body = world.refused("POST", "/sightings", put(SIGHTING, ("person", "age"), age))
        assert body["errors"][0]["code"] == "impossible-age"

    def test_belongs_to_an_age(self, world: World) -> None:
        body = world.refused("POST", "/sightings", put(SIGHTING, ("person", "age_date"), None))
        assert "age-without-date" in {flaw["code"] for flaw in body["errors"]}

    @pytest.mark.parametrize(
        "moment",
        [
            5,
            "5",
            "-5",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "9999-12-31T23:59:59-14:00",
            "2026-02-30T00:00:00Z",
            CANARY,
            1e300,
            True,
        ],
    )
    def test_of_a_consent_is_a_moment_with_its_zone(self, world: World, moment: Any) -> None:
        draft = put(SIGHTING, ("consents", 0, "valid_until"), moment)
        body = world.refused("POST", "/sightings", draft)
        assert [flaw["pointer"] for flaw in body["errors"]] == ["/consents/0/valid_until"]


class TestCondition:
    @pytest.mark.parametrize("tag", ['"x"', "*", CANARY, f'W/"{CANARY}"', "", '"' + "0" * 32 + '-1"', "\xff"])
    def test_that_is_stale_is_412(self, world: World, tag: str) -> None:
        for path in world.tags:
            problem(world.raw("PATCH", path, b"{}", **{"If-Match": tag}), 412, "stale")

    def test_that_is_missing_is_428(self, world: World) -> None:
        for path in world.tags:
            answer = world.send("PATCH", path, json={})
            problem(answer, 428, "condition-missing")

    def test_that_is_too_long_is_422(self, world: World) -> None:
        for path in world.tags:
            body = problem(world.raw("PATCH", path, b"{}", **{"If-Match": CANARY * 100}), 422)
            assert body["errors"][0]["pointer"] == "header:If-Match"

    def test_comes_after_the_record_itself(self, world: World) -> None:
        for path in world.tags:
            elsewhere = f"{path.rpartition('/')[0]}/{uuid4()}"
            problem(world.send("PATCH", elsewhere, json={}), 404, "not-found")
            problem(world.send("PATCH", path, json={}, society="UG"), 404, "not-found")
            problem(world.send("PATCH", path, json={}, label="auditor"), 403, "refused")


class TestIdempotencyKey:
    @pytest.mark.parametrize("key", ["short", "a" * 129, f"{CANARY} {CANARY}", "é" * 9, "", "x\ty-1234567"])
    def test_of_another_form_is_422(self, world: World, key: str) -> None:
        for path, draft in (("/tracing-requests", REQUEST), ("/sightings", SIGHTING)):
            answer = world.send("POST", path, json=draft, headers={"Idempotency-Key": key.encode()})
            assert problem(answer, 422)["errors"][0]["pointer"] == "header:Idempotency-Key"


class TestId:
    @pytest.mark.parametrize(
        "text",
        [
            CANARY,
            "0",
            "00000000-0000-4000-8000-00000000000g",
            "%00",
            "%ED%A0%80",
            "..%2f",
            "{request_id}",
            "🙂",
            "0" * 5000,
        ],
    )
    def test_that_is_none_is_422_or_404(self, world: World, text: str) -> None:
        for path in world.tags:
            body = problem(world.send("GET", f"{path.rpartition('/')[0]}/{text}"))
            assert (body["status"], body["code"]) in {(422, "invalid"), (404, "not-found")}

    def test_of_another_society_is_absent(self, world: World) -> None:
        for path in world.tags:
            foreign = problem(world.send("GET", path, society="UG"), 404, "not-found")
            absent = problem(world.send("GET", f"{path.rpartition('/')[0]}/{uuid4()}", society="UG"), 404)
            assert _but_request_id(foreign) == _but_request_id(absent)

    def test_in_use_is_one_answer_whatever_it_names(self, world: World) -> None:
        for path, draft in (("/tracing-requests", REQUEST), ("/sightings", SIGHTING)):
            for known in (world.request["id"], world.sighting["id"], world.sought_id):
                problem(world.send("POST", path, json=draft | {"id": known}), 409, "conflict")

    def test_twice_in_one_request_is_422(self, world: World) -> None:
        same = str(uuid4())
        draft = put(REQUEST, ("id",), same)
        draft["sought"][0]["id"] = same
        assert world.refused("POST", "/tracing-requests", draft)["errors"][0]["code"] == "id-twice"


class TestQuery:
    @pytest.mark.parametrize(
        ("path", "query", "pointer"),
        [
            ("/tracing-requests", "limit=0", "query:limit"),
            ("/tracing-requests", "limit=201", "query:limit"),
            ("/tracing-requests", f"limit={CANARY}", "query:limit"),
            ("/tracing-requests", "limit=99999999999999999999999999", "query:limit"),
            ("/tracing-requests", "limit=1.5", "query:limit"),
            ("/tracing-requests", "limit=%00", "query:limit"),
            ("/tracing-requests", "limit=", "query:limit"),
            ("/tracing-requests", f"cursor={CANARY * 40}", "query:cursor"),
            ("/sightings", f"state={CANARY}", "query:state/0"),
            ("/sightings", "state=active&state=%ED%A0%80", "query:state/1"),
            ("/suggestions", f"band={CANARY}", "query:band/0"),
            ("/suggestions", f"state={CANARY}&band=strong", "query:state/0"),
            ("/match-runs", "limit=-1", "query:limit"),
            ("/imports/template", "", "query:kind"),
            ("/imports/template", f"kind={CANARY}", "query:kind"),
        ],
    )
    def test_that_breaks_a_rule_is_422(self, world: World, path: str, query: str, pointer: str) -> None:
        body = problem(world.send("GET", f"{path}?{query}"), 422, "invalid")
        assert [flaw["pointer"] for flaw in body["errors"]] == [pointer]


class TestCursor:
    def test_with_any_byte_changed_is_400(self, world: World) -> None:
        cursor = self._cursor(world)
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        for place in range(len(raw)):
            for flip in (0x01, 0x80):
                bad = raw[:place] + bytes([raw[place] ^ flip]) + raw[place + 1 :]
                text = base64.urlsafe_b64encode(bad).decode().rstrip("=")
                problem(world.send("GET", f"/trail?cursor={text}", label="auditor"), 400, "malformed")

    @pytest.mark.parametrize("cut", [1, 2, 15, 16, 17])
    def test_cut_off_is_400(self, world: World, cut: int) -> None:
        problem(
            world.send("GET", f"/trail?cursor={self._cursor(world)[:-cut]}", label="auditor"),
            400,
            "malformed",
        )

    @pytest.mark.parametrize("text", ["", CANARY, "AAAA", "%00", "%C3%A9", "%ED%A0%80", "A" * 200, "%2B%2F", "=="])
    def test_that_was_never_given_out_is_400(self, world: World, text: str) -> None:
        for path in ("/tracing-requests", "/sightings", "/suggestions"):
            problem(world.send("GET", f"{path}?cursor={text}"), 400, "malformed")

    def test_of_another_list_is_400(self, world: World) -> None:
        cursor = self._cursor(world)
        problem(world.send("GET", f"/tracing-requests?cursor={cursor}"), 400, "malformed")
        problem(world.send("GET", f"/trail?cursor={cursor}&newest_first=true", label="auditor"), 400, "malformed")

    def test_of_another_society_is_400(self, world: World) -> None:
        answer = world.send("GET", f"/trail?cursor={self._cursor(world)}", label="auditor", society="UG")
        problem(answer, 400, "malformed")

    def _cursor(self, world: World) -> str:
        return str(made(world.send("GET", "/trail?limit=1", label="auditor"), 200)["next_cursor"])


class TestConsent:
    @pytest.mark.parametrize(
        "consents",
        [
            [],
            granted("match_within_society"),
            [{"purpose": "register", "decision": "refused"}],
            [{"purpose": "register", "decision": "withdrawn"}],
            [{"purpose": "register", "decision": "deferred"}],
        ],
    )
    def test_that_is_missing_is_422(self, world: World, consents: list[Any]) -> None:
        for path, draft, at in (
            ("/tracing-requests", REQUEST, ("enquirer", "consents")),
            ("/tracing-requests", REQUEST, ("sought", 0, "basis")),
            ("/sightings", SIGHTING, ("consents",)),
        ):
            body = problem(world.send("POST", path, json=put(draft, at, consents)), 422, "missing-consent")
            assert body["errors"][0]["pointer"].startswith(f"/{'/'.join(map(str, at))}")


class TestMethod:
    @pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "CONNECT", "BREW", CANARY.upper()])
    def test_that_no_route_has_is_405_and_says_which_there_are(self, world: World, method: str) -> None:
        answer = world.client.request(method, "/v1/tracing-requests", headers=world.people.auth())
        problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "GET, POST"

    @pytest.mark.parametrize(
        "path", [f"/{CANARY}", "/tracing-requests/", "//tracing-requests", "/v1", "/../etc/passwd"]
    )
    def test_at_a_path_that_is_none_is_404(self, world: World, path: str) -> None:
        problem(world.send("GET", path), 404, "not-found")


def _but_request_id(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "request_id"}
