"""What callers send and see of data subjects' requests, and the bundle of all that is held about a person.

The bundle's models are its allow-list: what stands in no field of theirs does not leave, whatever a room adds to its
details later.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tracing.contact.states import Channel, Result
from tracing.fate.states import Finding, Source
from tracing.fate.states import State as FateState
from tracing.gate.disclosing import Answer, Level
from tracing.gate.kinds import Kind as RecordKind
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.kit.text import Prose
from tracing.persons.consent import Moment
from tracing.persons.schemas import ORIGIN, Shape
from tracing.persons.whereabouts import WORDS_WITHHELD, as_shown
from tracing.requests.schemas import RequestChange, SoughtChange
from tracing.rights.states import (
    Claimant,
    Event,
    IdentityMethod,
    Kind,
    RefusalReason,
    RetentionReason,
    State,
)
from tracing.sightings.schemas import SightingChange


class SubjectRequestDraft(Shape):
    """Somebody uses a right over one record."""

    record_id: UUID = Field(description="A tracing request (its enquirer), sought person, sighting or registration.")
    kind: Kind
    received_at: Moment | None = Field(None, description="When it came in; the clock runs from here. Left out: now.")
    words: Prose | None = Field(None, description="What was asked, in their own words. Stored sealed.")


class Identity(Shape):
    """How whoever asks showed who they are, and as whom."""

    method: IdentityMethod
    claimant: Claimant


class StepDraft(Shape):
    """What happened to the request; each event takes what its guard names and nothing else."""

    event: Event = Field(examples=[Event.IDENTIFY])
    identity: Identity | None = Field(None, description="Needed to identify.")
    reason: RefusalReason | None = Field(None, description="Needed to refuse and to extend.")
    purposes: Annotated[list[Purpose], Field(max_length=len(Purpose))] = Field(
        [], description="Needed to carry out an objection: what is objected to."
    )
    request_change: RequestChange | None = Field(None, description="To rectify a tracing request's enquirer.")
    sought_change: SoughtChange | None = Field(None, description="To rectify a sought person.")
    sighting_change: SightingChange | None = Field(None, description="To rectify a sighting or registration.")


class SealedWords(Shape):
    """What is stored sealed of a data subject's request, with the key of the record that it is about."""

    words: Prose | None = None
    identity: Identity | None = None


class SubjectRequestView(BaseModel):
    """A data subject's request as the officer sees it."""

    id: UUID
    record_id: UUID
    kind: Kind
    state: State
    reason: RefusalReason | None
    words: str | None
    words_withheld: bool = Field(description=WORDS_WITHHELD)
    identity: Identity | None
    received_at: datetime
    due_at: datetime = Field(description="The answer is due then; extended once by twice as many days.")
    extended: bool
    overdue: bool
    settled_at: datetime | None
    recorded_by: UUID
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        return as_shown(self.version, self.words_withheld)


class RetentionDraft(Shape):
    """Until when a record is kept, and why longer than usual."""

    until: Moment
    reason: RetentionReason


class RetentionView(BaseModel):
    """Until when a record is kept. It is hidden then, and forgotten after the undo window."""

    record_id: UUID
    until: datetime


class LeftOut(StrEnum):
    """What a bundle leaves out, by rule and not by what is there: the officer reads it through by hand."""

    OTHER_PEOPLE = "other_people"  # who asks, who reported, relatives whom others named, never-disclose lists of others
    OTHER_PEOPLES_CONTACTS = "other_peoples_contacts"
    PROTECTED_PLACES = "protected_places"
    WHEREABOUTS = "whereabouts"  # how and where the person is reached, and whom they fear: where another asks for them
    SHELTERS = "shelters"
    WORDS_OF_OTHERS = "words_of_others"  # narratives and circumstances as others told them
    WORKERS_NOTES = "workers_notes"
    INTERVIEWS = "interviews"  # facts told in talks name relatives
    SUGGESTIONS = "suggestions"  # pairs with other people's records
    SEARCHES = "searches"  # how the search for somebody else goes, or one for the person where another asks for them


class NamePart(BaseModel):
    full: str
    type: str
    script: str | None
    lang: str | None


class KinPart(BaseModel):
    relation: str
    name: str


class IdentifierPart(BaseModel):
    type: str
    value: str
    issuer: str | None


class PersonPart(BaseModel):
    """The person as the record describes them."""

    names: list[NamePart]
    sex: str
    birth: str | None
    birth_calendar: str
    age: str | None
    age_date: str | None
    birth_place: str | None
    origin_place: str | None
    last_place: str | None
    last_place_date: str | None
    father: list[str]
    mother: list[str]
    relatives: list[KinPart] = Field(description="Those whom the person named themselves; empty otherwise.")
    nationalities: list[str]
    languages: list[str]
    identifiers: list[IdentifierPart]
    occupation: str | None
    school_or_teacher: str | None
    physical_description: str | None
    distinguishing_marks: str | None


class ContactPart(BaseModel):
    """A contact point that is the person's own."""

    kind: str
    value: str
    hours: str | None
    language: str | None
    use_for: list[str]


class SeparationPart(BaseModel):
    """When and how contact was lost, as the person told it."""

    date: str | None
    place: str | None
    cause: str
    circumstances: str | None
    last_contact_date: str | None
    last_contact_mode: str | None
    route: list[str]


class DetailsPart(BaseModel):
    """What the record holds of the person; a field that is not of its kind is null or empty."""

    person: PersonPart
    contacts: list[ContactPart]
    separation: SeparationPart | None
    information_notice_version: str | None
    already_tried: str | None
    never_disclose_to: list[str]
    interpreter_language: str | None
    preferred_channel: str | None
    sighting_place: str | None
    sighting_time: str | None
    condition: str | None
    message_code: str | None
    visible_to: str | None


class ConsentPart(BaseModel):
    purpose: Purpose
    recipient: str | None
    decision: Decision
    lawful_basis: LawfulBasis
    given_by: GivenBy
    obtained: Obtained
    information_notice_version: str | None
    valid_until: datetime | None
    decided_at: datetime


class AnswerPart(BaseModel):
    """What the person answered when asked what a relative may learn; not which relative."""

    answer: Answer
    level: Level
    given_by: GivenBy
    obtained: Obtained
    valid_until: datetime | None
    decided_at: datetime


class MessagePart(BaseModel):
    """A message that the person wrote, or that reached them."""

    wrote: bool
    at: datetime
    words: str


class AttemptPart(BaseModel):
    at: datetime
    channel: Channel
    result: Result


class SharedPart(BaseModel):
    """What left the society about the person, and when; to a relative, or to the society that is named."""

    at: datetime
    what: str
    level: Level | None
    recipient: str | None


class FatePart(BaseModel):
    """What was reported to have become of the person; not by whom."""

    at: datetime
    finding: Finding
    source: Source
    state: FateState


class ActPart(BaseModel):
    act: str
    at: datetime


class BundleView(BaseModel):
    """Everything that is held about the person of one record, without third parties and protected places."""

    request_id: UUID
    record_id: UUID
    record_kind: RecordKind
    origin: str = Field(description=ORIGIN)
    made_at: datetime
    registered_at: datetime
    kept_until: datetime
    in_force: list[Purpose]
    details: DetailsPart
    consents: list[ConsentPart]
    answers: list[AnswerPart]
    messages: list[MessagePart]
    contact_attempts: list[AttemptPart]
    shared: list[SharedPart]
    fate_reports: list[FatePart]
    acts: list[ActPart]
    left_out: list[LeftOut] = Field(description="By the kind of record, the same whether there is any or not.")
