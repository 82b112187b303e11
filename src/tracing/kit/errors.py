"""The errors this service raises on purpose.

TracingError
├── Invalid 422            what was sent breaks a rule; carries one Flaw per field
│   └── MissingConsent
├── Malformed 400          cannot be read at all (JSON, cursor, header)
├── Unidentified 401
├── Refused 403
├── NotFound 404           absent, another society's, withdrawn: one answer
├── Conflict 409
├── Stale 412
├── TooLarge 413
├── Unsupported 415
├── ConditionMissing 428
├── TooMany 429
├── Busy 503
└── Unsafe 500             start-up refuses an unsafe setting

Messages are read by caseworkers and land in logs: they carry ids and field names, never
names of people and never the value that was sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar


def impossible(event: str, state: str, possible: Iterable[str]) -> str:
    """Return in words that `event` cannot happen in `state`, and what can happen there by hand."""
    told = ", ".join(f"`{one}`" for one in dict.fromkeys(possible))
    return f"`{event}` is not possible in the state `{state}`; possible now: {told or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with one field.

    Attributes:
        pointer: where, as an RFC 6901 JSON pointer (``/sought/0/person/birth``); "" is the whole.
        code: what, for programs (``unknown-field``).
        detail: what, in words, without the value.
    """

    pointer: str
    code: str
    detail: str


class TracingError(Exception):
    """Base of every deliberate error; `status`, `code` and `title` are class facts."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong here"

    def __init__(self, detail: str, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.flaws = tuple(flaws)


class Invalid(TracingError):
    """What was sent can be read but breaks a rule."""

    status = 422
    code = "invalid"
    title = "The data breaks a rule"


class MissingConsent(Invalid):
    """No consent or other lawful basis covers what was asked."""

    code = "missing-consent"
    title = "Consent or another lawful basis is missing"


class Malformed(TracingError):
    """What was sent cannot be read."""

    status = 400
    code = "malformed"
    title = "The request cannot be read"


class Unidentified(TracingError):
    """No valid token came with the call."""

    status = 401
    code = "unidentified"
    title = "Who is asking is not known"


class Refused(TracingError):
    """The caller is known and the answer is no."""

    status = 403
    code = "refused"
    title = "Not allowed"


class NotFound(TracingError):
    """The thing does not exist, or the caller may not know that it does."""

    status = 404
    code = "not-found"
    title = "Not found"


class Conflict(TracingError):
    """The act does not fit the present state, or the id is in use."""

    status = 409
    code = "conflict"
    title = "That does not fit the present state"


class Stale(TracingError):
    """Somebody changed the record since the caller read it."""

    status = 412
    code = "stale"
    title = "The record has changed since you read it"


class TooLarge(TracingError):
    """The body is over the limit."""

    status = 413
    code = "too-large"
    title = "Too large"


class Unsupported(TracingError):
    """The media type is not one that is read here."""

    status = 415
    code = "unsupported-media-type"
    title = "This kind of content is not read here"


class ConditionMissing(TracingError):
    """The act needs If-Match."""

    status = 428
    code = "condition-missing"
    title = "If-Match is needed"


class TooMany(TracingError):
    """A budget is used up."""

    status = 429
    code = "too-many"
    title = "Too many requests"


class Busy(TracingError):
    """The service is at its limit; try again shortly."""

    status = 503
    code = "busy"
    title = "Busy, try again shortly"


class Unsafe(TracingError):
    """The service refuses to start with this setting."""

    code = "unsafe-setting"
    title = "Unsafe setting"
