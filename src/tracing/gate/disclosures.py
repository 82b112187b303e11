"""The law of disclosure: nothing about a found person leaves without a `Release`, and only this module makes one.

A release is proof, like an `Access`: the found person's answer is in force at this moment at the level
that is needed, and another human approved exactly this for exactly this enquirer. Features hand it to the
functions that open what is told; without one there is nothing to open.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.gate import foureyes, origins, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.ledger import What
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.tables import DisclosureAnswer
from tracing.kit import clock
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
        decided_at: when it was given; None means now. A no recorded late is taken for the latest answer.
    """

    answer: Answer
    level: Level
    given_by: GivenBy
    obtained: Obtained
    valid_until: datetime | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Proof that a feature's row `about_id` may be told now, about `found_id` to the enquirer of `sought_id`."""

    found_id: UUID
    sought_id: UUID
    level: Level
    about_id: UUID


def answer(access: Access, found_id: UUID, sought_id: UUID, fact: AnswerFact) -> DisclosureAnswer:
    """Record what the found person answered; it acts from the next statement on.

    Raises:
        NotFound: one of the two records is absent, another society's, or hidden.
        ForeignRecord: a yes of somebody whose record is a copy; it is for whoever keeps the original to ask.
        Invalid: the answer lies in the future, ends before it was given, or its level does not fit.
        Conflict: a yes that would be without effect: a later or stricter answer stands, or it is over.
    """
    decided_at = fact.decided_at or access.now
    _require_sense(access, fact, decided_at)
    found, _ = register.hold(access, found_id, sought_id)
    if fact.answer is Answer.GRANTED:
        origins.of_own([found])
    known = answers(access, found_id, sought_id)
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
    moment = _moment(access)
    if fact.answer is Answer.GRANTED and in_force([*known, row], moment) is not row:
        raise Conflict("a later answer stands, or this one is over")
    before = in_force(known, moment)
    if before is not None and not fact.level.covers(before.level):
        # a yes to less ends the earlier yes at its own moment, and stands itself
        ended_at = before.decided_at if fact.answer is Answer.GRANTED else decided_at
        access.end(What.ANSWER, found_id, at=ended_at, about=str(sought_id))
    access.session.add(row)
    access.session.flush()
    return row


def _require_sense(access: Access, fact: AnswerFact, decided_at: datetime) -> None:
    if decided_at > access.now:
        raise Invalid("an answer cannot lie in the future")
    if fact.valid_until is not None and fact.valid_until <= decided_at:
        raise Invalid("an answer cannot end before it was given")
    if (fact.answer is Answer.GRANTED) == (fact.level is Level.NOTHING):
        raise Invalid("a level belongs to a granted answer, and only to one")
    unasked = fact.given_by is GivenBy.NOT_ASKED or fact.obtained is Obtained.NOT_ASKED
    if fact.answer is Answer.GRANTED and unasked:
        raise Invalid("silence is never consent: somebody was asked")


def in_force(known: Iterable[DisclosureAnswer], now: datetime) -> DisclosureAnswer | None:
    """Return the yes that holds at `now` among the answers about one search, or None.

    The latest answer counts. Of those of one moment a no beats a yes, the lower level the higher one, and the
    one that ends first the one that lasts; in which order they were recorded says nothing.
    """
    latest = max(known, key=_rank, default=None)
    if latest is None or latest.answer is not Answer.GRANTED:
        return None
    over = latest.valid_until is not None and latest.valid_until <= now
    return None if over else latest


def _rank(row: DisclosureAnswer) -> tuple[datetime, bool, int, float]:
    end = row.valid_until.timestamp() if row.valid_until is not None else math.inf
    return row.decided_at, row.answer is not Answer.GRANTED, -row.level.rank, -end


def standing(access: Access, found_id: UUID, sought_id: UUID) -> DisclosureAnswer | None:
    """Return the found person's yes that holds at this moment, or None."""
    return in_force(answers(access, found_id, sought_id), _moment(access))


def level(access: Access, found_id: UUID, sought_id: UUID) -> Level:
    """Return what the found person allows at this moment; without an answer in force, nothing."""
    held = standing(access, found_id, sought_id)
    return Level.NOTHING if held is None else Level(held.level)


def exactly(found_id: UUID, sought_id: UUID, needed: Level, content: bytes) -> bytes:
    """Return the canonical form of what is told, about whom, and to whose search: what four eyes approve.

    Whatever a release is asked for is proposed and settled in this form, so that an approval for one enquirer,
    or for less, is worth nothing for another, or for more.
    """
    return f"{found_id}|{sought_id}|{needed}|".encode() + content


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
    away_from: str = "",
) -> Release:
    """Return the proof that something at `needed` may be told now; the act stands on the trail.

    Args:
        access: of the worker who tells.
        found_id: the found person's record.
        sought_id: the search of the enquirer who is told.
        needed: the level that what is told takes; never `nothing`.
        act: the kind of act that another human approved.
        about_id: the feature's row that was approved.
        content: canonical form of exactly what is told; `exactly` of it must be what was approved.
        away_from: the teams from which the approver must not be as things stand now, parted by spaces.

    Raises:
        NotFound: one of the two records is absent, another society's, or hidden.
        NotAllowedByThem: the answer in force does not cover `needed`.
        NotApproved: four eyes have not seen exactly this.
    """
    if needed is Level.NOTHING:
        raise Invalid("nothing needs no release")
    held = register.hold(access, found_id, sought_id)  # a withdrawal and a release never pass each other unseen
    if any(record.expires_at <= _moment(access) for record in held):
        raise NotFound("no such record")
    if not level(access, found_id, sought_id).covers(needed):
        raise NotAllowedByThem("the person's answer in force does not allow this")
    foureyes.require(access, about_id, act, exactly(found_id, sought_id, needed, content), away_from=away_from)
    access.note("disclosures.release", found_id)
    return Release(found_id, sought_id, needed, about_id)


def answers(access: Access, found_id: UUID, sought_id: UUID) -> list[DisclosureAnswer]:
    """Return what the found person answered about a search, in the order of the answers' moments."""
    query = (
        select(DisclosureAnswer)
        .where(DisclosureAnswer.found_id == found_id, DisclosureAnswer.sought_id == sought_id)
        .order_by(col(DisclosureAnswer.decided_at), col(DisclosureAnswer.recorded_at), col(DisclosureAnswer.id))
    )
    return list(access.session.exec(query).all())


def _moment(access: Access) -> datetime:
    """Return the present moment: the access may have waited since it was admitted, and an answer ended meanwhile."""
    return max(access.now, clock.now())
