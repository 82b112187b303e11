"""Verifications over HTTP, as caseworkers go through them."""

from uuid import uuid4

from tests.support import Json, made, post
from tests.trails import entries
from tests.verification.desk import ESTABLISHED, LEFT_OPEN, REFUTED, Desk, interview, just_held


class TestJourney:
    def test_a_confirmed_match_is_verified_by_two_teams(self, fresh: Desk) -> None:
        """Nothing is answered of the place where she is safe, so a worker of another team must agree."""
        fresh.hire_into("kisumu", "kisumu-caseworker")
        pair = fresh.pair()
        sought_id, found_id = str(pair.sought_id), str(pair.found_id)
        verification_id = fresh.begin(pair)
        assert fresh.state_of(sought_id) == "verifying"
        talk = post(
            fresh.client, f"/verifications/{verification_id}/interviews", just_held(interview("found")), fresh.auth()
        )
        assert (talk.status_code, talk.json()["code"]) == (409, "not-screened")
        made(fresh.screen(pair, answers={flag: {"answer": "no"} for flag in ("trafficking", "minor_involved")}))
        early = fresh.step(verification_id, "result", ESTABLISHED)
        assert (early.status_code, early.json()["code"]) == (409, "not-established")
        assert len(early.json()["errors"]) == 4
        fresh.hear(verification_id)
        proposed = made(fresh.step(verification_id, "result", ESTABLISHED), 200)
        assert (proposed["state"], proposed["result"]["identity"]) == ("proposed", "established")
        waiting = fresh.get("/verifications", state="proposed").json()["items"]
        assert [item["id"] for item in waiting] == [verification_id]
        for label, code in (("caseworker", "same-worker"), ("caseworker-2", "same-team")):
            own = fresh.step(verification_id, "approval", {"approve": True}, label)
            assert (own.status_code, own.json()["code"]) == (403, code)
        done = made(fresh.step(verification_id, "approval", {"approve": True}, "kisumu-caseworker"), 200)
        assert done["state"] == "passed"
        assert done["settled_by"] != done["result"]["given_by"]
        assert [talk["side"] for talk in done["interviews"]] == ["enquirer", "found"]
        assert fresh.state_of(sought_id) == "located_pending_consent"
        changes = [e.act for e in entries(fresh.gate, fresh.people) if str(e.subject_id) == found_id]
        assert [act for act in changes if act.startswith("verifications.") and act != "verifications.read"] == [
            "verifications.open",
            "verifications.propose",
            "verifications.pass",
        ]
        steps = [e.act for e in entries(fresh.gate, fresh.people) if str(e.subject_id) == sought_id]
        assert (steps.count("sought.open_verification"), steps.count("sought.verify")) == (1, 1)

    def test_a_wrong_match_is_refuted(self, fresh: Desk) -> None:
        pair = fresh.pair()
        verification_id = fresh.begin(pair)
        assert made(fresh.step(verification_id, "result", LEFT_OPEN), 200)["state"] == "open"
        assert made(fresh.step(verification_id, "result", REFUTED), 200)["state"] == "refuted"
        assert fresh.state_of(str(pair.sought_id)) == "searching"
        again = fresh.step(verification_id, "result", REFUTED)
        assert (again.status_code, again.json()["code"]) == (409, "not-confirmed")
        match = made(fresh.get(f"/suggestions/{pair.suggestion_id}"), 200)
        assert (match["state"], match["decisions"][-1]["verdict"]) == ("rejected", "refute")
        told = [e.act for e in entries(fresh.gate, fresh.people) if e.subject_id == pair.suggestion_id]
        assert told.count("suggestions.refute") == 1
        fresh.night()
        assert fresh.get(f"/suggestions/{pair.suggestion_id}").json()["state"] == "rejected"


class TestConditions:
    def test_a_change_needs_the_verification_as_it_is(self, fresh: Desk) -> None:
        verification_id = fresh.begin(fresh.pair())
        path = f"/verifications/{verification_id}"
        tag = fresh.get(path).headers["ETag"]
        assert fresh.client.get(f"/v1{path}", headers=fresh.auth() | {"If-None-Match": tag}).status_code == 304
        fresh.hear(verification_id, "caseworker", interview("enquirer"))
        for step, body in (("result", LEFT_OPEN), ("approval", {"approve": True})):
            assert post(fresh.client, f"{path}/{step}", body, fresh.auth()).status_code == 428
            stale = post(fresh.client, f"{path}/{step}", body, fresh.auth(), **{"If-Match": tag})
            assert stale.status_code == 412
            absent = post(fresh.client, f"/verifications/{uuid4()}/{step}", body, fresh.auth())
            assert absent.status_code == 404
            assert post(fresh.client, f"{path}/{step}", body, fresh.auth("intake")).status_code == 403

    def test_a_retry_makes_nothing_twice(self, fresh: Desk) -> None:
        pair = fresh.pair()
        key = {"Idempotency-Key": "verification-1"}
        url = f"/v1/suggestions/{pair.suggestion_id}/verifications"
        first, again = (made(fresh.client.post(url, headers=fresh.auth() | key)) for _ in range(2))
        assert first == again
        path = f"/verifications/{first['id']}/interviews"
        key = {"Idempotency-Key": "interview-1"}
        talk = just_held(interview("enquirer"))
        talks = [made(post(fresh.client, path, talk, fresh.auth(), **key)) for _ in range(2)]
        assert talks[0] == talks[1]
        assert made(fresh.get(f"/verifications/{first['id']}"), 200)["interviews"] == talks[:1]
        other = post(fresh.client, path, just_held(interview("found")), fresh.auth(), **key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")

    def test_of_nobody_who_is_seen_is_404(self, fresh: Desk) -> None:
        pair = fresh.pair()
        verification_id = fresh.begin(pair)
        path = f"/verifications/{verification_id}"

        def answers(society: str, path: str) -> list[Json]:
            talk = post(
                fresh.client, f"{path}/interviews", just_held(interview("enquirer")), fresh.auth(society=society)
            )
            told = [fresh.get(path, society=society), talk]
            assert [answer.status_code for answer in told] == [404, 404]
            return [answer.json() | {"request_id": ""} for answer in told]

        absent = answers("UG", f"/verifications/{uuid4()}")
        assert answers("UG", path) == absent
        assert fresh.get("/verifications", society="UG").json()["items"] == []
        url = f"/v1/suggestions/{pair.suggestion_id}/verifications"
        assert fresh.client.post(url, headers=fresh.auth(society="UG")).status_code == 404
        fresh.withdraw(str(pair.found_id), "register", "match_within_society")
        assert answers("KE", path) == absent
        assert fresh.get("/verifications").json()["items"] == []
        assert fresh.client.post(url, headers=fresh.auth()).status_code == 404

    def test_a_list_goes_on_where_it_ended(self, fresh: Desk) -> None:
        pair = fresh.pair()
        ids = []
        for _ in range(3):
            ids.append(fresh.begin(pair))
            made(fresh.step(ids[-1], "result", REFUTED), 200)
            for verdict in ("undo", "confirm_same_person"):
                fresh.decided(str(pair.suggestion_id), verdict)
        first = made(fresh.get("/verifications", limit=2), 200)
        rest = made(fresh.get("/verifications", cursor=first["next_cursor"]), 200)
        assert [item["id"] for item in (*first["items"], *rest["items"])] == ids
        assert (first["has_more"], rest["has_more"]) == (True, False)
        assert fresh.get("/verifications", state="open").json()["items"] == []
