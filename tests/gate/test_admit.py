"""The door: who gets in, what is written when the answer is no, and that nothing leaves without a trail."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import exc
from sqlmodel import col, select

from tests.support import Json, People, made, post, request_draft
from tests.trails import acts, entries
from tracing.gate import people as register_of_people
from tracing.gate import trail
from tracing.gate.access import Access
from tracing.gate.admit import Unrecorded, admitted
from tracing.gate.opening import Gate
from tracing.gate.permissions import GRANTS, Permission, Role
from tracing.gate.purposes import Use
from tracing.gate.tables import Account
from tracing.kit import clock
from tracing.kit.errors import Refused, TracingError, Unidentified
from tracing.kit.ids import new_id


def let_in(gate: Gate, token: str | None, permission: Permission = Permission.ENGINE_READ) -> bool:
    """Return whether the gate lets this token do this."""
    try:
        with admitted(gate, token, permission) as access:
            access.note("test.enter")
    except (Unidentified, Refused):
        return False
    return True


def issue(gate: Gate, people: People, label: str = "caseworker", **terms: Any) -> tuple[str, str]:
    """Return a fresh token's id and text."""
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        account = register_of_people.find_account(access, label)
        token, text = register_of_people.issue_token(access, account, **terms)
        return str(token.id), text


def labels(gate: Gate, people: People) -> set[str]:
    with admitted(gate, people.token("operator"), Permission.ACCOUNTS_READ) as access:
        access.note("accounts.list")
        return set(access.session.exec(select(Account.label)).all())


def hire_one(access: Access) -> None:
    access.session.add(
        Account(
            society=access.society,
            id=new_id(),
            label="planted",
            role=Role.INTAKE,
            team="nairobi",
            worker_id=new_id(),
            created_at=access.now,
        )
    )
    access.session.flush()


