"""Two societies as two real services on this machine, each over a case base of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from tests.conftest import stage
from tests.exchange.pair import KINDS, Pair
from tests.postgres import server
from tests.review.desk import Desk
from tests.support import Json, answers, made, post
from tracing.exchange import delivering
from tracing.exchange.jobs import Round, deliver, take_back
from tracing.gate import audit
from tracing.gate.admit import admitted
from tracing.gate.opening import Gate, open_gate
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import PublicKey, Terms, fingerprint
from tracing.gate.permissions import Permission
from tracing.kit import clock
from tracing.kit.outbound import Outbound
from tracing.kit.settings import Settings

START_LIMIT_S = 60
OTHER = {"KE": "UG", "UG": "KE"}


@dataclass
class Town:
    """One society: its settings, its gate for what the command line would do, and its service."""

    code: str
    settings: Settings
    gate: Gate
    log: Path
    child: "subprocess.Popen[bytes] | None" = None
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        people = stage("sqlite" if self.settings.embedded else "postgresql", True).people
        assert people is not None
        client: Any = httpx.Client(base_url=self.origin, timeout=60)
        self.desk = Desk(client, people, self.gate)

    @property
    def origin(self) -> str:
        assert self.settings.exchange_origin is not None
        return self.settings.exchange_origin

    def start(self) -> None:
        """Run the service, and return when it is ready."""
        port = self.origin.rsplit(":", 1)[1]
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "tracing", "serve", "--port", port]
            self.child = subprocess.Popen(command, env=self.environment(), stdout=out, stderr=out)
        until = time.monotonic() + START_LIMIT_S
        while not answers(f"{self.origin}/readyz"):
            assert time.monotonic() < until, self.log.read_text()
            assert self.child.poll() is None, self.log.read_text()
            time.sleep(0.05)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRACING_")}
        return {**kept, **self.settings.environment()}

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(how)
            self.child.wait(START_LIMIT_S)

    def whole(self) -> bool:
        """Return whether the trail holds."""
        with admitted(self.gate, self.desk.people.token("auditor", self.code), Permission.TRAIL_VERIFY) as access:
            return audit.verify(access, self.gate).reason == "whole"

    def courier(self) -> Round:
        """Deliver what is due, from this process to the other one."""
        pair = Pair(self.desk, None)  # type: ignore[arg-type]  # only its turn is used
        return deliver(pair.turn(self.code), Outbound(self.settings))

    def take_back(self) -> None:
        take_back(Pair(self.desk, None).turn(self.code))  # type: ignore[arg-type]  # the same

    def case(self, case_id: str) -> Json:
        return made(self.desk.get(f"/exchange/cases/{case_id}", "caseworker", self.code), 200)

    def act(self, case_id: str, path: str, body: Json) -> Json:
        at = f"/exchange/cases/{case_id}"
        tag = {"If-Match": self.desk.get(at, "caseworker", self.code).headers["etag"]}
        auth = self.desk.auth("caseworker", self.code)
        return made(post(self.desk.client, f"{at}/{path}", body, auth, **tag), 200)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def towns(folder: Path, databases: dict[str, str], **changed: Any) -> Iterator[dict[str, Town]]:
    """Yield KE and UG as partners of each other, their services not started; `databases` says over what each runs."""
    found: dict[str, Town] = {}
    urls = []
    for code, database in databases.items():
        data_dir = folder / code
        shutil.copytree(stage(database, True).folder, data_dir)
        own: dict[str, Any] = changed | {
            "exchange_origin": f"http://127.0.0.1:{free_port()}",
            "outbound_loopback": True,
        }
        if database == "postgresql":
            urls.append(url := server().fresh(template="hired True"))
            own["database_url"] = SecretStr(url)
        settings = Settings(data_dir=data_dir, society=code, exchange_every_s=0, **own)
        found[code] = Town(code, settings, open_gate(settings), folder / f"{code}.log")
    try:
        _introduce(found)
        yield found
    finally:
        for town in found.values():
            town.stop()
            town.desk.client.close()
            town.gate.close()
        for url in urls:
            server().drop(url)


def _introduce(found: dict[str, Town]) -> None:
    cards = {}
    ends = clock.now() + timedelta(days=300)
    for code, town in found.items():
        with admitted(town.gate, town.desk.people.token("operator", code), Permission.PARTNERS_WRITE) as access:
            rows = [own_keys.make(access, use) for use in KeyUse]
            cards[code] = [PublicKey(r.use, r.public, fingerprint(r.use, r.public), ends) for r in rows]
    for code, town in found.items():
        other = OTHER[code]
        with admitted(town.gate, town.desk.people.token("operator", code), Permission.PARTNERS_WRITE) as access:
            terms = Terms(found[other].origin, tuple(Channel), KINDS, 5_000, 2_000)
            partners.add(access, other, "nairobi", terms, cards[other])


def carry(code: str, token: str) -> None:
    """Deliver until nothing waits, trying again at once: the courier as a process that may be killed."""
    delivering.FIRST_WAIT = timedelta(milliseconds=20)
    delivering.LONGEST_WAIT = timedelta(milliseconds=200)
    settings = Settings()
    gate = open_gate(settings)

    @contextmanager
    def turn(use: Any) -> Iterator[Any]:
        with admitted(gate, token, Permission.EXCHANGE_DELIVER, use=use) as access:
            yield access

    outbound = Outbound(settings)
    quiet = 0
    while quiet < 8:
        quiet = 0 if deliver(turn, outbound).tried else quiet + 1
        time.sleep(0.05)


if __name__ == "__main__":
    carry(sys.argv[1], os.environ["TRACING_TOKEN"])
