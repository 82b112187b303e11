"""What a partner that floods costs everybody else: used by bench/exchange.py.

The flood sends signed, valid messages as fast as it can over several connections, from a process of its own. Beside it
a caseworker reads and another partner sends, both at a steady pace. Windows with and without the flood take turns, so
that a case base that grows, or a machine that is busy for a while, counts on both sides alike.
"""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.exchange.envelopes import as_json, fields, signed
from tests.exchange.servers import Town
from tracing.exchange.states import Kind
from tracing.gate.admit import admitted
from tracing.gate.partnering import own_keys, partners
from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.gate.partnering.partners import PublicKey, Terms, fingerprint
from tracing.gate.permissions import Permission
from tracing.kit import clock

PACE_S = 0.1
PAUSE_S = 1.2
"""Between two windows: the last answers of a flood are held back for a second."""
FLOODERS = 8
TICKS = os.sysconf("SC_CLK_TCK")
Context = multiprocessing.get_context("spawn")


@dataclass
class Window:
    """What was measured in windows of one kind: seconds of each act, answers, processor time of the service."""

    reads: list[float] = field(default_factory=list)
    messages: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    processor_s: float = 0.0


def percentile(took: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(took)[min(len(took) - 1, int(share * len(took)))] * 1000


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


def flood(origin: str, code: str, raw: bytes, key_id: str, begun: Any, flowing: Any, over: Any, told: Any) -> None:
    """Send signed messages over many connections while `flowing`, until `over`; tell how many were answered how."""
    statuses: Counter[int] = Counter()
    at, key = f"{origin}/v1/exchange/{code}/inbox", Ed25519PrivateKey.from_private_bytes(raw)

    def send() -> None:
        with httpx.Client(timeout=60) as client:
            while not over.is_set():
                if not flowing.wait(0.1):
                    continue
                body = as_json(fields(Kind.REQUEST_SEARCH, sender="KE", recipient=code))
                sent = signed(at, body, key, key_id)
                statuses[client.post(at, content=sent.body, headers=sent.headers).status_code] += 1

    threads = [Thread(target=send) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    told.put(statuses)


@contextmanager
def flooding(town: Town, key: Ed25519PrivateKey, key_id: str, statuses: Counter[int]) -> Iterator[Any]:
    """Yield what lets the flood flow while it is set."""
    begun, flowing, over, told = Context.Event(), Context.Event(), Context.Event(), Context.Queue()
    raw = key.private_bytes_raw()
    child = Context.Process(target=flood, args=(town.origin, town.code, raw, key_id, begun, flowing, over, told))
    child.start()
    begun.wait()
    try:
        yield flowing
    finally:
        over.set()
        statuses.update(told.get())
        child.join()


def paced(act: Callable[[], int], seconds: float, took: list[float], statuses: Counter[int]) -> None:
    """Do something every `PACE_S` seconds, and keep how long each took."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        statuses[act()] += 1
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, PACE_S - took[-1]))


def processor_s(pid: int) -> float:
    """Return the processor time of a process so far (Linux)."""
    told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(told[11]) + int(told[12])) / TICKS


def watch(town: Town, acts: tuple[Callable[[], int], Callable[[], int]], seconds: float, into: Window) -> None:
    """Measure one window."""
    pid = town.child.pid if town.child is not None else os.getpid()
    began, used = time.perf_counter(), processor_s(pid)
    threads = [
        Thread(target=paced, args=(act, seconds, took, into.statuses))
        for act, took in zip(acts, (into.reads, into.messages), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.seconds += time.perf_counter() - began
    into.processor_s += processor_s(pid) - used


def measured(ke: Town, ug: Town, turns: int, seconds: float) -> dict[str, str]:
    """Return, as words, what the flood of KE costs a caseworker of UG and another partner."""
    auth = ug.desk.auth("caseworker", "UG")
    calm, busy, warm, statuses = Window(), Window(), Window(), Counter[int]()

    def read() -> int:
        answer: httpx.Response = ug.desk.client.get("/v1/exchange/cases", headers=auth, params={"limit": 5})
        return answer.status_code

    with httpx.Client(timeout=60) as client, flooding(ug, *key_of(ke), statuses) as flowing:
        acts = (read, sender(ug, client, "SO", *befriend(ug, "SO")))
        watch(ug, acts, 2, warm)
        for _ in range(turns):
            watch(ug, acts, seconds, calm)
            flowing.set()
            watch(ug, acts, seconds, busy)
            flowing.clear()
            time.sleep(PAUSE_S)
    told = {}
    for name, one, other in (("reads", calm.reads, busy.reads), ("another partner", calm.messages, busy.messages)):
        for share in (0.5, 0.95):
            without, beside = percentile(one, share), percentile(other, share)
            told[f"{name}, p{share * 100:.0f}: without / beside the flood"] = (
                f"{without:.0f} / {beside:.0f} ms, ratio {beside / without:.2f}"
            )
    shares = [window.processor_s / window.seconds for window in (calm, busy)]
    told["processor time of the service: without / beside"] = f"{shares[0]:.2f} / {shares[1]:.2f} of a core"
    told["answers to both: without / beside"] = f"{counted(calm.statuses)} / {counted(busy.statuses)}"
    told["answers to the flood"] = counted(statuses)
    return told


def counted(statuses: Counter[int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())) or "none"
