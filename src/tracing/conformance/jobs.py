"""Whether a partner's system keeps the protocol: a set of harmless requests, each with the answer that it must get.

The only message in them is a receipt for a message that nobody ever sent. It changes nothing, and there is nothing
of any person in it. Most of them are wrong on purpose: a system that takes one of those would take a forger's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracing.exchange import calling
from tracing.exchange.calling import JSON
from tracing.exchange.delivering import Turn, inbox_url
from tracing.exchange.envelope import Envelope, ReceiptPayload, body_of
from tracing.exchange.states import Kind, State
from tracing.gate.partnering import partners
from tracing.gate.partnering.partner_tables import KeyUse
from tracing.gate.partnering.partners import fingerprint
from tracing.gate.purposes import LawfulBasis, Use
from tracing.kit.errors import Conflict
from tracing.kit.ids import new_id
from tracing.kit.outbound import Outbound, OutboundError
from tracing.kit.signatures import MAX_AGE, sign

TAKEN = frozenset({200, 202})
UNSIGNED = frozenset({401})
WRONG = frozenset({400, 403, 404, 409, 422})


@dataclass(frozen=True, slots=True)
class Probe:
    """A request, and the statuses of which the answer must have one."""

    name: str
    body: bytes
    headers: Mapping[str, str]
    expected: frozenset[int]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found. `status` is None where no answer came; `trouble` says why, as a code."""

    name: str
    expected: frozenset[int]
    status: int | None
    trouble: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is one that the protocol allows."""
        return self.status in self.expected


@dataclass(frozen=True, slots=True)
class Signer:
    """Who sends to whom, and the key that signs."""

    sender: str
    recipient: str
    url: str
    key_id: str
    key: Ed25519PrivateKey
    now: datetime

    def receipt(self, **changes: Any) -> bytes:
        """Return a receipt for a message that nobody sent."""
        payload = ReceiptPayload(kind=Kind.RECEIPT, of=new_id(), status=State.RECEIVED)
        given: dict[str, Any] = {
            "id": new_id(),
            "sender": self.sender,
            "recipient": self.recipient,
            "about": payload.of,
            "sent_at": self.now,
            "expires_at": self.now + timedelta(days=1),
            "legal_basis": LawfulBasis.PUBLIC_INTEREST,
            "payload": payload,
        }
        return body_of(Envelope(**given | changes))

    def signed(self, body: bytes, **changes: Any) -> dict[str, str]:
        """Return the headers of a request with this body; with changes, signed otherwise than it must be."""
        given: dict[str, Any] = {"key": self.key, "key_id": self.key_id, "method": "POST", "url": self.url}
        return JSON | sign(**given | {"body": body} | changes)


def check(turn: Turn, outbound: Outbound, code: str, told: Callable[[Finding], None]) -> bool:
    """Send every probe to a partner, in order, and return whether each got an answer that the protocol allows.

    Raises:
        NotFound: there is no such partner, or not any more.
        Conflict: the partner has no address, or we have no signing key.
        NoToken, OutboundFailed: the partner's token endpoint gave none.
    """
    with turn(Use.REGISTER) as access:
        partner = partners.find_open(access, code)
        if not partner.origin:
            raise Conflict("the partner has no address that could be called")
        line = calling.line_to(access, partner)
        signer = Signer(access.society, code, inbox_url(line.origin, code), line.key_id, line.key, access.now)
        access.note("exchange.check", partner.id)
    whole = True
    beside = calling.Tokens().header(outbound, line)
    for probe in probes(signer):
        finding = _ask(outbound, signer.url, line.origin, probe, beside)
        whole = whole and finding.passed
        told(finding)
    return whole


def _ask(outbound: Outbound, url: str, origin: str, probe: Probe, beside: Mapping[str, str]) -> Finding:
    try:
        answer = outbound.post(url, probe.body, {**probe.headers, **beside}, origin=origin)
    except OutboundError as error:
        return Finding(probe.name, probe.expected, None, error.code)
    return Finding(probe.name, probe.expected, answer.status)


def probes(signer: Signer) -> Iterator[Probe]:
    """Yield the probes, each signed when it is asked for."""
    body = signer.receipt()
    headers = signer.signed(body)
    yield Probe("a receipt is taken", body, headers, TAKEN)
    yield Probe("the same request again is refused", body, headers, UNSIGNED)
    yield Probe("the same message, signed anew, is known", body, signer.signed(body), frozenset({200}))
    yield Probe("an unsigned one is refused", signer.receipt(), JSON, UNSIGNED)
    yield from _signed_wrongly(signer)
    yield from _written_wrongly(signer)


def _signed_wrongly(signer: Signer) -> Iterator[Probe]:
    body = signer.receipt()
    for name, age in (("an old one", -MAX_AGE * 2), ("one of the future", MAX_AGE * 2)):
        yield Probe(f"{name} is refused", body, signer.signed(body, created=signer.now + age), UNSIGNED)
    yield Probe("a changed body is refused", signer.receipt(), signer.signed(body), UNSIGNED)
    elsewhere = signer.signed(body, url=f"{signer.url}/elsewhere")
    yield Probe("one signed for another address is refused", body, elsewhere, UNSIGNED)
    yield Probe("one signed for another method is refused", body, signer.signed(body, method="PUT"), UNSIGNED)
    other = Ed25519PrivateKey.generate()
    yield Probe("one signed with another key is refused", body, signer.signed(body, key=other), UNSIGNED)
    unknown = fingerprint(KeyUse.SIGNING, other.public_key().public_bytes_raw().hex())
    yield Probe("an unknown key is refused", body, signer.signed(body, key=other, key_id=unknown), UNSIGNED)


def _written_wrongly(signer: Signer) -> Iterator[Probe]:
    for name, changes in (
        ("one for another society is refused", {"recipient": signer.sender}),
        ("one of another society is refused", {"sender": signer.recipient}),
        ("one that is over is refused", {"sent_at": signer.now - 2 * MAX_AGE, "expires_at": signer.now - MAX_AGE}),
    ):
        body = signer.receipt(**changes)
        yield Probe(name, body, signer.signed(body), WRONG)
    body = signer.receipt()[:-1] + b',"motto":"hurry"}'
    yield Probe("an unknown field is refused", body, signer.signed(body), WRONG)
