"""What the enquirer of a request may see of it. Nothing of the sought persons themselves is read here."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.gate import register
from tracing.gate.access import Access
from tracing.requests import states, store
from tracing.requests.schemas import PublicLine
from tracing.requests.states import Event, PublicStatus, State

if TYPE_CHECKING:
    from tracing.requests.tables import SoughtPerson, StatusEntry, TracingRequest


def statuses(access: Access, row: "TracingRequest", until: datetime) -> list[PublicLine]:
    """Return what the enquirer of a request may see at a date of the cadence, in the order in which they named.

    Nothing of the sought persons themselves is read, so nothing about them can show: not what was found, and not
    that one of them is hidden or forgotten. The caller notes the act.
    """
    asked_for = store.details_of_requests(access, [row])[0].asked_for
    latest = {entry.position: entry.status for entry in store.statuses(access, row.id, until)}
    return [PublicLine(position=p, relationship=asked_for.get(p), status=s) for p, s in latest.items()]


def follow(access: Access, row: "SoughtPerson", event: Event) -> None:
    """Enter what the enquirer may see of a search after a step that may show."""
    before = _latest(access, row)
    after = states.public(before.status if before else None, event, State(row.state))
    _enter(access, row, before, after)


def speak(access: Access, sought_id: UUID) -> None:
    """Let the enquirer see that somebody would like to speak to them: what they are told was approved just now.

    It stays until the search has ended, also when what was to be told falls away. The caller notes the act.
    """
    row = store.find_sought(access, sought_id)
    before = _latest(access, row) if row is not None else None
    if row is not None and (before is None or before.status is not PublicStatus.CLOSED):
        _enter(access, row, before, PublicStatus.SPEAK_TO_YOU)


def _enter(access: Access, row: "SoughtPerson", before: "StatusEntry | None", after: PublicStatus) -> None:
    shown = before.status if before else None
    if after is not shown:
        version = before.version + 1 if before else row.version
        at_once = states.shows_at_once(shown, after)
        store.add(access, [store.status_entry(access, row, after, version=version, at_once=at_once)])


def answered(access: Access, row: "SoughtPerson") -> None:
    """Settle a question to the enquirer while the search is elsewhere: somebody was found since, and nobody says so."""
    access.require(states.WHO[Event.ANSWERED])
    register.hold(access, row.id)
    store.save_sought(access, row)
    follow(access, row, Event.ANSWERED)
    register.set_matchable(access, row.id, row.state in states.MATCHED)


def is_asked(access: Access, row: "SoughtPerson") -> bool:
    """Return whether the enquirer was asked something about a search that is not answered yet."""
    latest = _latest(access, row)
    return latest is not None and latest.status is PublicStatus.NEED_INFORMATION


def _latest(access: Access, row: "SoughtPerson") -> "StatusEntry | None":
    """Return what was last entered for the enquirer of a search, whether it shows yet or not."""
    return store.latest_statuses(access, [row.request_id]).get((row.request_id, row.position))
