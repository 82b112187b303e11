"""The night, in order: forget, take back from partners what is over, remind, match what is new or changed.

Safe to stop and run again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import tracing.bundles.store  # erasing reaches the tables that are known
import tracing.exchange.service
import tracing.precheck.service
import tracing.webhooks.service  # noqa: F401  # known by being imported
from tracing.contact import service as contact
from tracing.disclosure import service as disclosure
from tracing.exchange.jobs import take_back
from tracing.gate import foureyes, register
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.bulk import Mark
from tracing.gate.dues import PAGE, Bookmark, Due
from tracing.gate.opening import Gate
from tracing.gate.partnering import partners
from tracing.gate.permissions import Permission
from tracing.gate.purposes import Use
from tracing.kit.errors import Conflict
from tracing.matching import Reading
from tracing.messages import service as messages
from tracing.pfif import service as pfif
from tracing.requests import nights as searches
from tracing.requests.states import State
from tracing.review import nights, suggest
from tracing.review.executors import local
from tracing.review.schemas import RunView
from tracing.rights import nights as rights
from tracing.rights import service as requests_of_rights
from tracing.tasks import service as tasks
from tracing.tasks.states import TaskKind

READ_AT_ONCE = 1_000
APPROVAL_PATIENCE = timedelta(days=3)
"""How long a proposal may wait for another worker's eyes before somebody is reminded."""

Made = TypeVar("Made")

Told = Callable[[str, int, int], None]
"""Hears (step, done, of how many)."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One kind of task that the night raises.

    Attributes:
        page: the next page of what has fallen due, as far as it was not read before.
        worth: those of a page that somebody should be reminded of.
        use: what the night reads it for; `FORGET` sees what is about hidden records too.
    """

    kind: TaskKind
    page: Callable[[Access, Bookmark], list[Due]]
    worth: Callable[[Access, list[Due]], list[Due]] = lambda access, page: page
    use: Use = Use.REGISTER


def _expiring(access: Access, bookmark: Bookmark) -> list[Due]:
    return register.expiring(access, access.now + timedelta(days=access.settings.retention_notice_days), bookmark)


def _waiting(access: Access, bookmark: Bookmark) -> list[Due]:
    return foureyes.waiting(access, access.now - APPROVAL_PATIENCE, bookmark)


REMINDERS: tuple[Reminder, ...] = (
    Reminder(TaskKind.RECONFIRM_CONTACT, contact.to_reconfirm, contact.worth_asking),
    Reminder(TaskKind.CONTACT_POINT_EXPIRES, contact.ending, contact.worth_renewing),
    Reminder(TaskKind.ENQUIRER_SILENT, partial(searches.silent, state=State.AWAITING_ENQUIRER)),
    Reminder(TaskKind.PARTNER_SILENT, partial(searches.silent, state=State.AWAITING_PARTNER)),
    Reminder(TaskKind.AUTHORITY_SILENT, partial(searches.silent, state=State.AWAITING_AUTHORITY)),
    Reminder(TaskKind.ASK_AGAIN, disclosure.deferred_until_past),
    Reminder(TaskKind.RETENTION_REVIEW, _expiring, register.ending_alone),
    Reminder(TaskKind.SUBJECT_REQUEST_DUE, requests_of_rights.due_soon, use=Use.FORGET),
    Reminder(TaskKind.APPROVAL_WAITS, _waiting, foureyes.still_asked),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What one night did. `run` is None when nothing was new or changed."""

    forgotten: int
    reminders: int
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
        while lines := self._do(pfif.notes_over):
            self.gate.keys.destroy(lines)
            self._do(partial(pfif.drop_notes, lines=lines))
        self._pages(_stop_messages)
        self._take_back()
        reminders = self._remind()  # before the matching, which may be stopped, and rests on none of it
        start = self._do(nights.begin, Use.MATCH)
        if start is None:
            return Report(forgotten, reminders, None)
        plan, complete = self._match(start)
        end = partial(nights.end, plan=plan, forgotten=forgotten, reminders=reminders, complete=complete)
        return Report(forgotten, reminders, self._do(end, Use.MATCH))

    def _do(self, act: Callable[[Access], Made], use: Use = Use.REGISTER) -> Made:
        with admitted(self.gate, self.token, Permission.NIGHT_RUN, use=use) as access:
            return act(access)

    def _take_back(self) -> None:
        """End what partners may not use any more; the courier tells them."""
        if self._do(_has_partners):
            take_back(lambda use: admitted(self.gate, self.token, Permission.NIGHT_RUN, use=use))

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

    def _remind(self) -> int:
        """Raise the tasks of everything that fell due, each once; return how many are new."""
        raised = 0
        for done, reminder in enumerate(REMINDERS, start=1):
            raised += self._pages(partial(_remind, reminder=reminder), reminder.use)
            self.told("reminding", done, len(REMINDERS))
        return raised

    def _pages(self, act: Callable[..., tuple[int, Due | None]], use: Use = Use.REGISTER) -> int:
        """Do `act` page by page, each in a transaction of its own, and return what it counted.

        `act` is given the last one of the page before, and returns the last one of its page while there may be more.
        """
        counted, after = 0, None
        while True:
            try:
                count, after = self._do(partial(act, after=after), use)
            except Conflict:  # another night of the same society was quicker: now its tasks are seen
                count, after = self._do(partial(act, after=after), use)
            counted += count
            if after is None:
                return counted

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


def _remind(access: Access, after: Due | None, reminder: Reminder) -> tuple[int, Due | None]:
    page = reminder.page(access, Bookmark(after, tasks.not_raised(access, reminder.kind)))
    raised = tasks.remind(access, reminder.kind, reminder.worth(access, page))
    access.note("night.remind", count=len(page))
    return raised, _last(page)


def _has_partners(access: Access) -> bool:
    access.note("night.partners", count=0)
    return bool(partners.all_of(access))


def _stop_messages(access: Access, after: Due | None) -> tuple[int, Due | None]:
    page = messages.under_way(access, Bookmark(after))
    stopped = messages.stop_among(access, page)
    access.note("night.stop_messages", count=len(page))
    return stopped, _last(page)


def _last(page: list[Due]) -> Due | None:
    """Return after which one to go on; None when the page was the last."""
    return page[-1] if len(page) == PAGE else None
