"""The one client by which the service calls out.

It calls registered origins alone, resolves the host once, refuses unless every address is public, and connects to
exactly what it checked, while TLS and the Host header go by the name. It follows no redirect, reads no proxy from
the environment, keeps no cookie and no connection, and gives up when its time is over, however the bytes drip.

OutboundError
├── OutboundRefused 422    not called: the URL, its origin or its addresses may not be
└── OutboundFailed 502     called, and no whole answer came
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import certifi
import httpcore

from tracing.kit.addresses import Address, Target, may_connect, read_url
from tracing.kit.errors import TracingError, Unsafe
from tracing.kit.settings import Settings

MOST = 65_536
"""Bytes of an answer that are read, unless the caller says otherwise."""

OWN = frozenset({"host", "connection", "content-length", "transfer-encoding", "cookie", "upgrade", "expect", "te"})
TRIES = 4  # addresses of one host that are tried, in the resolver's order


class OutboundError(TracingError):
    """A call to another service did not happen or did not succeed; the message shows no path and no query."""


class OutboundRefused(OutboundError):
    """The URL, its origin or one of its addresses may not be called; nothing was sent."""

    status = 422
    code = "outbound-refused"
    title = "That address is not called"


class Failure(StrEnum):
    """Where a call broke off."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class OutboundFailed(OutboundError):
    """The other side was not reached, or no answer came that can be read."""

    status = 502
    code = "outbound-failed"
    title = "The other side did not answer"

    def __init__(self, reason: Failure, origin: str) -> None:
        super().__init__(f"calling {origin} failed: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status.

    Attributes:
        status: as sent; a redirect is an answer like any other.
        headers: names in lower case; of several of one name the last.
        body: at most as much as was asked for.
        cut: whether more was coming.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool


class Outbound:
    """Calls out under one set of settings; may be shared by threads.

    Raises:
        Unsafe: the settings name certificates that cannot be read.
    """

    def __init__(self, settings: Settings, *, most: int = MOST) -> None:
        self._loopback = settings.outbound_loopback
        self._seconds = settings.outbound_timeout_s
        self._most = most
        self._tls = _tls(settings)

    def origin(self, url: str) -> str:
        """Return the origin of a URL that is to be registered; nothing is resolved or called.

        Raises:
            OutboundRefused: it may not be called whatever it resolves to.
        """
        return self._read(url).origin

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, origin: str) -> Answer:
        """Send `body` to `url` once and return what came back.

        Args:
            url: of the registered `origin`.
            body: as it is.
            headers: ASCII; those of the connection itself are the client's own.
            origin: what was registered, e.g. ``https://hooks.example.org:8443``.

        Raises:
            OutboundRefused: the URL is of another origin, or may not be called.
            OutboundFailed: no whole head of an answer came in time.
        """
        target = self._read(url)
        if target.origin != origin:
            raise OutboundRefused("the address is not of the registered origin")
        sent = _headers(headers)
        ends = time.monotonic() + self._seconds
        addresses = _resolve(target, ends)
        if not may_connect(target, addresses):
            raise OutboundRefused(f"{target.origin} leads to an address that is not public")
        try:
            return self._send(target, sent, body, _Pinned(addresses[:TRIES], ends))
        except (TimeoutError, httpcore.TimeoutException):
            raise OutboundFailed(Failure.TIMEOUT, origin) from None
        except ssl.SSLError:
            raise OutboundFailed(Failure.TLS, origin) from None
        except (OSError, httpcore.NetworkError):
            raise OutboundFailed(Failure.CONNECT, origin) from None
        except httpcore.ProtocolError:
            raise OutboundFailed(Failure.PROTOCOL, origin) from None

    def _read(self, url: str) -> Target:
        target = read_url(url, loopback=self._loopback)
        if isinstance(target, str):
            raise OutboundRefused(target)
        return target

    def _send(self, target: Target, headers: list[tuple[bytes, bytes]], body: bytes, pinned: "_Pinned") -> Answer:
        address = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.strip("[]").encode(),
            port=target.port,
            target=target.target.encode(),
        )
        with (
            httpcore.ConnectionPool(ssl_context=self._tls, http2=False, network_backend=pinned) as pool,
            pool.stream("POST", address, headers=headers, content=body) as answer,
        ):
            kept, cut = _first(answer.iter_stream(), self._most)
        known = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in answer.headers}
        return Answer(answer.status, known, kept, cut)


