"""The exchange measured: messages per second end to end, and what a partner that floods costs everybody else.

    PYTHONPATH=src:. python bench/exchange.py [--messages 300] [--seconds 20] [--database sqlite|postgresql]

The flood sends signed, valid messages as fast as it can over several connections. Beside it a caseworker reads and
another partner sends, both at a steady pace; their 95th percentile is given with and without the flood, from one run.
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.exchange.envelopes import as_json, fields, signed
from tests.exchange.servers import Town, towns
from tests.exchange.test_two_servers import ask
from tracing.exchange.states import Kind
from tracing.gate import own_keys, partners
from tracing.gate.admit import admitted
from tracing.gate.partner_tables import Channel, KeyUse
from tracing.gate.partners import PublicKey, Terms, fingerprint
from tracing.gate.permissions import Permission
from tracing.kit import clock

PACE_S = 0.1
FLOODERS = 8
Context = multiprocessing.get_context("spawn")


def percentile(took: list[float], share: float = 0.95) -> float:
    return sorted(took)[min(len(took) - 1, int(share * len(took)))] * 1000


def paced(act: Callable[[], int], seconds: float, took: list[float], statuses: Counter[int]) -> None:
    """Do something every `PACE_S` seconds, and keep how long each took."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        statuses[act()] += 1
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, PACE_S - took[-1]))


def key_of(town: Town) -> tuple[Ed25519PrivateKey, str]:
    with admitted(town.gate, town.desk.people.token("operator", town.code), Permission.EXCHANGE_DELIVER) as access:
        key_id, key = own_keys.signing(access)
        access.note("bench")
    return key, key_id


def befriend(town: Town, code: str) -> tuple[Ed25519PrivateKey, str]:
    """Enter a third society as a partner, and return its key."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw().hex()
    print_of = fingerprint(KeyUse.SIGNING, public)
    card = PublicKey(KeyUse.SIGNING, public, print_of, clock.now().replace(year=clock.now().year + 1))
    with admitted(town.gate, town.desk.people.token("operator", town.code), Permission.PARTNERS_WRITE) as access:
        terms = Terms("", tuple(Channel), ("request_search",), 100_000, 100_000)
        partners.add(access, code, "nairobi", terms, [card])
    return key, print_of


def sender(town: Town, client: httpx.Client, code: str, key: Ed25519PrivateKey, key_id: str) -> Callable[[], int]:
    at = f"{town.origin}/v1/exchange/{town.code}/inbox"

    def send() -> int:
        body = as_json(fields(Kind.REQUEST_SEARCH, sender=code, recipient=town.code, id=uuid4()))
        sent = signed(at, body, key, key_id)
        return client.post(at, content=sent.body, headers=sent.headers).status_code

    return send


@contextmanager
def flooded(town: Town, key: Ed25519PrivateKey, key_id: str, statuses: Counter[int]) -> Any:
    """Flood from a process of its own, so that only the service is shared."""
    begun, over, told = Context.Event(), Context.Event(), Context.Queue()
    raw = key.private_bytes_raw()
    child = Context.Process(target=flood, args=(town.origin, town.code, raw, key_id, begun, over, told))
    child.start()
    begun.wait()
    try:
        yield
    finally:
        over.set()
        statuses.update(told.get())
        child.join()


def flood(origin: str, code: str, raw: bytes, key_id: str, begun: Any, over: Any, told: Any) -> None:
    """Send signed messages over many connections until `over`, and tell how many were answered how."""
    statuses: Counter[int] = Counter()
    at, key = f"{origin}/v1/exchange/{code}/inbox", Ed25519PrivateKey.from_private_bytes(raw)

    def send() -> None:
        with httpx.Client(timeout=60) as client:
            while not over.is_set():
                body = as_json(fields(Kind.REQUEST_SEARCH, sender="KE", recipient=code))
                sent = signed(at, body, key, key_id)
                statuses[client.post(at, content=sent.body, headers=sent.headers).status_code] += 1
                begun.set()

    threads = [Thread(target=send) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.put(statuses)


def measured(ug: Town, other: Callable[[], int], seconds: float) -> dict[str, Any]:
    """Return the 95th percentiles of a caseworker's reads and of the other partner's messages."""
    auth = ug.desk.auth("caseworker", "UG")
    read = lambda: ug.desk.client.get("/v1/exchange/cases", headers=auth, params={"limit": 5}).status_code  # noqa: E731  # one line that is called in the next
    took: tuple[list[float], list[float]] = ([], [])
    statuses: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    acts = (read, other)
    threads = [Thread(target=paced, args=(acts[n], seconds, took[n], statuses[n])) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "read_p95_ms": percentile(took[0]),
        "partner_p95_ms": percentile(took[1]),
        "statuses": [dict(s) for s in statuses],
    }


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--messages", type=int, default=300)
    reader.add_argument("--seconds", type=float, default=20)
    reader.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder, towns(Path(folder), {"KE": "sqlite", "UG": given.database}) as found:
        ke, ug = found["KE"], found["UG"]
        ke.start()
        for _ in range(given.messages):
            ask(ke)
        ug.start()
        began, delivered = time.perf_counter(), 0
        while part := ke.courier().delivered:
            delivered += part
        online = delivered / (time.perf_counter() - began)
        ke.stop()

        key, key_id = key_of(ke)
        other = befriend(ug, "SO")
        statuses: Counter[int] = Counter()
        with httpx.Client(timeout=60) as client:
            calm_one = sender(ug, client, "SO", *other)
            measured(ug, calm_one, 2)  # warm
            calm = measured(ug, calm_one, given.seconds)
            with flooded(ug, key, key_id, statuses):
                time.sleep(1)
                busy = measured(ug, calm_one, given.seconds)
        ratio = {name: round(busy[name] / calm[name], 2) for name in ("read_p95_ms", "partner_p95_ms")}
        told = {
            "messages_per_s": round(online, 1),
            "calm": calm,
            "flooded": busy,
            "ratio": ratio,
            "flood": dict(statuses),
        }
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
