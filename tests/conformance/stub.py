"""A partner's system of another make: it keeps the protocol as docs/reference/exchange.md tells it, by itself.

It shares no code with the service but the library that reads signatures. Each of its checks can be left out.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageSignaturesException, HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from tracing.kit.outbound import Answer

CHECKS = ("signature", "age", "nonce", "digest", "recipient", "sender", "expiry", "schema", "memory")


@dataclass
class _Request:
    method: str
    url: str
    headers: dict[str, str]


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, known: Mapping[str, Ed25519PublicKey]) -> None:
        self.known = known

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return self.known[key_id]


@dataclass
class StubPartner:
    """Society `code` at `origin`, which knows the keys of `sender`."""

    code: str
    sender: str
    keys: dict[str, Ed25519PublicKey]
    schema: dict[str, Any]
    without: frozenset[str] = frozenset()
    nonces: set[tuple[str, str]] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    bodies: list[bytes] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        """Answer as a server would; stands in for the one client that calls out."""
        self.bodies.append(body)
        return Answer(self.take(url, body, {k.lower(): v for k, v in headers.items()}), {}, b"", False)

    def take(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        if "signature" not in self.without and not self._is_signed(url, body, headers):
            return 401
        message = json.loads(body)
        if "schema" not in self.without and not jsonschema_rs.is_valid(self.schema, message):
            return 422
        if "recipient" not in self.without and message["recipient"] != self.code:
            return 422
        if "sender" not in self.without and message["sender"] != self.sender:
            return 422
        if "expiry" not in self.without and datetime.fromisoformat(message["expires_at"]) <= datetime.now(UTC):
            return 422
        if message["id"] in self.known and "memory" not in self.without:
            return 200
        self.known.add(message["id"])
        return 202

    def _is_signed(self, url: str, body: bytes, headers: dict[str, str]) -> bool:
        verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=_Keys(self.keys))
        age = timedelta(days=1000) if "age" in self.without else timedelta(minutes=5)
        if "age" in self.without:
            verifier.max_clock_skew = timedelta(days=1000)
        try:
            (found,) = verifier.verify(
                _Request("POST", url, headers),
                max_age=age,
                expect_tag="tracing-exchange",
                require_components=("@method", "@target-uri", "content-digest"),
            )
        except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError):
            return False
        digest = f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"
        if "digest" not in self.without and headers["content-digest"] != digest:
            return False
        once = (str(found.parameters["keyid"]), str(found.parameters["nonce"]))
        if once in self.nonces and "nonce" not in self.without:
            return False
        self.nonces.add(once)
        return True
