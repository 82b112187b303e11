"""The courier in the service: a thread that delivers what waits for partners, and takes back what is over."""

import logging
import time
from threading import Event, Thread

from tracing.exchange.calling import Tokens
from tracing.exchange.delivering import WITHDRAWALS
from tracing.exchange.jobs import Round, Turn, deliver, take_back, take_back_withdrawn
from tracing.gate import feed, leases
from tracing.gate.admit import entered_by_operator
from tracing.gate.opening import Gate
from tracing.gate.partnering import partners
from tracing.gate.permissions import Permission
from tracing.kit import log
from tracing.kit.errors import TracingError
from tracing.kit.outbound import Outbound

WORK = "courier"
STOP_S = 0.9
"""How long a server that stops waits for the courier; a call that is under way is left, and made again later."""
SWEEP_S = 600.0
"""How often it looks through every case with a partner for what is over; what is withdrawn is found in each round."""


class Courier:
    """Runs a round every `every_s` seconds, for each society of the case base that has a partner.

    Of several processes one runs it at a time. It acts as the society's operator; nobody's token is kept for it.
    """

    def __init__(self, gate: Gate, every_s: float, outbound: Outbound | None = None) -> None:
        self._gate = gate
        self._every_s = every_s
        self._outbound = outbound or Outbound(gate.settings)
        self._over = Event()
        self._tokens = Tokens()
        self._swept: dict[str, float] = {}
        self._seen: dict[str, int] = {}
        self._thread = Thread(target=self._run, name=WORK, daemon=True)

    def start(self) -> None:
        """Begin; the first round is run at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, within a second."""
        self._over.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self._over.is_set():
            self.round()
            self._over.wait(self._every_s)

    def round(self) -> None:
        """Take back and deliver once, unless another process does; what goes wrong is logged and tried again."""
        try:
            with leases.alone(self._gate, WORK) as ours:
                for society in partners.exchanging(self._gate) if ours else ():
                    self._serve(society)
        except Exception as error:  # noqa: BLE001  # a database that is away must not end the thread
            self._tell(error)

    def _serve(self, society: str) -> None:
        """Serve one society; trouble with it keeps nobody else's messages back."""
        turn = turns(self._gate, society)
        try:
            self._take_back(society, turn)
            done = deliver(turn, self._outbound, tokens=self._tokens, over=self._over.is_set)
        except TracingError as error:
            self._tell(error)
        else:
            _say(done)

    def _take_back(self, society: str, turn: Turn) -> None:
        """Take back what is over, where the time has come to look, or where somebody withdrew something."""
        if time.monotonic() - self._swept.get(society, -SWEEP_S) >= SWEEP_S:
            self._seen[society] = take_back(turn)
            self._swept[society] = time.monotonic()
        elif feed.has_more(self._gate, society, self._seen[society], WITHDRAWALS):
            self._seen[society] = take_back_withdrawn(turn, self._seen[society])

    def _tell(self, error: Exception) -> None:
        if not self._over.is_set():
            name = error.code if isinstance(error, TracingError) else type(error).__name__
            log.say(logging.WARNING, "courier.failed", error=name)


def turns(gate: Gate, society: str) -> Turn:
    """Return what admits the courier of a society, for each transaction anew."""
    return lambda use: entered_by_operator(gate, society, use, Permission.EXCHANGE_DELIVER)


def _say(done: Round) -> None:
    if done.tried:
        log.say(logging.INFO, "courier.delivered", count=done.delivered)
    if done.later + done.failed:
        log.say(logging.WARNING, "courier.not_delivered", count=done.later + done.failed)
