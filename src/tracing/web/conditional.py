"""ETag and If-Match: a strong tag from a record's version."""

from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from fastapi import Header, Response

from tracing.kit.errors import ConditionMissing, Stale

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="The `ETag` of the record as the caller read it.")
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=200, description="An `ETag` already held; answered 304 if unchanged."),
]


class Versioned(Protocol):
    """What callers see of a record that counts its changes."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


Shown = TypeVar("Shown", bound=Versioned)


def etag(record_id: UUID, version: int | str) -> str:
    """Return the strong entity tag of a version of a record."""
    return f'"{record_id.hex}-{version}"'


def tag(response: Response, record_id: UUID, version: int | str) -> None:
    """Put the record's entity tag on the answer."""
    response.headers["ETag"] = etag(record_id, version)


def tagged(response: Response, view: Shown) -> Shown:
    """Return what the caller is to see, its entity tag put on the answer."""
    tag(response, view.id, view.version)
    return view


def require_match(if_match: str | None, record_id: UUID, version: int | str) -> None:
    """Refuse to change a record that the caller has not seen as it is.

    Raises:
        ConditionMissing: no If-Match came.
        Stale: it names another version.
    """
    if if_match is None:
        raise ConditionMissing("send the record's ETag as If-Match")
    if etag(record_id, version) not in {part.strip() for part in if_match.split(",")}:
        raise Stale("the record has changed since you read it; read it again")


def is_unchanged(if_none_match: str | None, record_id: UUID, version: int | str) -> bool:
    """Return whether the caller already holds this version."""
    return if_none_match is not None and etag(record_id, version) in {p.strip() for p in if_none_match.split(",")}
