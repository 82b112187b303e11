"""One true message of each kind, as a partner writes it, and its signed request."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pydantic_core
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracing.exchange.envelope import Envelope
from tracing.exchange.states import OPENING, Kind
from tracing.kit import clock
from tracing.kit.signatures import sign

SOUGHT = {"names": [{"full": "Amina Yusuf Warsame"}], "sex": "female", "birth": "1990-05", "father": ["Yusuf Warsame"]}
ENQUIRER = {"person": {"names": [{"full": "Abdi Yusuf Warsame"}]}, "no_safe_contact": True}
PAYLOADS: dict[Kind, dict[str, Any]] = {
    Kind.REQUEST_SEARCH: {"sought": SOUGHT, "relationship": "sister"},
    Kind.SHARE_FOR_INFORMATION: {"sought": SOUGHT, "relationship": "sister"},
    Kind.TRANSFER_CASE: {"sought": SOUGHT, "relationship": "sister", "enquirer": ENQUIRER},
    Kind.SEND_MESSAGE: {"text": "We are all well and wait for a word of you."},
    Kind.ASK_QUESTION: {"text": "Which school did she go to?"},
    Kind.PROVIDE_ANSWER: {"finding": "facts", "text": "She is not known at the school."},
    Kind.REVOKE: {"reason": "sent_in_error"},
    Kind.RECEIPT: {"status": "received"},
}
SCOPE = ["relationship", "sought.birth", "sought.father", "sought.names", "sought.sex"]


@dataclass(frozen=True)
class Sent:
    """A request as it is on the wire; names of headers in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    def but(self, **changes: Any) -> "Sent":
        return replace(self, **changes)

    def headed(self, **changes: str | None) -> "Sent":
        """Return it with headers changed, `_` for `-`; None drops one."""
        known = {name.replace("_", "-"): value for name, value in changes.items()}
        kept = {name: value for name, value in (self.headers | known).items() if value is not None}
        return replace(self, headers=kept)


def fields(kind: Kind, about: UUID | None = None, **changes: Any) -> dict[str, Any]:
    """Return the fields of an envelope of KE's for UG; a change of a `payload` field is given in `payload`."""
    now = clock.now()
    payload = {"kind": kind} | PAYLOADS[kind] | changes.pop("payload", {})
    if kind is Kind.RECEIPT:
        payload.setdefault("of", about)
    envelope = {
        "id": uuid4(),
        "sender": "KE",
        "recipient": "UG",
        "sent_at": now,
        "expires_at": now + timedelta(days=60),
        "legal_basis": "public_interest",
        "payload": payload,
    }
    if kind not in OPENING:
        return envelope | {"about": about} | changes
    named = payload.get("enquirer") is not None
    held = [_covered("sought"), *([_covered("enquirer")] if named else [])]
    beside = ["enquirer.no_safe_contact", "enquirer.person"] if kind is Kind.TRANSFER_CASE else []
    return envelope | {"consents": held, "scope": [*SCOPE, *beside]} | changes


def _covered(about: str) -> dict[str, Any]:
    return {
        "purpose": "share_with_society",
        "about": about,
        "lawful_basis": "public_interest",
        "ref": "0" * 32,
    }


def envelope(kind: Kind, about: UUID | None = None, **changes: Any) -> Envelope:
    return Envelope.model_validate_json(as_json(fields(kind, about, **changes)))


def as_json(value: Any) -> bytes:

    return pydantic_core.to_json(value)


def signed(url: str, body: bytes, key: Ed25519PrivateKey, key_id: str) -> Sent:
    """Return a message as the courier sends it."""
    headers = {name.lower(): value for name, value in sign(key, key_id, "POST", url, body).items()}
    return Sent("POST", url, {"content-type": "application/json"} | headers, body)
