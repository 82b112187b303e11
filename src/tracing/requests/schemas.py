"""What callers send and see of tracing requests (domain.md §5.4). Validation lives here: rows do not validate."""

from enum import StrEnum
from itertools import chain
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from tracing.gate.kinds import Sensitivity
from tracing.kit.editions import UNTOLD, edition, edition_of_content
from tracing.kit.text import Line, Prose, Word
from tracing.persons.consent import ConsentDraft
from tracing.persons.schemas import (
    ORIGIN,
    UPDATED_AT,
    VERSION,
    ContactPoint,
    EdtfText,
    PersonDraft,
    RelativeDraft,
    Shape,
    left_out,
)
from tracing.persons.whereabouts import as_shown
from tracing.requests.states import Event, PublicStatus, Reason, State


class CaseType(StrEnum):
    TRACING_REQUEST = "tracing_request"
    HEALTH_WELFARE_INQUIRY = "health_welfare_inquiry"
    UASC_REGISTRATION = "uasc_registration"
    FAMILY_REUNIFICATION = "family_reunification"
    DETENTION_NOTIFICATION = "detention_notification"
    ALLEGATION_OF_ARREST = "allegation_of_arrest_or_enforced_disappearance"


class IntakeChannel(StrEnum):
    OFFICE = "office"
    PHONE = "phone"
    ONLINE = "online"
    RECEPTION_CENTRE = "reception_centre"
    FIELD = "field"
    PARTNER_SOCIETY = "partner_society"
    MESSAGE_RETURN = "message_return"


class Relationship(StrEnum):
    """What the sought person is to the enquirer."""

    MOTHER = "mother"
    FATHER = "father"
    SON = "son"
    DAUGHTER = "daughter"
    BROTHER = "brother"
    SISTER = "sister"
    HALF_SIBLING = "half_sibling"
    HUSBAND = "husband"
    WIFE = "wife"
    PARTNER = "partner"
    FIANCE = "fiance"
    EX_PARTNER = "ex_partner"
    GRANDMOTHER = "grandmother"
    GRANDFATHER = "grandfather"
    GRANDCHILD = "grandchild"
    AUNT = "aunt"
    UNCLE = "uncle"
    NIECE_NEPHEW = "niece_nephew"
    COUSIN = "cousin"
    IN_LAW = "in_law"
    FOSTER = "foster"
    GUARDIAN = "guardian"
    OTHER_FAMILY = "other_family"
    OTHER_NONFAMILY = "other_nonfamily"


class SeparationCause(StrEnum):
    CONFLICT = "conflict"
    DEATH = "death"
    FAMILY_ABUSE = "family_abuse_violence_exploitation"
    LACK_OF_ACCESS = "lack_of_access_to_services_support"
    CAAFAG = "caafag"
    SICKNESS = "sickness_of_family_member"
    ENTRUSTED = "entrusted_into_the_care_of_an_individual"
    ARREST = "arrest_and_detention"
    ABANDONMENT = "abandonment"
    REPATRIATION = "repatriation"
    POPULATION_MOVEMENT = "population_movement"
    MIGRATION = "migration"
    POVERTY = "poverty"
    NATURAL_DISASTER = "natural_disaster"
    DIVORCE = "divorce_remarriage"
    TRAFFICKING = "trafficking_or_exploitation"
    DEPORTATION = "deportation_or_return"
    SHIPWRECK = "shipwreck_or_border"
    ADOPTION = "adoption_or_care_system"
    HEALTH = "covid_or_health"
    OTHER = "other"
    UNKNOWN = "unknown"


DANGEROUS = frozenset({SeparationCause.TRAFFICKING, SeparationCause.FAMILY_ABUSE})
"""Causes of separation where the one who asks may be the one who was fled from (domain.md §4.7)."""
OF_CAUSE = "separation/cause"
"""What a dangerous cause is called among the safeguards of a record."""
Priority = Literal["emergency", "high", "normal"]


class Separation(Shape):
    """When, where and why contact was lost."""

    date: EdtfText | None = None
    place: Line | None = None
    cause: SeparationCause = SeparationCause.UNKNOWN
    circumstances: Prose | None = None
    last_contact_date: EdtfText | None = None
    last_contact_mode: Line | None = None
    travel_companions: list[Line] = Field(default=[], max_length=40)
    route: list[Line] = Field(default=[], max_length=40)
    event_ref: Word | None = None


