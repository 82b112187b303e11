"""How many messages of one partner a process works on at once; whoever sends faster is told to come back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from uuid import UUID

from tracing.kit.errors import TooMany

AT_ONCE = 2
"""So that a partner's next message is read while the last is written, and most of the queue is left to others."""
SHUT_S = 30.0
"""For how long a key whose owner sent too much is answered without being looked at."""
MOST_SHUT = 1_000


class Rooms:
    """Counts who is being served. Shared by the threads of a process; waits for nobody and asks no database."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._inside: Counter[UUID] = Counter()
        self._shut: dict[str, float] = {}
        self._lock = Lock()

    @contextmanager
    def entered(self, account_id: UUID) -> Iterator[None]:
        """Keep one of an account's places until the work is done.

        Raises:
            TooMany: all of them are taken.
        """
        with self._lock:
            if self._inside[account_id] >= self._at_once:
                raise TooMany("more messages at once than are worked on; send them one after the other")
            self._inside[account_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside[account_id] -= 1
                if not self._inside[account_id]:
                    del self._inside[account_id]

    def shut(self, key_id: str) -> None:
        """Let a key, by which a message was verified, wait outside for a moment."""
        with self._lock:
            now = monotonic()
            if len(self._shut) >= MOST_SHUT:
                self._shut = {known: until for known, until in self._shut.items() if until > now}
            self._shut[key_id] = now + SHUT_S

    def shut_for(self, key_id: str) -> float:
        """Return for how many seconds a key has to wait outside; 0 when it may come in."""
        return max(0.0, self._shut.get(key_id, 0.0) - monotonic())
