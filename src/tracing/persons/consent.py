"""A consent, refusal or other lawful basis as callers send it (domain.md §5.7)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from tracing.gate.consents import ConsentFact
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.persons.schemas import Shape


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("out-of-range", "no such moment in UTC: the years are 1 to 9999") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
# These two stand in the clear beside the decision: codes, not words that could name somebody.
Recipient = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
NoticeVersion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$", examples=["2026-1"])]


class ConsentDraft(Shape):
    """One decision about one purpose. A sought person usually rests on public or vital interest until reached."""

    purpose: Purpose
    decision: Decision = Decision.GRANTED
    lawful_basis: LawfulBasis = LawfulBasis.CONSENT
    given_by: GivenBy = GivenBy.SUBJECT
    obtained: Obtained = Obtained.VERBAL
    recipient: Recipient | None = Field(
        None, description="Code of a society or third party; left out: not bound to one."
    )
    information_notice_version: NoticeVersion | None = None
    valid_until: Moment | None = Field(None, description="End of the consent; left out: until withdrawn.")
    decided_at: Moment | None = Field(None, description="When it was decided; left out: now.")

    def fact(self) -> ConsentFact:
        """Return the decision as the gate keeps it."""
        return ConsentFact(
            purpose=self.purpose,
            decision=self.decision,
            lawful_basis=self.lawful_basis,
            given_by=self.given_by,
            obtained=self.obtained,
            recipient=self.recipient or "",
            notice_version=self.information_notice_version or "",
            valid_until=self.valid_until,
            decided_at=self.decided_at,
        )


def grants(consents: Iterable[ConsentDraft], purpose: Purpose) -> bool:
    """Return whether one of `consents` grants `purpose` to nobody in particular; the gate weighs them all."""
    return any(
        c.purpose is purpose and c.decision is Decision.GRANTED and c.recipient is None for c in consents
    )
