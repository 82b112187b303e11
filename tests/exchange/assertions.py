"""Ways to forge an assertion: by somebody without the key, by a partner who asserts what they may not."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracing.kit import clock

WRONG_ALGORITHMS = (
    "none",
    "None",
    "NONE",
    "HS256",
    "HS512",
    "RS256",
    "ES256",
    "PS256",
    "Ed448",
    "eddsa",
    "Ed25519",
    "",
)


@dataclass(frozen=True)
class Client:
    """A partner, its key, whom it speaks to, and keys that open nothing."""

    code: str
    key: Ed25519PrivateKey
    key_id: str
    audience: str
    closed: Mapping[str, tuple[Ed25519PrivateKey, str]]

    def header(self, **changes: Any) -> dict[str, Any]:
        return _kept({"alg": "EdDSA", "kid": self.key_id, "typ": "JWT"}, changes)

    def claims(self, rng: Random, **changes: Any) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        jti = str(UUID(int=rng.getrandbits(128)))
        known = {"iss": self.code, "sub": self.code, "aud": self.audience, "jti": jti, "iat": now, "exp": now + 120}
        return _kept(known, changes)

    def genuine(self, rng: Random, **changes: Any) -> str:
        return written(self.header(), self.claims(rng, **changes), self.key.sign)


def _kept(known: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (known | changes).items() if value is not None}


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def written(header: Any, claims: Any, sign: Callable[[bytes], bytes]) -> str:
    """Write a JWT by hand; texts are taken as they are."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in (header, claims)]
    signed = ".".join(part(text.encode()) for text in texts)
    return f"{signed}.{part(sign(signed.encode()))}"


Forge = Callable[[Random, Client], str]


def _headed(rng: Random, c: Client, **changes: Any) -> str:
    return written(c.header(**changes), c.claims(rng), c.key.sign)


def _flip(rng: Random, c: Client, which: int) -> str:
    parts = c.genuine(rng).split(".")
    raw = bytearray(base64.urlsafe_b64decode(parts[which] + "=="))
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    parts[which] = part(bytes(raw))
    return ".".join(parts)


