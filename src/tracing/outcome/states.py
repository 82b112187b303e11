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
    """One telling, as far as the rules look at it; `of` is the release, fate or message, None that there is no news."""

    id: UUID
    of: UUID | None
    support_offered: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is on record about one search.

    Attributes:
        releases: what the enquirer was told of the found person, with its level.
        delivered: the messages that reached whom they were for.
        fate: the latest established report.
        asking: where the asking of the found person stands; None when nobody was asked.
        tellings: oldest first.
        exhausted: the enquirer was tried often enough in vain.
    """

    releases: tuple[tuple[UUID, Level], ...] = ()
    delivered: frozenset[UUID] = frozenset()
    fate: tuple[UUID, Finding] | None = None
    asking: Asking | None = None
    tellings: tuple[Told, ...] = ()
    exhausted: bool = False

    def released(self, needed: Level) -> frozenset[UUID]:
        """Return the releases that were told at a level that covers `needed`."""
        return frozenset(release_id for release_id, level in self.releases if level.covers(needed))

    def tellings_of(self, things: frozenset[UUID]) -> list[Told]:
        """Return the tellings of `things`, oldest first."""
        return [telling for telling in self.tellings if telling.of in things]


WITHOUT_GRANT = frozenset(
    {Asking.DECLINED, Asking.WITHDRAWN, Asking.NOT_REACHABLE, Asking.LACKS_CAPACITY, Asking.DECEASED}
)
"""How an asking ends when the found person allows nothing."""


def _contacts(facts: Facts) -> frozenset[UUID]:
    return facts.released(Level.SHARE_CONTACT)


def _words(facts: Facts) -> frozenset[UUID]:
    return facts.delivered | facts.released(Level.PASS_MESSAGE)


def _signs_of_life(facts: Facts) -> frozenset[UUID]:
    return frozenset(release_id for release_id, level in facts.releases if level is Level.SAY_ALIVE_ONLY)


def _fates(facts: Facts) -> frozenset[UUID]:
    return frozenset() if facts.fate is None else frozenset({facts.fate[0]})


def _told(facts: Facts, things: frozenset[UUID], lack: Lack) -> Iterator[Lack]:
    if not things:
        yield lack
    elif not facts.tellings_of(things):
        yield Lack.TELLING


def _contact(facts: Facts) -> Iterator[Lack]:
    yield from _told(facts, _contacts(facts), Lack.RELEASE)


def _reunited(facts: Facts) -> Iterator[Lack]:
    if not facts.released(Level.AGREE_TO_MEETING):
        yield Lack.RELEASE
    else:
        yield from _contact(facts)


def _message(facts: Facts) -> Iterator[Lack]:
    yield from _told(facts, _words(facts), Lack.MESSAGE_OR_RELEASE)


def _alive(facts: Facts) -> Iterator[Lack]:
    yield from _told(facts, _signs_of_life(facts), Lack.RELEASE)


def _deceased(facts: Facts) -> Iterator[Lack]:
    if facts.fate is None or facts.fate[1] is not Finding.DECEASED:
        yield Lack.FATE
    elif not (tellings := facts.tellings_of(_fates(facts))):
        yield Lack.TELLING
    elif not any(telling.support_offered for telling in tellings):
        yield Lack.SUPPORT


def _partial(facts: Facts) -> Iterator[Lack]:
    if facts.fate is None or facts.fate[1] is Finding.DECEASED:
        yield Lack.FATE
    else:
        yield from _told(facts, _fates(facts), Lack.FATE)


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

BEHIND: Mapping[FindingReason, Callable[[Facts], frozenset[UUID]]] = {
    FindingReason.RECONNECTED_CONTACT: _contacts,
    FindingReason.RECONNECTED_MESSAGE: _words,
    FindingReason.REUNIFIED: _contacts,
    FindingReason.ALIVE_NO_CONTACT: _signs_of_life,
    FindingReason.FATE_DECEASED: _fates,
    FindingReason.FATE_PARTIAL: _fates,
}
"""What the telling behind a closure is about; the other reasons rest on no telling."""


def lacks(reason: FindingReason, facts: Facts) -> list[Lack]:
    """Return what is missing to conclude a search for `reason`; empty when it is allowed."""
    return list(RULES[reason](facts))


def telling_of(reason: FindingReason, facts: Facts) -> UUID | None:
    """Return the latest telling that `reason` rests on, or None where it rests on none."""
    known = facts.tellings_of(BEHIND[reason](facts)) if reason in BEHIND else []
    return known[-1].id if known else None
