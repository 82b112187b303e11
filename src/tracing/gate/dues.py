"""What has fallen due, page by page: the shape in which the night asks every room what it has to remind of."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import or_

from tracing.gate.access import Access

PAGE = 500
"""Rows that are read, and worked on, at once."""


class Due(NamedTuple):
    """Something that has fallen due.

    Attributes:
        at: since when, or when it will be over; pages are in order of (at, id).
        id: of the row that it is about.
        record_id: of the person whom it is about.
    """

    at: datetime
    id: UUID
    record_id: UUID


class Bookmark(NamedTuple):
    """How far what fell due was read.

    Attributes:
        after: the last one of the page before.
        fresh: returns, of the columns of the moment and of the row's id, the condition that nobody was told of
            this yet; None reads everything that is due.
    """

    after: Due | None = None
    fresh: Callable[[Any, Any], Any] | None = None


def page(access: Access, query: Any, at: Any, row_id: Any, bookmark: Bookmark) -> list[Due]:
    """Return the next page of a select of (moment, row's id, record's id).

    Args:
        access: of the night.
        query: the select, with its conditions.
        at: its column of the moment.
        row_id: its column of the row's id.
        bookmark: where it goes on.
    """
    after, fresh = bookmark
    if fresh is not None:
        query = query.where(fresh(at, row_id))
    if after is not None:
        query = query.where(or_(at > after.at, (at == after.at) & (row_id > after.id)))
    return [Due(*row) for row in access.session.exec(query.order_by(at, row_id).limit(PAGE)).all()]
