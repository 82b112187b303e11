"""Case codes over HTTP: handed out once, revoked at once, and one answer for all that is not the caller's."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.enquirer.desk import Enquirer, enquirer, issued
from tests.review.desk import Desk, raw
from tests.support import Json, made, post, request_draft
from tests.trails import entries
from tracing.enquirer.service import LETTERS

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
FORM = re.compile(f"([{LETTERS}]{{4}}-){{3}}[{LETTERS}]{{4}}")


def codes(desk: Desk, request_id: str) -> list[Json]:
    items: list[Json] = made(desk.get(f"/tracing-requests/{request_id}/case-codes"), 200)["items"]
    return items


def revoke(desk: Desk, request_id: str) -> Json:
    newest = codes(desk, request_id)[0]["id"]
    return made(post(desk.client, f"/case-codes/{newest}/revoke", None, desk.auth()), 200)


@ONE_DATABASE
class TestIssue:
    def test_hands_out_a_code_that_spells_nothing_and_a_secret(self, desk: Desk) -> None:
        asking = enquirer(desk)
        assert FORM.fullmatch(asking.code)
        assert not set("AEIOUL") & set(LETTERS)
        assert asking.status == "search_under_way"

    def test_shows_the_secret_once(self, desk: Desk) -> None:
        view = desk.open()
        path, key = f"/tracing-requests/{view['id']}/case-codes", {"Idempotency-Key": "case-code-0001"}
        first = post(desk.client, path, None, desk.auth(), **key)
        again = made(post(desk.client, path, None, desk.auth(), **key))
        assert first.headers["Cache-Control"] == "no-store"
        assert again == made(first) | {"secret": None}
        assert codes(desk, view["id"]) == [again]

    def test_makes_an_account_that_may_read_the_status_and_nothing_else(self, desk: Desk) -> None:
        asking = enquirer(desk)
        with raw(desk.gate) as connection:
            rows = connection.exec_driver_sql(
                "select label, role, team from account where role = 'enquirer' and label <> 'enquirer'"
            ).all()
        ((label, _, team),) = rows
        assert re.fullmatch(r"enquirer-[0-9a-f]{16}", label)
        assert team == "nairobi"
        for path in ("/tracing-requests", f"/tracing-requests/{asking.request_id}", "/sightings", "/trail"):
            assert desk.client.get(f"/v1{path}", headers=asking.auth).status_code == 403

    def test_revokes_the_code_that_was_issued_before(self, desk: Desk) -> None:
        first = enquirer(desk)
        issued(desk, first.request_id)
        assert [code["revoked_at"] is None for code in codes(desk, first.request_id)] == [True, False]
        assert first.look().status_code == 404

    def test_is_undone_by_a_revocation_which_may_be_repeated(self, desk: Desk) -> None:
        asking = enquirer(desk)
        first = revoke(desk, asking.request_id)
        assert first["revoked_at"] is not None
        assert revoke(desk, asking.request_id) == first
        assert asking.look().status_code == 404

    @pytest.mark.parametrize("society", ["KE", "UG"])
    def test_knows_no_request_that_is_absent_foreign_or_withdrawn(self, desk: Desk, society: str) -> None:
        request_id = desk.open()["id"] if society == "UG" else str(uuid4())
        for method in ("GET", "POST"):
            path = f"/v1/tracing-requests/{request_id}/case-codes"
            assert desk.client.request(method, path, headers=desk.auth(society=society)).status_code == 404
        gone = desk.open()["id"]
        code = issued(desk, gone)["id"]
        desk.withdraw(gone, "register")
        for path in (f"/tracing-requests/{gone}/case-codes", f"/case-codes/{code}/revoke"):
            assert post(desk.client, path, None, desk.auth()).status_code == 404
        assert desk.get(f"/tracing-requests/{gone}/case-codes").status_code == 404

    def test_is_for_those_who_carry_the_case(self, desk: Desk) -> None:
        path = f"/tracing-requests/{desk.open()['id']}/case-codes"
        for label in ("intake", "enquirer", "auditor", "administrator"):
            assert post(desk.client, path, None, desk.auth(label)).status_code == 403

    def test_leaves_its_acts_on_the_trail_and_the_code_on_none(self, desk: Desk) -> None:
        asking = enquirer(desk)
        issued(desk, asking.request_id)
        desk.get(f"/tracing-requests/{asking.request_id}/case-codes")
        about = [e.act for e in entries(desk.gate, desk.people) if str(e.subject_id) == asking.request_id]
        assert about == [
            "requests.open",
            "case-codes.issue",
            "case-codes.revoke",
            "case-codes.issue",
            "case-codes.read",
        ]


class TestOneAnswer:
    """A wrong, an unknown and a revoked code, a withdrawn and an erased request."""

    def test_for_all_that_is_not_to_be_read(self, desk: Desk) -> None:
        mine, other = enquirer(desk), enquirer(desk)
        unknown = mine.look("BCDF-GHJK-MNPQ-RSTV")
        answers = [unknown, mine.look(other.code), mine.look("x"), mine.look("%00"), mine.look("A" * 16)]
        revoke(desk, mine.request_id)
        answers.append(mine.look())
        gone = enquirer(desk)
        desk.withdraw(gone.request_id, "register")
        answers.append(gone.look())
        assert {self.plain(answer) for answer in answers} == {self.plain(unknown)}
        assert unknown.json()["code"] == "not-found"
        assert other.look().status_code == 200

    def test_for_a_worker_with_a_true_code(self, desk: Desk) -> None:
        asking = enquirer(desk)
        told = desk.get(f"/case-status/{asking.code}")
        assert told.status_code == 403
        assert desk.get(f"/case-status/{asking.code}", "enquirer").status_code == 404

    def test_for_a_code_of_another_society(self, desk: Desk) -> None:
        asking = enquirer(desk)
        theirs = made(post(desk.client, "/tracing-requests", request_draft(), desk.auth(society="UG")))
        secret = issued(desk, theirs["id"], "UG")["secret"]
        answer = desk.client.get(f"/v1/case-status/{asking.code}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 404

    def test_is_401_without_the_secret(self, desk: Desk) -> None:
        asking = enquirer(desk)
        assert desk.client.get(f"/v1/case-status/{asking.code}").status_code == 401

    @staticmethod
    def plain(answer: object) -> tuple[object, ...]:
        body = answer.json()  # type: ignore[attr-defined]  # a Response
        body.pop("request_id")
        kept = {k: v for k, v in answer.headers.items() if k != "x-request-id"}  # type: ignore[attr-defined]  # as above
        return answer.status_code, str(body), str(kept)  # type: ignore[attr-defined]  # as above


@ONE_DATABASE
class TestPage:
    def test_shows_no_name_no_id_and_no_moment(self, desk: Desk, day: Callable[[float], None]) -> None:
        asking = enquirer(desk, [], [])
        day(40.3)
        page = asking.page()
        assert set(page) == {"as_of", "next_date", "sought", "emergency"}
        assert [set(line) for line in page["sought"]] == [{"position", "relationship", "status", "sentence"}] * 2
        assert [(line["position"], line["relationship"]) for line in page["sought"]] == [(1, "sister"), (2, "sister")]
        text = str(page) + str(asking.look().headers)
        assert not [known for known in (asking.request_id, *asking.sought_ids, "Amina", "Abdi") if known in text]
        assert asking.look().headers["Cache-Control"] == "no-store"
        assert "etag" not in asking.look().headers

    @pytest.mark.parametrize("spelt", [str.lower, lambda c: c.replace("-", ""), lambda c: c.replace("-", " ")])
    def test_understands_a_code_that_was_written_by_hand(self, desk: Desk, spelt: Callable[[str], str]) -> None:
        asking = enquirer(desk)
        assert asking.look(spelt(asking.code)).json() == asking.page()

    @pytest.mark.parametrize(("digit", "letters"), [("0", "oO"), ("1", "iIlL")])
    def test_understands_look_alikes(self, desk: Desk, digit: str, letters: str) -> None:
        asking = enquirer(desk)
        planted = "-".join([digit * 4] * 4)
        with raw(desk.gate) as connection:
            connection.exec_driver_sql(f"update case_code set code = '{planted}'")  # noqa: S608  # a planted code
        for letter in letters:
            assert asking.look(planted.replace(digit, letter)).status_code == 200

    def test_speaks_the_language_that_is_asked_for(self, desk: Desk) -> None:
        asking = enquirer(desk)
        assert asking.page(language="fr")["sought"][0]["sentence"].startswith("La recherche est en cours.")
        assert asking.page(language="ar")["emergency"].startswith("هذه ليست خدمة طوارئ")
        assert asking.look(language="xx").status_code == 422

    def test_puts_one_row_on_the_trail_per_look(self, desk: Desk) -> None:
        asking = enquirer(desk)
        for _ in range(2):
            asking.page()
        acts = [e.act for e in entries(desk.gate, desk.people) if str(e.subject_id) == asking.request_id]
        assert acts[-2:] == ["case-status.read"] * 2

    def test_follows_the_relationship_as_it_is_corrected(self, desk: Desk) -> None:
        asking = enquirer(desk, [], [])
        desk.change(f"/sought-persons/{asking.sought_ids[1]}", relationship="half_sibling")
        assert [line["relationship"] for line in asking.page()["sought"]] == ["sister", "half_sibling"]

    def test_stays_when_the_enquirer_is_no_longer_matched(self, desk: Desk) -> None:
        asking = enquirer(desk)
        before = asking.page()
        desk.withdraw(asking.request_id, "match_within_society")
        assert asking.page() == before

    def test_of_a_request_that_is_older_than_these_entries_begins_with_the_first_code(self, desk: Desk) -> None:
        view = desk.open()
        desk.happen(f"/sought-persons/{view['sought'][0]['id']}", "ask_enquirer")
        with raw(desk.gate) as connection:
            connection.exec_driver_sql("delete from status_entry")
        code = issued(desk, view["id"])
        asking = Enquirer(desk, view["id"], [], code["code"], code["secret"])
        assert asking.status == "need_information_from_you"
        issued(desk, view["id"])
        with raw(desk.gate) as connection:
            assert connection.exec_driver_sql("select count(*) from status_entry").scalar() == 1
