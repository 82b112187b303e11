"""What systems outside may be told of: one closed table, read top to bottom. What is not in it never leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tracing.disclosure import states as disclosure
from tracing.gate.permissions import Permission
from tracing.messages import states as messages
from tracing.requests import states as searches
from tracing.review import states as review
from tracing.sightings import states as sightings


class EventType(StrEnum):
    """The public name of something that happened."""

    REQUEST_OPENED = "request.opened"
    REQUEST_CHANGED = "request.changed"
    SIGHTING_OPENED = "sighting.opened"
    SIGHTING_CHANGED = "sighting.changed"
    SEARCH_CHANGED = "search.changed"
    SUGGESTION_DECIDED = "suggestion.decided"
    DISCLOSURE_CHANGED = "disclosure.changed"
    MESSAGE_DELIVERED = "message.delivered"
    TASK_RAISED = "task.raised"
    NIGHT_FINISHED = "night.finished"
    TEST = "webhook.test"  # sent by hand, subscribed to by nobody


class About(StrEnum):
    """What the id of an event is of; also the name of the id in what is sent."""

    RECORD = "record_id"
    SUGGESTION = "suggestion_id"
    RUN = "run_id"
    NOTHING = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the table.

    Attributes:
        acts: the acts on the trail that are this event.
        about: what their subject is.
        needs: what the endpoint's owner must hold: nobody is told of what they could not read.
        own_team: only of the owner's team, unless they see every team's.
    """

    acts: tuple[str, ...]
    about: About
    needs: Permission
    own_team: bool = False


_T, _A, _P = EventType, About, Permission

TABLE: Mapping[EventType, Told] = {
    _T.REQUEST_OPENED: Told(("requests.open",), _A.RECORD, _P.REQUESTS_READ),
    _T.REQUEST_CHANGED: Told(("requests.change", "requests.assign"), _A.RECORD, _P.REQUESTS_READ),
    _T.SEARCH_CHANGED: Told(tuple(f"sought.{event}" for event in searches.Event), _A.RECORD, _P.REQUESTS_READ),
    _T.SIGHTING_OPENED: Told(("sightings.open",), _A.RECORD, _P.SIGHTINGS_READ),
    _T.SIGHTING_CHANGED: Told(
        ("sightings.change", "sightings.accept_by_rule", *(f"sightings.{event}" for event in sightings.Event)),
        _A.RECORD,
        _P.SIGHTINGS_READ,
    ),
    _T.SUGGESTION_DECIDED: Told(
        tuple(f"suggestions.{verdict}" for verdict in review.Verdict), _A.SUGGESTION, _P.SUGGESTIONS_READ
    ),
    # One name for all that becomes of an asking: a refusal is not told from any other step.
    _T.DISCLOSURE_CHANGED: Told(
        ("disclosures.open", *(f"disclosures.{event}" for event in disclosure.Event)), _A.RECORD, _P.DISCLOSURES_READ
    ),
    _T.MESSAGE_DELIVERED: Told((f"messages.{messages.Event.DELIVER}",), _A.RECORD, _P.MESSAGES_READ),
    _T.TASK_RAISED: Told(("tasks.raise",), _A.RECORD, _P.TASKS_READ, own_team=True),
    _T.NIGHT_FINISHED: Told(("night.end",), _A.RUN, _P.RUNS_READ),
}
EVENT_OF: Mapping[str, EventType] = {act: event for event, told in TABLE.items() for act in told.acts}
WORK = frozenset({"webhooks.add", "webhooks.enable", "webhooks.test", "webhooks.replay"})
"""Acts by which somebody gives the dispatcher something to do at once."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"  # after `Patience.tries`; the next one goes on
    WITHHELD = "withheld"  # what it is about was hidden before it could be sent


class Trouble(StrEnum):
    """Why the last attempt failed: a status that is no success, or where the call broke off."""

    STATUS = "status"
    REFUSED = "refused"  # the address is not one that is called
    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class Disabled(StrEnum):
    """Why an endpoint is sent nothing."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"  # it answered 410
    OWNER_GONE = "owner_gone"  # its owner's account is disabled, or may no longer have webhooks


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an endpoint is waited for.

    The defaults try for about ten hours per event, and disable an endpoint after about thirty.

    Attributes:
        first: wait after the first failure; each further failure in a row triples it.
        longest: wait at most.
        tries: attempts per delivery before it is given up.
        losses: deliveries given up in a row before the endpoint is disabled.
    """

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=6)
    tries: int = 10
    losses: int = 3

    def wait(self, failures: int, chance: float) -> timedelta:
        """Return the wait after so many failures in a row; `chance` from 0 to 1 moves it by a quarter either way."""
        return min(self.longest, self.first * 3.0 ** min(failures - 1, 20)) * (0.75 + chance / 2)
