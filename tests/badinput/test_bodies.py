"""Bodies that cannot be read, whatever they were meant to say; every route that takes one answers alike."""

import json
from collections.abc import Iterator

import pytest

from tests.badinput.drafts import DRAFTS, NOBODY, REQUEST
from tests.badinput.world import CANARY, World, problem

pytestmark = pytest.mark.usefixtures("unchanged")

C = CANARY.encode()
# What is wrong with it, and the bytes.
UNREADABLE: tuple[tuple[str, bytes], ...] = (
    ("broken off", b'{"person": "' + C),
    ("no JSON at all", C),
    ("a comma too many", b'{"a": "' + C + b'",}'),
    ("single quotes", b"{'a': '" + C + b"'}"),
    ("a comment", b"{} // " + C),
    ("two texts", b'{}{"a": "' + C + b'"}'),
    ("a bare control character", b'{"a": "' + C + b'\x00"}'),
    ("half of a pair as an escape", b'{"a": "' + C + b'\\ud800"}'),
    ("half of a pair in a key", b'{"' + C + b'\\udfff": 1}'),
    ("half of a pair as bytes", b'{"a": "' + C + b'\xed\xa0\x80"}'),
    ("no UTF-8", b'{"a": "' + C + b'\xff\xfe"}'),
    ("overlong UTF-8", b'{"a": "' + C + b'\xc0\xaf"}'),
    ("Latin-1", '{"a": "Zqxjkvwy é"}'.encode("latin-1")),
    ("UTF-16", '{"a": "Zqxjkvwy"}'.encode("utf-16")),
    ("a byte order mark", b'\xef\xbb\xbf{"a": "' + C + b'"}'),
    ("NaN", b'{"a": NaN, "b": "' + C + b'"}'),
    ("Infinity", b'{"a": -Infinity, "b": "' + C + b'"}'),
    ("a number beyond any float", b'{"a": 1e999, "b": "' + C + b'"}'),
    ("a whole number of 5,000 digits", b'{"a": ' + b"9" * 5000 + b"}"),
    ("a whole number beyond 64 bits", b'{"a": -' + b"9" * 20 + b"}"),
    ("an open nest of 100,000", b"[" * 100_000),
    ("a nest of 100,000 objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    ("a nest of 65", b"[" * 66 + b"]" * 66),
    ("a key twice", b'{"a": "' + C + b'", "a": 2}'),
    ("a key twice, once escaped", b'{"a": "' + C + b'", "\\u0061": 2}'),
    ("a key twice, deep down", b'{"person": {"names": [{"' + C + b'": 1, "' + C + b'": 2}]}}'),
)


def takers(world: World) -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation that reads JSON, each on something that exists."""
    request, sought, sighting = world.request["id"], world.sought_id, world.sighting["id"]
    yield from (("POST", path) for path in ("/tracing-requests", "/sightings", "/match"))
    yield from (("PATCH", path) for path in world.tags)
    yield "POST", f"/sought-persons/{sought}/events"
    yield from (("POST", f"/sought-persons/{sought}/{what}") for what in ("fate-reports", "tellings", "conclusion"))
    yield "POST", f"/fate-reports/{sought}/events"  # a body is read before the report is looked up
    yield "POST", f"/sightings/{sighting}/triage"
    yield from (("POST", path) for path in DRAFTS if NOBODY in path)
    yield "POST", f"/disclosure-cases/{NOBODY}/own-request"
    yield "POST", f"/records/{request}/consents"
    yield "POST", f"/records/{request}/consents/withdrawal"
    yield "POST", f"/records/{request}/broken-glass"
    yield "POST", f"/records/{request}/contact-attempts"
    yield "POST", f"/sought-persons/{sought}/messages"


class TestUnreadable:
    @pytest.mark.parametrize(("what", "content"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
    def test_body_is_400_everywhere(self, world: World, what: str, content: bytes) -> None:
        for method, path in takers(world):
            problem(world.raw(method, path, content), 400, "malformed")

    @pytest.mark.parametrize(
        "kind", ["application/json", "APPLICATION/Json; charset=latin-1", "application/problem+json"]
    )
    def test_body_is_400_under_every_name_of_json(self, world: World, kind: str) -> None:
        for what, content in UNREADABLE:
            answer = world.raw("POST", "/tracing-requests", content, **{"Content-Type": kind})
            assert problem(answer, 400)["code"] == "malformed", what

    def test_body_of_nobody_is_401(self, world: World) -> None:
        headers = {"Content-Type": "application/json"}
        for what, content in UNREADABLE:
            answer = world.client.post("/v1/tracing-requests", content=content, headers=headers)
            assert problem(answer, 401)["code"] == "unidentified", what


class TestKindOfContent:
    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/xml",
            "application/x-www-form-urlencoded",
            "application/x-ndjson",
            "application/json, text/plain",
            "json",
            "application/jsonp",
            f"{CANARY}/{CANARY}",
            "\xff",
            "",
        ],
    )
    def test_other_than_json_is_415(self, world: World, kind: str) -> None:
        for method, path in takers(world):
            answer = world.raw(method, path, json.dumps({CANARY: CANARY}).encode(), **{"Content-Type": kind})
            problem(answer, 415, "unsupported-media-type")

    def test_of_an_empty_body_is_missing(self, world: World) -> None:
        for method, path in takers(world):
            body = problem(world.raw(method, path, b""), 422, "invalid")
            assert body["errors"] == [{"pointer": "", "code": "missing", "detail": "it is needed"}]

    @pytest.mark.parametrize("content", [b"null", b"[]", b"7", b'"%s"' % C, b"true", b'["%s"]' % C])
    def test_that_is_no_object_is_422(self, world: World, content: bytes) -> None:
        for method, path in takers(world):
            assert problem(world.raw(method, path, content), 422, "invalid")["errors"][0]["pointer"] == ""

    def test_of_a_list_is_one_that_the_import_reads(self, world: World) -> None:
        for kind in ("application/json", "text/html", ""):
            answer = world.raw("POST", "/imports?kind=requests", C, **{"Content-Type": kind})
            problem(answer, 415, "unsupported-media-type")


class TestSize:
    def test_over_the_limit_is_413_when_announced(self, world: World) -> None:
        problem(world.raw("POST", "/tracing-requests", b" " * 1_048_577), 413, "too-large")

    def test_over_the_limit_is_413_when_not_announced(self, world: World) -> None:
        parts = (b" " * 65_536 for _ in range(17))
        headers = {"Content-Type": "application/json"}
        problem(world.send("POST", "/tracing-requests", content=parts, headers=headers), 413, "too-large")

    def test_over_the_limit_is_413_when_announced_only(self, world: World) -> None:
        answer = world.raw("POST", "/tracing-requests", b"{}", **{"Content-Length": "1048577"})
        problem(answer, 413, "too-large")

    def test_of_an_import_has_a_limit_of_its_own_which_nobody_gets(self, world: World) -> None:
        parts = (b" " * 65_536 for _ in range(17))
        answer = world.client.post("/v1/imports?kind=requests", content=parts)
        problem(answer, 401, "unidentified")

    def test_at_the_limit_is_read(self, world: World) -> None:
        draft = json.dumps(REQUEST | {"already_tried": CANARY}).encode()
        body = problem(world.raw("POST", "/sightings", draft + b" " * (1_048_576 - len(draft))), 422)
        assert body["errors"]

    @pytest.mark.parametrize("length", ["abc", "-1", "1e3", "+2", "0x10", " ", "9" * 5000, "٣", "1,1"])
    def test_that_is_no_number_is_400(self, world: World, length: str) -> None:
        headers = {"Content-Length": length.encode(), "Content-Type": "application/json"}
        problem(world.send("POST", "/tracing-requests", content=b"{}", headers=headers), 400, "malformed")
