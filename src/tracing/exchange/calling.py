"""How a partner is called: signed, and with an access token beside where the partner's gateway asks for one.

The token (RFC 6749 client credentials, RFC 7523 `private_key_jwt`) is got with an assertion that our current signing
key makes, is kept in memory alone, and is not covered by the message's signature: a gateway that has looked at it may
take it away, and what stands behind the gateway must still be able to verify the message.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracing.gate.access import Access
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Partner
from tracing.gate.partnering.partners import TokenTerms
from tracing.kit import clock
from tracing.kit.assertions import GRANT, TYPE, assertion
from tracing.kit.errors import Malformed
from tracing.kit.outbound import Answer, Outbound, OutboundError, OutboundRefused
from tracing.kit.signatures import sign
from tracing.kit.strict import strict_json

FORM = "application/x-www-form-urlencoded"
JSON = {"content-type": "application/json"}
TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,4096}={0,2}", re.ASCII)
EARLY_S = 30.0
"""A token is not used in its last seconds: it would be over on the way."""
UNSAID_S, LONGEST_S = 60, 3600
"""How long a token is kept whose answer does not say it, and how long at most."""


class NoToken(OutboundError):
    """No access token was given for a partner: nothing of the message was sent."""

    status = 502
    code = "no-token"
    title = "The other side gave no access token"


@dataclass(frozen=True, slots=True)
class Line:
    """Where a partner is called, with which key of ours, and whether a token is needed."""

    origin: str
    key_id: str
    key: Ed25519PrivateKey
    token: TokenTerms | None


def line_to(access: Access, partner: Partner) -> Line:
    """Return how a partner is called now.

    Raises:
        Conflict: we have no key to sign with.
    """
    return Line(partner.origin, *own_keys.signing(access), partners.token_terms(partner))


class Tokens:
    """Access tokens that we hold, each until shortly before it is over; may be shared by threads."""

    def __init__(self) -> None:
        self._held: dict[tuple[TokenTerms, str], tuple[str, float]] = {}
        self._lock = Lock()

    def header(self, outbound: Outbound, line: Line) -> dict[str, str]:
        """Return the header that carries the token for a line; nothing where none is asked for.

        Raises:
            NoToken: the endpoint gave none, or may not be called.
            OutboundFailed: the endpoint did not answer.
        """
        if line.token is None:
            return {}
        with self._lock:
            token, until = self._held.get((line.token, line.key_id), ("", 0.0))
        if until <= time.monotonic():
            token, seconds = _fetch(outbound, line, line.token)
            with self._lock:
                self._held[line.token, line.key_id] = token, time.monotonic() + seconds - EARLY_S
        return {"authorization": f"Bearer {token}"}

    def drop(self, line: Line) -> bool:
        """Forget the token of a line, and return whether one is needed at all."""
        if line.token is None:
            return False
        with self._lock:
            self._held.pop((line.token, line.key_id), None)
        return True


def call(outbound: Outbound, tokens: Tokens, line: Line, url: str, body: bytes) -> Answer:
    """Post signed JSON to a partner and return what came back; after a 401 once more, with a token got anew.

    Raises:
        NoToken, OutboundRefused, OutboundFailed: nothing came back.
    """
    answer = _post(outbound, tokens, line, url, body)
    if answer.status == 401 and tokens.drop(line):
        answer = _post(outbound, tokens, line, url, body)
    return answer


def _post(outbound: Outbound, tokens: Tokens, line: Line, url: str, body: bytes) -> Answer:
    beside: Mapping[str, str] = tokens.header(outbound, line)
    headers = {**JSON, **beside, **sign(line.key, line.key_id, "POST", url, body)}
    return outbound.post(url, body, headers, origin=line.origin)


def _fetch(outbound: Outbound, line: Line, terms: TokenTerms) -> tuple[str, float]:
    """Return a fresh token and for how many seconds it is good."""
    made = assertion(line.key, line.key_id, terms.client_id, terms.audience or terms.endpoint, clock.now())
    asked = {"grant_type": GRANT, "client_assertion_type": TYPE, "client_assertion": made, "client_id": terms.client_id}
    if terms.scope:
        asked["scope"] = terms.scope
    headers = {"content-type": FORM, "accept": "application/json"}
    try:
        origin = outbound.origin(terms.endpoint)
        answer = outbound.post(terms.endpoint, urlencode(asked).encode(), headers, origin=origin)
    except OutboundRefused as error:
        raise NoToken(error.detail) from None
    if answer.status != 200 or answer.cut:
        raise NoToken(f"the token endpoint answered {answer.status}")
    return _read(answer.body)


def _read(body: bytes) -> tuple[str, float]:
    try:
        given = strict_json(body)
    except Malformed:
        given = None
    if not isinstance(given, dict) or str(given.get("token_type", "")).lower() != "bearer":
        raise NoToken("the token endpoint gave no bearer token")
    token, seconds = given.get("access_token"), given.get("expires_in", UNSAID_S)
    if not isinstance(token, str) or not TOKEN.fullmatch(token) or type(seconds) is not int:
        raise NoToken("the token endpoint gave no bearer token")
    return token, float(min(seconds, LONGEST_S))
