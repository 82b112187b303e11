"""What callers send and see of the exchange. Partners send envelopes: see `envelope`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tracing.disclosure.schemas import Told
from tracing.exchange.envelope import SocietyCode
from tracing.exchange.states import Event, Finding, Kind, Progress, RefusalReason, RevocationReason, Side, State
from tracing.gate.disclosing import Level
from tracing.kit.text import Prose
from tracing.persons.schemas import Shape
from tracing.persons.whereabouts import WORDS_WITHHELD

DAYS = 365
LONGEST_DAYS = 1095


class SealedWords(Shape):
    """What is stored sealed of a message."""

    text: Prose | None = None
    told: Told | None = None


class SendDraft(Shape):
    """What is sent to which partner, and for how long they may use it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"partner": "UG", "kind": "request_search"}]})

    partner: SocietyCode
    kind: Literal[Kind.REQUEST_SEARCH, Kind.SHARE_FOR_INFORMATION, Kind.TRANSFER_CASE] = Kind.REQUEST_SEARCH
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, strict=True)] = Field(
        DAYS, description="What is sent may be used for so many days; shorter where the consent ends earlier."
    )


class ExchangeEventDraft(Shape):
    """What happens with a case."""

    event: Literal[Event.ACCEPT, Event.REFUSE, Event.RETURN, Event.REVOKE, Event.PROPOSE] = Field(
        examples=[Event.ACCEPT]
    )
    refusal: RefusalReason | None = Field(None, description="Needed to refuse.")
    revocation: RevocationReason | None = Field(None, description="Needed to revoke.")

    @model_validator(mode="after")
    def _has_its_reason(self) -> "ExchangeEventDraft":
        if (self.event is Event.REFUSE) != (self.refusal is not None):
            raise PydanticCustomError("reason-of-another-step", "`refusal` is needed to refuse, else left out")
        if (self.event is Event.REVOKE) != (self.revocation is not None):
            raise PydanticCustomError("reason-of-another-step", "`revocation` is needed to revoke, else left out")
        return self


class ApproveDraft(Shape):
    """What another worker says to sending a protected person's case, or words about any."""

    approve: bool = Field(examples=[True], strict=True, description="False turns it down.")
    line_id: UUID | None = Field(None, description="The line of the case whose words are meant; else its sending.")


class PartnerMessageDraft(Shape):
    """A further message about a case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "provide_answer", "finding": "possible_match"}, {"kind": "ask_question", "text": "…"}]
        }
    )

    kind: Literal[Kind.ASK_QUESTION, Kind.SEND_MESSAGE, Kind.PROVIDE_ANSWER]
    text: Prose | None = Field(None, description="Words of a question, or of an answer with facts.")
    finding: Finding | None = Field(None, description="Needed for an answer.")
    release_id: UUID | None = Field(None, description="Needed to tell: the approved release.")
    message_id: UUID | None = Field(None, description="Needed to send a Red Cross Message on: the one that was sent.")

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> "PartnerMessageDraft":
        if (self.kind is Kind.PROVIDE_ANSWER) != (self.finding is not None):
            raise PydanticCustomError("of-another-kind", "`finding` belongs to an answer, and only to one")
        wordy = self.kind is Kind.ASK_QUESTION or self.finding is Finding.FACTS
        if wordy != (self.text is not None):
            raise PydanticCustomError("of-another-kind", "`text` belongs to words, and only to them")
        if (self.finding is Finding.TOLD) != (self.release_id is not None):
            raise PydanticCustomError("of-another-kind", "`release_id` belongs to `told`, and only to it")
        if (self.kind is Kind.SEND_MESSAGE) != (self.message_id is not None):
            raise PydanticCustomError("of-another-kind", "`message_id` belongs to `send_message`, and only to it")
        return self


class MessageLine(Shape):
    """One message about a case, as a worker sees it."""

    id: UUID
    side: Side
    message_id: UUID
    kind: Kind
    number: int
    progress: Progress
    status: str | None = Field(description="What a receipt says.")
    reason: str | None
    finding: Finding | None
    text: str | None
    told: Told | None
    level: Level | None
    approval_needed: bool = Field(description="Free words: they wait until another worker approves just these.")
    attempts: int
    trouble: str | None = Field(description="Why it was not delivered, as a code.")
    at: AwareDatetime
    done_at: AwareDatetime | None


class ExchangeCaseView(Shape):
    """What we have with one partner about one sought person, as a worker sees it."""

    id: UUID
    partner: SocietyCode
    side: Side
    kind: Kind
    opened_by: UUID
    request_id: UUID
    sought_id: UUID
    state: State
    reason: str | None
    handle: UUID | None = Field(description="Stands for the possible match, on both sides.")
    approval_needed: bool = Field(description="Somebody is protected: another worker must approve the sending.")
    expires_at: AwareDatetime
    acknowledged_at: AwareDatetime | None = Field(description="When the partner said that it is gone there.")
    messages: list[MessageLine]
    words_withheld: bool = Field(description=f"{WORDS_WITHHELD[:-1]}, and so is what was told.")
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class BoxLine(Shape):
    """A message of the outbox or the inbox: ids and codes."""

    id: UUID
    partner: SocietyCode
    message_id: UUID
    kind: Kind
    case_id: UUID | None
    number: int
    progress: Progress
    attempts: int
    trouble: str | None
    at: AwareDatetime
    done_at: AwareDatetime | None


class TakenView(Shape):
    """What became of a message that a partner sent."""

    id: UUID
    known: bool = Field(description="It came before; nothing happened this time.")


class TokenView(Shape):
    """An access token for a partner, to be sent as `Authorization: Bearer` beside its signature."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # a word of RFC 6750
    expires_in: int = Field(description="Seconds.")
