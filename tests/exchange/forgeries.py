"""Ways to change a signed message, by somebody on the way and by a partner who signs what they should not."""

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.exchange.envelopes import Sent
from tracing.kit.signatures import TAG

COVERED = ('"@method"', '"@target-uri"', '"content-digest"')


@dataclass(frozen=True)
class Genuine:
    """A true message, who signed it, and ids of keys that open nothing."""

    sent: Sent
    key: Ed25519PrivateKey
    key_id: str
    closed: Mapping[str, tuple[Ed25519PrivateKey, str]] = field(default_factory=dict)


Forge = Callable[[Random, Genuine], Sent]


def digest(body: bytes, algorithm: str = "sha-256") -> str:
    made = hashlib.new(algorithm.replace("-", ""), body).digest()
    return f"{algorithm}=:{base64.b64encode(made).decode()}:"


def resigned(
    true: Genuine,
    *,
    sent: Sent | None = None,
    covered: tuple[str, ...] = COVERED,
    key: Ed25519PrivateKey | None = None,
    label: str = "sig",
    make: Callable[[bytes], bytes] | None = None,
    **changes: str | None,
) -> Sent:
    """Sign anew by hand, with parameters changed; None drops one. `sent` is what is signed, whatever leaves."""
    sent = sent or true.sent
    known = re.findall(r';(\w+)=("[^"]*"|\d+)', true.sent.headers["signature-input"])
    params = {name: value for name, value in (dict(known) | changes).items() if value is not None}
    written = f"({' '.join(covered)})" + "".join(f";{name}={value}" for name, value in params.items())
    values = {'"@method"': sent.method, '"@target-uri"': sent.url, '"@authority"': sent.url.split("/")[2]}
    lines = []
    for component in covered:
        plain = component.split(";")[0]
        lines.append(f"{component}: {values.get(plain, sent.headers.get(plain.strip(chr(34)), ''))}")
    base = "\n".join([*lines, f'"@signature-params": {written}']).encode()
    made = make(base) if make is not None else (key or true.key).sign(base)
    return sent.headed(signature_input=f"{label}={written}", signature=f"{label}=:{base64.b64encode(made).decode()}:")


