"""The commands of docs/how-to/webhooks.md, run against a real server and a real receiver."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_canaries import served
from tests.support import Json, People
from tests.webhooks.hooks import Hooks
from tracing.webhooks.states import TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "webhooks.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_names_every_event() -> None:
    listed = re.search(r"Events: (.*?)\. Let", PAGE, re.DOTALL)
    assert listed
    assert set(re.findall(r"`([a-z.]+)`", listed[1])) == set(TABLE)


@pytest.mark.slow
def test_its_commands_run(hooks: Hooks, people: People, tmp_path: Path) -> None:
    settings = hooks.desk.gate.settings.model_copy(update={"webhook_interval_s": 0.0})
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "tracing").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tracing "$@"\n')
    (binaries / "tracing").chmod(0o755)
    with served(settings, tmp_path / "log") as client:
        environment = {
            **settings.environment(),
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "TRACING": str(client.base_url).rstrip("/"),
            "TOKEN": people.token("supervisor"),
            "RECEIVER": hooks.receiver.origin,
        }
        assert len(COMMANDS) == 5
        first = run(COMMANDS[0], environment)
        assert first["secret"].startswith("whsec_")
        environment["WEBHOOK"] = first["webhook"]["id"]
        assert run(COMMANDS[1], environment)["state"] == "pending"
        assert said(COMMANDS[4], environment) == "Delivered: 1.\n"
        assert run(COMMANDS[2], environment)["items"][0]["state"] == "delivered"
        assert run(COMMANDS[3], environment) == {"replayed": 1, "more": False}
        assert said(COMMANDS[4], environment) == "Delivered: 1.\n"
    assert hooks.types() == ["webhook.test"] * 2


def said(command: str, environment: dict[str, str]) -> str:
    return subprocess.run(["sh", "-ec", command], env=environment, capture_output=True, text=True, check=True).stdout


def run(command: str, environment: dict[str, str]) -> Json:
    answer: Json = json.loads(said(command, environment))
    return answer