class EnquirerDetails(Shape):
    """The relative who asks."""

    person: PersonDraft
    capacity: Literal["self", "parent", "guardian", "caregiver", "authorised_representative"] = "self"
    contacts: list[ContactPoint] = Field(default=[], max_length=20)
    no_safe_contact: StrictBool = Field(False, description="Set when the enquirer has no safe contact to give.")


class EnquirerDraft(EnquirerDetails):
    """The relative who asks, with their consents."""

    consents: list[ConsentDraft] = Field(
        max_length=30,
        description="Must grant `register`; `match_within_society` lets relatives' searches find them.",
    )


class SoughtDraft(Shape):
    """One missing relative. `basis` must grant `register`; without `match_within_society` nobody is compared."""

    id: UUID | None = Field(None, description="Client-supplied random id; left out: the service makes one.")
    person: PersonDraft
    relationship: Relationship = Field(description="What the sought person is to the enquirer.")
    basis: list[ConsentDraft] = Field(max_length=30, description="Consent or other lawful basis, per purpose.")
    sensitivity: Sensitivity = Sensitivity.NORMAL
    priority: Priority = "normal"
    separation: Separation | None = Field(None, description="Only where it differs from the request's.")


class ChildSafeguards(Shape):
    """What must be known before a request of a child is accepted (domain.md §4.3, §6.1)."""

    own_wish: Literal["yes", "no", "unknown"] = Field("unknown", description="Whether it is the child's own wish.")
    trained_worker: StrictBool = Field(False, description="Taken by a worker who is trained and checked for children.")


class RequestDetails(Shape):
    """What is stored sealed of a request."""

    enquirer: EnquirerDetails
    separation: Separation = Separation()
    information_notice_version: Word | None = Field(
        None, description="Version of the notice that was read out or given."
    )
    source_date: EdtfText | None = Field(None, description="When the facts were true.")
    already_tried: Prose | None = None
    never_disclose_to: list[Line] = Field(
        default=[], max_length=40, description="Persons or offices who must never learn of this search."
    )
    interpreter_language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    preferred_channel: Literal["phone", "email", "post", "visit"] | None = None
    child: ChildSafeguards | None = Field(None, description="Needed to accept the request of an enquirer under 18.")


EXAMPLE: dict[str, Any] = {
    "enquirer": {
        "person": {"names": [{"full": "Abdi Yusuf Warsame"}], "sex": "male", "birth": "1988"},
        "contacts": [{"kind": "phone", "value": "+252 61 555 0101", "safe": "yes"}],
        "consents": [{"purpose": "register"}, {"purpose": "match_within_society"}],
    },
    "information_notice_version": "2026-1",
    "start": True,
    "separation": {"date": "2021-03", "place": "Afmadow", "cause": "conflict"},
    "sought": [
        {
            "person": {
                "names": [{"full": "Amina Yusuf Warsame", "naming_system": "somali_chain"}],
                "sex": "female",
                "birth": "1990-05",
                "father": ["Yusuf Warsame"],
                "last_place": "Kismayo",
            },
            "relationship": "sister",
            "basis": [
                {"purpose": "register", "lawful_basis": "public_interest", "given_by": "not_asked"},
                {"purpose": "match_within_society", "lawful_basis": "public_interest", "given_by": "not_asked"},
            ],
        }
    ],
}


