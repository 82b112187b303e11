"""Every field of the main bodies, filled with what must not stand there."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.badinput.drafts import DRAFTS, Path, leaves, objects, pointer, put
from tests.badinput.world import CANARY, World, problem

pytestmark = pytest.mark.usefixtures("unchanged")

# (what, text, code of the flaw where any text may stand)
BAD_TEXTS = (
    ("NUL: PostgreSQL stores none", f"{CANARY}\0", "nul-character"),
    ("escape", f"{CANARY}\x1b[31m", "control-character"),
    ("C1 control", f"{CANARY}\x85", "control-character"),
    ("line separator", f"{CANARY}\u2028", "control-character"),
    ("right-to-left override", f"{CANARY}\u202etxt.exe", "bidi-control"),
    ("isolate", f"\u2067{CANARY}\u2069", "bidi-control"),
    ("left-to-right mark", f"{CANARY}\u200e", "bidi-control"),
    ("zero width space", f"Zqx\u200bjk{CANARY}", "zero-width"),
    ("joiner between Latin letters", f"Zqx\u200djk{CANARY}", "zero-width"),
    ("byte order mark", f"\ufeff{CANARY}", "zero-width"),
    ("tag character", f"{CANARY}\U000e0041", "zero-width"),
    ("Hangul filler", f"{CANARY}\u3164", "zero-width"),
    ("private use", f"{CANARY}\ue000", "zero-width"),
    ("noncharacter", f"{CANARY}\uffff", "zero-width"),
    ("only blanks", " \u3000 ", "empty"),
    ("nothing", "", "string-too-short"),
)
# Codes where a field has a form of its own, or takes coded values only.
FORMS = {
    "enum",
    "literal-error",
    "string-pattern-mismatch",
    "impossible-date",
    "impossible-age",
    "uuid-parsing",
    "datetime-from-date-parsing",
    "datetime-parsing",
    "string-too-long",
    "string-too-short",
    "bool-type",
    "int-type",
    "float-type",
    "string-type",
}
WRONG: tuple[Any, ...] = (7, -1.5, True, [], [CANARY], {}, {CANARY: CANARY})
AT_ONCE = 60  # an answer lists a hundred flaws at most


def groups(*kinds: type, but: type | None = None) -> Iterator[tuple[str, list[Path]]]:
    """Yield a draft's path with places of values of `kinds`, so many that one answer can name them all."""
    for path, draft in DRAFTS.items():
        places = [at for at, value in leaves(draft) if type(value) in kinds and not _fits(value, but)]
        for start in range(0, len(places), AT_ONCE):
            yield path, places[start : start + AT_ONCE]


def _fits(value: Any, kind: type | None) -> bool:
    """Return whether a value of `kind` may stand where `value` does: a whole number is a number, too."""
    return type(value) is kind or (type(value) in (int, float) and kind in (int, float))


class TestText:
    @pytest.mark.parametrize(("reason", "text", "code"), BAD_TEXTS, ids=[row[0] for row in BAD_TEXTS])
    def test_is_refused_in_every_field(self, world: World, reason: str, text: str, code: str) -> None:
        for path, places in groups(str):
            draft = DRAFTS[path]
            for at in places:
                draft = put(draft, at, text)
            body = world.refused("POST", path, draft)
            assert (body["status"], body["code"]) == (422, "invalid"), body
            for at in places:
                codes = {flaw["code"] for flaw in body["errors"] if flaw["pointer"] == pointer(at)}
                assert codes, (at, body)
                assert codes <= FORMS | {code}, (at, body)

    def test_of_5000_letters_is_too_long_for_a_name(self, world: World) -> None:
        at = ("sought", 0, "person", "names", 0, "full")
        body = world.refused("POST", "/tracing-requests", put(DRAFTS["/tracing-requests"], at, CANARY[0] * 5000))
        assert body["errors"] == [{"pointer": pointer(at), "code": "string-too-long", "detail": "too long"}]

    @pytest.mark.parametrize("half", [r"\ud800", r"\udfff", r"\udc00\ud800", r"ab\ud83dcd"])
    def test_with_half_a_character_is_refused(self, world: World, half: str) -> None:
        for path, draft in DRAFTS.items():
            for at in [at for at, value in leaves(draft) if isinstance(value, str)][::9]:
                raw = json.dumps(put(draft, at, "@@")).replace("@@", CANARY + half)
                assert problem(world.raw("POST", path, raw.encode()))["code"] == "malformed", at


class TestShape:
    @pytest.mark.parametrize("wrong", WRONG, ids=repr)
    def test_a_value_of_another_kind_is_refused_in_every_field(self, world: World, wrong: Any) -> None:
        for path, places in groups(str, bool, int, float, but=type(wrong)):
            draft = DRAFTS[path]
            for at in places:
                draft = put(draft, at, wrong)
            body = world.refused("POST", path, draft)
            assert (body["status"], body["code"]) == (422, "invalid"), body
            told = {flaw["pointer"] for flaw in body["errors"]}
            assert told == {pointer(at) for at in places}, body

    def test_an_unknown_field_is_refused_in_every_object(self, world: World) -> None:
        for path, draft in DRAFTS.items():
            for at in objects(draft):
                if at == ("queries",):
                    continue
                body = world.refused("POST", path, put(draft, (*at, CANARY), CANARY))
                flaw = {"pointer": f"{pointer(at)}/…", "code": "unknown-field", "detail": "no such field"}
                assert body["errors"] == [flaw]

    def test_a_misspelt_field_is_recognised(self, world: World) -> None:
        draft = put(DRAFTS["/sightings"], ("person", "brith_place"), CANARY)
        flaw = world.refused("POST", "/sightings", draft)["errors"][0]
        assert (flaw["pointer"], flaw["detail"]) == (
            "/person/…",
            "no such field; did you mean `birth_place`?",
        )

    @pytest.mark.parametrize("name", [f"{CANARY} x", CANARY * 6, "", f"{CANARY}/", "é"])
    def test_a_query_has_a_plain_name(self, world: World, name: str) -> None:
        body = world.refused("POST", "/match", {"queries": {name: DRAFTS["/match"]["queries"]["q1"]}})
        assert body["status"] == 422

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("limit", 0),
            ("limit", 51),
            ("limit", "5"),
            ("limit", False),
            ("min_probability", -0.1),
            ("min_probability", 1.1),
            ("min_probability", "0.5"),
            ("min_probability", True),
            ("kinds", []),
            ("kinds", ["sought"] * 9),
            ("exclude", [CANARY]),
            ("exclude", [7]),
        ],
    )
    def test_an_option_out_of_range_is_refused(self, world: World, field: str, value: Any) -> None:
        body = world.refused("POST", "/match", put(DRAFTS["/match"], ("queries", "q1", field), value))
        assert (body["status"], body["code"]) == (422, "invalid")

    @pytest.mark.parametrize("flag", ["yes", "true", 1, 0, "on", CANARY])
    def test_a_flag_is_true_or_false_only(self, world: World, flag: Any) -> None:
        for at in (("start",), ("enquirer", "no_safe_contact"), ("enquirer", "contacts", 0, "shared_device")):
            body = world.refused("POST", "/tracing-requests", put(DRAFTS["/tracing-requests"], at, flag))
            assert [flaw["pointer"] for flaw in body["errors"]] == [pointer(at)]
