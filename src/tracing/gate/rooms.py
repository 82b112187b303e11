"""How many messages of one partner a process works on at once; whoever sends faster is told to come back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from tracing.kit.errors import TooMany

AT_ONCE = 2
"""So that a partner's next message is read while the last is written, and most of the queue is left to others."""


class Rooms:
    """Counts who is being served. Shared by the threads of a process; waits for nobody and asks no database."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._inside: Counter[UUID] = Counter()
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