class RequestDraft(RequestDetails):
    """A tracing request: an enquirer and one or more sought persons."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    enquirer: EnquirerDraft

    id: UUID | None = Field(None, description="Client-supplied random id; left out: the service makes one.")
    case_type: CaseType = CaseType.TRACING_REQUEST
    intake_channel: IntakeChannel = IntakeChannel.OFFICE
    sensitivity: Sensitivity = Sensitivity.NORMAL
    start: StrictBool = Field(
        False,
        description="Submit, accept and start every search at once; needs a caseworker and the same guards.",
    )
    sought: list[SoughtDraft] = Field(min_length=1, max_length=50)

    @property
    def given_ids(self) -> list[UUID]:
        """The ids that the client chose."""
        return [i for i in (self.id, *(s.id for s in self.sought)) if i is not None]

    @model_validator(mode="after")
    def _ids_differ(self) -> "RequestDraft":
        ids = self.given_ids
        if len(set(ids)) != len(ids):
            raise PydanticCustomError("id-twice", "the same id stands twice in one request")
        return self


class RequestChange(Shape):
    """Fields to replace; what is left out stays."""

    enquirer: EnquirerDetails = Field(default_factory=left_out)
    separation: Separation = Field(default_factory=left_out)
    information_notice_version: Word | None = None
    already_tried: Prose | None = None
    never_disclose_to: list[Line] = Field(default_factory=left_out, max_length=40)
    interpreter_language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    preferred_channel: Literal["phone", "email", "post", "visit"] | None = None
    child: ChildSafeguards | None = None


class SoughtDetails(Shape):
    """What is stored sealed of a sought person."""

    person: PersonDraft
    relationship: Relationship
    separation: Separation | None = None


class SealedRequest(RequestDetails):
    """What is stored of a request: with those whom the enquirer seeks, as kin that the engine may see.

    `asked_for` is what each was to the enquirer, by position. It stays when a sought person is hidden: their
    line on the enquirer's page must not vanish. `set_by` is the human who set each safeguard since it was opened,
    `teams` those of all to whom the case was assigned.
    """

    kin: list[RelativeDraft] = Field(default=[])
    asked_for: dict[int, Relationship] = Field(default={})
    set_by: dict[str, UUID] = Field(default={})
    teams: list[str] = Field(default=[])

    @property
    def safeguards(self) -> set[str]:
        """What of this nobody takes away alone."""
        return {*self.never_disclose_to, *_of_cause(self.separation)}


class SealedSought(SoughtDetails):
    """What is stored of a sought person: with the enquirer, as kin that the engine may see."""

    kin: list[RelativeDraft] = Field(default=[])
    set_by: dict[str, UUID] = Field(default={})

    @property
    def safeguards(self) -> set[str]:
        """What of this nobody takes away alone."""
        return _of_cause(self.separation)


def _of_cause(separation: Separation | None) -> set[str]:
    return {OF_CAUSE} if separation is not None and separation.cause in DANGEROUS else set()


class SoughtChange(Shape):
    """Fields to replace; what is left out stays."""

    person: PersonDraft = Field(default_factory=left_out)
    relationship: Relationship = Field(default_factory=left_out)
    separation: Separation | None = None
    sensitivity: Sensitivity = Field(default_factory=left_out)
    priority: Priority = Field(default_factory=left_out)


class AssigneeDraft(Shape):
    """Who is answerable for a case from now on."""

    account_id: UUID


class EventDraft(Shape):
    """What happened to the search."""

    event: Event = Field(examples=[Event.SUSPEND])
    reason: Reason | None = Field(None, description="Needed to decline and to close; a code of that step.")


def shown(record_id: UUID, version: int, withheld: bool) -> list[tuple[UUID, int]]:
    """Return id and version of a record as it is shown; 0 stands for what is withheld."""
    return [(record_id, version), (record_id, 0)] if withheld else [(record_id, version)]


class SoughtView(SoughtDetails):
    """A sought person as a worker sees them."""

    places_withheld: bool = Field(
        description="The person is protected, and what tells where they are is withheld from you."
    )
    id: UUID
    request_id: UUID
    state: State
    reason: Reason | None
    sensitivity: Sensitivity
    priority: Priority
    origin: str = Field(description=ORIGIN)
    version: int = Field(description=VERSION)
    created_at: AwareDatetime
    updated_at: AwareDatetime = Field(description=UPDATED_AT)

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        if self.version == UNTOLD:
            return edition_of_content(self.model_dump_json())
        return as_shown(self.version, self.places_withheld)


class RequestView(RequestDetails):
    """A tracing request as a worker sees it."""

    contacts_withheld: bool = Field(
        description="The enquirer is protected, and their contact points, if there are any, and what tells where they "
        "are, are withheld from you."
    )
    places_withheld: bool = Field(
        description="The enquirer or a sought person is protected, and what tells where contact was lost, and who must "
        "never learn of it, are withheld from you."
    )

    id: UUID
    case_type: CaseType
    intake_channel: IntakeChannel
    sensitivity: Sensitivity
    assignee_id: UUID | None
    origin: str = Field(description=ORIGIN)
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    sought: list[SoughtView]

    @property
    def edition(self) -> str:
        """The version of all that this shows; what is withheld from one caller is another edition."""
        if any(view.version == UNTOLD for view in self.sought):
            return edition_of_content(self.model_dump_json())
        under = (shown(view.id, view.version, view.places_withheld) for view in self.sought)
        return edition([*shown(self.id, self.version, self.contacts_withheld), *chain.from_iterable(under)])


class PublicLine(Shape):
    """What an enquirer may see of one search."""

    position: int
    relationship: Relationship | None
    status: PublicStatus