class TestTrailFirst:
    def test_without_a_note_nothing_is_kept(self, gate: Gate, people: People) -> None:
        before = acts(gate, people)
        with (
            pytest.raises(Unrecorded),
            admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access,
        ):
            hire_one(access)
        assert "planted" not in labels(gate, people)
        assert "accounts:write" not in {act for act, _ in acts(gate, people)[len(before) :]}

    def test_without_a_note_nothing_is_answered(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))
        monkeypatch.setattr(Access, "note", lambda *_, **__: None)
        monkeypatch.setattr(Access, "note_page", lambda *_, **__: None)
        for path in self._with_personal_data(view):
            answer = client.get(f"/v1{path}", headers=people.auth())
            assert (answer.status_code, answer.json()["code"]) == (500, "unrecorded"), path
            assert "Warsame" not in answer.text
        monkeypatch.undo()
        assert made(client.get("/v1/tracing-requests", headers=people.auth()), 200)["items"] == [view]

    def test_when_the_trail_cannot_be_written_nothing_is_answered(
        self, client: TestClient, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        view = made(post(client, "/tracing-requests", request_draft(), people.auth()))

        def full(*_: object) -> None:
            raise exc.OperationalError("disk full", None, Exception())

        monkeypatch.setattr(trail, "append", full)
        for path in self._with_personal_data(view):
            answer = client.get(f"/v1{path}", headers=people.auth())
            assert answer.status_code == 503, path
            assert "Warsame" not in answer.text
        assert post(client, "/tracing-requests", request_draft(), people.auth()).status_code == 503
        monkeypatch.undo()
        assert made(client.get("/v1/tracing-requests", headers=people.auth()), 200)["items"] == [view]

    def _with_personal_data(self, view: Json) -> list[str]:
        return [
            "/tracing-requests",
            f"/tracing-requests/{view['id']}",
            f"/sought-persons/{view['sought'][0]['id']}",
            f"/records/{view['id']}/consents",
        ]

    def test_an_access_that_got_away_reads_nothing(self, gate: Gate, people: People) -> None:
        with admitted(gate, people.token("operator"), Permission.ACCOUNTS_READ) as access:
            access.note("accounts.list")
        with pytest.raises(exc.InvalidRequestError):
            access.session.exec(select(Account)).all()


class TestRefusals:
    def test_are_kept_while_the_work_is_undone(self, gate: Gate, people: People) -> None:
        def work() -> None:
            with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
                hire_one(access)
                access.note("accounts.add")
                access.require(Permission.REQUESTS_READ)

        with pytest.raises(Refused):
            work()
        assert "planted" not in labels(gate, people)
        assert ("accounts:write", "refused") in acts(gate, people)
        assert ("accounts.add", "done") not in acts(gate, people)[-3:]

    def test_at_the_door_name_who_asked(self, gate: Gate, people: People) -> None:
        assert not let_in(gate, people.token("enquirer"), Permission.TRAIL_READ)
        refusal = [entry for entry in entries(gate, people) if entry.outcome == "refused"][-1]
        with admitted(gate, people.token("operator"), Permission.ACCOUNTS_READ) as access:
            access.note("accounts.read")
            who = access.session.exec(select(Account).where(col(Account.id) == refusal.account_id)).one()
        assert (refusal.act, who.label, refusal.worker_id) == ("trail:read", "enquirer", who.worker_id)

    @pytest.mark.parametrize(("use", "needed"), [(Use.FORGET, "night:run"), (Use.DATA_SUBJECT, "data-subject:act")])
    def test_the_uses_that_see_hidden_rows_need_a_permission_of_their_own(
        self, gate: Gate, people: People, use: Use, needed: str
    ) -> None:
        assert needed not in GRANTS[Role.CASEWORKER]
        token = people.token("caseworker")
        with pytest.raises(Refused), admitted(gate, token, Permission.REQUESTS_READ, use=use) as access:
            access.note("requests.list")


class TestRoles:
    def test_may_do_what_the_table_says_and_nothing_else(self, gate: Gate, people: People) -> None:
        for role in Role:
            for permission in Permission:
                allowed = permission in GRANTS[role]
                assert let_in(gate, people.token(role), permission) == allowed, f"{role} {permission}"


class TestTokens:
    def test_of_no_or_a_wrong_shape_are_unknown(self, gate: Gate, people: People) -> None:
        good = people.token("caseworker")
        prefix, token_id, secret = good.split("_", 2)
        other = people.token("supervisor").split("_", 2)
        for reason, text in {
            "none": None,
            "empty": "",
            "a word": "x",
            "two parts": f"{prefix}_{token_id}",
            "another prefix": f"abc_{token_id}_{secret}",
            "no id": f"{prefix}_zz_{secret}",
            "an unknown id": f"{prefix}_{new_id().hex}_{secret}",
            "no secret": f"{prefix}_{token_id}_",
            "a shorter secret": f"{prefix}_{token_id}_{secret[:-1]}",
            "a longer secret": f"{good}x",
            "another's secret": f"{prefix}_{token_id}_{other[2]}",
            "another case": good.upper(),
            "letters of another script": f"{prefix}_{token_id}_ключ",
            "half a surrogate": f"{prefix}_{token_id}_\ud800",
            "a NUL": f"{prefix}_{token_id}_\0",
            "the hash itself": f"{prefix}_{token_id}_{'0' * 64}",
            "very long": f"{prefix}_{token_id}_{'x' * 100_000}",
        }.items():
            with pytest.raises(Unidentified), admitted(gate, text, Permission.ENGINE_READ):
                pytest.fail(reason)
        assert let_in(gate, good)

    def test_every_way_of_being_unknown_gets_one_answer(self, client: TestClient, people: People) -> None:
        answers = [
            client.get("/v1/tracing-requests", headers={"Authorization": value})
            for value in ("Bearer x", "Bearer", "Basic eDp5", f"Bearer {people.token('caseworker')}x", "")
        ]
        answers.append(client.get("/v1/tracing-requests"))
        assert {a.status_code for a in answers} == {401}
        assert {a.headers["WWW-Authenticate"] for a in answers} == {"Bearer"}
        assert len({a.json()["detail"] for a in answers}) == 1

    def test_end_with_their_time(self, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        _, text = issue(gate, people, days=2)
        started = clock.now()
        monkeypatch.setattr(clock, "now", lambda: started + timedelta(days=2, seconds=-1))
        assert let_in(gate, text)
        monkeypatch.setattr(clock, "now", lambda: started + timedelta(days=2, seconds=1))
        assert not let_in(gate, text)

    def test_end_with_their_revocation(self, gate: Gate, people: People) -> None:
        token_id, text = issue(gate, people)
        assert let_in(gate, text)
        with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            found = register_of_people.find_account(access, "caseworker")
            (token,) = [t for t in register_of_people.tokens(access, found) if str(t.id) == token_id]
            register_of_people.revoke_token(access, token.id)
        assert not let_in(gate, text)
        assert let_in(gate, people.token("caseworker"))

    def test_end_with_their_account(self, gate: Gate, people: People) -> None:
        _, text = issue(gate, people)
        with admitted(gate, people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
            register_of_people.disable_account(access, register_of_people.find_account(access, "caseworker"))
        assert not let_in(gate, text)
        assert not let_in(gate, people.token("caseworker"))
        assert let_in(gate, people.token("caseworker-2"))

    def test_with_a_scope_do_no_more_than_it_says(self, gate: Gate, people: People) -> None:
        _, text = issue(gate, people, scope=[Permission.ENGINE_READ, Permission.REQUESTS_READ])
        held = {permission for permission in Permission if let_in(gate, text, permission)}
        assert held == {Permission.ENGINE_READ, Permission.REQUESTS_READ}

    @pytest.mark.parametrize(
        ("terms", "reason"),
        [
            ({"scope": [Permission.TRAIL_READ]}, "more than the role has"),
            ({"days": 0}, "over at once"),
            ({"days": 367}, "too long"),
        ],
    )
    def test_are_not_issued_beyond_the_rules(self, gate: Gate, people: People, terms: Json, reason: str) -> None:
        with pytest.raises(TracingError):
            issue(gate, people, **terms)

    @pytest.mark.parametrize("settings", ["sqlite"], indirect=True)  # its file is looked at
    def test_are_never_kept_as_they_are(self, gate: Gate, people: People) -> None:
        secrets = [text.split("_", 2)[2].encode() for text in people.tokens.values()]
        files = [p.read_bytes() for p in gate.settings.data_dir.iterdir() if p.is_file()]
        assert not [secret for secret in secrets for data in files if secret in data]


class TestPlantedFaults:
    """Weaken the door and see somebody get in: the tests above can fail."""

    def test_with_grants_for_everybody_an_enquirer_reads_the_trail(
        self, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        everything = dict.fromkeys(Role, frozenset(Permission))
        monkeypatch.setattr("tracing.gate.admit.GRANTS", everything)
        assert let_in(gate, people.token("enquirer"), Permission.TRAIL_READ)

    def test_without_the_comparison_any_secret_lets_in(
        self, gate: Gate, people: People, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hmac.compare_digest", lambda *_: True)
        assert let_in(gate, people.token("caseworker") + "x")