def _flip(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _insert(data: bytes, rng: Random, what: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + what + data[at:]


def _drop(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + 1 :]


def _ascii(text: str, rng: Random) -> str:
    """Change one printable sign of a header for another one."""
    at = rng.randrange(len(text))
    return text[:at] + rng.choice([c for c in map(chr, range(33, 127)) if c != text[at]]) + text[at + 1 :]


def _param(sent: Sent, name: str, value: str) -> Sent:
    at = sent.headers["signature-input"]
    assert f";{name}=" in at
    return sent.headed(signature_input=re.sub(rf';{name}=("[^"]*"|\d+)', f";{name}={value}", at))


def _input(true: Genuine) -> str:
    return true.sent.headers["signature-input"]


def _and_another(sent: Sent, label: str) -> Sent:
    both = {name: sent.headers[name] for name in ("signature-input", "signature")}
    more = {name: f"{value}, {label}{value.removeprefix('sig')}" for name, value in both.items()}
    return sent.but(headers=sent.headers | more)


def _digested(sent: Sent, body: bytes) -> Sent:
    return sent.but(body=body).headed(content_digest=digest(body))


def _labelled(sent: Sent, label: str) -> Sent:
    both = {name: sent.headers[name].replace("sig=", label, 1) for name in ("signature-input", "signature")}
    return sent.but(headers=sent.headers | both)


def _created(true: Genuine) -> int:
    found = re.search(r";created=(\d+)", true.sent.headers["signature-input"])
    assert found is not None
    return int(found[1])


def _without(true: Genuine, name: str) -> Sent:
    at = true.sent.headers["signature-input"]
    return true.sent.headed(signature_input=re.sub(rf';{name}=("[^"]*"|\d+)', "", at))


def _covering(true: Genuine, covered: str) -> Sent:
    at = true.sent.headers["signature-input"]
    return true.sent.headed(signature_input=re.sub(r"\([^)]*\)", f"({covered})", at))


def _other_body(true: Genuine, rng: Random) -> bytes:
    known = json.loads(true.sent.body)
    known["id"] = f"{rng.getrandbits(128):032x}"
    return json.dumps(known).encode()


def _reused_base64(header: str, rng: Random) -> str:
    """Spell the same 64 bytes in another way: four bits of the last sign say nothing."""
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = header[-4]
    same = [c for c in signs if signs.index(c) // 16 == signs.index(last) // 16 and c != last]
    return f"{header[:-4]}{rng.choice(same)}==:"


def _hmac(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda base: hmac.new(secret, base, hashlib.sha256).digest()


def _public(true: Genuine) -> bytes:
    return true.key.public_key().public_bytes_raw()


def _url(true: Genuine, rng: Random) -> str:
    path = true.sent.url
    origin, _, rest = path.partition("/v1/")
    return rng.choice(
        [
            f"https://other{rng.randrange(10**6)}.example/v1/{rest}",
            f"{origin}:{rng.randrange(1, 65535)}/v1/{rest}",
            path.replace("https", "http"),
            path.replace("/UG/", f"/{rng.choice('ABCDEFGH')}{rng.choice('XYZ')}/"),
            path.replace("/UG/", "/ug/"),
            path.replace("/UG/", f"/{quote('U')}%47/"),
            f"{path}?{rng.randrange(10**6)}",
            f"{path}?a={rng.randrange(10**6)}",
            f"{path}/{rng.randrange(10**6)}",
            f"{path}/",
            path.replace("/v1/", "//v1/"),
            path.replace("/v1/", f"/v{rng.randrange(2, 99)}/"),
        ]
    )


def _aged(rng: Random, true: Genuine, seconds: int) -> Sent:
    return resigned(true, created=str(_created(true) + seconds))


ON_THE_WAY: dict[str, Forge] = {
    "body, one bit": lambda r, t: t.sent.but(body=_flip(t.sent.body, r)),
    "body, one byte less": lambda r, t: t.sent.but(body=_drop(t.sent.body, r)),
    "body, one byte more": lambda r, t: t.sent.but(body=_insert(t.sent.body, r, bytes([r.randrange(256)]))),
    "body, white space": lambda r, t: t.sent.but(body=_insert(t.sent.body, r, r.choice([b" ", b"\n", b"\t", b"\r\n"]))),
    "body, cut": lambda r, t: t.sent.but(body=t.sent.body[: r.randrange(len(t.sent.body))]),
    "body, twice": lambda r, t: t.sent.but(body=t.sent.body * r.randint(2, 4)),
    "body, written anew": lambda r, t: t.sent.but(
        body=json.dumps(json.loads(t.sent.body), indent=r.randint(1, 9)).encode()
    ),
    "body, another one": lambda r, t: t.sent.but(body=_other_body(t, r)),
    "body, UTF-16": lambda _, t: t.sent.but(body=t.sent.body.decode().encode("utf-16")),
    "body, with a mark": lambda _, t: t.sent.but(body=b"\xef\xbb\xbf" + t.sent.body),
    "digest, one sign": lambda r, t: t.sent.headed(content_digest=_ascii(t.sent.headers["content-digest"], r)),
    "digest, missing": lambda _, t: t.sent.headed(content_digest=None),
    "digest, of another body": lambda r, t: t.sent.headed(content_digest=digest(_other_body(t, r))),
    "digest, with its other body": lambda r, t: _digested(t.sent, _other_body(t, r)),
    "digest, another algorithm": lambda r, t: t.sent.headed(
        content_digest=digest(t.sent.body, r.choice(["sha-512", "md5", "sha-1"]))
    ),
    "digest, two": lambda r, t: t.sent.headed(
        content_digest=f"{t.sent.headers['content-digest']}, {digest(t.sent.body, 'sha-512')}"
    ),
    "digest, twice": lambda r, t: t.sent.headed(
        content_digest=", ".join([t.sent.headers["content-digest"]] * r.randint(2, 5))
    ),
    "digest, a parameter": lambda r, t: t.sent.headed(
        content_digest=f"{t.sent.headers['content-digest']};a={r.randrange(10**6)}"
    ),
    "input, one sign": lambda r, t: t.sent.headed(signature_input=_ascii(_input(t), r)),
    "input, missing": lambda _, t: t.sent.headed(signature_input=None),
    "input, a space more": lambda r, t: t.sent.headed(signature_input=_insert(_input(t).encode(), r, b" ").decode()),
    "date, moved": lambda r, t: _param(t.sent, "created", str(_created(t) + r.choice([-1, 1]) * r.randint(1, 10**6))),
    "date, as words": lambda _, t: _param(t.sent, "created", f'"{_created(t)}"'),
    "date, missing": lambda _, t: _without(t, "created"),
    "nonce, another": lambda r, t: _param(t.sent, "nonce", f'"{r.getrandbits(144):036x}"'),
    "nonce, short": lambda r, t: _param(t.sent, "nonce", f'"{r.getrandbits(30):x}"'),
    "nonce, missing": lambda _, t: _without(t, "nonce"),
    "key, unknown": lambda r, t: _param(t.sent, "keyid", f'"{r.getrandbits(128):032x}"'),
    "key, long": lambda r, t: _param(t.sent, "keyid", f'"{"a" * r.randint(65, 900)}"'),
    "key, missing": lambda _, t: _without(t, "keyid"),
    "key, of somebody else": lambda r, t: _param(t.sent, "keyid", f'"{r.choice(list(t.closed.values()))[1]}"'),
    "algorithm, another": lambda r, t: _param(
        t.sent,
        "alg",
        r.choice(['"none"', '""', '"hmac-sha256"', '"rsa-v1_5-sha256"', '"Ed25519"', '"ecdsa-p256-sha256"']),
    ),
    "algorithm, missing": lambda _, t: _without(t, "alg"),
    "tag, another": lambda r, t: _param(t.sent, "tag", f'"{r.getrandbits(64):x}"'),
    "tag, missing": lambda _, t: _without(t, "tag"),
    "label, of the input": lambda r, t: t.sent.headed(
        signature_input=_input(t).replace("sig=", f"s{r.randrange(10**6)}=", 1)
    ),
    "label, of both": lambda r, t: _labelled(t.sent, f"s{r.randrange(10**6)}="),
    "coverage, less": lambda r, t: _covering(t, " ".join(r.sample(COVERED, r.randint(0, 2)))),
    "coverage, another order": lambda r, t: _covering(t, " ".join(r.choice(list(itertools.permutations(COVERED))[1:]))),
    "coverage, more": lambda r, t: _covering(
        t, " ".join([*COVERED, r.choice(['"content-type"', '"@authority"', '"@path"', '"host"', '"@query"'])])
    ),
    "coverage, parameters": lambda r, t: _covering(
        t,
        _input(t)
        .split(")")[0][5:]
        .replace(r.choice(COVERED), f"{r.choice(COVERED)};{r.choice(['req', 'sf', 'bs', 'tr', 'key'])}"),
    ),
    "a parameter more": lambda r, t: t.sent.headed(
        signature_input=f"{_input(t)};{r.choice(['expires', 'x', 'created'])}={r.randrange(10**9)}"
    ),
    "signature, one bit": lambda r, t: t.sent.headed(
        signature=f"sig=:{base64.b64encode(_flip(base64.b64decode(t.sent.headers['signature'][5:-1]), r)).decode()}:"
    ),
    "signature, one sign": lambda r, t: t.sent.headed(signature=_ascii(t.sent.headers["signature"], r)),
    "signature, spelt otherwise": lambda r, t: t.sent.headed(signature=_reused_base64(t.sent.headers["signature"], r)),
    "signature, missing": lambda _, t: t.sent.headed(signature=None),
    "signature, empty": lambda r, t: t.sent.headed(
        signature=r.choice(["sig=::", "sig", "sig=?1", "", "sig=:AAAA:", 'sig=""'])
    ),
    "signature, random": lambda r, t: t.sent.headed(signature=f"sig=:{base64.b64encode(r.randbytes(64)).decode()}:"),
    "signature, none at all": lambda _, t: t.sent.headed(signature=None, signature_input=None, content_digest=None),
    "signatures, two": lambda r, t: _and_another(t.sent, f"s{r.randrange(10**6)}"),
    "signatures, the same twice": lambda _, t: t.sent.headed(
        signature_input=f"{_input(t)}, {_input(t)}",
        signature=f"{t.sent.headers['signature']}, {t.sent.headers['signature']}",
    ),
    "method": lambda r, t: t.sent.but(method=r.choice(["PUT", "PATCH", "GET", "DELETE", "post", "OPTIONS", "QUERY"])),
    "target": lambda r, t: t.sent.but(url=_url(t, r)),
    "encoding": lambda r, t: t.sent.headed(
        content_encoding=r.choice(["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])
    ),
}
"""What somebody without the key can do."""

SIGNED: dict[str, Forge] = {
    "old": lambda r, t: _aged(r, t, -r.randint(306, 10**8)),
    "of the future": lambda r, t: _aged(r, t, r.randint(60, 10**8)),
    "without a date": lambda _, t: resigned(t, created=None),
    "with a date in words": lambda _, t: resigned(t, created=f'"{_created(t)}"'),
    "over already": lambda r, t: resigned(t, expires=str(_created(t) - r.randint(60, 10**6))),
    "without a nonce": lambda _, t: resigned(t, nonce=None),
    "with a short nonce": lambda r, t: resigned(t, nonce=f'"{r.getrandbits(56):x}"'),
    "with a long nonce": lambda r, t: resigned(t, nonce=f'"{"a" * r.randint(65, 900)}"'),
    "with a number for a nonce": lambda r, t: resigned(t, nonce=str(r.randrange(10**14, 10**15))),
    "for another use": lambda r, t: resigned(
        t, tag=f'"{r.choice(["", "x", TAG.upper(), TAG + " "])}{r.randrange(10**6)}"'
    ),
    "for no use": lambda _, t: resigned(t, tag=None),
    "without its key": lambda _, t: resigned(t, keyid=None),
    "over less": lambda r, t: resigned(t, covered=tuple(r.sample(COVERED, r.randint(0, 2)))),
    "over something like it": lambda r, t: resigned(
        t, covered=(*COVERED[:2], f"{COVERED[2]};{r.choice(['req', 'sf', 'bs', 'tr'])}")
    ),
    "over one thing twice": lambda r, t: resigned(t, covered=(*COVERED, r.choice(COVERED))),
    "over the digest of another body": lambda r, t: resigned(
        t, sent=t.sent.headed(content_digest=digest(_other_body(t, r)))
    ),
    "over another digest": lambda r, t: resigned(
        t, sent=t.sent.headed(content_digest=digest(t.sent.body, r.choice(["sha-512", "sha-1"])))
    ),
    "over two digests": lambda r, t: resigned(
        t,
        sent=t.sent.headed(
            content_digest=f"{t.sent.headers['content-digest']}, {digest(_other_body(t, r), 'sha-512')}"
        ),
    ),
    "for another target": lambda r, t: resigned(t, sent=t.sent.but(url=_url(t, r))).but(url=t.sent.url),
    "for another method": lambda r, t: resigned(
        t, sent=t.sent.but(method=r.choice(["PUT", "PATCH", "GET", "DELETE"]))
    ).but(method="POST"),
    "as another algorithm": lambda r, t: resigned(
        t, alg=r.choice(['"hmac-sha256"', '"none"', '"rsa-pss-sha512"', '"ed448"'])
    ),
    "with the public key for a secret": lambda r, t: resigned(
        t, alg='"hmac-sha256"', make=_hmac(r.choice([_public(t), _public(t).hex().encode(), t.key_id.encode()]))
    ),
    "with nothing": lambda r, t: resigned(t, alg=r.choice(['"none"', None]), make=lambda _: b""),
    "by a stranger": lambda _, t: resigned(t, key=Ed25519PrivateKey.generate()),
    "by another key in its name": lambda r, t: resigned(t, key=r.choice(list(t.closed.values()))[0]),
    "by a key that is closed": lambda r, t: resigned(
        t, key=(c := r.choice(list(t.closed.values())))[0], keyid=f'"{c[1]}"'
    ),
    "under another label": lambda r, t: resigned(t, label=f"s{r.randrange(10**6)}"),
    "with a parameter more": lambda r, t: resigned(t, x=str(r.randrange(10**6))),
}
"""What somebody with a key can do, be it a partner's or not."""
ALL = {f"on the way: {name}": forge for name, forge in ON_THE_WAY.items()} | {
    f"signed: {name}": forge for name, forge in SIGNED.items()
}


def forged(rng: Random, true: Genuine, count: int) -> Iterator[tuple[str, Sent]]:
    """Yield `count` different forgeries of a message, each way in turn, those that can be new ever again."""
    seen = {_key(true.sent)}
    made, ways = 0, dict(ALL)
    while made < count:
        for name, forge in list(ways.items()):
            for _ in range(8):
                sent = forge(rng, true)
                if _key(sent) not in seen:
                    break
            else:
                del ways[name]  # whatever it makes was there already
                continue
            seen.add(_key(sent))
            made += 1
            yield name, sent
            if made == count:
                return


def _key(sent: Sent) -> tuple[object, ...]:
    return sent.method, sent.url, tuple(sorted(sent.headers.items())), sent.body
