"""What callers send and see of sightings and self-registrations (domain.md §5.6). Rows do not validate."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tracing.gate.kinds import Kind, Sensitivity
from tracing.kit.editions import UNTOLD, edition_of_content
from tracing.kit.text import Line, Prose, Word
from tracing.persons.consent import ConsentDraft
from tracing.persons.schemas import (
    ORIGIN,
    UPDATED_AT,
    VERSION,
    ContactPoint,
    EdtfText,
    PersonDraft,
    Shape,
    left_out,
)
from tracing.persons.whereabouts import as_shown
from tracing.sightings.states import Event, Flag, State, TriageReason

SightingKind = Literal[Kind.SIGHTING, Kind.SELF_REGISTRATION]


class Basis(StrEnum):
    """How the reporter knows."""

    SELF = "self"
    MET_IN_PERSON = "met_in_person"
    SPOKE_BY_PHONE = "spoke_by_phone"
    SAW_AT_DISTANCE = "saw_at_distance"
    TOLD_BY_OTHER = "told_by_other"
    SOCIAL_MEDIA = "social_media"
    LIST_OR_DOCUMENT = "list_or_document"
    INSTITUTION_RECORD = "institution_record"


class Condition(StrEnum):
    """How the person was. `deceased` is known but refused: a death needs two workers and evidence."""

    WELL = "well"
    INJURED = "injured"
    ILL = "ill"
    DETAINED = "detained"
    DECEASED = "deceased"
    UNKNOWN = "unknown"


class ReporterCapacity(StrEnum):
    """What the reporter is to the person, or to the place."""

    RELATIVE = "relative"
    FRIEND_OR_NEIGHBOUR = "friend_or_neighbour"
    FELLOW_TRAVELLER = "fellow_traveller"
    VOLUNTEER = "volunteer"
    STAFF = "staff"
    INSTITUTION = "institution"
    AUTHORITY = "authority"
    STRANGER = "stranger"
    UNKNOWN = "unknown"


class ReporterScope(StrEnum):
    """What the reporter agreed to about themselves."""

    BE_CALLED_BACK = "be_called_back"
    SHARE_WITH_SOCIETY = "share_with_society"
    TELL_THE_FAMILY = "tell_the_family"


class MessageCode(StrEnum):
    """Standard phrases of a self-registration; none of them says where the person is."""

    SAFE_AND_WELL = "i_am_safe_and_well"
    INJURED_BUT_SAFE = "i_am_injured_but_safe"
    WITH_FAMILY = "i_am_with_family"
    WITH_FRIENDS = "i_am_with_friends"
    CARED_FOR = "i_am_being_cared_for"
    CHILDREN_WITH_ME = "my_children_are_with_me"
    HAVE_MOVED = "i_have_moved"
    TRAVELLING = "i_am_travelling"
    WILL_MAKE_CONTACT = "i_will_make_contact_when_i_can"
    PLEASE_CONTACT_ME = "please_contact_me_through_the_society"
    LOOKING_FOR_FAMILY = "i_am_looking_for_my_family"
    NO_CONTACT_WANTED = "i_am_well_but_want_no_contact"


class VisibleTo(StrEnum):
    """Who may learn of a self-registration at most; consents decide within that."""

    CASEWORKERS_ONLY = "caseworkers_only"
    NAMED_RELATIVES = "named_relatives"
    NETWORK = "network"
    PUBLIC_NAME_ONLY = "public_name_only"


class Evidence(Shape):
    """What speaks for the report; the thing itself stays where it is kept."""

    kind: Literal["photo", "recording", "document", "list", "message", "web_page", "statement", "other"]
    ref: Word | None = Field(None, description="Number or shelf mark under which it is kept.")
    note: Line | None = None


class Reporter(Shape):
    """Who told us, kept apart from where the person was seen; the engine never sees any of it."""

    place: Line | None = Field(None, description="Where the reporter was when reporting.")
    capacity: ReporterCapacity = ReporterCapacity.UNKNOWN
    contacts: list[ContactPoint] = Field(default=[], max_length=20)
    consent_scope: list[ReporterScope] = Field(
        default=[], max_length=len(ReporterScope), description="What the reporter agreed to; empty: nothing."
    )


class SightingDetails(Shape):
    """What is stored sealed of a sighting."""

    person: PersonDraft = Field(description="The person as observed, or as they registered themselves.")
    basis: Basis
    sighting_place: Line | None = Field(
        None, description="Where the person was seen; never where the reporter is.", examples=["Tapachula"]
    )
    sighting_time: EdtfText | None = Field(None, description="When the person was seen, EDTF.")
    reporter: Reporter = Reporter()
    subject_knows: Literal["yes", "no", "unknown"] = Field(
        "unknown", description="Whether the person knows that this was recorded."
    )
    condition: Condition = Condition.UNKNOWN
    narrative: Prose | None = Field(None, description="What was reported, in the reporter's words.")
    list_ref: Word | None = Field(None, description="The list, bulletin or register that the report is from.")
    evidence: list[Evidence] = Field(default=[], max_length=40)
    message_code: MessageCode | None = Field(None, description="Self-registrations only.")
    visible_to: VisibleTo = Field(VisibleTo.CASEWORKERS_ONLY, description="Self-registrations only.")
    never_disclose_to: list[Line] = Field(
        default=[], max_length=40, description="Persons or offices who must never learn where the person is."
    )


class SealedSighting(SightingDetails):
    """What is stored of a sighting: with the human who set each of its safeguards since it was opened."""

    set_by: dict[str, UUID] = Field(default={})


EXAMPLE: dict[str, Any] = {
    "person": {"names": [{"full": "Amina Yusuf"}], "sex": "female", "age": "30-35", "age_date": "2022"},
    "basis": "met_in_person",
    "sighting_place": "Tapachula",
    "sighting_time": "2022-03",
    "reporter": {"place": "Nairobi", "capacity": "fellow_traveller", "consent_scope": ["be_called_back"]},
    "subject_knows": "yes",
    "consents": [{"purpose": "register"}, {"purpose": "match_within_society"}],
}


class SightingDraft(SightingDetails):
    """A sighting, or with `kind` `self_registration` somebody who says that they are alive."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID | None = Field(None, description="Client-supplied random id; left out: the service makes one.")
    kind: SightingKind = Kind.SIGHTING
    sensitivity: Sensitivity = Sensitivity.NORMAL
    consents: list[ConsentDraft] = Field(
        max_length=30,
        description="The subject's consents or another lawful basis, never the reporter's. "
        "Must grant `register`; without `match_within_society` nobody is compared.",
    )

    @model_validator(mode="after")
    def _kind_fits(self) -> "SightingDraft":
        check_kind(self.kind, self)
        return self


