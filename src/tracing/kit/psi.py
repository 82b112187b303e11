"""Private set intersection by Diffie-Hellman, for the blind pre-check; pure: no database, no network.

The asker blinds its elements with a key of its own, the answerer blinds them once more and adds its own set under
its key; the asker takes its key off again and sees which of its elements the answerer holds. Both keys are fresh
in each session, so nothing of one can be compared with another. The curve work is `openmined-psi`'s, the optional
extra `psi`, which lets other threads run meanwhile; some 0.2 ms an element and side.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from tracing.kit.errors import Conflict

POINT = 33
"""Bytes of a blinded element: a compressed point of P-256."""
SEED = 32
STEPS = ((10_000, 1_000), (100_000, 10_000))
WIDEST = 100_000


class NotInstalled(Conflict):
    """The library that does the curve work is not installed."""

    code = "not-installed"
    title = "Not installed here"


class Garbled(ValueError):
    """What came cannot be read as the message that it should be."""


@dataclass(frozen=True, slots=True)
class Blinded:
    """The asker's side of a session.

    Attributes:
        request: what travels.
        commitment: salted hash of the set, 64 hexadecimal digits; see `commitment_of`.
        opening: seed and key of the session; with the same set they give the same request and commitment.
        elements: texts in the order of the request, padding included.
    """

    request: bytes
    commitment: str
    opening: bytes
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the answerer sends back, and of how many elements its padded set is."""

    setup: bytes
    response: bytes
    size: int


def library() -> Any:
    """Return the library.

    Raises:
        NotInstalled: the extra is not installed.
    """
    try:
        return import_module("private_set_intersection.python")
    except ImportError:
        raise NotInstalled("blind pre-checks need the extra `psi`: pip install 'tracing[psi]'") from None


def padded(count: int) -> int:
    """Return how many elements a set of `count` is padded to: up to 10,000 the next thousand, and coarser beyond."""
    step = next((step for most, step in STEPS if count <= most), WIDEST)
    return max(1, -(-count // step)) * step


def blind(session: UUID, texts: Iterable[str], opening: bytes | None = None) -> Blinded:
    """Return a set blinded, padded and shuffled.

    Args:
        session: the commitment is bound to it.
        texts: the set; order and repeats do not matter.
        opening: of an earlier session, to make its request anew; without it seed and key are fresh.

    Raises:
        NotInstalled: the extra is not installed.
    """
    psi = library()
    seed = secrets.token_bytes(SEED) if opening is None else opening[:SEED]
    maker = psi.client.CreateWithNewKey(True) if opening is None else psi.client.CreateFromKey(opening[SEED:], True)
    elements = _mixed(seed, _filled(seed, set(texts)))
    request = maker.CreateRequest(list(elements)).SerializeToString()
    held = seed + maker.GetPrivateKeyBytes()
    return Blinded(request, commitment_of(session, held, elements), held, elements)


def commitment_of(session: UUID, opening: bytes, elements: Iterable[str]) -> str:
    """Return the salted hash by which the asker commits to its set, whatever the order, and to its key."""
    salt = _derived(opening[:SEED], b"salt")
    leaves = sorted(_derived(salt, element.encode()) for element in elements)
    key = _derived(salt, opening[SEED:])
    return hashlib.sha256(b"".join([b"tracing pre-check", session.bytes, salt, key, *leaves])).hexdigest()


def digest(request: bytes) -> str:
    """Return what is kept of a request by both sides: a hash of points that nobody can read without the key."""
    return hashlib.sha256(request).hexdigest()


def _derived(key: bytes, use: bytes) -> bytes:
    return hmac.digest(key, use, hashlib.sha256)


def _filled(seed: bytes, texts: set[str]) -> list[str]:
    lacking = padded(len(texts)) - len(texts)
    return [*texts, *(f"padding|{_derived(seed, b'padding %d' % number).hex()}" for number in range(lacking))]


def _mixed(seed: bytes, elements: Sequence[str]) -> tuple[str, ...]:
    """Return elements in an order that only the seed knows."""
    return tuple(sorted(elements, key=lambda element: _derived(seed, b"order " + element.encode())))


def read_request(raw: bytes, size: int) -> Any:
    """Return a request of exactly `size` different elements.

    Raises:
        Garbled: it is none.
        NotInstalled: the extra is not installed.
    """
    request = _parsed(library().Request, raw)
    points = list(request.encrypted_elements)
    if not request.reveal_intersection or len(points) != size or len(set(points)) != size:
        raise Garbled("not a request of so many different elements")
    _require_points(points)
    return request


def answer(request: Any, own: Iterable[str]) -> Answered:
    """Return the answer to a request under a fresh key, with our own set padded and shuffled.

    Raises:
        Garbled: an element of the request is no point of the curve.
    """
    psi = library()
    server = psi.server.CreateWithNewKey(True)
    try:
        response = server.ProcessRequest(request).SerializeToString()
    except RuntimeError:
        raise Garbled("an element is no point of the curve") from None
    elements = _filled(secrets.token_bytes(SEED), set(own))
    # RAW: plain points in their own order. The compressed structures have parameters that could be made to hurt.
    setup = server.CreateSetupMessage(1e-9, len(request.encrypted_elements), elements, psi.DataStructure.RAW)
    return Answered(setup.SerializeToString(), response, len(elements))


def shared(blinded: Blinded, answered: Answered) -> set[str]:
    """Return the texts that the answerer holds as well.

    Raises:
        Garbled: what came is no answer to this request.
    """
    psi = library()
    setup, response = _parsed(psi.ServerSetup, answered.setup), _parsed(psi.Response, answered.response)
    if setup.WhichOneof("data_structure") != "raw" or len(setup.raw.encrypted_elements) != answered.size:
        raise Garbled("not a set of so many elements")
    if len(response.encrypted_elements) != len(blinded.elements):
        raise Garbled("an answer to another request")
    _require_points([*setup.raw.encrypted_elements, *response.encrypted_elements])
    maker = psi.client.CreateFromKey(blinded.opening[SEED:], True)
    try:
        found = maker.GetIntersection(setup, response)
    except RuntimeError:
        raise Garbled("an element is no point of the curve") from None
    return {blinded.elements[place] for place in found}


def _parsed(kind: Any, raw: bytes) -> Any:
    broken = import_module("google.protobuf.message").DecodeError  # it comes with the extra
    try:
        return kind.FromString(raw)
    except broken:
        raise Garbled("not the message that it should be") from None


def _require_points(points: Sequence[bytes]) -> None:
    if any(len(point) != POINT or point[0] not in (2, 3) for point in points):
        raise Garbled("an element is no point of the curve")
