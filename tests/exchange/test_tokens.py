"""Access tokens beside signatures: given to a partner's key alone, and asked for where the settings say so."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import pytest
from httpx import Response
from sqlmodel import SQLModel

from tests.exchange.assertions import ALL, Client, forged, library_takes
from tests.exchange.envelopes import Sent
from tests.exchange.forgeries import COVERED, resigned
from tests.exchange.pair import ORIGIN, Pair
from tests.exchange.servers import Town, towns
from tests.exchange.test_forged import Ends
from tests.exchange.test_two_servers import ask as ask_town
from tests.exchange.test_two_servers import settle
from tests.review.desk import raw, tables
from tests.trails import entries
from tracing.exchange.states import Kind
from tracing.gate import rooms
from tracing.gate.admit import admitted
from tracing.gate.partnering import bearers, partners, proofs, trust
from tracing.gate.partnering.partners import TokenTerms
from tracing.gate.permissions import Permission
from tracing.kit import assertions, clock
from tracing.kit.assertions import GRANT, TYPE, Unproven, prove
from tracing.web import flood

ON_SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
PATH = "/v1/exchange/UG/token"
ENDPOINT = f"{ORIGIN}{PATH}"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def true(strict: Pair) -> Ends:
    return Ends(strict)


def client_of(true: Ends) -> Client:
    closed = {name: (key, true.ids[name]) for name, key in true.closed.items() if name != "another partner"}
    return Client("KE", true.key, true.key_id, ENDPOINT, closed)


def requested(true: Ends, assertion: str, **changes: str) -> Response:
    fields = {"grant_type": GRANT, "client_assertion_type": TYPE, "client_assertion": assertion} | changes
    answer: Response = true.pair.desk.client.post(PATH, content=urlencode(fields), headers=FORM)
    return answer


def token_of(true: Ends, seed: int = 0) -> str:
    answer = requested(true, client_of(true).genuine(Random(seed)))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 600)
    return str(answer.json()["access_token"])


def bearing(sent: Sent, token: str) -> Sent:
    return sent.headed(authorization=f"Bearer {token}")


@ON_SQLITE
class TestAssertion:
    def test_is_taken_and_no_forgery_of_it(self, true: Ends) -> None:
        client, rng, seen = client_of(true), Random(11), set[str]()
        find = {true.key_id: true.key.public_key()}.get
        assert prove(find, client.genuine(rng), ENDPOINT, clock.now()).client_id == "KE"
        for name, text in forged(rng, client, 1_000):
            try:
                shown = prove(find, text, ENDPOINT, clock.now())
            except Unproven:
                continue
            seen.add(name)
            assert shown.client_id != "KE", name
        assert seen == {"asserted: as somebody else"}, "whose key it is stands in the register"

    def test_of_the_library_alone_takes_forgeries(self, true: Ends) -> None:
        client = client_of(true)
        taken = {name for name, text in forged(Random(3), client, 400) if library_takes(client, text)}
        assert len(taken) > 10
        assert {f"asserted: {name}" for name in ("with a strange header", "good for too long", "for many")} <= taken

    def test_that_we_make_is_one_that_we_take(self, true: Ends) -> None:
        text = assertions.assertion(true.key, true.key_id, "KE", ENDPOINT, clock.now())
        shown = prove({true.key_id: true.key.public_key()}.get, text, ENDPOINT, clock.now())
        assert (shown.key_id, shown.client_id, len(shown.jti)) == (true.key_id, "KE", 36)


@ON_SQLITE
class TestEndpoint:
    @pytest.mark.parametrize("count", [len(ALL), pytest.param(400, marks=pytest.mark.slow)])
    def test_gives_no_token_for_a_forgery(self, true: Ends, count: int) -> None:
        client, before = client_of(true), tables(true.pair.desk.gate)
        answers = [(name, requested(true, text).status_code) for name, text in forged(Random(5), client, count)]
        assert {name for name, _ in answers} == set(ALL)
        assert [name for name, status in answers if status != 401] == []
        assert len(answers) == count
        assert tables(true.pair.desk.gate) == before
        token_of(true)

    def test_takes_an_assertion_once(self, true: Ends) -> None:
        text = client_of(true).genuine(Random(0))
        assert [requested(true, text).status_code for _ in range(3)] == [200, 401, 401]

    @pytest.mark.slow
    def test_that_forgets_them_takes_it_again(self, true: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trust, "use_nonce", lambda *_: True)
        text = client_of(true).genuine(Random(0))
        assert [requested(true, text).status_code for _ in range(2)] == [200, 200]

    def test_takes_no_request_that_is_another(self, true: Ends) -> None:
        rng, client = Random(0), client_of(true)
        for changes in (
            {"grant_type": "password"},
            {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
            {"client_id": "SO"},
        ):
            assert requested(true, client.genuine(rng), **changes).status_code == 401
        twice = urlencode([("grant_type", GRANT), ("client_assertion_type", TYPE), *[("client_assertion", "x")] * 2])
        for content in (twice, "", "=", "a" * 3_000, "&".join("x=1" for _ in range(99))):
            assert true.pair.desk.client.post(PATH, content=content, headers=FORM).status_code == 401
        assert requested(true, client.genuine(rng), client_id="KE", scope="any").status_code == 200

    def test_gives_so_many_to_a_key_and_leaves_no_row_of_more(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bearers, "MOST", 2)
        monkeypatch.setattr(rooms, "SHUT_S", 0.0)
        client, rng = client_of(true), Random(0)
        assert [requested(true, client.genuine(rng)).status_code for _ in range(4)] == [200, 200, 429, 429]
        rows = [e for e in entries(true.pair.desk.gate, true.pair.desk.people, "UG") if e.act == "exchange.token"]
        assert len(rows) == 2

    def test_lets_a_key_that_got_too_many_wait_outside(self, true: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bearers, "MOST", 0)
        monkeypatch.setattr(flood, "LATE_S", 0.1)
        client, rng, looked_at = client_of(true), Random(0), list[int]()
        assert requested(true, client.genuine(rng)).status_code == 429
        monkeypatch.setattr(proofs, "of_assertion", lambda *_: looked_at.append(1))
        began = time.monotonic()
        assert requested(true, client.genuine(rng)).status_code == 429
        assert looked_at == []
        assert time.monotonic() - began > 0.09


@ON_SQLITE
class TestInbox:
    def test_takes_a_message_with_a_token_and_none_without(self, true: Ends) -> None:
        sent = true.genuine(Kind.REQUEST_SEARCH).sent
        before = tables(true.pair.desk.gate)
        assert true.post(sent).status_code == 401
        assert tables(true.pair.desk.gate) == before, "not even its nonce is used up"
        assert true.post(bearing(sent, token_of(true))).status_code == 202

    def test_takes_no_token_but_that_of_the_key_that_signed(self, true: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
        sent, token = true.genuine(Kind.REQUEST_SEARCH).sent, token_of(true)
        with admitted(
            true.pair.desk.gate, true.pair.desk.people.token("operator", "UG"), Permission.PARTNERS_READ
        ) as ug:
            of_another_key = bearers.issue(ug, "b" * 32)
            ug.note("test")
        with admitted(true.pair.desk.gate, true.pair.desk.people.token("operator"), Permission.PARTNERS_READ) as ke:
            of_another_society = bearers.issue(ke, true.key_id)
            ke.note("test")
        until, seal = token.split(".")
        wrong = (
            of_another_key,
            of_another_society,
            f"{int(until) + 1}.{seal}",
            f"{until}.{seal[:-1]}",
            "",
            f"{token} ",
        )
        for one in wrong:
            assert true.post(bearing(sent, one)).status_code == 401, one
        assert true.post(sent.headed(authorization=f"Basic {token}")).status_code == 401
        with monkeypatch.context() as after:
            moment = clock.now() + bearers.LIFE
            after.setattr(clock, "now", lambda: moment)
            late = true.genuine(Kind.REQUEST_SEARCH).sent
            assert true.post(bearing(late, token)).status_code == 401
        assert true.post(bearing(sent, token)).status_code == 202

    def test_takes_no_token_for_a_signature(self, true: Ends) -> None:
        sent = true.genuine(Kind.REQUEST_SEARCH).sent
        unsigned = bearing(sent, token_of(true)).headed(signature=None, signature_input=None)
        assert true.post(unsigned).status_code == 401

    def test_lets_a_signature_cover_the_token_as_well(self, true: Ends) -> None:
        true_one = true.genuine(Kind.REQUEST_SEARCH)
        token = token_of(true)
        covering = resigned(true_one, sent=bearing(true_one.sent, token), covered=(*COVERED, '"authorization"'))
        assert true.post(covering.headed(authorization=f"bearer {token}")).status_code == 401, "not as it was signed"
        assert true.post(covering).status_code == 202

    def test_that_asks_for_none_is_not_disturbed_by_one(self, pair: Pair) -> None:
        true = Ends(pair)
        assert true.post(bearing(true.genuine(Kind.REQUEST_SEARCH).sent, "of-a-gateway")).status_code == 202


@pytest.mark.slow
def test_two_real_servers_with_tokens_on(tmp_path: Path) -> None:
    with towns(tmp_path, {"KE": "sqlite", "UG": "postgresql"}, exchange_bearer=True) as found:
        ke, ug = found["KE"], found["UG"]
        ke.start()
        ug.start()
        ours = ask_town(ke)
        assert ke.courier().later == 1, "without a token nothing is taken"
        for town, other in ((ke, ug), (ug, ke)):
            point(town, other)
        with raw(ke.gate) as connection:
            t = SQLModel.metadata.tables["exchange_message"]
            connection.execute(t.update().values(not_before=clock.now() - timedelta(seconds=1)))
        settle(ke, ug)
        assert ke.case(ours)["state"] == "received", "the search went there and its receipt came back"
        assert [town.whole() for town in (ke, ug)] == [True, True]


def point(town: Town, other: Town) -> None:
    with admitted(town.gate, town.desk.people.token("operator", town.code), Permission.PARTNERS_WRITE) as access:
        row = partners.find(access, other.code)
        token = TokenTerms(f"{other.origin}/v1/exchange/{other.code}/token", town.code)
        partners.change(access, row, replace(partners.terms(row), token=token))
