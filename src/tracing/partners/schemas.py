"""The registry of partners as callers send and see it. Nothing here is about a person."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from tracing.gate.partnering.partner_tables import Channel, KeyUse
from tracing.persons.consent import Moment
from tracing.persons.schemas import Shape

SocietyCode = Annotated[str, Field(pattern=r"^[A-Z]{2,8}$", examples=["UG"])]
Team = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$", strict=True, examples=["nairobi"])]
Origin = Annotated[
    str, Field(pattern=r"^(https?://[a-z0-9.\-\[\]:]{1,190})?$", examples=["https://tracing.example.org"])
]
MessageKind = Literal[
    "request_search",
    "share_for_information",
    "transfer_case",
    "send_message",
    "ask_question",
    "provide_answer",
    "pre_check",
]
FIRST: list[MessageKind] = ["request_search", "ask_question", "provide_answer"]


class KeyDraft(Shape):
    """A public key, with its fingerprint as it was read out by the other society, not as it came with the key."""

    use: KeyUse
    public: Annotated[str, Field(max_length=120, pattern=r"^[a-z0-9]+$")]
    fingerprint: Annotated[str, Field(max_length=60, pattern=r"^[0-9a-fA-F ]+$", examples=["a1b2 c3d4 …"])]
    not_after: Moment


Url = Annotated[str, Field(pattern=r"^https?://[!-~]{1,280}$", examples=["https://sso.example.org/oauth2/token"])]
ClientId = Annotated[str, Field(pattern=r"^[!-~]{1,120}$", examples=["KE"])]


class TokenTermsDraft(Shape):
    """Where an access token for a partner is got (RFC 7523, `private_key_jwt`), with our current signing key."""

    endpoint: Url
    client_id: ClientId = Field(description="As whom we are known there.")
    audience: Url | None = Field(None, description="To whom our assertion is addressed; left out for the endpoint.")
    scope: Annotated[str, Field(pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$", max_length=200)] | None = None


class TermsDraft(Shape):
    """What was agreed with a partner."""

    origin: Origin = Field("", description="Scheme, host and port; empty for a partner that is offline only.")
    channels: list[Channel] = Field(default=[Channel.ONLINE], min_length=1, max_length=2)
    kinds: list[MessageKind] = Field(default=FIRST, max_length=7, description="Kinds of messages agreed on.")
    messages_a_day: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 500
    open_searches: Annotated[int, Field(ge=1, le=100_000, strict=True)] = 200
    token: TokenTermsDraft | None = Field(None, description="Where the partner asks for a token beside the signature.")


class PartnerDraft(TermsDraft):
    """A partner society to be entered."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "UG", "team": "nairobi", "origin": "https://tracing.example.org"}]}
    )

    code: SocietyCode
    team: Team = Field(description="Whose cases theirs are.")
    keys: list[KeyDraft] = Field(default=[], max_length=10)


class KeyView(Shape):
    """A key of a partner's, or one of ours; never a private half."""

    id: str = Field(description="Fingerprint: 32 hexadecimal digits.")
    spoken: str = Field(description="The same in groups of four, for reading out.")
    use: KeyUse
    public: str
    not_after: datetime
    added_at: datetime
    revoked_at: datetime | None


class PartnerView(Shape):
    """A partner society."""

    id: UUID
    code: SocietyCode
    team: str
    account_id: UUID
    origin: str
    channels: list[Channel]
    kinds: list[MessageKind]
    messages_a_day: int
    open_searches: int
    token: TokenTermsDraft | None
    keys: list[KeyView]
    version: int
    created_at: datetime
    updated_at: datetime
    revoked_at: datetime | None


class CardKey(Shape):
    """A public key on a card: without its fingerprint, which is heard from somebody and not read off the card."""

    use: KeyUse
    public: Annotated[str, Field(max_length=120, pattern=r"^[a-z0-9]+$")]
    not_after: Moment


class Card(Shape):
    """What a society gives to another one in a file, so that it enters us as a partner."""

    version: Literal["1"] = "1"
    code: SocietyCode
    origin: Origin = ""
    keys: list[CardKey] = Field(min_length=1, max_length=10)


class CardView(Shape):
    """What another society needs to enter us as a partner; fingerprints are compared by voice."""

    code: SocietyCode
    origin: str
    keys: list[KeyView]


class PartnersView(Shape):
    """Every partner, by code."""

    items: list[PartnerView]