def _respelled(rng: Random, c: Client) -> str:
    """Spell the same signature in another way: four bits of the last sign say nothing."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = c.genuine(rng)
    at = signs.index(text[-1])
    return text[:-1] + rng.choice([sign for sign in signs if signs.index(sign) // 16 == at // 16 and sign != text[-1]])


def _mixed(rng: Random, c: Client) -> str:
    one, other = (c.genuine(rng).split(".") for _ in range(2))
    at = rng.randrange(1, 3)
    one[at] = other[at]
    return ".".join(one)


def _with_secret(rng: Random, c: Client) -> str:
    public = c.key.public_key().public_bytes_raw()
    secret = rng.choice([public, public.hex().encode(), c.key_id.encode(), b""])
    algorithm, made = rng.choice([("HS256", hashlib.sha256), ("HS512", hashlib.sha512)])
    return written(c.header(alg=algorithm), c.claims(rng), lambda data: hmac.digest(secret, data, made))


def _by_closed(rng: Random, c: Client) -> str:
    key, key_id = c.closed[rng.choice(sorted(c.closed))]
    return written(c.header(kid=key_id), c.claims(rng), key.sign)


def _twice(rng: Random, c: Client) -> str:
    claims = json.dumps(c.claims(rng))
    name = rng.choice(["sub", "iss", "aud", "jti", "exp"])
    return written(c.header(), claims[:-1] + f', "{name}": {json.dumps(json.loads(claims)[name])}}}', c.key.sign)


def _strange_header(rng: Random) -> dict[str, Any]:
    return rng.choice(
        [
            {"crit": ["exp"]},
            {"b64": False, "crit": ["b64"]},
            {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": part(rng.randbytes(32))}},
            {"jku": "https://keys.example/jwks"},
            {"x5u": "https://keys.example/chain"},
            {"zip": "DEF"},
            {"typ": "at+jwt"},
            {"typ": 7},
        ]
    )


def _in(rng: Random, least: int, most: int) -> int:
    return int(clock.now().timestamp()) + rng.randint(least, most)


ON_THE_WAY: dict[str, Forge] = {
    "a bit of the header": lambda r, c: _flip(r, c, 0),
    "a bit of the claims": lambda r, c: _flip(r, c, 1),
    "a bit of the signature": lambda r, c: _flip(r, c, 2),
    "the signature spelled otherwise": _respelled,
    "padded": lambda r, c: c.genuine(r) + "=" * r.randint(1, 4),
    "cut": lambda r, c: (t := c.genuine(r))[: r.randrange(len(t))],
    "with a part more": lambda r, c: f"{c.genuine(r)}.{part(r.randbytes(8))}",
    "with spaces": lambda r, c: r.choice([" {}", "{}\n", "{} x"]).format(c.genuine(r)),
    "put together from two": _mixed,
    "not signed": lambda r, c: ".".join([*c.genuine(r).split(".")[:2], r.choice(["", "AA", part(bytes(64))])]),
    "without an algorithm": lambda r, c: written(c.header(alg=r.choice(["none", "None"])), c.claims(r), lambda _: b""),
    "with the public key for a secret": _with_secret,
    "noise": lambda r, _: ".".join(part(r.randbytes(r.randint(1, 90))) for _ in range(3)),
    "very long": lambda r, c: c.genuine(r, note="x" * r.randint(2_000, 9_000)),
}
ASSERTED: dict[str, Forge] = {
    "as another algorithm": lambda r, c: _headed(r, c, alg=r.choice(WRONG_ALGORITHMS)),
    "with a strange header": lambda r, c: _headed(r, c, **_strange_header(r)),
    "without its key": lambda r, c: _headed(r, c, kid=r.choice([None, "", 7, ["x"], "k" * 65])),
    "with a key that nobody knows": lambda r, c: _headed(r, c, kid=f"{r.getrandbits(128):032x}"),
    "by a stranger": lambda r, c: written(c.header(), c.claims(r), Ed25519PrivateKey.generate().sign),
    "by a key that is closed": _by_closed,
    "for another endpoint": lambda r, c: c.genuine(r, aud=f"{c.audience}{r.choice(['/', '?', '2', '#x'])}"),
    "for another server": lambda r, c: c.genuine(r, aud=f"https://{r.getrandbits(32):x}.example/v1/exchange/UG/token"),
    "for many": lambda r, c: c.genuine(r, aud=r.choice([[c.audience], [c.audience, "x"], ["x"], []])),
    "for nobody": lambda r, c: c.genuine(r, aud=r.choice([None, "", 7])),
    "by somebody else": lambda r, c: c.genuine(r, iss=r.choice(["SO", "UG", "ke", "", None, 7])),
    "about somebody else": lambda r, c: c.genuine(r, sub=r.choice(["SO", "UG", "ke", "", None, 7])),
    "as somebody else": lambda r, c: c.genuine(r, **dict.fromkeys(("iss", "sub"), r.choice(["SO", "UG", "ke", "K"]))),
    "over": lambda r, c: c.genuine(r, exp=_in(r, -(10**7), -31)),
    "over just now": lambda r, c: c.genuine(r, exp=_in(r, -29, -1)),
    "good for too long": lambda r, c: c.genuine(r, exp=_in(r, 310, 10**7)),
    "good for ever": lambda r, c: c.genuine(r, exp=r.choice([None, "never", 1e300, 10**18, True])),
    "good until a text": lambda r, c: c.genuine(r, exp=str(_in(r, 60, 200))),
    "good until a fraction": lambda r, c: c.genuine(r, exp=_in(r, 60, 200) + 0.5),
    "of the future": lambda r, c: c.genuine(r, iat=_in(r, 60, 10**6)),
    "not good yet": lambda r, c: c.genuine(r, nbf=_in(r, 60, 10**6)),
    "without an id": lambda r, c: c.genuine(r, jti=r.choice([None, "", 7])),
    "with a short id": lambda r, c: c.genuine(r, jti=f"{r.getrandbits(56):x}"[:15]),
    "with a long id": lambda r, c: c.genuine(r, jti="j" * r.randint(129, 400)),
    "with a claim twice": _twice,
    "without claims": lambda r, c: written(c.header(), r.choice(["[]", "7", '"x"', "null", "{}", "{"]), c.key.sign),
}
ALL = {f"on the way: {name}": forge for name, forge in ON_THE_WAY.items()} | {
    f"asserted: {name}": forge for name, forge in ASSERTED.items()
}


def forged(rng: Random, client: Client, count: int) -> Iterator[tuple[str, str]]:
    """Yield `count` different forgeries, each way in turn."""
    seen: set[str] = set()
    while len(seen) < count:
        for name, forge in ALL.items():
            text = forge(rng, client)
            if text not in seen and len(seen) < count:
                seen.add(text)
                yield name, text


def library_takes(client: Client, text: str) -> bool:
    """Return whether the library takes a text with nothing more asked of it than a signature."""
    try:
        jwt.decode(text, client.key.public_key(), ["EdDSA"], options={"verify_aud": False})
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return True
