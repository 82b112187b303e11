"""What was consented, answered, proposed and approved, kept in plain Python without a line of the product.

Ids, times and teams come from outside; everything else is what the acts said when they were done.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

LEVELS = (
    "nothing",
    "say_alive_only",
    "pass_message",
    "receive_message",
    "share_contact",
    "share_location",
    "agree_to_meeting",
)
RANK = {level: rank for rank, level in enumerate(LEVELS)}
LEAST = {
    "words_to_pass": RANK["pass_message"],
    "contact_to_share": RANK["share_contact"],
    "location_to_share": RANK["share_location"],
    "meeting": RANK["agree_to_meeting"],
}
"""From which level on the enquirer may be told what the found person gave."""
DIRECTIONS = {"to_enquirer": RANK["pass_message"], "to_found": RANK["receive_message"]}
CADENCE = timedelta(days=30)


class Violation(AssertionError):
    """An invariant does not hold. `number` is that of the list in `test_invariants`."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(f"({number}) {words}")
        self.number = number


def must(number: int, holds: object, words: str) -> None:
    """Say that invariant `number` is violated unless something holds."""
    if not holds:
        raise Violation(number, words)


def content(level: str, given: dict[str, str | None]) -> dict[str, Any]:
    """Return what a level lets an enquirer be told of what the found person gave, exactly."""
    rank = RANK[level]
    told: dict[str, Any] = {thing: given.get(thing) if rank >= least else None for thing, least in LEAST.items()}
    return told | {"level": level, "alive_and_well": True, "may_write": rank >= RANK["receive_message"]}


@dataclass
class Decided:
    """The latest decision on one purpose."""

    granted: bool
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.granted and (self.until is None or self.until > now)


@dataclass
class Person:
    """One record. A sought person's stands and falls with the request above it."""

    id: UUID
    team: str
    name: str
    sensitivity: str = "normal"
    above: UUID | None = None
    consents: dict[str, Decided] = field(default_factory=dict)
    erased: bool = False
    never: frozenset[str] = frozenset()  # of a request: whom it names as never to learn of it
    attempts: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass
class Answer:
    """What a found person said about one search; rank 0 is a no."""

    rank: int = 0
    until: datetime | None = None
    given: dict[str, str | None] = field(default_factory=dict)

    def covers(self, rank: int, now: datetime) -> bool:
        return self.rank >= rank > 0 and (self.until is None or self.until > now)


@dataclass
class Eyes:
    """A proposal of one human, and whose approval of what it has."""

    proposer: str
    content: Any
    away: str  # the team of which the approver must not be
    approver: str | None = None


@dataclass
class Verification:
    id: UUID
    epoch: int  # the confirmation that it rests on
    heard: set[str] = field(default_factory=set)  # sides with two unprompted facts, each apart
    eyes: Eyes | None = None
    passed: bool = False


@dataclass
class Pair:
    """A found person and a search, and the suggestion that they are one."""

    suggestion: UUID
    found: UUID
    sought: UUID
    request: UUID
    state: str = "suggested"
    epoch: int = 0
    first_reader: str | None = None
    screen: str | None = None
    verification: Verification | None = None
    case: UUID | None = None
    outreach: Eyes | None = None
    answers: list[Answer] = field(default_factory=list)

    @property
    def ids(self) -> frozenset[UUID]:
        return frozenset((self.found, self.sought, self.request))

    @property
    def verified(self) -> bool:
        held = self.verification
        return self.state == "confirmed_same_person" and held is not None and held.passed and held.epoch == self.epoch


@dataclass
class Release:
    id: UUID
    pair: Pair
    level: str
    content: dict[str, Any]
    answer: Answer
    eyes: Eyes
    told: bool = False


@dataclass
class Message:
    id: UUID
    pair: Pair
    direction: str
    text: str
    eyes: Eyes
    delivered: bool = False


@dataclass
class Fate:
    id: UUID
    sought: UUID
    finding: str
    evidence: str
    eyes: Eyes
    state: str = "proposed"


@dataclass
class Right:
    id: UUID
    record: UUID
    kind: str
    eyes: Eyes | None = None


@dataclass
class Telling:
    sought: UUID
    about: UUID | None  # a release, a fate or a message
    support: bool


@dataclass
class Model:
    """Everything that is known, and what follows from it at `now`."""

    now: datetime
    persons: dict[UUID, Person] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    rights: list[Right] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    shown: dict[tuple[UUID, int], list[tuple[datetime, str, bool]]] = field(default_factory=dict)
    begun: dict[UUID, datetime] = field(default_factory=dict)
    codes: dict[UUID, tuple[str, str]] = field(default_factory=dict)  # of a request: code and secret

    def registered(self, record: UUID) -> bool:
        """Return whether a record may be used at all at this moment."""
        person = self.persons[record]
        held = not person.erased and person.consents["register"].holds(self.now)
        return held and (person.above is None or self.registered(person.above))

    def matched(self, record: UUID) -> bool:
        """Return whether a record may take part in matching at this moment."""
        return self.registered(record) and self.persons[record].consents["match_within_society"].holds(self.now)

    def covers(self, pair: Pair, rank: int) -> bool:
        """Return whether the found person's latest answer allows `rank` at this moment."""
        return bool(pair.answers) and pair.answers[-1].covers(rank, self.now)

    def protected(self, pair: Pair) -> bool:
        return any(self.persons[one].sensitivity != "normal" for one in pair.ids)

    def away(self, pair: Pair) -> str:
        """Return the enquirer's team where it must not approve, "" elsewhere."""
        risky = self.protected(pair) or pair.screen != "clear"
        return self.persons[pair.request].team if risky else ""

    def stopped(self, pair: Pair) -> bool:
        """Return whether a screen, or the lack of one, or a never-disclose list says that nobody is reached."""
        named = self.persons[pair.found].name in self.persons[pair.request].never
        return pair.screen in (None, "stop") or named

    def of_search(self, sought: UUID) -> list[Pair]:
        return [pair for pair in self.pairs if pair.sought == sought]

    def family(self, record: UUID) -> frozenset[UUID]:
        """Return a record and, of a request, the sought persons under it."""
        return frozenset({record, *(one.id for one in self.persons.values() if one.above == record)})

    def cases(self, records: frozenset[UUID]) -> frozenset[UUID]:
        """Return records with everybody of the cases that they belong to."""
        return frozenset(one for record in records for one in self.family(self.persons[record].above or record))

    def ends(self) -> list[datetime]:
        """Return when consents and answers end that have not ended yet."""
        consents = (held.until for person in self.persons.values() for held in person.consents.values())
        answers = (answer.until for pair in self.pairs for answer in pair.answers[-1:])
        return sorted({end for end in (*consents, *answers) if end is not None and end > self.now})

    def as_of(self, request: UUID) -> datetime:
        """Return the last date of the cadence: a multiple of thirty days after the day of the request."""
        first = datetime.combine(self.begun[request], time(), self.begun[request].tzinfo)
        return first + ((self.now - first) // CADENCE) * CADENCE

    def public(self, request: UUID) -> list[str]:
        """Return what the enquirer of a request may see now, in the order in which they named."""
        until, seen = self.as_of(request), []
        for _, entries in sorted((key[1], entries) for key, entries in self.shown.items() if key[0] == request):
            seen.append([status for since, status, at_once in entries if at_once or since <= until][-1])
        return seen
