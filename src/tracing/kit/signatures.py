"""Signed HTTP requests: RFC 9421 with Ed25519 over method, target, digest of the body, time and nonce.

The library checks what a signature covers and whether it holds; which coverage is enough, how old a request may
be and for whom it is, is settled here. That a nonce comes once is for whoever stores them.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    SigningKey,
    VerificationKey,
)
from http_message_signatures.algorithms import ED25519

TAG = "tracing-exchange"
"""Names the application inside the signature: a signature made for another use is worth nothing here."""
LABEL = "sig"
COVERED = ("@method", "@target-uri", "content-digest")
MAX_AGE = timedelta(minutes=5)
"""How old a signed request may be (stack.md §3; the library's default is a day)."""
AHEAD = timedelta(seconds=30)
"""By how much the sender's clock may be fast; the library's default, five seconds, is less than clocks stray."""
SHORTEST_NONCE, LONGEST_NONCE = 16, 64
LONGEST_KEY_ID = 64
SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):", re.ASCII)


class Unsigned(Exception):
    """A request is not signed as it must be; says nothing about why, so that nobody learns how near they came."""


@dataclass(slots=True)
class Message:
    """A request as the library reads it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class _Own(HTTPSignatureKeyResolver):
    """The one key that we sign with."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key

    def resolve_private_key(self, key_id: str) -> SigningKey:
        return self.key


class _Theirs(HTTPSignatureKeyResolver):
    """Looks up the key that a signature names."""

    def __init__(self, find: "Finder") -> None:
        self.find = find
        self.key_id = ""
        self.trouble: Exception | None = None

    def resolve_public_key(self, key_id: str) -> VerificationKey | None:
        self.key_id = key_id if len(key_id) <= LONGEST_KEY_ID else ""
        try:
            return self.find(self.key_id) if self.key_id else None
        except Exception as error:  # the library would take it for a bad signature
            self.trouble = error
            raise


def sign_content(key: Ed25519PrivateKey, purpose: str, content: bytes) -> bytes:
    """Return a signature over `content` for one purpose: for another one it is worth nothing."""
    return key.sign(_named(purpose, content))


def content_holds(key: Ed25519PublicKey, purpose: str, content: bytes, signature: bytes) -> bool:
    """Return whether `signature` was made over `content` for this purpose."""
    try:
        key.verify(signature, _named(purpose, content))
    except InvalidSignature:
        return False
    return True


def _named(purpose: str, content: bytes) -> bytes:
    """Begin with what no signed request begins with."""
    return f"{TAG}/{purpose}".encode() + b"\0" + content


Finder = Callable[[str], Ed25519PublicKey | None]


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose key signed a request, and the nonce that it came with."""

    key_id: str
    nonce: str


def sign(
    key: Ed25519PrivateKey, key_id: str, method: str, url: str, body: bytes, *, created: datetime | None = None
) -> dict[str, str]:
    """Return the headers that sign a request, with a fresh nonce and the present time unless another is given."""
    message = Message(method, url)
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Own(key)).sign(
        message,
        key_id=key_id,
        created=created,
        nonce=secrets.token_urlsafe(24),
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED[:2],
        body=body,
    )
    return message.headers


def verify(find: Finder, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Verified:
    """Return which key signed a request as it must be signed, and its nonce.

    Args:
        find: returns the public key of an id, or None.
        method: of the request.
        url: the whole target as it was sent to us.
        headers: of the request, names in lower case.
        body: as it came, before anything was read from it.

    Raises:
        Unsigned: not signed, with an unknown key, over too little, too old, of the future, or changed since; or signed
            twice, or written in another way than the one in which RFC 8941 writes it.

    What `find` raises is passed on: a case base that is away is no bad signature.
    """
    if headers.get("content-encoding", "identity") != "identity":
        raise Unsigned  # nothing is decoded here, so nobody else may decode it either
    key = _Theirs(find)
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=key)
    verifier.max_clock_skew = AHEAD
    try:
        (found,) = verifier.verify(
            Message(method, url, dict(headers)),
            max_age=MAX_AGE - AHEAD,  # the library allows the same for a clock that is slow
            expect_tag=TAG,
            expect_label=LABEL,
            require_components=COVERED,
            body=body,
        )
    except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError):
        if key.trouble is not None:
            raise key.trouble from None
        raise Unsigned from None
    written = found.covered_components['"@signature-params"']
    if headers["signature-input"] != f"{LABEL}={written}" or not _is_canonical(headers["signature"]):
        raise Unsigned
    if headers["content-digest"] != ContentDigest.create(body):
        raise Unsigned
    nonce = found.nonce
    if found.body != body or not isinstance(nonce, str) or not SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE:
        raise Unsigned
    return Verified(key.key_id, nonce)


def _is_canonical(header: str) -> bool:
    """Return whether one signature stands in the header, in the one spelling of its 64 bytes."""
    known = SIGNATURE.fullmatch(header)
    try:
        return known is not None and base64.b64encode(base64.b64decode(known[1])).decode() == known[1]
    except binascii.Error:
        return False
