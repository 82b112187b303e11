"""What asks for four eyes is not unmade by the pair of eyes that works alone, over HTTP on both databases."""

import pytest
from httpx import Response

from tests.risk.desk import Desk, Pair, answers
from tests.support import Json, made
from tracing.gate import foureyes
from tracing.gate.permissions import Role

BROTHER = "Abdi Yusuf Warsame"
STRANGER = "Nguyen Van Tam"
FLED = {"cause": "trafficking_or_exploitation", "place": "Afmadow"}
STOPS = answers(enquirer_on_never_disclose_list="yes")


def patched(desk: Desk, path: str, label: str, **fields: object) -> Response:
    tag = {"If-Match": desk.get(path, label).headers["etag"]}
    answer: Response = desk.client.patch(f"/v1{path}", json=fields, headers=desk.auth(label) | tag)
    return answer


def refused(answer: Response, code: str) -> Json:
    problem: Json = answer.json()
    assert (answer.status_code, problem["code"]) == (403, code), answer.text
    assert "supervisor" in problem["detail"]
    assert "Abdi" not in answer.text
    return problem


class TestMilderScreen:
    def test_is_a_supervisors_who_did_not_make_the_graver_one(self, fresh: Desk) -> None:
        pair = fresh.pair()
        fresh.hire_again("supervisor-at-night", known="supervisor", role=Role.SUPERVISOR)
        assert made(fresh.screen(pair, "supervisor", **STOPS))["verdict"] == "stop"
        refused(fresh.screen(pair, "caseworker"), "supervisor-needed")
        refused(fresh.screen(pair, "caseworker-2", **answers("unknown")), "supervisor-needed")
        refused(fresh.screen(pair, "supervisor"), "same-worker")
        refused(fresh.screen(pair, "supervisor-at-night"), "same-worker")
        assert [screen["verdict"] for screen in fresh.get(path_of(pair)).json()] == ["stop"]
        assert made(fresh.screen(pair, "supervisor-2"))["verdict"] == "clear"

    def test_is_anybodys_where_it_is_no_milder(self, fresh: Desk) -> None:
        pair = fresh.pair()
        for label, word, verdict in (
            ("caseworker", "no", "clear"),
            ("caseworker", "no", "clear"),
            ("caseworker-2", "unknown", "second_approver"),
            ("caseworker", "yes", "stop"),
        ):
            assert made(fresh.screen(pair, label, **answers(word)))["verdict"] == verdict

    def test_of_a_list_that_was_emptied_meanwhile_takes_a_supervisor_too(self, fresh: Desk) -> None:
        pair = fresh.pair({"never_disclose_to": [BROTHER]})
        assert made(fresh.screen(pair, "caseworker-2"))["verdict"] == "stop"
        made(patched(fresh, f"/sightings/{pair.found_id}", "supervisor", never_disclose_to=[]), 200)
        refused(fresh.screen(pair, "caseworker"), "supervisor-needed")


class TestNeverDiscloseList:
    @pytest.mark.parametrize("side", ["found", "enquirer"])
    def test_loses_nobody_by_one_worker(self, fresh: Desk, side: str) -> None:
        path = place(fresh, side)
        for fewer in ([], [STRANGER], ["Abdi Yusuf"]):
            refused(patched(fresh, path, "caseworker", never_disclose_to=fewer), "supervisor-needed")
        assert fresh.get(path).json()["never_disclose_to"] == [BROTHER]
        made(patched(fresh, path, "supervisor", never_disclose_to=[]), 200)

    @pytest.mark.parametrize("side", ["found", "enquirer"])
    def test_takes_in_anybody_by_anybody(self, fresh: Desk, side: str) -> None:
        path = place(fresh, side)
        made(patched(fresh, path, "caseworker-2", never_disclose_to=[STRANGER, BROTHER]), 200)
        assert fresh.get(path).json()["never_disclose_to"] == [STRANGER, BROTHER]
        assert "set_by" not in fresh.get(path).text

    @pytest.mark.parametrize("side", ["found", "enquirer"])
    def test_loses_nobody_by_the_supervisor_who_put_them_there(self, fresh: Desk, side: str) -> None:
        path = place(fresh, side)
        made(patched(fresh, path, "supervisor", never_disclose_to=[BROTHER, STRANGER]), 200)
        made(patched(fresh, path, "caseworker", never_disclose_to=[BROTHER, STRANGER, "the embassy"]), 200)
        refused(patched(fresh, path, "supervisor", never_disclose_to=[BROTHER, "the embassy"]), "same-worker")
        made(patched(fresh, path, "supervisor-2", never_disclose_to=[BROTHER, "the embassy"]), 200)
        made(patched(fresh, path, "supervisor", never_disclose_to=[BROTHER]), 200)


class TestDangerousCause:
    @pytest.mark.parametrize("where", ["request", "search"])
    def test_is_changed_by_another_supervisor_only(self, fresh: Desk, where: str) -> None:
        request = fresh.open()
        sought = f"/sought-persons/{request['sought'][0]['id']}"
        path = f"/tracing-requests/{request['id']}" if where == "request" else sought
        made(patched(fresh, path, "supervisor", separation=FLED), 200)
        for label, code in (("caseworker", "supervisor-needed"), ("supervisor", "same-worker")):
            refused(patched(fresh, path, label, separation=FLED | {"cause": "unknown"}), code)
        made(patched(fresh, path, "caseworker", separation=FLED | {"place": "Kismayo"}), 200)
        made(patched(fresh, path, "supervisor-2", separation=FLED | {"cause": "unknown"}), 200)
        made(patched(fresh, path, "caseworker", separation=FLED | {"cause": "conflict"}), 200)

    def test_of_a_search_is_not_left_out_alone(self, fresh: Desk) -> None:
        request = fresh.open()
        path = f"/sought-persons/{request['sought'][0]['id']}"
        made(patched(fresh, path, "caseworker", separation=FLED), 200)
        refused(patched(fresh, path, "caseworker", separation=None), "supervisor-needed")

    def test_given_on_opening_is_the_openers(self, fresh: Desk) -> None:
        path = f"/tracing-requests/{fresh.open(separation=FLED)['id']}"
        refused(patched(fresh, path, "caseworker", separation={}), "supervisor-needed")
        made(patched(fresh, path, "supervisor", separation={}), 200)


def test_without_the_guard_one_worker_unmakes_all_of_it(fresh: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: what the tests above refuse goes through."""
    monkeypatch.setattr(foureyes, "require_lowering", lambda *_: None)
    pair = fresh.pair({"never_disclose_to": [BROTHER]}, separation=FLED)
    assert made(fresh.screen(pair, "caseworker-2", **STOPS))["verdict"] == "stop"
    made(patched(fresh, f"/sightings/{pair.found_id}", "caseworker", never_disclose_to=[]), 200)
    made(patched(fresh, f"/tracing-requests/{pair.request_id}", "caseworker", separation={}), 200)
    assert made(fresh.screen(pair))["verdict"] == "clear"


def path_of(pair: Pair) -> str:
    return f"/suggestions/{pair.suggestion_id}/risk-screens"


def place(desk: Desk, side: str) -> str:
    """Register somebody whose list names the brother, and return where they stand."""
    if side == "enquirer":
        return f"/tracing-requests/{desk.open(never_disclose_to=[BROTHER])['id']}"
    return f"/sightings/{desk.register(never_disclose_to=[BROTHER])}"
