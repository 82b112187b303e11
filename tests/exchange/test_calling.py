"""Access tokens that we get: once for many messages, for the right endpoint, and never in a signature's place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import SQLModel

from tests.exchange.pair import ORIGIN, Loop, Pair, agree
from tests.exchange.test_forged import Ends
from tests.exchange.test_kinds import later
from tests.exchange.test_way import ask
from tests.review.desk import raw
from tracing.exchange import calling
from tracing.gate.partnering.partners import TokenTerms
from tracing.kit import clock
from tracing.kit.assertions import prove
from tracing.kit.outbound import Answer, Outbound
from tracing.kit.settings import Settings

ENDPOINT = f"{ORIGIN}/v1/exchange/UG/token"


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


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
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
