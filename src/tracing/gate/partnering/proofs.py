"""By what a partner society shows who it is: a signed request, a signed bundle, an assertion for a token.

Each is held against the keys that are trusted now. That it comes once is settled by who lets it in (`admit`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tracing.gate.access import Caller
from tracing.gate.partnering import partners
from tracing.gate.partnering.trust import Known
from tracing.gate.permissions import GRANTS, Role
from tracing.kit.assertions import Unproven, prove
from tracing.kit.errors import Unidentified
from tracing.kit.signatures import Unsigned, verify

Find = Callable[[str], Known | None]


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came, before anything was read from it; see `kit.signatures.verify`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """What a partner signed of a bundle that came offline: its list of contents, as it was written."""

    key_id: str
    purpose: str
    manifest: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Asserted:
    """An assertion that came for an access token; to whom it must be addressed, for which client if that was said."""

    text: str
    audience: str
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Who it is, with which key, and what comes once."""

    caller: Caller
    key_id: str
    nonce: str


def of_request(find: Find, society: str, signed: Signed) -> Proof:
    """Return who signed a request.

    Raises:
        Unidentified: not signed as it must be, or with no key that is trusted now.
    """
    found = _Found(find)
    try:
        shown = verify(found.key, signed.method, signed.url, signed.headers, signed.body)
    except Unsigned:
        raise Unidentified("no valid signature came with the call") from None
    return Proof(_caller(found.known, society), shown.key_id, shown.nonce)


def of_assertion(find: Find, society: str, asserted: Asserted, now: datetime) -> Proof:
    """Return who made an assertion.

    Raises:
        Unidentified: it is not as it must be, is for somebody else, or no key of that partner signed it.
    """
    found = _Found(find)
    try:
        shown = prove(found.key, asserted.text, asserted.audience, now)
    except Unproven:
        raise Unidentified("no valid assertion came with the call") from None
    if shown.client_id != found.known.code or asserted.client_id not in (None, shown.client_id):
        raise Unidentified("no valid assertion came with the call")
    return Proof(_caller(found.known, society), shown.key_id, shown.jti)


def of_bundle(find: Find, society: str, bundle: SignedBundle) -> Caller:
    """Return who signed a bundle.

    Raises:
        Unidentified: no key that is trusted now did.
    """
    known = find(bundle.key_id)
    if known is None or not partners.signed_by(known.public, bundle.purpose, bundle.manifest, bundle.signature):
        raise Unidentified("no key that is trusted signed the bundle")
    return _caller(known, society)


class _Found:
    """Looks a key up, and remembers whose it is."""

    known: Known

    def __init__(self, find: Find) -> None:
        self._find = find

    def key(self, key_id: str) -> Ed25519PublicKey | None:
        known = self._find(key_id)
        if known is None:
            return None
        self.known = known
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(known.public))


def _caller(known: Known, society: str) -> Caller:
    return Caller(known.account_id, known.worker_id, society, known.team, Role.PARTNER, GRANTS[Role.PARTNER])
