"""What found persons answered, and what of it holds: per search, the latest answer counts.

An answer is about one enquirer; the consents to disclosing are about everybody. Who takes one of those back takes
back what rests on it, so consents end answers, through whichever door they are written.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row
from sqlmodel import Session, col, select

from tracing.gate.access import Access
from tracing.gate.disclosing import Answer, Level
from tracing.gate.ledger import What
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.tables import DisclosureAnswer
from tracing.kit import clock
from tracing.kit.db import PASS
from tracing.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """One answer as it was given.

    Attributes:
        level: what is allowed when `answer` is granted; `nothing` otherwise.
        valid_until: end of the answer; None means until withdrawn.
        decided_at: when it was given; None means now. A no recorded late is taken for the latest answer.
    """

    answer: Answer
    level: Level
    given_by: GivenBy
    obtained: Obtained
    valid_until: datetime | None = None
    decided_at: datetime | None = None


def row(access: Access, found_id: UUID, sought_id: UUID, fact: AnswerFact, decided_at: datetime) -> DisclosureAnswer:
    """Return the row of one answer, not yet added."""
    return DisclosureAnswer(
        society=access.society,
        id=new_id(),
        found_id=found_id,
        sought_id=sought_id,
        answer=fact.answer,
        level=fact.level,
        given_by=fact.given_by,
        obtained=fact.obtained,
        valid_until=fact.valid_until,
        decided_at=decided_at,
        recorded_at=access.now,
        recorded_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )


Word = TypeVar("Word", DisclosureAnswer, Row[Any])
"""An answer as it is mapped, or as it stands in its table."""


def in_force(known: Iterable[Word], now: datetime) -> Word | None:
    """Return the yes that holds at `now` among the answers about one search, or None.

    The latest answer counts. Of those of one moment a no beats a yes, the lower level the higher one, and the
    one that ends first the one that lasts; in which order they were recorded says nothing.
    """
    latest = max(known, key=_rank, default=None)
    if latest is None or latest.answer is not Answer.GRANTED:
        return None
    over = latest.valid_until is not None and latest.valid_until <= now
    return None if over else latest


def _rank(row: DisclosureAnswer | Row[Any]) -> tuple[datetime, bool, int, float]:
    end = row.valid_until.timestamp() if row.valid_until is not None else math.inf
    return row.decided_at, row.answer is not Answer.GRANTED, -row.level.rank, -end


def of_pair(access: Access, found_id: UUID, sought_id: UUID) -> list[DisclosureAnswer]:
    """Return what the found person answered about a search, in the order of the answers' moments."""
    query = (
        select(DisclosureAnswer)
        .where(DisclosureAnswer.found_id == found_id, DisclosureAnswer.sought_id == sought_id)
        .order_by(col(DisclosureAnswer.decided_at), col(DisclosureAnswer.recorded_at), col(DisclosureAnswer.id))
    )
    return list(access.session.exec(query).all())


def end(access: Access, found_id: UUID, *, given_by: GivenBy, obtained: Obtained) -> None:
    """Take back every yes of a found person that holds, whichever search it is about; the caller holds the record.

    Also of a search that is hidden now: it may be registered again, and the yes must not come back with it.

    Args:
        access: of whoever records it, before the record is hidden.
        found_id: the found person's record.
        given_by: who took it back.
        obtained: how that was said.
    """
    for sought_id, known in _said_by(access, found_id).items():
        held = in_force(known, moment(access))
        if held is None:
            continue
        ended_at = max(access.now, held.decided_at)
        fact = AnswerFact(Answer.WITHDRAWN, Level.NOTHING, given_by, obtained)
        access.session.add(row(access, found_id, sought_id, fact, ended_at))
        access.end(What.ANSWER, found_id, at=ended_at, about=str(sought_id))
    access.session.flush()


def _said_by(access: Access, found_id: UUID) -> dict[UUID, list[Row[Any]]]:
    """Return all that a found person answered, per search, those that are hidden included."""
    table = DisclosureAnswer.__table__  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    query = table.select().where(table.c.society == access.society, table.c.found_id == found_id)
    said: dict[UUID, list[Row[Any]]] = {}
    for answered in Session.connection(access.session).execute(query, execution_options=PASS):
        said.setdefault(answered.sought_id, []).append(answered)
    return said


def moment(access: Access) -> datetime:
    """Return the present moment: the access may have waited since it was admitted, and an answer ended meanwhile."""
    return max(access.now, clock.now())