def check_kind(kind: Kind, details: SightingDetails) -> None:
    """Refuse details that do not fit `kind`, with a pydantic error."""
    own = kind is Kind.SELF_REGISTRATION
    if own != (details.basis is Basis.SELF):
        raise PydanticCustomError("basis-of-another-kind", "basis `self` and kind `self_registration` go together")
    if not own and (details.message_code is not None or details.visible_to is not VisibleTo.CASEWORKERS_ONLY):
        raise PydanticCustomError(
            "only-self-registrations", "`message_code` and `visible_to` belong to self-registrations"
        )


class SightingChange(Shape):
    """Fields to replace; what is left out stays. The kind never changes."""

    person: PersonDraft = Field(default_factory=left_out)
    basis: Basis = Field(default_factory=left_out)
    sighting_place: Line | None = None
    sighting_time: EdtfText | None = None
    reporter: Reporter = Field(default_factory=left_out)
    subject_knows: Literal["yes", "no", "unknown"] = Field(default_factory=left_out)
    condition: Condition = Field(default_factory=left_out)
    narrative: Prose | None = None
    list_ref: Word | None = None
    evidence: list[Evidence] = Field(default_factory=left_out, max_length=40)
    message_code: MessageCode | None = None
    visible_to: VisibleTo = Field(default_factory=left_out)
    never_disclose_to: list[Line] = Field(default_factory=left_out, max_length=40)
    sensitivity: Sensitivity = Field(default_factory=left_out)


class TriageDraft(Shape):
    """What happened to the sighting."""

    event: Event = Field(examples=[Event.ACCEPT])
    reason: TriageReason | None = Field(None, description="Needed to reject and to supersede.")


class SightingView(SightingDetails):
    """A sighting as a worker sees it."""

    contacts_withheld: bool = Field(
        description="The person is protected, and the reporter's contact points, if there are any, are withheld "
        "from you."
    )
    places_withheld: bool = Field(
        description="The person is protected, and what tells where they are, and who must never learn of it, are "
        "withheld from you."
    )

    id: UUID
    kind: SightingKind
    state: State
    flags: list[Flag] = Field(description="Triage rules that found something in the details as they are now.")
    reason: TriageReason | None
    sensitivity: Sensitivity
    origin: str = Field(description=ORIGIN)
    version: Annotated[int, Field(ge=0, description=VERSION)]
    created_at: AwareDatetime
    updated_at: AwareDatetime = Field(description=UPDATED_AT)

    @property
    def edition(self) -> str:
        """The version as it is shown; what is withheld from one caller is another edition."""
        if self.version == UNTOLD:
            return edition_of_content(self.model_dump_json())
        return as_shown(self.version, self.places_withheld)
