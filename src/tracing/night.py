"""The night, in order: forget what must be forgotten, match what is new or changed. Safe to stop and run again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.bulk import Mark
from tracing.gate.opening import Gate
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.matching import Reading
from tracing.review import nights, suggest
from tracing.review.executors import local
from tracing.review.schemas import RunView
from tracing.rights import nights as rights

READ_AT_ONCE = 1_000

Made = TypeVar("Made")

Told = Callable[[str, int, int], None]
"""Hears (step, done, of how many)."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one night did. `run` is None when nothing was new or changed."""

    forgotten: int
    run: RunView | None


@dataclass(frozen=True, slots=True)
class Night:
    """One society's night: the gate, the token it runs under, and who hears of progress."""

    gate: Gate
    token: str
    told: Told = lambda step, done, total: None

    def run(self) -> Report:
        """Do every step and return what came of it.

        Raises:
            Unidentified: the token is not valid.
            Refused: the token may not run the night.
            Unsafe: the weights table of the settings is none.
        """
        suggest.plain_engine(self.gate.settings)
        forgotten = self._forget()
        while self._do(rights.blank_messages, Use.FORGET):
            continue
        start = self._do(nights.begin, Use.MATCH)
        if start is None:
            return Report(forgotten, None)
        plan, complete = self._match(start)
        end = partial(nights.end, plan=plan, forgotten=forgotten, complete=complete)
        return Report(forgotten, self._do(end, Use.MATCH))

    def _do(self, act: Callable[[Access], Made], use: Use = Use.REGISTER) -> Made:
        with admitted(self.gate, self.token, Permission.NIGHT_RUN, use=use) as access:
            return act(access)

    def _read(self, start: nights.Start) -> Iterator[tuple[dict[UUID, Reading], dict[UUID, Mark]]]:
        """Yield every person's reading and how the register's row stood when it was made, slice by slice."""
        for first in range(0, len(start.ids), READ_AT_ONCE):
            part = start.ids[first : first + READ_AT_ONCE]
            yield self._do(partial(nights.read, ids=part), Use.MATCH)
            self.told("reading", first + len(part), len(start.ids))

    def _match(self, start: nights.Start) -> tuple[nights.Plan, bool]:
        """Read, score and keep every open shard; return what was worked by, and whether all are done."""
        settings = self.gate.settings
        plan = nights.plan(settings, start, self._read(start))
        self._do(partial(nights.announce, plan=plan))
        self.gate.engine.dispose()  # no open connection may be shared with the processes to come
        done = 0
        shards = local.run(
            settings,
            start.warrant,
            start.open_shards,
            partial(nights.score, plan),
            workers=settings.night_workers,
        )
        for shard, pairs, found in shards:
            counts = self._do(partial(nights.keep, plan=plan, shard=shard, pairs=pairs, found=found), Use.MATCH)
            done += 1
            self.told("matching", done, len(start.open_shards))
            if counts.stop_asked:
                shards.close()
                break
        return plan, done == len(start.open_shards)

    def _forget(self) -> int:
        """Forget whoever is hidden for longer than the undo window, or erased; return how many.

        The trail's row stands before the first key is destroyed; a crash in between is finished by the next night.
        """
        lines = self._do(rights.doomed, Use.FORGET)
        if not lines:
            return 0
        turn = partial(admitted, self.gate, self.token, Permission.NIGHT_RUN, use=Use.FORGET)
        rights.finish(self.gate.keys, turn, lines, "night.forgot")
        self.told("forgetting", len(lines), len(lines))
        return len(lines)
