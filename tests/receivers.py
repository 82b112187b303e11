"""A real server on loopback that receives what the service sends out, and answers as it is told."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread


@dataclass(frozen=True)
class Received:
    """One call as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


Act = Callable[[BaseHTTPRequestHandler], object]


def answering(status: int, body: bytes = b"", **headers: str) -> Act:
    """Return an act that answers with `status`; header names have hyphens for underscores."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return act


@dataclass
class Receiver:
    """What came in, and what is answered: the acts of `script` in turn, then `always`."""

    port: int = 0
    scheme: str = "http"
    received: list[Received] = field(default_factory=list)
    script: list[Act] = field(default_factory=list)
    always: Act = field(default_factory=lambda: answering(204))
    over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    @property
    def origin(self) -> str:
        host = "127.0.0.1" if self.scheme == "http" else "localhost"
        return f"{self.scheme}://{host}:{self.port}"

    def take(self, handler: BaseHTTPRequestHandler) -> Act:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        got = Received(handler.path, {k.lower(): v for k, v in handler.headers.items()}, body)
        with self._lock:
            self.received.append(got)
            return self.script.pop(0) if self.script else self.always

    def hang(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer nothing until the test is over."""
        self.over.wait(30)

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Send a head that never ends, a byte at a time, each well within any limit per byte."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.over.wait(0.05):
            try:
                handler.wfile.write(b"a")
            except OSError:
                return


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a caller that went away is what tests try."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Yield a receiver that listens; with `context`, by https."""
    receiver = Receiver(scheme="https" if context else "http")

    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            receiver.take(self)(self)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return

    server = _Quiet(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
