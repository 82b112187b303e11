"""The courier: delivers what waits in the outbox, and takes back what its consent no longer covers.

No transaction is open while the network is waited for. A message is written and its try counted in one
transaction, sent, and what became of it written in another: a courier that is killed in between sends again, and
the receiver takes each message once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tracing.exchange import delivering
from tracing.exchange.delivering import Due
from tracing.exchange.delivering import Turn as Turn
from tracing.exchange.envelope import body_of
from tracing.gate import own_keys
from tracing.gate.purposes import Use
from tracing.kit.outbound import Outbound, OutboundError, OutboundFailed, OutboundRefused
from tracing.kit.signatures import sign

FINAL = frozenset({400, 413, 415, 422})
"""Answers after which no try can help, since the message itself is refused. Whoever does not know our key (401), has
no inbox (404) or is busy may take it later; a revocation above all must not be given up for a day's trouble."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one message: `delivered`, `later`, `failed`, `stopped`, or it `waits`; and why, as a code."""

    message: Due
    what: Literal["delivered", "later", "failed", "stopped", "waits"]
    trouble: str

    @property
    def away(self) -> bool:
        """Whether nobody answered."""
        return self.trouble == OutboundFailed.code


Told = Callable[[int, int, Became], None]
"""Hears of each message: (place, of how many, what became of it)."""


def _silent(*_: object) -> None:
    return None


def _never() -> bool:
    return False


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

    def count(self, became: Became) -> None:
        """Count one message in."""
        match became.what:
            case "delivered":
                self.delivered += 1
            case "later":
                self.later += 1
            case "failed":
                self.failed += 1
            case "stopped":
                self.stopped += 1


def take_back(turn: Turn) -> None:
    """End the cases that are over, and take back those whose consent has ended."""
    after, more = None, True
    while more:
        with turn(Use.FORGET) as access:
            after = delivering.sweep(access, after)
        more = after is not None


def deliver(turn: Turn, outbound: Outbound, *, told: Told = _silent, over: Callable[[], bool] = _never) -> Round:
    """Try every message that is due, once each, and return what became of them.

    A partner that cannot be reached is left alone for the rest of the round: nobody else waits for it.

    Args:
        turn: admits the courier, for each transaction.
        outbound: calls out.
        told: hears what became of each message.
        over: asked before each message whether to stop.
    """
    done, away = Round(), set[str]()
    with turn(Use.REGISTER) as access:
        due = delivering.due(access)
    for place, message in enumerate(due, start=1):
        if over():
            break
        if message.partner in away:
            told(place, len(due), Became(message, "waits", "partner-away"))
            continue
        became = _try(turn, outbound, message)
        done.count(became)
        if became.away:
            away.add(message.partner)
        told(place, len(due), became)
    return done


def _try(turn: Turn, outbound: Outbound, message: Due) -> Became:
    with turn(Use.REGISTER) as access:
        leaving = delivering.take_out(access, message.row_id)
        key_id, key = own_keys.signing(access) if leaving is not None else ("", None)
    if leaving is None or key is None:
        return Became(message, "stopped", "")
    body = body_of(leaving.envelope)
    url = delivering.inbox_url(leaving.origin, leaving.code)
    headers = {"content-type": "application/json", **sign(key, key_id, "POST", url, body)}
    taken, lost, trouble = _send(outbound, url, body, headers, leaving.origin)
    with turn(Use.REGISTER) as access:
        if taken:
            delivering.arrived(access, leaving.row_id)
            return Became(message, "delivered", "")
        delivering.failed(access, leaving.row_id, trouble, for_good=lost)
    return Became(message, "failed" if lost else "later", trouble)


def _send(outbound: Outbound, url: str, body: bytes, headers: dict[str, str], origin: str) -> tuple[bool, bool, str]:
    """Return whether a message was taken, whether trying again is in vain, and why."""
    try:
        answer = outbound.post(url, body, headers, origin=origin)
    except OutboundError as error:
        return False, isinstance(error, OutboundRefused), error.code
    if answer.status in (200, 202):
        return True, False, ""
    return False, answer.status in FINAL, f"http-{answer.status}"
