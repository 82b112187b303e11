"""Keyset pages: an opaque, signed cursor that says after which row to go on."""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from tracing.gate.access import Access
from tracing.kit.errors import Malformed

MAC = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=200, description="Rows per page.")]
CursorText = Annotated[
    str | None, Query(max_length=200, alias="cursor", description="`next_cursor` of the page before; opaque.")
]


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next_cursor: str | None = Field(description="Send as `cursor` to read on; null on the last page.")
    has_more: bool


class Place(BaseModel):
    """After which row to go on: keyset of (sort value, id); the value is a moment or a number."""

    at: datetime | float
    id: UUID

    @property
    def moment(self) -> datetime:
        """The sort value of a list in order of time."""
        assert isinstance(self.at, datetime)
        return self.at

    @property
    def number(self) -> float:
        """The sort value of a list in order of a number."""
        assert isinstance(self.at, float)
        return self.at


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list the caller asks for. The list's name stands in its cursors: none is taken for another's."""

    request: Request
    response: Response
    limit: Limit = 20
    cursor: CursorText = None

    @property
    def most(self) -> int:
        """Rows to look for: the one that a page has no room for says that another follows."""
        return self.limit + 1

    def after(self, access: Access, what: str) -> tuple[datetime, UUID] | None:
        """Return where the list `what`, in order of a moment, goes on; None at its beginning.

        Raises:
            Malformed: the cursor is not one that this list gave out.
        """
        place = read_cursor(access, what, self.cursor)
        return (place.moment, place.id) if place else None

    def after_number(self, access: Access, what: str) -> tuple[float, UUID] | None:
        """Return the same of a list in order of a number."""
        place = read_cursor(access, what, self.cursor)
        return (place.number, place.id) if place else None

    def page(
        self, access: Access, what: str, rows: Sequence[Item], key: Callable[[Item], tuple[datetime | float, UUID]]
    ) -> Page[Item]:
        """Return the page of the list `what`, in order of `key`, of `rows`: up to `most` were looked for."""
        items = rows[: self.limit]
        return self.cut(access, what, items, key(items[-1]) if len(rows) > self.limit else None)

    def cut(
        self, access: Access, what: str, items: Sequence[Item], last: tuple[datetime | float, UUID] | None
    ) -> Page[Item]:
        """Return a page of all of `items`; `last` is the key of the last one when another page follows."""
        following = write_cursor(access, what, Place(at=last[0], id=last[1])) if last else None
        link_next(self.request, self.response, following)
        return Page(items=list(items), next_cursor=following, has_more=following is not None)


Paged = Annotated[Paging, Depends()]


def read_cursor(access: Access, what: str, text: str | None) -> Place | None:
    """Return the place that a cursor of the list `what` stands for.

    Raises:
        Malformed: altered, of another list, or of another society.
    """
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if _text(raw) != text:  # base64 has several spellings of one value, this list gave out one
            raise ValueError
        body, mac = raw[:-MAC], raw[-MAC:]
        if not hmac.compare_digest(mac, _mac(access, what, body)):
            raise ValueError
        value, record = body.decode().split("|")
        at = float.fromhex(value[1:]) if value[0] == "n" else EPOCH + timedelta(microseconds=int(value[1:]))
        return Place(at=at, id=UUID(record))
    except ValueError:
        raise Malformed("the cursor is not one that this list gave out") from None


def write_cursor(access: Access, what: str, place: Place) -> str:
    """Return the cursor of the list `what` that goes on after `place`."""
    at = place.at
    value = f"n{at.hex()}" if isinstance(at, float) else f"m{(at - EPOCH) // timedelta(microseconds=1)}"
    body = f"{value}|{place.id}".encode()
    return _text(body + _mac(access, what, body))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Put RFC 8288 `Link: rel="next"` on the answer when there is more."""
    if cursor is not None:
        response.headers["Link"] = (
            f'<{request.url.include_query_params(cursor=cursor).replace(scheme="", netloc="")}>; rel="next"'
        )


def _mac(access: Access, what: str, body: bytes) -> bytes:
    return access.vault.mac("cursor", f"{access.society}|{what}|".encode() + body)[:MAC]
