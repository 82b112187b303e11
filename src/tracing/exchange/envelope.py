"""What travels between societies: the envelope and what each kind of message carries. Strict, closed, versioned.

The JSON Schema of `Envelope` is published as `openapi/exchange.json`; a test holds it to this.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from tracing.disclosure.schemas import Told
from tracing.exchange.states import OPENING, Finding, Kind, RefusalReason, RevocationReason, State
from tracing.gate.disclosing import Level
from tracing.gate.purposes import LawfulBasis, Purpose
from tracing.kit.text import Prose, Word
from tracing.persons.consent import Moment
from tracing.persons.schemas import PersonDraft, Shape
from tracing.requests.schemas import ChildSafeguards, EnquirerDetails, Relationship, Separation, SeparationCause

SocietyCode = Annotated[str, Field(pattern=r"^[A-Z]{2,8}$", examples=["KE"])]
FieldName = Annotated[str, Field(pattern=r"^[a-z_]{2,30}(\.[a-z_]{2,30})?$")]


class ConsentRef(Shape):
    """What covers the sending: which purpose, on which basis, until when. The reference is opaque."""

    purpose: Literal[Purpose.SHARE_WITH_SOCIETY]
    about: Literal["sought", "enquirer"]
    lawful_basis: LawfulBasis
    valid_until: Moment | None = None
    ref: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="Keyed hash of the sender's own row.")]


class SharedSeparation(Shape):
    """When, where and why contact was lost, as far as it is shared."""

    date: Word | None = None
    place: Word | None = None
    cause: SeparationCause = SeparationCause.UNKNOWN


class SearchPayload(Shape):
    """A sought person, and the enquirer only where they agreed to be named to this recipient."""

    kind: Literal[Kind.REQUEST_SEARCH, Kind.SHARE_FOR_INFORMATION]
    sought: PersonDraft
    relationship: Relationship
    separation: SharedSeparation = SharedSeparation()
    enquirer: PersonDraft | None = None
    protected: bool = Field(False, description="To be handled as a protected person's; places are left out.")


class TransferPayload(Shape):
    """A whole case, for a society that takes it over."""

    kind: Literal[Kind.TRANSFER_CASE]
    sought: PersonDraft
    relationship: Relationship
    separation: Separation = Separation()
    enquirer: EnquirerDetails
    child: ChildSafeguards | None = None
    never_disclose_to: list[Word] = Field(default=[], max_length=40)
    protected: bool = False


class WordsPayload(Shape):
    """Words: a question about a case, or a Red Cross Message to be handed on to the person."""

    kind: Literal[Kind.ASK_QUESTION, Kind.SEND_MESSAGE]
    text: Prose
    handle: UUID | None = Field(None, description="The possible match that it is about.")


class AnswerPayload(Shape):
    """An answer. Only `told` says anything of the found person, and only what they agreed to."""

    kind: Literal[Kind.PROVIDE_ANSWER]
    finding: Finding
    handle: UUID | None = Field(None, description="Stands for a possible match; says nothing by itself.")
    text: Prose | None = None
    level: Level | None = None
    told: Told | None = None

    @model_validator(mode="after")
    def _is_of_its_finding(self) -> "AnswerPayload":
        told = self.finding is Finding.TOLD
        if told != (self.told is not None) or told != (self.level is not None):
            raise PydanticCustomError("beyond-the-finding", "only `told` carries what is told, with its level")
        if (self.finding is Finding.FACTS) != (self.text is not None):
            raise PydanticCustomError("beyond-the-finding", "only `facts` carries words")
        if (self.handle is None) == (self.finding in (Finding.POSSIBLE_MATCH, Finding.TOLD)):
            raise PydanticCustomError("beyond-the-finding", "a handle belongs to `possible_match` and `told`")
        if self.told is not None and (self.told.level is not self.level or self.told.is_beyond()):
            raise PydanticCustomError("beyond-the-level", "what is told is what its level allows, and nothing beyond")
        return self


class RevokePayload(Shape):
    """What was sent under `about` is taken back; the receiver lets nobody see it any more, and says so."""

    kind: Literal[Kind.REVOKE]
    reason: RevocationReason


class ReceiptPayload(Shape):
    """Where something stands on the other side."""

    kind: Literal[Kind.RECEIPT]
    of: UUID = Field(description="The message that it acknowledges.")
    status: State
    reason: RefusalReason | None = None


Payload = Annotated[
    SearchPayload | TransferPayload | WordsPayload | AnswerPayload | RevokePayload | ReceiptPayload,
    Field(discriminator="kind"),
]


def body_of(envelope: "Envelope") -> bytes:
    """Return an envelope as it is sent."""
    return envelope.model_dump_json(exclude_defaults=True).encode()


class Envelope(Shape):
    """One message from one society to one other. `id` is the sender's, and comes once."""

    version: Literal["1"] = "1"
    id: UUID
    sender: SocietyCode
    recipient: SocietyCode
    about: UUID | None = Field(None, description="The message that began it; left out where this one begins it.")
    sent_at: Moment
    expires_at: Moment = Field(description="What it carries must not be used from then on.")
    hop_limit: Literal[0] = Field(0, description="How often it may be passed on: never.")
    legal_basis: LawfulBasis
    consents: list[ConsentRef] = Field(default=[], max_length=10)
    scope: list[FieldName] = Field(default=[], max_length=60, description="The fields that may be used.")
    payload: Payload

    @property
    def kind(self) -> Kind:
        """What the message is."""
        return Kind(self.payload.kind)

    @model_validator(mode="after")
    def _is_about_something(self) -> "Envelope":
        if (self.kind in OPENING) != (self.about is None):
            raise PydanticCustomError("about-nothing", "only a message that begins something is about no other")
        if isinstance(self.payload, ReceiptPayload) and self.payload.of != self.about:
            raise PydanticCustomError("of-something-else", "a receipt is about the message that it acknowledges")
        if self.expires_at <= self.sent_at:
            raise PydanticCustomError("over-before-sent", "it is over before it was sent")
        return self
