"""What callers send and see of the asking of found persons, and of releases. What a person gave stands sealed."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool

from tracing.disclosure.states import Event, NamedAs, ReleaseState, State
from tracing.gate.disclosing import Level, Standing
from tracing.gate.purposes import GivenBy, Obtained
from tracing.kit.errors import Flaw
from tracing.kit.text import Line, Prose
from tracing.persons.consent import Moment
from tracing.persons.schemas import Shape


class Shared(Shape):
    """What the found person gave to be passed on, in their own words; never copied from their record."""

    words_to_pass: Prose | None = Field(None, description="From `pass_message` on.")
    contact_to_share: Line | None = Field(None, description="From `share_contact` on, and needed there.")
    location_to_share: Line | None = Field(None, description="From `share_location` on, and needed there.")
    meeting: Prose | None = Field(None, description="At `agree_to_meeting`: where, when, with whom present.")


LEAST: dict[str, Level] = {
    "words_to_pass": Level.PASS_MESSAGE,
    "contact_to_share": Level.SHARE_CONTACT,
    "location_to_share": Level.SHARE_LOCATION,
    "meeting": Level.AGREE_TO_MEETING,
}
"""The least level at which each thing may be told."""
NEEDED = ("contact_to_share", "location_to_share")


UNTIL = (
    "End of a grant; left out: until withdrawn. What is granted for a child ends when the child is grown at the latest."
)
APART = (
    "Needed to grant where a parent, a guardian or a court answers, and true: a worker has made sure that whoever "
    "answered is neither the enquirer nor of the enquirer's household."
)


class SealedCase(Shape):
    """What is stored sealed of an asking."""

    named_as: NamedAs | None = None
    shared: Shared = Shared()
    apart_from_enquirer: bool | None = None


class Told(Shared):
    """What one enquirer is told: exactly this."""

    level: Level
    alive_and_well: Literal[True] = True
    may_write: StrictBool = Field(description="Whether the enquirer's own message may be passed to the person.")

    def is_beyond(self) -> bool:
        """Return whether more is told than the level allows, or anything at none."""
        given = (LEAST[field] for field in LEAST if getattr(self, field) is not None)
        needed = [Level.SAY_ALIVE_ONLY, *given, *([Level.RECEIVE_MESSAGE] if self.may_write else [])]
        return self.level is Level.NOTHING or not all(self.level.covers(least) for least in needed)


def told_at(level: Level, shared: Shared) -> Told:
    """Return what `level` lets an enquirer be told of what the found person gave."""
    allowed = {field: value for field, value in shared if level.covers(LEAST[field])}
    return Told(level=level, may_write=level.covers(Level.RECEIVE_MESSAGE), **allowed)


class AskingEventDraft(Shared):
    """What happened with the found person. Each event takes the fields that belong to it, and no others."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"event": "inform", "named_as": "relationship_only"},
                {
                    "event": "grant",
                    "level": "pass_message",
                    "given_by": "subject",
                    "obtained": "verbal",
                    "words_to_pass": "I am well. Greet mother.",
                },
                {"event": "defer", "until": "2027-01-31T12:00:00Z"},
            ]
        }
    )

    event: Event
    named_as: NamedAs | None = Field(None, description="Needed to inform: how the enquirer was named.")
    until: Moment | None = Field(None, description="Needed to defer: when to ask again.")
    level: Level | None = Field(None, description="Needed to grant: what the enquirer may learn.")
    given_by: GivenBy | None = Field(None, description="Who answered; needed to grant, else the person themself.")
    obtained: Obtained | None = Field(None, description="How; needed to grant, else by word of mouth.")
    valid_until: Moment | None = Field(None, description=UNTIL)
    apart_from_enquirer: StrictBool | None = Field(None, description=APART)


_SPOKEN = frozenset({"given_by", "obtained"})
FIELDS: dict[Event, tuple[frozenset[str], frozenset[str]]] = {
    Event.INFORM: (frozenset({"named_as"}), frozenset()),
    Event.DEFER: (frozenset({"until"}), frozenset()),
    Event.GRANT: (_SPOKEN | {"level"}, frozenset({"valid_until", "apart_from_enquirer", *LEAST})),
    Event.DECLINE: (frozenset(), _SPOKEN),
    Event.WITHDRAW: (frozenset(), _SPOKEN),
    Event.REVISE: (frozenset(), _SPOKEN),
}
"""Which fields an event needs, and which it may take besides."""


def flaws_of(draft: AskingEventDraft) -> Iterator[Flaw]:
    """Yield what does not fit: a field that the event needs, one of another event, one beyond the level."""
    needed, allowed = FIELDS.get(draft.event, (frozenset(), frozenset()))
    sent = {field for field, value in draft if value is not None} - {"event"}
    for field in sorted(needed - sent):
        yield Flaw(f"/{field}", "missing", "this event needs it")
    for field in sorted(sent - needed - allowed):
        yield Flaw(f"/{field}", "of-another-event", "this event does not take it")
    if draft.level is Level.NOTHING:
        yield Flaw("/level", "nothing", "who allows nothing declines: send `decline`")
    elif draft.event is Event.GRANT and draft.level is not None:
        for field, least in LEAST.items():
            if field in sent and not draft.level.covers(least):
                yield Flaw(f"/{field}", "beyond-the-level", f"it is told from `{least}` on")
            if field not in sent and field in NEEDED and draft.level.covers(least):
                yield Flaw(f"/{field}", "missing", f"it is needed from `{least}` on")


class DisclosureApprovalDraft(Shape):
    """What another worker says to a proposal."""

    approve: StrictBool = Field(examples=[True], description="False turns it down.")


class ReleaseDraft(Shape):
    """What the enquirer is to be told."""

    level: Level = Field(examples=[Level.SAY_ALIVE_ONLY], description="At most what the found person allows.")


class ReleaseView(Shape):
    """A release as a worker sees it."""

    id: UUID
    case_id: UUID
    level: Level
    state: ReleaseState
    content: Told | None = Field(
        description="What the enquirer is told, exactly. In no list, and only while the answer that it rests on holds. "
        "Withheld from their team until then where another team must approve; of a protected person from whoever must "
        "break the glass to see where they are, but for the one who took it down."
    )
    told_at: AwareDatetime | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class DisclosureCaseView(Shape):
    """The asking of one found person about one search, as a worker sees it."""

    id: UUID
    verification_id: UUID
    found_id: UUID
    sought_id: UUID
    state: State
    level: Level = Field(description="What the person allows at this moment; never more than they last said.")
    defer_until: AwareDatetime | None
    named_as: NamedAs | None
    shared: Shared | None = Field(
        description="In no list. Withheld from the enquirer's team where another team must approve; of a protected "
        "person from whoever must break the glass to see where they are, but for the one who took it down."
    )
    other_team_needed: bool = Field(description="Outreach and releases need approval outside the enquirer's team.")
    outreach: Standing | None = Field(description="Where the proposal to reach out stands.")
    releases: list[ReleaseView]
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def shown(self) -> list[tuple[UUID, int]]:
        """Id and version of all that this shows."""
        return [(self.id, self.version), *((release.id, release.version) for release in self.releases)]
