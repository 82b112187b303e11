"""A consent, refusal or other lawful basis as callers send it (domain.md §5.7)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from tracing.gate.consents import ConsentFact
from tracing.gate.purposes import Decision, GivenBy, LawfulBasis, Obtained, Purpose
from tracing.persons.schemas import Shape

WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written(moment: object) -> object:
    """Refuse what pydantic would read as seconds since 1970: a number, or a text that is one."""
    if isinstance(moment, int | float) or (isinstance(moment, str) and not WRITTEN.match(moment)):
        raise PydanticCustomError("datetime-parsing", "a moment is written as 2026-01-31T12:00:00Z")
    return moment


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("out-of-range", "no such moment in UTC: the years are 1 to 9999") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
# These two stand in the clear beside the decision: codes, not words that could name somebody.
Recipient = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
NoticeVersion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$", examples=["2026-1"])]


END_OF_TIME = datetime.max.replace(tzinfo=UTC)


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
    """Return whether `consents` together grant `purpose` to nobody in particular, as the gate will weigh them.

    The latest decision counts, one without a date is of now, and a no beats a yes at equal time.
    """
    about = [c for c in consents if c.purpose is purpose and c.recipient is None]
    if not about:
        return False
    latest = max(about, key=lambda c: (c.decided_at or END_OF_TIME, c.decision is not Decision.GRANTED))
    return latest.decision is Decision.GRANTED
