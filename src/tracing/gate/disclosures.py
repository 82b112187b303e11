"""The law of disclosure: nothing about a found person leaves without a `Release`, and only this module makes one.

A release is proof, like an `Access`: the found person's answer is in force at this moment at the level
that is needed, and another human approved exactly this. Features hand it to the
functions that open what is told; without one there is nothing to open.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import foureyes
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.tables import DisclosureAnswer, Record
from tracing.kit.errors import Conflict, Invalid, NotFound
from tracing.kit.ids import new_id


class NotAllowedByThem(Conflict):
    """The found person's answer in force does not allow this."""

    code = "not-allowed-by-the-person"
    title = "The person has not agreed to this"


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """One answer as it was given.

    Attributes:
        level: what is allowed when `answer` is granted; `nothing` otherwise.
        valid_until: end of the answer; None means until withdrawn.
        decided_at: when it was given; None means now.
    """

    answer: Answer
    level: Level
    given_by: GivenBy
    obtained: Obtained
    valid_until: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Proof that something at `level` may be told about `found_id` to the enquirer who seeks `sought_id`."""

    found_id: UUID
    sought_id: UUID
    level: Level


def answer(access: Access, found_id: UUID, sought_id: UUID, fact: AnswerFact) -> DisclosureAnswer:
    """Record what the found person answered; it acts from the next statement on.

    Raises:
        NotFound: one of the two records is absent, another society's, or hidden.
        Invalid: the answer lies in the future, ends before it was given, or its level does not fit.
    """
    decided_at = fact.decided_at or access.now
    if decided_at > access.now:
        raise Invalid("an answer cannot lie in the future")
    if fact.valid_until is not None and fact.valid_until <= decided_at:
        raise Invalid("an answer cannot end before it was given")
    if (fact.answer is Answer.GRANTED) == (fact.level is Level.NOTHING):
        raise Invalid("a level belongs to a granted answer, and only to one")
    if fact.answer is Answer.GRANTED and fact.given_by is GivenBy.NOT_ASKED:
        raise Invalid("silence is never consent: somebody was asked")
    _hold(access, found_id)
    known = _answers(access, found_id, sought_id)
    if fact.answer is not Answer.GRANTED and known:
        decided_at = max(decided_at, known[-1].decided_at)  # a no takes its moment, whatever another clock wrote
    row = DisclosureAnswer(
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
    access.session.add(row)
    access.session.flush()
    return row


def level(access: Access, found_id: UUID, sought_id: UUID) -> Level:
    """Return what the found person allows at this moment; without an answer in force, nothing."""
    known = _answers(access, found_id, sought_id)
    latest = max(
        known, key=lambda row: (row.decided_at, row.answer is not Answer.GRANTED, -row.level.rank), default=None
    )
    if latest is None or latest.answer is not Answer.GRANTED:
        return Level.NOTHING
    over = latest.valid_until is not None and latest.valid_until <= access.now
    return Level.NOTHING if over else Level(latest.level)


def found_for(access: Access, sought_id: UUID, needed: Level) -> list[UUID]:
    """Return the found persons whose answer about a search covers `needed` at this moment."""
    query = select(DisclosureAnswer.found_id).where(DisclosureAnswer.sought_id == sought_id).distinct()
    asked = access.session.exec(query.order_by(col(DisclosureAnswer.found_id))).all()
    return [found_id for found_id in asked if level(access, found_id, sought_id).covers(needed)]


def release(
    access: Access,
    found_id: UUID,
    sought_id: UUID,
    needed: Level,
    *,
    act: Act,
    about_id: UUID,
    content: bytes,
) -> Release:
    """Return the proof that something at `needed` may be told now; the act stands on the trail.

    Args:
        access: of the worker who tells.
        found_id: the found person's record.
        sought_id: the search of the enquirer who is told.
        needed: the level that what is told takes; never `nothing`.
        act: the kind of act that another human approved.
        about_id: the feature's row that was approved.
        content: canonical form of exactly what is told; must be what was approved.

    Raises:
        NotFound: one of the two records is absent, another society's, or hidden.
        NotAllowedByThem: the answer in force does not cover `needed`.
        NotApproved: four eyes have not seen exactly this.
    """
    if needed is Level.NOTHING:
        raise Invalid("nothing needs no release")
    _hold(access, found_id)
    if not level(access, found_id, sought_id).covers(needed):
        raise NotAllowedByThem("the person's answer in force does not allow this")
    foureyes.require(access, about_id, act, content)
    access.note("disclosures.release", found_id)
    return Release(found_id, sought_id, needed)


def _hold(access: Access, found_id: UUID) -> None:
    """Hold the found person's register row, so that a withdrawal and a release never pass each other unseen."""
    query = select(Record).where(Record.id == found_id).with_for_update()
    if access.session.exec(query, execution_options={"populate_existing": True}).one_or_none() is None:
        raise NotFound("no such record")


def _answers(access: Access, found_id: UUID, sought_id: UUID) -> list[DisclosureAnswer]:
    query = (
        select(DisclosureAnswer)
        .where(DisclosureAnswer.found_id == found_id, DisclosureAnswer.sought_id == sought_id)
        .order_by(col(DisclosureAnswer.decided_at), col(DisclosureAnswer.recorded_at))
    )
    return list(access.session.exec(query).all())
