"""Forged, replayed and mixed-up messages of a partner: none is taken, and nothing but a refusal is left of them."""

import json
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier
from http_message_signatures.algorithms import ED25519
from httpx import Response
from sqlmodel import SQLModel

from tests.exchange.envelopes import Sent, as_json, fields, signed
from tests.exchange.forgeries import ALL, Genuine, forged
from tests.exchange.pair import ORIGIN, Pair
from tests.review.desk import raw, tables
from tracing.exchange import inbox, traits
from tracing.exchange.states import OPENING, Kind
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners, trust
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.partnering.partners import PublicKey, fingerprint
from tracing.gate.permissions import Permission
from tracing.kit import clock, signatures
from tracing.kit.signatures import Unsigned, verify

FEW = 90
MANY = 2_000
INBOX = f"{ORIGIN}/v1/exchange/UG/inbox"
COUNTS = pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
KINDS = pytest.mark.parametrize("kind", list(Kind))


def genuine(kind: Kind, closed: dict[str, tuple[Ed25519PrivateKey, str]] | None = None) -> Genuine:
    """Return a message of a kind, signed with a key of nobody's."""
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    body = as_json(fields(kind, None if kind in OPENING else uuid4()))
    return Genuine(signed(INBOX, body, key, "a" * 32), key, "a" * 32, closed or {"another partner": (other, "b" * 32)})


def takes(true: Genuine, sent: Sent) -> bool:
    """Return whether a message passes for one that the key of `true` signed."""
    known = {true.key_id: true.key.public_key()}
    try:
        verify(known.get, sent.method, sent.url, sent.headers, sent.body)
    except Unsigned:
        return False
    return True


def library_takes(true: Genuine, sent: Sent) -> bool:
    """Return the same of the library with nothing asked of it."""
    resolver = signatures._Theirs({true.key_id: true.key.public_key()}.get)
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=resolver)
    try:
        verifier.verify(signatures.Message(sent.method, sent.url, dict(sent.headers)))
    except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError):
        return False
    return True


class TestVerification:
    @KINDS
    @COUNTS
    def test_takes_the_message_and_no_forgery_of_it(self, kind: Kind, count: int) -> None:
        true = genuine(kind)
        assert takes(true, true.sent)
        made = Counter(name for name, sent in forged(Random(kind), true, count) if not takes(true, sent))
        assert made.total() == count
        assert count < len(ALL) or set(made) == set(ALL)

    def test_of_the_library_alone_takes_forgeries(self) -> None:
        true = genuine(Kind.REVOKE)
        taken = {name for name, sent in forged(Random(3), true, 400) if library_takes(true, sent)}
        assert len(taken) > 10
        assert {"on the way: body, one bit", "signed: without a nonce", "signed: for another use"} <= taken


@pytest.fixture
def true(pair: Pair) -> "Ends":
    return Ends(pair)


