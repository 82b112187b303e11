"""Client assertions: a signed JWT by which a society shows a token endpoint who it is (RFC 7523, `private_key_jwt`).

The library checks the signature, the audience and what must be there; that it is EdDSA alone, short-lived, for one
client and written in one way is settled here. That its id comes once is for whoever stores them.
"""

import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.utils import base64url_decode, base64url_encode

from tracing.kit.errors import Malformed
from tracing.kit.ids import new_id
from tracing.kit.strict import strict_json

ALGORITHM = "EdDSA"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = "client_credentials"
LIFE = timedelta(minutes=2)
"""Of an assertion that we make."""
LONGEST_LIFE = timedelta(minutes=5)
"""How far ahead the end of one that we take may lie: its id is kept for longer."""
SKEW = timedelta(seconds=30)
LONGEST = 2_000
HEADER = frozenset({"alg", "kid", "typ"})
TYPES = frozenset({"JWT", "client-authentication+jwt"})
OPTIONS: Any = {
    "require": ["iss", "sub", "aud", "exp", "jti"],
    "strict_aud": True,
    **dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf"), False),  # by our own clock
}
SHORTEST_ID, LONGEST_ID = 16, 128
LONGEST_KEY_ID = 64


class Unproven(Exception):
    """An assertion is not as it must be; says nothing about why, so that nobody learns how near they came."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Whose key signed an assertion, for which client, and the id that comes once."""

    key_id: str
    client_id: str
    jti: str


def assertion(key: Ed25519PrivateKey, key_id: str, client_id: str, audience: str, now: datetime) -> str:
    """Return a fresh assertion for `audience`, good for `LIFE`."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": str(new_id()),
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})


def prove(find: Callable[[str], Ed25519PublicKey | None], text: str, audience: str, now: datetime) -> Proven:
    """Return whose assertion `text` is.

    Args:
        find: returns the public key of an id, or None; what it raises is passed on.
        text: as it came.
        audience: who we are to whoever made it; no other one stands beside it.
        now: the present moment.

    Raises:
        Unproven: unsigned, altered, with an unknown key or another algorithm, for somebody else, over or too long,
            without one of its claims, or written in another way than the shortest.
    """
    key_id = _key_id(_header(text))
    key = find(key_id)
    if key is None:
        raise Unproven
    try:
        claims = jwt.decode(text, key, [ALGORITHM], audience=audience, options=OPTIONS)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise Unproven from None
    once = SHORTEST_ID <= len(claims["jti"]) <= LONGEST_ID
    if not once or claims["iss"] != claims["sub"] or not _is_good_at(claims, now.timestamp()):
        raise Unproven
    return Proven(key_id, claims["sub"], claims["jti"])


def _is_good_at(claims: dict[str, Any], now: float) -> bool:
    begins, ends = [claims[name] for name in ("iat", "nbf") if name in claims], claims["exp"]
    if any(type(moment) is not int for moment in (*begins, ends)):
        return False
    return 0 < ends - now <= LONGEST_LIFE.total_seconds() and all(at <= now + SKEW.total_seconds() for at in begins)


def named_key(text: str) -> str:
    """Return the id of the key that an assertion says signed it, unverified; "" where it says none."""
    try:
        return _key_id(_header(text))
    except Unproven:
        return ""


def _header(text: str) -> dict[str, Any]:
    """Return the header of an assertion that is written in the one shortest way, no name twice."""
    parts = text.split(".")
    if len(text) > LONGEST or not text.isascii() or len(parts) != 3:
        raise Unproven
    try:
        plain = [base64url_decode(part) for part in parts]
        header, claims = strict_json(plain[0]), strict_json(plain[1])
    except (Malformed, ValueError, binascii.Error):
        raise Unproven from None
    if [base64url_encode(part).decode() for part in plain] != parts:
        raise Unproven
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Unproven
    return header


def _key_id(header: dict[str, Any]) -> str:
    key_id = header.get("kid")
    plain = header.keys() <= HEADER and header.get("alg") == ALGORITHM and header.get("typ", "JWT") in TYPES
    if not plain or not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_KEY_ID:
        raise Unproven
    return key_id
