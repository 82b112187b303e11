"""When a search may be concluded (domain.md §6.5): one rule per reason, over facts that other rooms hold.

A rule yields what is missing; a reason whose rule yields nothing is allowed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tracing.disclosure.states import State as Asking
from tracing.fate.states import Finding
from tracing.gate.disclosing import Level
from tracing.requests.states import FindingReason


class Lack(StrEnum):
    """What is missing for a reason, or stands against it."""

    STATE = "not_possible_in_this_state"
    RELEASE = "nothing_told_at_this_level"  # no release at the level was told
    MESSAGE_OR_RELEASE = "no_message_delivered_and_nothing_told"
    FATE = "no_such_fate_established"
    TELLING = "telling_not_recorded"  # when, how, in which language, with what support
    SUPPORT = "support_not_offered"  # bad news is told with support
    ASKING = "asking_not_ended_without_a_grant"
    TOLD = "something_was_told"
    ATTEMPTS = "not_tried_often_enough"


@dataclass(frozen=True, slots=True)
class Told:
    """One telling, as far as the rules look at it."""

    id: UUID
    release_id: UUID | None
    fate_id: UUID | None
    support_offered: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record about one search.

    Attributes:
        releases: what the enquirer was told of the found person, with its level.
        delivered: how many messages reached whom they were for.
        fate: the latest established report.
        asking: where the asking of the found person stands; None when nobody was asked.
        tellings: oldest first.
        exhausted: the enquirer was tried often enough in vain.
    """

    releases: tuple[tuple[UUID, Level], ...] = ()
    delivered: int = 0
    fate: tuple[UUID, Finding] | None = None
    asking: Asking | None = None
    tellings: tuple[Told, ...] = ()
    exhausted: bool = False

    def released(self, needed: Level) -> frozenset[UUID]:
        """Return the releases that were told at a level that covers `needed`."""
        return frozenset(release_id for release_id, level in self.releases if level.covers(needed))

    def tellings_of(self, releases: frozenset[UUID]) -> list[Told]:
        """Return the tellings of `releases`, oldest first."""
        return [telling for telling in self.tellings if telling.release_id in releases]

    def tellings_of_fate(self) -> list[Told]:
        """Return the tellings of the established fate, oldest first."""
        return [t for t in self.tellings if self.fate is not None and t.fate_id == self.fate[0]]


WITHOUT_GRANT = frozenset(
    {Asking.DECLINED, Asking.WITHDRAWN, Asking.NOT_REACHABLE, Asking.LACKS_CAPACITY, Asking.DECEASED}
)
"""How an asking ends when the found person allows nothing."""


def _contact(facts: Facts) -> Iterator[Lack]:
    released = facts.released(Level.SHARE_CONTACT)
    if not released:
        yield Lack.RELEASE
    elif not facts.tellings_of(released):
        yield Lack.TELLING


def _reunited(facts: Facts) -> Iterator[Lack]:
    if not facts.released(Level.AGREE_TO_MEETING):
        yield Lack.RELEASE
    else:
        yield from _contact(facts)


def _message(facts: Facts) -> Iterator[Lack]:
    if not facts.delivered and not facts.released(Level.PASS_MESSAGE):
        yield Lack.MESSAGE_OR_RELEASE


def _alive(facts: Facts) -> Iterator[Lack]:
    if not any(level is Level.SAY_ALIVE_ONLY for _, level in facts.releases):
        yield Lack.RELEASE


def _deceased(facts: Facts) -> Iterator[Lack]:
    if facts.fate is None or facts.fate[1] is not Finding.DECEASED:
        yield Lack.FATE
    elif not facts.tellings_of_fate():
        yield Lack.TELLING
    elif not any(telling.support_offered for telling in facts.tellings_of_fate()):
        yield Lack.SUPPORT


def _partial(facts: Facts) -> Iterator[Lack]:
    if facts.fate is None or facts.fate[1] is Finding.DECEASED:
        yield Lack.FATE
    elif not facts.tellings_of_fate():
        yield Lack.TELLING


def _not_disclosed(facts: Facts) -> Iterator[Lack]:
    if facts.asking not in WITHOUT_GRANT:
        yield Lack.ASKING
    if facts.releases:
        yield Lack.TOLD


def _unreachable(facts: Facts) -> Iterator[Lack]:
    if not facts.exhausted:
        yield Lack.ATTEMPTS


RULES: Mapping[FindingReason, Callable[[Facts], Iterator[Lack]]] = {
    FindingReason.RECONNECTED_CONTACT: _contact,
    FindingReason.RECONNECTED_MESSAGE: _message,
    FindingReason.REUNIFIED: _reunited,
    FindingReason.ALIVE_NO_CONTACT: _alive,
    FindingReason.FATE_DECEASED: _deceased,
    FindingReason.FATE_PARTIAL: _partial,
    FindingReason.FOUND_NOT_DISCLOSED: _not_disclosed,
    FindingReason.ENQUIRER_UNREACHABLE: _unreachable,
}

LEAST: Mapping[FindingReason, Level] = {
    FindingReason.RECONNECTED_CONTACT: Level.SHARE_CONTACT,
    FindingReason.RECONNECTED_MESSAGE: Level.PASS_MESSAGE,
    FindingReason.REUNIFIED: Level.SHARE_CONTACT,
    FindingReason.ALIVE_NO_CONTACT: Level.SAY_ALIVE_ONLY,
}
"""What the telling behind a closure was at least about; the other reasons rest on a fate or on no telling."""


def lacks(reason: FindingReason, facts: Facts) -> list[Lack]:
    """Return what is missing to conclude a search for `reason`; empty when it is allowed."""
    return list(RULES[reason](facts))


def telling_of(reason: FindingReason, facts: Facts) -> UUID | None:
    """Return the latest telling that `reason` rests on, or None where it rests on none."""
    if reason in (FindingReason.FATE_DECEASED, FindingReason.FATE_PARTIAL):
        known = facts.tellings_of_fate()
    else:
        known = facts.tellings_of(facts.released(LEAST[reason])) if reason in LEAST else []
    return known[-1].id if known else None