def _first(chunks: Iterable[bytes], most: int) -> tuple[bytes, bool]:
    """Return the first `most` bytes, and whether there are more."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > most:
            return bytes(kept[:most]), True
    return bytes(kept), False


def _headers(given: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    for name, value in given.items():
        if name.lower() in OWN or not (name + value).isascii() or not (name + value).isprintable():
            raise OutboundRefused("a header is the client's own, or is not ASCII")
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in given.items()]


@cache
def _trusting_all() -> ssl.SSLContext:
    """Return what trusts the public authorities, for all who add nothing to it: to read them takes 20 ms."""
    return _trusting()


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _tls(settings: Settings) -> ssl.SSLContext:
    if settings.outbound_ca is None and settings.outbound_cert is None:
        return _trusting_all()
    context = _trusting()
    try:
        if settings.outbound_ca is not None:
            context.load_verify_locations(cafile=settings.outbound_ca)
        if settings.outbound_cert is not None:
            context.load_cert_chain(settings.outbound_cert, settings.outbound_key)
    except (OSError, ssl.SSLError):
        raise Unsafe("TRACING_OUTBOUND_CA, _CERT or _KEY cannot be read as PEM") from None
    return context


def _resolve(target: Target, ends: float) -> Sequence[Address]:
    """Return every address of a host, asked for once; the system's resolver has no limit of its own."""
    found: SimpleQueue[list[Any] | None] = SimpleQueue()

    def ask() -> None:
        try:
            host, port = target.host.strip("[]"), target.connect_port
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        except (OSError, UnicodeError):
            found.put(None)

    Thread(target=ask, name="outbound-resolve", daemon=True).start()
    try:
        answers = found.get(timeout=_left(ends))
        addresses = [ipaddress.ip_address(answer[4][0]) for answer in answers or ()]
    except (Empty, TimeoutError):
        raise OutboundFailed(Failure.TIMEOUT, target.origin) from None
    except ValueError:
        raise OutboundRefused(f"{target.origin} leads to an address that is none") from None
    if not addresses:
        raise OutboundFailed(Failure.RESOLVE, target.origin)
    return list(dict.fromkeys(addresses))


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, whatever host it is told."""

    def __init__(self, addresses: Sequence[Address], ends: float) -> None:
        self._addresses = addresses
        self._ends = ends

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Return a stream to the first address that answers."""
        for number, address in enumerate(self._addresses, start=1):
            try:
                return _Line(_connected(address, port, self._ends), self._ends)
            except TimeoutError:
                raise
            except OSError:
                if number == len(self._addresses):
                    raise
        raise OSError


def _connected(address: Address, port: int, ends: float) -> socket.socket:
    line = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        line.settimeout(_left(ends))
        line.connect((str(address), port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        line.close()
        raise
    return line


class _Line(httpcore.NetworkStream):
    """A connection whose every step ends when the call's time is over."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._line.settimeout(_left(self._ends))
        return self._line.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        try:
            while rest:
                self._line.settimeout(_left(self._ends))
                rest = rest[self._line.send(rest) :]
        except TimeoutError:
            raise
        except OSError:
            raise httpcore.WriteError from None  # the client still reads an answer that came early

    def close(self) -> None:
        self._line.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._line.settimeout(_left(self._ends))
            return _Line(ssl_context.wrap_socket(self._line, server_hostname=server_hostname), self._ends)
        except BaseException:
            self._line.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._line if info == "ssl_object" and isinstance(self._line, ssl.SSLSocket) else None
