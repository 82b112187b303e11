"""Access tokens beside signatures: given to a partner's key alone, got and kept by ours."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import Response
from sqlmodel import SQLModel

from tests.exchange.assertions import ALL, Client, forged, library_takes
from tests.exchange.envelopes import Sent
from tests.exchange.forgeries import COVERED, resigned
from tests.exchange.pair import KINDS, ORIGIN, Loop, Pair
from tests.exchange.servers import Town, towns
from tests.exchange.test_forged import Ends
from tests.exchange.test_kinds import later
from tests.exchange.test_two_servers import ask as ask_town
from tests.exchange.test_two_servers import settle
from tests.exchange.test_way import ask
from tests.review.desk import raw, tables
from tests.trails import entries
from tracing.exchange import calling
from tracing.exchange.states import Kind
from tracing.gate import bearers, partners, proofs, rooms, trust
from tracing.gate.admit import admitted
from tracing.gate.partner_tables import Channel
from tracing.gate.partners import Terms, TokenTerms
from tracing.gate.permissions import Permission
from tracing.kit import assertions, clock
from tracing.kit.assertions import GRANT, TYPE, Unproven, prove
from tracing.kit.outbound import Answer, Outbound
from tracing.kit.settings import Settings
from tracing.web import flood

ON_SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
PATH = "/v1/exchange/UG/token"
ENDPOINT = f"{ORIGIN}{PATH}"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def strict(pair: Pair) -> Pair:
    """The pair, whose inboxes ask for a token, and whose entry for the other says where to get one."""
    gate = replace(pair.desk.gate, settings=pair.desk.gate.settings.model_copy(update={"exchange_bearer": True}))
    pair.desk.client.app.state.gate = gate  # type: ignore[attr-defined]  # the fixture's application
    for society, other in (("KE", "UG"), ("UG", "KE")):
        agree(pair, society, other, TokenTerms(f"{ORIGIN}/v1/exchange/{other}/token", society))
    return pair


def agree(pair: Pair, society: str, other: str, token: TokenTerms = partners.NO_TOKEN) -> None:
    with admitted(pair.desk.gate, pair.desk.people.token("operator", society), Permission.PARTNERS_WRITE) as access:
        terms = Terms(ORIGIN, tuple(Channel), KINDS, 500, 200, token)
        partners.change(access, partners.find(access, other), terms)


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


class Gateway(Loop):
    """A partner behind a gateway: `answers_with` says what the next calls of its inbox are answered with."""

    def __init__(self, loop: Loop, *, token: Answer | None = None, inbox: list[int] | None = None) -> None:
        super().__init__(loop.client)
        self.token, self.inbox = token, inbox or []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        if url == ENDPOINT and self.token is not None:
            self.sent.append((url, body, dict(headers)))
            return self.token
        if url != ENDPOINT and self.inbox:
            self.sent.append((url, body, dict(headers)))
            return Answer(self.inbox.pop(0), {}, b"", False)
        return super().post(url, body, headers, origin=origin)

    @property
    def called(self) -> list[str]:
        return ["token" if url == ENDPOINT else "inbox" for url, _, _ in self.sent]


@dataclass
class Only:
    """A token endpoint that has one answer."""

    answer: Answer
    calls: int = 0

    def origin(self, url: str) -> str:
        return url[: url.index("/", 8)]

    def post(self, *_: object, **__: object) -> Answer:
        self.calls += 1
        return self.answer


def gives(**fields: Any) -> Answer:
    given = {"access_token": "abc", "token_type": "bearer", "expires_in": 300} | fields
    known = {name: value for name, value in given.items() if value is not None}
    return Answer(200, {}, json.dumps(known).encode(), False)


BAD: list[Answer] = [
    Answer(400, {}, b'{"error": "invalid_client"}', False),
    Answer(302, {"location": "https://elsewhere.example"}, b"", False),
    Answer(200, {}, b"no json", False),
    Answer(200, {}, b"[]", False),
    replace(gives(), cut=True),
    gives(token_type="mac"),
    gives(token_type=None),
    gives(access_token=None),
    gives(access_token="a\r\nx-other: b"),
    gives(access_token=7),
    gives(access_token="a" * 5_000),
    gives(expires_in="soon"),
]


class TestTokens:
    @pytest.mark.parametrize("answer", BAD)
    def test_are_not_what_is_no_token(self, answer: Answer) -> None:
        network: Any = Only(answer)
        line = calling.Line(ORIGIN, "a" * 32, Ed25519PrivateKey.generate(), TokenTerms(ENDPOINT, "KE"))
        with pytest.raises(calling.NoToken):
            calling.Tokens().header(network, line)

    def test_are_kept_apart_by_key_and_endpoint(self) -> None:
        network: Any = Only(gives())
        tokens, key = calling.Tokens(), Ed25519PrivateKey.generate()
        lines = [
            calling.Line(ORIGIN, key_id, key, TokenTerms(endpoint, "KE"))
            for key_id in ("a" * 32, "b" * 32)
            for endpoint in (ENDPOINT, f"{ENDPOINT}2")
        ]
        for line in [*lines, *lines]:
            assert tokens.header(network, line) == {"authorization": "Bearer abc"}
        assert network.calls == len(lines)


@ON_SQLITE
class TestCourier:
    def test_gets_one_token_for_many_messages_and_many_rounds(self, strict: Pair) -> None:
        ask(strict)
        ask(strict)
        gateway, tokens = Gateway(strict.loop), calling.Tokens()
        assert strict.deliver("KE", gateway, tokens).delivered == 2
        ask(strict)
        assert strict.deliver("KE", gateway, tokens).delivered == 1
        assert gateway.called == ["token", "inbox", "inbox", "inbox"]
        messages = [headers for url, _, headers in gateway.sent if url != ENDPOINT]
        assert len({headers["authorization"] for headers in messages}) == 1
        assert all("Signature" in headers for headers in messages)
        assert b"client_assertion=" in gateway.sent[0][1]
        assert "authorization" not in gateway.sent[0][2]

    def test_sends_none_where_none_is_asked_for(self, pair: Pair) -> None:
        ask(pair)
        assert pair.deliver("KE").delivered == 1
        assert "authorization" not in pair.loop.sent[0][2]

    @pytest.mark.parametrize(("refusals", "called"), [(1, 4), (2, 4)])
    def test_gets_a_new_one_once_after_a_401(self, strict: Pair, refusals: int, called: int) -> None:
        ask(strict)
        gateway = Gateway(strict.loop, inbox=[401] * refusals)
        done = strict.deliver("KE", gateway)
        assert (done.delivered, done.later) == ((1, 0) if refusals == 1 else (0, 1))
        assert gateway.called == ["token", "inbox", "token", "inbox"][:called]
        signed = [headers["Signature-Input"] for url, _, headers in gateway.sent if url != ENDPOINT]
        assert len(set(signed)) == 2, "each try is signed anew"

    def test_lets_one_go_shortly_before_it_is_over(self, strict: Pair) -> None:
        ask(strict)
        ask(strict)
        gateway = Gateway(strict.loop, token=gives(expires_in=int(calling.EARLY_S)), inbox=[202, 202])
        assert strict.deliver("KE", gateway).delivered == 2
        assert gateway.called == ["token", "inbox"] * 2

    def test_sends_nothing_without_a_token_and_gives_nothing_up(
        self, strict: Pair, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(strict)
        ask(strict)
        gateway = Gateway(strict.loop, token=Answer(401, {}, b"", False))
        done = strict.deliver("KE", gateway)
        assert (done.later, done.failed, gateway.called) == (1, 0, ["token"]), "the second one waits with the first"
        gateway.token = None
        later(monkeypatch)
        assert strict.deliver("KE", gateway).delivered == 2

    def test_calls_no_endpoint_on_a_private_address(self, strict: Pair) -> None:
        ask(strict)
        inside = TokenTerms("https://169.254.169.254/token", "KE")
        with raw(strict.desk.gate) as connection:
            partner = SQLModel.metadata.tables["partner"]
            connection.execute(partner.update().where(partner.c.code == "UG").values(token_endpoint=inside.endpoint))
        done = strict.deliver("KE", Outbound(Settings()))
        assert (done.later, done.failed) == (1, 0)
        (line,) = strict.desk.get("/exchange/outbox").json()["items"]
        assert line["trouble"] == "no-token"

    def test_asks_for_what_was_agreed(self, strict: Pair) -> None:
        agree(strict, "KE", "UG", TokenTerms(ENDPOINT, "society-ke", "https://sso.example", "exchange write"))
        ask(strict)
        gateway = Gateway(strict.loop, token=gives(), inbox=[202])
        assert strict.deliver("KE", gateway).delivered == 1
        form = gateway.sent[0][1].decode()
        assert "client_id=society-ke" in form
        assert "scope=exchange+write" in form
        text = form.split("client_assertion=")[1].split("&")[0]
        true = Ends(strict)
        shown = prove({true.key_id: true.key.public_key()}.get, text, "https://sso.example", clock.now())
        assert shown.client_id == "society-ke"


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
