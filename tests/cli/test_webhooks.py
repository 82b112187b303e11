"""`webhooks deliver` sends once; `serve` sends by itself and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calls import done, listed
from tests.receivers import receiving
from tests.support import answers
from tracing.cli import webhooks
from tracing.gate.admit import admitted
from tracing.gate.opening import open_gate
from tracing.gate.permissions import Permission
from tracing.kit.settings import Settings
from tracing.webhooks import service
from tracing.webhooks.schemas import WebhookDraft


def prepared(settings: Settings, token: str, origin: str) -> None:
    """Register an endpoint of the operator's and let it be sent a test."""
    gate = open_gate(settings)
    with admitted(gate, token, Permission.WEBHOOKS_WRITE) as access:
        draft = WebhookDraft.model_validate({"url": origin, "events": ["night.finished"]})
        service.send_test(access, service.add(access, draft).webhook.id)
    gate.close()


@pytest.fixture
def calling(settings: Settings, base: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of the case base of `base` that let this machine be called."""
    monkeypatch.setenv("TRACING_OUTBOUND_LOOPBACK", "true")
    return settings.model_copy(update={"outbound_loopback": True, "webhook_interval_s": 0.05})


def token_of(base: Path) -> str:
    return (base / "operator.token").read_text("ascii").strip()


def awaited(held: Callable[[], bool]) -> None:
    for _ in range(600):
        if held():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to this")


class TestDeliver:
    def test_sends_what_is_due_and_counts_it(self, calling: Settings, base: Path) -> None:
        with receiving() as receiver:
            assert listed("webhooks", "deliver") == [{"delivered": 0}]
            prepared(calling, token_of(base), receiver.origin)
            assert listed("webhooks", "deliver") == [{"delivered": 1}]
            assert done("webhooks", "deliver") == "Delivered: 0.\n"
            assert len(receiver.received) == 1


class TestServe:
    def test_sends_beside_itself_as_long_as_it_lasts(self, calling: Settings, base: Path) -> None:
        with receiving() as receiver, webhooks.sending(calling):
            prepared(calling, token_of(base), receiver.origin)
            awaited(lambda: len(receiver.received) == 1)

    def test_sends_nothing_where_the_interval_is_nought(
        self, calling: Settings, base: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(webhooks, "open_gate", None)  # would not do
        with webhooks.sending(calling.model_copy(update={"webhook_interval_s": 0.0})):
            pass

    @pytest.mark.slow
    def test_sends_and_ends_at_a_signal(self, calling: Settings, base: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        source = os.pathsep.join(path for path in sys.path if path)
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": source, **calling.environment()}
        environment |= {"TRACING_PORT": str(port), "TRACING_SOCIETY": "KE"}
        command = (sys.executable, "-m", "tracing", "serve")
        with receiving() as receiver, subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
            try:
                prepared(calling, token_of(base), receiver.origin)
                awaited(lambda: len(receiver.received) == 1)
                awaited(lambda: answers(f"http://127.0.0.1:{port}/livez"))
                server.send_signal(signal.SIGTERM)
                assert server.wait(20) == 0
            finally:
                server.kill()
