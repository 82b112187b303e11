"""What partners send and are answered in a blind pre-check, and what workers see of it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from tracing.exchange.envelope import SocietyCode
from tracing.persons.schemas import Shape

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=100_000_000)]


class PreCheckDraft(Shape):
    """A partner's blind pre-check: a padded set of blinded elements, and what binds the partner to it."""

    version: Literal["1"] = "1"
    id: UUID
    sender: SocietyCode
    recipient: SocietyCode
    scheme: Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9./-]+$")] = Field(
        description="How tokens are made; another one than ours is answered with 409 `other-engine`."
    )
    elements: Annotated[int, Field(ge=1000, le=1_000_000, multiple_of=1000, strict=True)]
    commitment: Hash = Field(description="Salted hash of the set; the sender must open it in a dispute.")
    request: Base64 = Field(description="Protobuf `Request` of openmined_psi that reveals the intersection.")


class PreCheckAnswer(Shape):
    """What a partner is answered: the set blinded once more, and ours under a key of this session."""

    id: UUID
    scheme: str = Field(max_length=60)
    elements: Annotated[int, Field(ge=1000, strict=True)] = Field(description="Of our set, padded.")
    setup: Base64 = Field(description="Protobuf `ServerSetup`, raw.")
    response: Base64 = Field(description="Protobuf `Response`, in the order of the request.")


class PreCheckHitView(Shape):
    """A partner may know of this person. It says nothing of whom, and it is no match."""

    handle: UUID
    partner: SocietyCode
    shared_tokens: int = Field(description="How many of the person's match tokens the partner holds; at least two.")
    at: AwareDatetime


class PreCheckHitsView(Shape):
    """What pre-checks found for one sought person, the latest first."""

    items: list[PreCheckHitView]
