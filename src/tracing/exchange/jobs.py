"""The courier: delivers what waits in the outbox, and takes back what its consent no longer covers.

No transaction is open while the network is waited for. A message is written and its try counted in one
transaction, sent, and what became of it written in another: a courier that is killed in between sends again, and
the receiver takes each message once.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tracing.exchange import delivering
from tracing.exchange.delivering import Leaving
from tracing.gate import own_keys
from tracing.gate.access import Access
from tracing.gate.purposes import Use
from tracing.kit.outbound import Outbound, OutboundError, OutboundRefused
from tracing.kit.signatures import sign

Turn = Callable[[Use], AbstractContextManager[Access]]
"""Admits the courier anew, for each transaction."""
FINAL = frozenset({400, 413, 415, 422})
"""Answers after which no try can help, since the message itself is refused. Whoever does not know our key (401), has
no inbox (404) or is busy may take it later; a revocation above all must not be given up for a day's trouble."""


@dataclass(slots=True)
class Round:
    """What became of the messages that were due."""

    delivered: int = 0
    later: int = 0
    failed: int = 0
    stopped: int = 0

    @property
    def tried(self) -> int:
        """How many were due."""
        return self.delivered + self.later + self.failed + self.stopped


def take_back(turn: Turn) -> None:
    """End the cases that are over, and take back those whose consent has ended."""
    after, more = None, True
    while more:
        with turn(Use.FORGET) as access:
            after = delivering.sweep(access, after)
        more = after is not None


def deliver(turn: Turn, outbound: Outbound) -> Round:
    """Try every message that is due, once each, and return what became of them."""
    done = Round()
    with turn(Use.REGISTER) as access:
        due = delivering.due(access)
    for row_id in due:
        with turn(Use.REGISTER) as access:
            leaving = delivering.take_out(access, row_id)
            key_id, key = own_keys.signing(access) if leaving is not None else ("", None)
        if leaving is None or key is None:
            done.stopped += 1
            continue
        body = leaving.envelope.model_dump_json(exclude_defaults=True).encode()
        url = inbox_url(leaving)
        headers = {"content-type": "application/json", **sign(key, key_id, "POST", url, body)}
        _settle(turn, leaving, done, *_send(outbound, url, body, headers, leaving.origin))
    return done


def inbox_url(leaving: Leaving) -> str:
    """Return where a partner takes messages."""
    return f"{leaving.origin}/v1/exchange/{leaving.code}/inbox"


def _send(outbound: Outbound, url: str, body: bytes, headers: dict[str, str], origin: str) -> tuple[bool, bool, str]:
    """Return whether a message was taken, whether trying again is in vain, and why."""
    try:
        answer = outbound.post(url, body, headers, origin=origin)
    except OutboundError as error:
        return False, isinstance(error, OutboundRefused), error.code
    if answer.status in (200, 202):
        return True, False, ""
    return False, answer.status in FINAL, f"http-{answer.status}"


def _settle(turn: Turn, leaving: Leaving, done: Round, taken: bool, lost: bool, trouble: str) -> None:
    with turn(Use.REGISTER) as access:
        if taken:
            delivering.arrived(access, leaving.row_id)
            done.delivered += 1
        else:
            delivering.failed(access, leaving.row_id, trouble, for_good=lost)
            done.failed, done.later = done.failed + lost, done.later + (not lost)