class Ends:
    """KE's own key in KE's hands, and UG's inbox; keys of KE's that UG trusts no more."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        token = pair.desk.people.token("operator", "KE")
        with admitted(pair.desk.gate, token, Permission.EXCHANGE_DELIVER) as access:
            self.key_id, self.key = own_keys.signing(access)
            access.note("test")
        self.closed = {name: Ed25519PrivateKey.generate() for name in ("revoked", "expired", "another partner", "own")}
        ids = {name: _id_of(key) for name, key in self.closed.items()}
        with admitted(pair.desk.gate, pair.desk.people.token("operator", "UG"), Permission.PARTNERS_WRITE) as access:
            known = partners.find(access, "KE")
            terms = partners.Terms("", (), ("request_search",), 500, 200)
            other = partners.add(access, "SO", "nairobi", terms, [])
            for name in ("revoked", "expired", "another partner"):
                whose = other if name == "another partner" else known
                partners.add_key(access, whose, _card(self.closed[name]))
            partners.revoke_key(access, known, ids["revoked"])
            bundle = next(row.id for row in partners.keys(access, known.id) if row.use is KeyUse.BUNDLE)
        with raw(pair.desk.gate, "UG") as connection:
            table = SQLModel.metadata.tables["partner_key"]
            ended = {"not_after": clock.now() - timedelta(seconds=1)}
            connection.execute(table.update().where(table.c.id == ids["expired"]).values(ended))
        self.ids = ids | {"bundle": bundle}
        self.closed["bundle"] = self.closed["own"]

    def genuine(self, kind: Kind, about: UUID | None = None, **changes: Any) -> Genuine:
        body = as_json(fields(kind, None if kind in OPENING else about or uuid4(), **changes))
        closed = {name: (key, self.ids[name]) for name, key in self.closed.items() if name != "another partner"}
        return Genuine(signed(INBOX, body, self.key, self.key_id), self.key, self.key_id, closed)

    def post(self, sent: Sent) -> Response:
        parts = urlsplit(sent.url)
        at = parts.path + (f"?{parts.query}" if parts.query else "")
        answer: Response = self.pair.desk.client.request(sent.method, at, content=sent.body, headers=sent.headers)
        return answer

    def anew(self, sent: Sent) -> Sent:
        """Return the same message signed once more, as a courier does that had no answer."""
        return signed(sent.url, sent.body, self.key, self.key_id)

    def send(self, kind: Kind, about: UUID | None = None, **changes: Any) -> tuple[UUID, int]:
        """Send a message as KE would, and return its id and the status of the answer."""
        sent = self.genuine(kind, about, **changes).sent
        return UUID(json.loads(sent.body)["id"]), self.post(sent).status_code

    def rows(self) -> dict[str, list[str]]:
        return tables(self.pair.desk.gate)


def _id_of(key: Ed25519PrivateKey) -> str:
    return fingerprint(KeyUse.SIGNING, key.public_key().public_bytes_raw().hex())


def _card(key: Ed25519PrivateKey) -> PublicKey:
    public = key.public_key().public_bytes_raw().hex()
    return PublicKey(KeyUse.SIGNING, public, _id_of(key), clock.now() + timedelta(days=9))


def reaches(sent: Sent) -> bool:
    """Return whether a forgery can be told from the true message by the service, which knows its own address."""
    origin, path = sent.url.split("/v1")[0], urlsplit(sent.url).path
    return origin == ORIGIN or path != urlsplit(INBOX).path


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestInbox:
    @pytest.mark.parametrize("kinds", [(Kind.REQUEST_SEARCH,), pytest.param(tuple(Kind), marks=pytest.mark.slow)])
    def test_takes_the_messages_and_no_forgery_of_them(self, true: Ends, kinds: tuple[Kind, ...]) -> None:
        about, _ = true.send(Kind.REQUEST_SEARCH)
        messages = [true.genuine(kind, about) for kind in sorted(kinds, key=lambda kind: kind is Kind.REVOKE)]
        before = true.rows()
        statuses: Counter[int] = Counter()
        for message in messages:
            sent = [sent for _, sent in forged(Random(7), message, len(ALL)) if reaches(sent)]
            statuses.update(true.post(one).status_code for one in sent)
        assert statuses.total() > 70 * len(kinds)
        assert {status // 100 for status in statuses} == {4}, statuses
        assert statuses[401] > 0.8 * statuses.total()
        assert true.rows() == before
        assert [true.post(message.sent).status_code for message in messages] == [202] * len(kinds)

    def test_takes_no_nonce_twice(self, true: Ends) -> None:
        message = true.genuine(Kind.REQUEST_SEARCH)
        assert true.post(message.sent).status_code == 202
        before = true.rows()
        assert [true.post(message.sent).status_code for _ in range(10)] == [401] * 10
        assert true.rows() == before

    @pytest.mark.slow
    def test_that_forgets_nonces_takes_a_replay(self, true: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trust, "use_nonce", lambda *_: True)
        message = true.genuine(Kind.REQUEST_SEARCH)
        assert [true.post(message.sent).status_code for _ in range(2)] == [202, 200]

    def test_shuts_out_a_key_that_is_revoked_while_its_message_waits(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = true.genuine(Kind.REQUEST_SEARCH)
        found = trust.finder

        def then_revoked(*args: Any) -> Any:
            find = found(*args)

            def look(key_id: str) -> Any:
                known = find(key_id)
                with raw(true.pair.desk.gate, "UG") as connection:
                    table = SQLModel.metadata.tables["partner_key"]
                    connection.execute(table.update().values(revoked_at=clock.now()))
                return known

            return look

        monkeypatch.setattr(trust, "finder", then_revoked)
        assert true.post(message.sent).status_code == 401
        assert true.pair.cases("UG") == []

    def test_is_away_rather_than_unknowing_when_its_case_base_is(
        self, true: Ends, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: Any) -> Any:
            def look(_: str) -> Any:
                raise TimeoutError

            return look

        monkeypatch.setattr(trust, "finder", away)
        assert true.post(true.genuine(Kind.REVOKE).sent).status_code >= 500


def _without(field: str) -> dict[str, Any]:
    return {field: []}


WRONG: dict[str, tuple[Kind, dict[str, Any]]] = {
    "of another sender": (Kind.REQUEST_SEARCH, {"sender": "SO"}),
    "for another recipient": (Kind.REQUEST_SEARCH, {"recipient": "KE"}),
    "to be passed on": (Kind.REQUEST_SEARCH, {"hop_limit": 1}),
    "of another version": (Kind.REQUEST_SEARCH, {"version": "2"}),
    "with a field that nobody knows": (Kind.REQUEST_SEARCH, {"priority": "high"}),
    "with a field that no person has": (Kind.REQUEST_SEARCH, {"payload": {"whereabouts": "here"}}),
    "beyond its scope": (Kind.REQUEST_SEARCH, {"scope": ["sought.names"]}),
    "without a scope": (Kind.TRANSFER_CASE, _without("scope")),
    "without any consent": (Kind.REQUEST_SEARCH, _without("consents")),
    "without the enquirer's consent": (Kind.TRANSFER_CASE, {"consents": fields(Kind.REQUEST_SEARCH)["consents"]}),
    "over": (Kind.REQUEST_SEARCH, {"sent_at": "2020-01-01T00:00:00Z", "expires_at": "2020-02-01T00:00:00Z"}),
    "that lasts for ever": (Kind.REQUEST_SEARCH, {"expires_at": "2999-01-01T00:00:00Z"}),
    "of the day after tomorrow": (Kind.REQUEST_SEARCH, {"sent_at": (clock.now() + timedelta(days=2)).isoformat()}),
    "over before it was sent": (Kind.REQUEST_SEARCH, {"expires_at": (clock.now() - timedelta(days=1)).isoformat()}),
    "that begins something and is about another": (Kind.REQUEST_SEARCH, {"about": uuid4()}),
    "about nothing": (Kind.ASK_QUESTION, {"about": None}),
    "about what never came": (Kind.ASK_QUESTION, {"about": uuid4()}),
    "told without a level": (Kind.PROVIDE_ANSWER, {"payload": {"finding": "told", "text": None}}),
    "a receipt of something else": (Kind.RECEIPT, {"payload": {"of": uuid4()}}),
    "of no kind": (Kind.REVOKE, {"payload": {"kind": "close_case"}}),
    "without a reason": (Kind.REVOKE, {"payload": {"reason": "because"}}),
}


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestSignedButWrong:
    def test_is_refused_and_leaves_nothing(self, true: Ends) -> None:
        about, _ = true.send(Kind.REQUEST_SEARCH)
        before = true.rows()
        answers = {}
        for name, (kind, changes) in WRONG.items():
            at = None if kind in OPENING else about
            body = as_json(fields(kind, at) | _merged(kind, at, changes))
            answers[name] = true.post(signed(INBOX, body, true.key, true.key_id)).status_code
        assert {name: status for name, status in answers.items() if status not in (409, 422)} == {}
        assert true.rows() == before

    @pytest.mark.slow
    def test_is_taken_where_nobody_looks(self, true: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
        for check in ("_require_ours", "_require_agreed", "_require_covered"):
            monkeypatch.setattr(inbox, check, lambda *_: None)
        monkeypatch.setattr(traits, "beyond", lambda *_: [])
        named = ("of another sender", "for another recipient", "beyond its scope", "without any consent")
        sent = [true.send(kind, **changes)[1] for kind, changes in (WRONG[name] for name in named)]
        assert sent == [202] * len(named)

    def test_inbox_of_another_society_refuses(self, true: Ends) -> None:
        body = as_json(fields(Kind.REQUEST_SEARCH))
        at = f"{ORIGIN}/v1/exchange/KE/inbox"
        assert true.post(signed(at, body, true.key, true.key_id)).status_code == 401


def _merged(kind: Kind, about: UUID | None, changes: dict[str, Any]) -> dict[str, Any]:
    if "payload" not in changes:
        return changes
    return changes | {"payload": fields(kind, about)["payload"] | changes["payload"]}
