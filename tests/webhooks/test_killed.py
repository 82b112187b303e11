"""A dispatcher that is killed, and several at once: nothing is lost, nothing doubled but the same `webhook-id`."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from tests.webhooks.hooks import Hooks
from tracing.kit import clock
from tracing.webhooks.jobs import Dispatcher


def started(hooks: Hooks) -> "subprocess.Popen[bytes]":
    """Start `tracing webhooks deliver --watch` over the case base, as a process of its own."""
    source = os.pathsep.join(path for path in sys.path if path)  # the tree that is tested, wherever it stands
    settings = hooks.desk.gate.settings.model_copy(update={"webhook_interval_s": 0.05, "outbound_timeout_s": 20.0})
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": source, **settings.environment()}
    return subprocess.Popen((sys.executable, "-m", "tracing", "webhooks", "deliver", "--watch"), env=environment)


def awaited(held: Callable[[], bool]) -> None:
    for _ in range(600):
        if held():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to this")


@pytest.mark.slow
class TestDispatcher:
    @pytest.mark.parametrize("calls", [1, 3, 7])
    def test_that_is_killed_while_it_calls_is_followed_by_another(
        self, hooks: Hooks, calls: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        webhook = hooks.add("request.opened")
        ids = [hooks.desk.open()["id"] for _ in range(8)]
        hooks.receiver.script = [hooks.receiver.always] * (calls - 1) + [hooks.receiver.hang]
        with started(hooks) as process:
            try:
                awaited(lambda: len(hooks.receiver.received) == calls)
            finally:
                process.kill()
        assert process.returncode == -signal.SIGKILL
        hooks.receiver.over.set()
        assert hooks.send() == 0, "the lease of the one that was killed still holds"
        later = clock.now() + timedelta(minutes=10)
        monkeypatch.setattr(clock, "now", lambda: later)
        hooks.send(2)
        told = [body["data"]["record_id"] for body in hooks.told()]
        assert set(told) == set(ids)
        assert [one for n, one in enumerate(told) if one not in told[:n]] == ids, (
            "each comes first in the trail's order"
        )
        by_id = {got.headers["webhook-id"]: got.body for got in hooks.receiver.received}
        assert len(by_id) == len(ids)
        assert max(Counter(hooks.ids()).values()) <= 2
        assert {row["state"] for row in hooks.deliveries(webhook)} == {"delivered"}

    def test_that_is_stopped_ends_by_itself_within_one_call(self, hooks: Hooks) -> None:
        hooks.add("request.opened")
        hooks.desk.open()
        with started(hooks) as process:
            try:
                awaited(lambda: len(hooks.receiver.received) == 1)
                process.send_signal(signal.SIGTERM)
                assert process.wait(10) == 0
            finally:
                process.kill()

    def test_beside_others_doubles_nothing(self, hooks: Hooks) -> None:
        hooks.add("request.opened")
        dispatchers: list[Dispatcher] = [hooks.dispatcher() for _ in range(4)]
        threads = [Thread(target=one.watch, args=(0.01,)) for one in dispatchers]
        for thread in threads:
            thread.start()
        try:
            ids = [hooks.desk.open()["id"] for _ in range(20)]
            awaited(lambda: len(hooks.receiver.received) >= len(ids))
            time.sleep(0.5)
        finally:
            for one in dispatchers:
                one.stop.set()
            for thread in threads:
                thread.join()
        assert [body["data"]["record_id"] for body in hooks.told()] == ids
