"""Two societies in one case base, partners of each other; the network between them is a loop in this process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi.testclient import TestClient

from tests.review.desk import Desk
from tests.support import Json, made, post
from tracing.exchange.calling import Tokens
from tracing.exchange.jobs import Round, deliver, take_back
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import NO_TOKEN, PublicKey, Terms, TokenTerms, fingerprint
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit import clock
from tracing.kit.outbound import Answer

ORIGIN = "https://exchange.example"
KINDS = ("request_search", "share_for_information", "transfer_case", "send_message", "ask_question", "provide_answer")
SHARE = {"purpose": "share_with_society", "lawful_basis": "consent", "recipient": "UG"}


@dataclass
class Loop:
    """Takes what the courier sends to the service in this process; keeps a copy of each request."""

    client: TestClient
    sent: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    down: bool = False

    def origin(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        assert url.startswith(f"{origin}/")
        self.sent.append((url, body, dict(headers)))
        if self.down:
            return Answer(503, {}, b"", False)
        answer = self.client.post(urlsplit(url).path, content=body, headers=dict(headers))
        self.answers.append(answer.status_code)
        return Answer(answer.status_code, dict(answer.headers), answer.content, False)


@dataclass
class Pair:
    """KE and UG, who agreed on everything, with a key of each kind of their own."""

    desk: Desk
    loop: Loop

    def turn(self, society: str) -> Callable[[Use], AbstractContextManager[Access]]:
        token = self.desk.people.token("operator", society)

        @contextmanager
        def admit(use: Use) -> Iterator[Access]:
            with admitted(self.desk.gate, token, Permission.EXCHANGE_DELIVER, use=use) as access:
                yield access

        return admit

    def deliver(self, society: str, network: Any = None, tokens: Tokens | None = None) -> Round:
        line: Any = network or self.loop  # in place of the network
        return deliver(self.turn(society), line, tokens=tokens)

    def settle(self) -> None:
        """Let both couriers run until nothing waits."""
        while self.deliver("KE").delivered + self.deliver("UG").delivered:
            pass

    def take_back(self, society: str = "KE") -> None:
        take_back(self.turn(society))

    def send(self, sought: str, kind: str = "request_search", *, label: str = "caseworker", **fields: Any) -> Json:
        body = {"partner": "UG", "kind": kind} | fields
        return made(post(self.desk.client, f"/sought-persons/{sought}/exchange", body, self.desk.auth(label)))

    def case(self, society: str, case_id: str) -> Json:
        return made(self.desk.get(f"/exchange/cases/{case_id}", "caseworker", society), 200)

    def cases(self, society: str, **params: Any) -> list[Json]:
        found: list[Json] = made(self.desk.get("/exchange/cases", "caseworker", society, **params), 200)["items"]
        return found

    def act(
        self, society: str, case_id: str, path: str, body: Json, *, label: str = "caseworker", status: int = 200
    ) -> Json:
        at = f"/exchange/cases/{case_id}"
        tag = {"If-Match": self.desk.get(at, label, society).headers["etag"]}
        return made(post(self.desk.client, f"{at}/{path}", body, self.desk.auth(label, society), **tag), status)

    def say(self, society: str, case_id: str, body: Json, *, reader: str = "caseworker-2") -> Json:
        """Write words, and let another worker approve them."""
        line = self.act(society, case_id, "messages", body)["messages"][-1]
        assert line["approval_needed"] is True
        return self.act(society, case_id, "approval", {"approve": True, "line_id": line["id"]}, label=reader)


def make_pair(desk: Desk) -> Pair:
    """Make the two societies partners of each other."""
    cards: dict[str, list[PublicKey]] = {}
    ends = clock.now() + timedelta(days=300)
    for society in ("KE", "UG"):
        with admitted(desk.gate, desk.people.token("operator", society), Permission.PARTNERS_WRITE) as access:
            rows = [own_keys.make(access, use) for use in KeyUse]
            cards[society] = [PublicKey(r.use, r.public, fingerprint(r.use, r.public), ends) for r in rows]
    for society, other in (("KE", "UG"), ("UG", "KE")):
        with admitted(desk.gate, desk.people.token("operator", society), Permission.PARTNERS_WRITE) as access:
            terms = Terms(ORIGIN, tuple(Channel), KINDS, 500, 200)
            partners.add(access, other, "nairobi", terms, cards[other])
    return Pair(desk, Loop(desk.client))


def agree(pair: Pair, society: str, other: str, token: TokenTerms = NO_TOKEN, kinds: tuple[str, ...] = KINDS) -> None:
    """Replace what a society agreed on with the other: everything or some kinds, and where it gets a token."""
    with admitted(pair.desk.gate, pair.desk.people.token("operator", society), Permission.PARTNERS_WRITE) as access:
        terms = Terms(ORIGIN, tuple(Channel), kinds, 500, 200, token)
        partners.change(access, partners.find(access, other), terms)
