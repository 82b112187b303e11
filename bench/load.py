"""Requests per second and latency of the whole service, with the bare framework beside it in the same run.

    python bench/load.py [--database sqlite|postgresql] [--families 300] [--seconds 20] [--connections 8 32]

Mix: 60 % read a sought person, 30 % match query, 10 % register a sighting; every call with token, permission,
trail row and decryption. SQLite is served by one worker, PostgreSQL by two. The client is raw asyncio on
the same machine and takes its share of the processors, in both runs alike. Servers listen on loopback only.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.table import Table

from tests.postgres import server
from tracing.cli import casebase
from tracing.demo.casebase import CaseBase, build
from tracing.gate.founding import found
from tracing.gate.opening import open_gate
from tracing.gate.schema import upgrade
from tracing.kit.settings import Settings

MIX = (("get", 60), ("match", 30), ("post", 10))


@dataclass
class Script:
    """What the clients send: ready-made requests by kind."""

    token: str
    calls: dict[str, list[bytes]] = field(default_factory=dict)

    def add(self, kind: str, method: str, path: str, body: Any = None) -> None:
        """Add one call."""
        payload = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self.calls.setdefault(kind, []).append(head.encode() + payload)


@dataclass
class Outcome:
    """Latencies in seconds by kind, and how many answers were not 2xx."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind, _ in MIX})
    failed: int = 0


def main() -> None:
    """Parse, load the case base, drive both servers, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--families", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32])
    asked = parser.parse_args()
    workers = 1 if asked.database == "sqlite" else 2
    table = Table(
        "server",
        "connections",
        "requests/s",
        "p50 ms",
        "p95 ms",
        "get p95",
        "match p95",
        "post p95",
        "failed",
        box=None,
    )
    with tempfile.TemporaryDirectory(prefix="tracing-bench-") as folder:
        settings, script = prepare(Path(folder), asked.database, asked.families, workers)
        bare = ["uvicorn", "bench.bare:app", "--log-level", "error", "--workers", str(workers)]
        for name, command in (
            (f"tracing, {asked.database}, {workers} worker(s)", ["tracing", "serve"]),
            (f"bare framework, {workers} worker(s)", bare),
        ):
            for connections in asked.connections:
                table.add_row(name, str(connections), *drive(settings, command, script, connections, asked.seconds))
    Console(width=140).print(table)


def prepare(folder: Path, database: str, families: int, workers: int) -> tuple[Settings, Script]:
    """Load a case base and return settings to serve it with, and what the clients will send."""
    url = server().fresh() if database == "postgresql" else None
    settings = Settings(data_dir=folder, database_url=url, workers=workers, log_level="error")
    upgrade(settings)
    gate = open_gate(settings)
    token = casebase.hire(gate, found(gate, settings.society))["caseworker"]
    base = build(5, families)
    loaded = casebase.load(gate, token, base, lambda *_: None)
    gate.close()
    return settings, write_script(token, base, loaded.ids)


def write_script(token: str, base: CaseBase, ids: dict[str, UUID]) -> Script:
    """Return ready-made calls: reads of every sought person, queries and registrations of every sighting."""
    script = Script(token)
    for request in base.requests:
        for asked in request.sought:
            script.add("get", "GET", f"/v1/sought-persons/{ids[asked['home_ref']]}")
    for seen in base.sightings:
        draft = casebase.sighting_draft(seen).model_dump(mode="json", exclude_defaults=True) | {"kind": seen.kind}
        script.add("match", "POST", "/v1/match", {"queries": {"q": {"person": draft["person"]}}})
        script.add("post", "POST", "/v1/sightings", draft)
    return script


def drive(settings: Settings, command: list[str], script: Script, connections: int, seconds: float) -> list[str]:
    """Start a server, load it, stop it; return the row of figures."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)],
        env={**os.environ, **settings.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        asyncio.run(_load(port, script, connections, 2.0))  # warms caches and counts names once
        started = time.perf_counter()
        outcome = asyncio.run(_load(port, script, connections, seconds))
        elapsed = time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()
    every = sorted(t for times in outcome.seconds.values() for t in times)
    return [
        f"{len(every) / elapsed:.0f}",
        _ms(every, 0.5),
        _ms(every, 0.95),
        *(_ms(sorted(outcome.seconds[kind]), 0.95) for kind, _ in MIX),
        str(outcome.failed),
    ]


def _ms(ordered: list[float], share: float) -> str:
    return f"{ordered[int(share * (len(ordered) - 1))] * 1000:.1f}" if ordered else "–"


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


async def _load(port: int, script: Script, connections: int, seconds: float) -> Outcome:
    outcome = Outcome()
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(_client(port, script, random.Random(number), until, outcome) for number in range(connections))
    )
    return outcome


async def _client(port: int, script: Script, rng: random.Random, until: float, outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    kinds, weights = [kind for kind, _ in MIX], [weight for _, weight in MIX]
    while time.perf_counter() < until:
        kind = rng.choices(kinds, weights)[0]
        started = time.perf_counter()
        writer.write(rng.choice(script.calls[kind]))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        await reader.readexactly(length)
        outcome.seconds[kind].append(time.perf_counter() - started)
        outcome.failed += head[9:10] != b"2"
    writer.close()


if __name__ == "__main__":
    main()
