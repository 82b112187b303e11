"""The courier: delivers what waits in the outbox, and takes back what its consent no longer covers.

No transaction is open while the network is waited for. A message is written and its try counted in one
transaction, sent, and what became of it written in another: a courier that is killed in between sends again, and
the receiver takes each message once.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Literal

from tracing.exchange import delivering, inbox
from tracing.exchange.calling import Line, NoToken, Tokens, call
from tracing.exchange.delivering import Due, Leaving
from tracing.exchange.delivering import Turn as Turn
from tracing.exchange.envelope import body_of
from tracing.exchange.errors import AwaitsApproval
from tracing.gate import feed
from tracing.gate.partnering import own_keys
from tracing.gate.purposes import Use
from tracing.kit.outbound import Outbound, OutboundError, OutboundFailed, OutboundRefused

FINAL = frozenset({400, 413, 415, 422})
"""Answers after which no try can help, since the message itself is refused. Whoever does not know our key (401), has
no inbox (404) or is busy may take it later; a revocation above all must not be given up for a day's trouble."""


LANES = 4
"""Partners that are served at once."""
SHARE_S = 60.0
"""For how long one partner is served in a round: the next round, with everybody's new messages, waits no longer."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one message: `delivered`, `later`, `failed`, `stopped`, or it `waits`; and why, as a code."""

    message: Due
    what: Literal["delivered", "later", "failed", "stopped", "waits"]
    trouble: str

    @property
    def away(self) -> bool:
        """Whether nobody answered, or nobody lets us in."""
        return self.trouble in (OutboundFailed.code, NoToken.code, "http-401")


Told = Callable[[int, int, Became], None]
"""Hears of each message: (place, of how many, what became of it)."""
Over = Callable[[], bool]


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


def take_back(turn: Turn) -> int:
    """End the cases that are over, and take back those whose consent has ended; every case is looked at.

    Returns the row of the trail up to which nothing is left to `take_back_withdrawn`.
    """
    with turn(Use.FORGET) as access:
        seen = feed.head(access)
        delivering.give_up_ended(access)
        access.note("exchange.begin_sweep", count=0)
    after, more = None, True
    while more:
        with turn(Use.FORGET) as access:
            after = delivering.sweep(access, after)
        more = after is not None
    _take_back_forgotten(turn)
    _take_back_told(turn)
    _forget_what_is_over(turn)
    return seen


def _take_back_forgotten(turn: Turn) -> None:
    more = True
    while more:
        with turn(Use.FORGET) as access:
            more = delivering.sweep_forgotten(access)


def _take_back_told(turn: Turn) -> None:
    after, more = None, True
    while more:
        with turn(Use.FORGET) as access:
            after = delivering.sweep_told(access, after)
        more = after is not None


def _forget_what_is_over(turn: Turn) -> None:
    more = True
    while more:
        with turn(Use.FORGET) as access:
            more = inbox.sweep_over(access)


def take_back_withdrawn(turn: Turn, since: int) -> int:
    """Take back at once what was withdrawn behind row `since` of the trail; return the row up to which it was."""
    more = True
    while more:
        with turn(Use.FORGET) as access:
            since, more = delivering.withdrawn(access, since)
    _take_back_forgotten(turn)
    _take_back_told(turn)
    return since


def deliver(
    turn: Turn, outbound: Outbound, *, tokens: Tokens | None = None, told: Told = _silent, over: Over = _never
) -> Round:
    """Try every message that is due, once each, and return what became of them.

    Partners are served side by side, `LANES` at a time; to each one, revocations and receipts leave first. One that
    cannot be reached is left alone for the rest of the round, and so is one that took all its time: nobody else waits
    for it.

    Args:
        turn: admits the courier, for each transaction; called by several threads.
        outbound: calls out.
        tokens: access tokens from rounds before.
        told: hears what became of each message, one after the other.
        over: asked before each message whether to stop.
    """
    with turn(Use.REGISTER) as access:
        due = delivering.due(access)
    waiting: dict[str, deque[Due]] = {}
    for message in due:
        waiting.setdefault(message.partner, deque()).append(message)
    served = _Served(turn, outbound, tokens or Tokens(), told, over, len(due), deque(waiting.values()))
    lanes = [Thread(target=served.lane, name="courier-lane", daemon=True) for _ in range(min(LANES, len(waiting)))]
    for lane in lanes:  # daemons: a server that stops does not wait for a partner that hangs
        lane.start()
    for lane in lanes:
        lane.join()
    if served.trouble is not None:
        raise served.trouble
    return served.done


@dataclass
class _Served:
    """One round, shared by its lanes. `trouble` is the first one of ours; it ends the turn of that partner alone."""

    turn: Turn
    outbound: Outbound
    tokens: Tokens
    told: Told
    over: Over
    total: int
    partners: deque[deque[Due]]
    done: Round = field(default_factory=Round)
    heard: int = 0
    trouble: Exception | None = None
    lock: Lock = field(default_factory=Lock)

    def lane(self) -> None:
        """Serve one partner after the other, while any waits."""
        while True:
            with self.lock:
                if not self.partners:
                    return
                messages = self.partners.popleft()
            try:
                self._serve(messages)
            except Exception as error:  # noqa: BLE001  # raised by the thread that waits for the lanes
                with self.lock:
                    self.trouble = self.trouble or error

    def _serve(self, messages: deque[Due]) -> None:
        ends, left_alone = time.monotonic() + SHARE_S, ""
        for message in messages:
            if self.over():
                return
            if left_alone:
                self._hear(Became(message, "waits", left_alone))
                continue
            became = self._try(message)
            self._hear(became)
            slow = "partner-slow" if time.monotonic() > ends else ""
            left_alone = "partner-away" if became.away else slow

    def _hear(self, became: Became) -> None:
        with self.lock:
            self.heard += 1
            self.done.count(became)
            self.told(self.heard, self.total, became)

    def _try(self, message: Due) -> Became:
        with self.turn(Use.REGISTER) as access:
            leaving = delivering.take_out(access, message.row_id)
            key = own_keys.signing(access) if leaving is not None else None
            waits = leaving is None and delivering.still_waits(access, message.row_id)
        if leaving is None or key is None:
            return Became(message, "waits" if waits else "stopped", AwaitsApproval.code if waits else "")
        taken, lost, trouble = self._send(leaving, Line(leaving.origin, *key, leaving.token))
        with self.turn(Use.REGISTER) as access:
            if taken:
                delivering.arrived(access, leaving.row_id)
                return Became(message, "delivered", "")
            delivering.failed(access, leaving.row_id, trouble, for_good=lost)
        return Became(message, "failed" if lost else "later", trouble)

    def _send(self, leaving: Leaving, line: Line) -> tuple[bool, bool, str]:
        """Return whether a message was taken, whether trying again is in vain, and why."""
        url = delivering.inbox_url(leaving.origin, leaving.code)
        try:
            answer = call(self.outbound, self.tokens, line, url, body_of(leaving.envelope))
        except OutboundError as error:
            return False, isinstance(error, OutboundRefused), error.code
        if answer.status in (200, 202):
            return True, False, ""
        return False, answer.status in FINAL, f"http-{answer.status}"
