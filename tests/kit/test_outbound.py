"""The one client: where it connects to, and what it makes of the other side's bad manners."""

import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.kit.tricks import ADDRESSES, FORMS
from tests.receivers import Receiver, answering, receiving
from tracing.kit import outbound
from tracing.kit.outbound import Failure, Outbound, OutboundFailed, OutboundRefused
from tracing.kit.settings import Settings

PUBLIC = "93.184.216.34"


@dataclass
class Wire:
    """Every name that is asked for and every connection that is tried; none is made unless `real`."""

    leads_to: Callable[[str], list[str]] = lambda host: [PUBLIC]
    real: bool = False
    asked: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Watch the resolver and every socket of this process."""
    wire = Wire()
    connect = socket.socket.connect

    def resolving(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        wire.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in wire.leads_to(host)]

    def connecting(self: socket.socket, address: tuple[str, int]) -> None:
        wire.tried.append(address[0])
        if not wire.real:
            raise ConnectionRefusedError
        connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    return wire


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def client() -> Outbound:
    return Outbound(Settings(outbound_loopback=True, outbound_timeout_s=5))


def post(client: Outbound, url: str) -> outbound.Answer:
    return client.post(url, b"{}", {"content-type": "application/json"}, origin=client.origin(url))


class TestUrl:
    def test_of_every_trick_opens_no_socket(self, wire: Wire) -> None:
        client = Outbound(Settings())
        assert len(FORMS) > 130
        for url in FORMS:
            with pytest.raises(OutboundRefused):
                client.post(url, b"", {}, origin=url)
        assert (wire.asked, wire.tried) == ([], [])

    def test_whose_name_leads_inside_opens_no_socket(self, wire: Wire) -> None:
        client = Outbound(Settings())
        for address in ADDRESSES:
            for found in ([address], [PUBLIC, address], [address, PUBLIC]):
                wire.leads_to = lambda host, found=found: found  # type: ignore[misc]  # a fake's method
                with pytest.raises(OutboundRefused):
                    post(client, "https://hooks.example.org/a")
        assert len(wire.asked) == 3 * len(ADDRESSES)
        assert wire.tried == []

    def test_of_a_trick_is_seen_by_the_watch_when_a_weak_client_calls_it(self, wire: Wire) -> None:
        seen = 0
        for url in ("https://localhost/hook", "https://2130706433/hook", "https://example.org@127.0.0.1/hook"):
            wire.asked.clear()
            with pytest.raises(OSError):  # noqa: PT011  # whatever urllib makes of it
                urllib.request.urlopen(url, timeout=1)  # noqa: S310  # the planted weak client
            seen += bool(wire.asked or wire.tried)
        assert seen >= 2

    def test_of_another_origin_is_refused(self, wire: Wire) -> None:
        client = Outbound(Settings())
        for other in ("https://example.com", "https://example.org:8443", "https://sub.example.org", "", "https://"):
            with pytest.raises(OutboundRefused):
                client.post("https://example.org/a", b"", {}, origin=other)
        assert wire.asked == []

    def test_is_not_shown_in_what_goes_wrong(self, wire: Wire) -> None:
        with pytest.raises(OutboundFailed) as caught:
            post(Outbound(Settings()), "https://example.org/planted-path?planted=query")
        assert "planted" not in repr(caught.value) + str(caught.value.__cause__)
        assert caught.value.reason is Failure.CONNECT


class TestName:
    def test_is_resolved_once_and_that_address_is_connected_to(self, wire: Wire) -> None:
        answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
        wire.leads_to = lambda host: next(answers)
        with pytest.raises(OutboundFailed):
            post(Outbound(Settings()), "https://rebinding.example.org/a")
        assert (wire.asked, wire.tried) == (["rebinding.example.org"], [PUBLIC])

    def test_with_several_addresses_is_tried_at_each_in_turn(self, wire: Wire) -> None:
        found = [f"93.184.216.{n}" for n in range(1, 9)]
        wire.leads_to = lambda host: found
        with pytest.raises(OutboundFailed):
            post(Outbound(Settings()), "https://example.org/a")
        assert wire.tried == found[:4]

    def test_that_leads_nowhere_fails(self, wire: Wire) -> None:
        wire.leads_to = lambda host: []
        with pytest.raises(OutboundFailed) as caught:
            post(Outbound(Settings()), "https://example.org/a")
        assert caught.value.reason is Failure.RESOLVE

    def test_whose_resolver_hangs_is_given_up(self, wire: Wire) -> None:
        def hanging(host: str) -> list[str]:
            time.sleep(0.6)
            return [PUBLIC]

        wire.leads_to = hanging
        with pytest.raises(OutboundFailed) as caught:
            post(Outbound(Settings(outbound_timeout_s=0.1)), "https://example.org/a")
        assert caught.value.reason is Failure.TIMEOUT


class TestAnswer:
    def test_comes_back_with_status_headers_and_body(self, client: Outbound, receiver: Receiver) -> None:
        receiver.always = answering(202, b"well", X_Kind="one")
        answer = post(client, f"{receiver.origin}/a?b=c")
        assert (answer.status, answer.headers["x-kind"], answer.body, answer.cut) == (202, "one", b"well", False)
        got = receiver.received[0]
        assert (got.path, got.body, got.headers["content-type"]) == ("/a?b=c", b"{}", "application/json")
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_that_points_elsewhere_is_not_followed(self, client: Outbound, receiver: Receiver, status: int) -> None:
        receiver.always = answering(status, Location=f"{receiver.origin}/elsewhere")
        assert post(client, f"{receiver.origin}/a").status == status
        assert [got.path for got in receiver.received] == ["/a"]

    def test_that_is_too_long_is_cut(self, receiver: Receiver) -> None:
        receiver.always = answering(200, b"a" * 5_000_000)
        answer = post(Outbound(Settings(outbound_loopback=True), most=1000), f"{receiver.origin}/a")
        assert (len(answer.body), answer.cut) == (1000, True)

    @pytest.mark.parametrize("manner", ["hang", "drip"])
    def test_that_never_comes_is_given_up(self, receiver: Receiver, manner: str) -> None:
        receiver.always = getattr(receiver, manner)
        start = time.monotonic()
        with pytest.raises(OutboundFailed) as caught:
            post(Outbound(Settings(outbound_loopback=True, outbound_timeout_s=0.4)), f"{receiver.origin}/a")
        assert caught.value.reason is Failure.TIMEOUT
        assert time.monotonic() - start < 3

    def test_that_is_no_http_fails(self, client: Outbound, receiver: Receiver) -> None:
        receiver.always = lambda handler: handler.wfile.write(b"SSH-2.0-nothing\r\n\r\n")
        with pytest.raises(OutboundFailed) as caught:
            post(client, f"{receiver.origin}/a")
        assert caught.value.reason is Failure.PROTOCOL

    def test_comes_past_a_proxy_of_the_environment(
        self, client: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert post(client, f"{receiver.origin}/a").status == 204


class TestHeader:
    @pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Cookie", "x-é", "x\r\nevil: a"])
    def test_of_the_client_s_own_or_of_strange_signs_is_refused(self, wire: Wire, name: str) -> None:
        with pytest.raises(OutboundRefused):
            Outbound(Settings()).post("https://example.org/", b"", {name: "a"}, origin="https://example.org")
        assert wire.asked == []
