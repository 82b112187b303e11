"""The law of disclosure: nothing about a found person leaves without a `Release`, and only this module makes one.

A release is proof, like an `Access`: the pair is clear, the found person's answer is in force at this moment at
the level that is needed, and another human approved exactly this for exactly this enquirer. Features hand it to
the functions that open what is told; without one there is nothing to open.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tracing.gate import answers, foureyes, origins, register
from tracing.gate.access import Access
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Act, Answer, Level
from tracing.gate.ledger import What
from tracing.gate.purposes import GivenBy, Obtained
from tracing.gate.tables import DisclosureAnswer
from tracing.kit.errors import Conflict, Invalid, NotFound


class NotAllowedByThem(Conflict):
    """The found person's answer in force does not allow this."""

    code = "not-allowed-by-the-person"
    title = "The person has not agreed to this"


@dataclass(frozen=True, slots=True)
class Clear:
    """Word that nothing stands against telling the enquirer of `sought_id` of `found_id`, as things stand now.

    What the gate cannot see stands behind it: the asking, the verification, the screen, the search. Only
    `disclosure.opening` gives it, and nothing is proposed, approved or released without one.

    Attributes:
        verification_id: the verification that the asking rests on, and stands passed.
        away_from: the teams from which the approver must not be, parted by spaces; "" when any other worker will do.
    """

    found_id: UUID
    sought_id: UUID
    verification_id: UUID
    away_from: str


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
    known = answers.of_pair(access, found_id, sought_id)
    if fact.answer is not Answer.GRANTED and known:
        decided_at = max(decided_at, known[-1].decided_at)  # a no takes its moment, whatever another clock wrote
    row = answers.row(access, found_id, sought_id, fact, decided_at)
    moment = answers.moment(access)
    if fact.answer is Answer.GRANTED and answers.in_force([*known, row], moment) is not row:
        raise Conflict("a later answer stands, or this one is over")
    before = answers.in_force(known, moment)
    if before is not None and (not fact.level.covers(before.level) or _ends_sooner(fact, before)):
        # a yes to less, or for a shorter time, ends the earlier yes at its own moment, and stands itself
        ended_at = before.decided_at if fact.answer is Answer.GRANTED else decided_at
        access.end(What.ANSWER, found_id, at=ended_at, about=str(sought_id))
    access.session.add(row)
    access.session.flush()
    return row


def _ends_sooner(fact: AnswerFact, before: DisclosureAnswer) -> bool:
    return fact.valid_until is not None and (before.valid_until is None or fact.valid_until < before.valid_until)


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


def standing(access: Access, found_id: UUID, sought_id: UUID) -> DisclosureAnswer | None:
    """Return the found person's yes that holds at this moment, or None."""
    return answers.in_force(answers.of_pair(access, found_id, sought_id), answers.moment(access))


def changed_since(access: Access, found_id: UUID, sought_id: UUID, at: datetime) -> bool:
    """Return whether a yes of the found person about a search was taken back, replaced, or came to its end after `at`.

    The first answer of all changes nothing: a no to what nobody said yes to must not be told by what it ends.
    """
    said_yes, now = False, answers.moment(access)
    for row in sorted(answers.of_pair(access, found_id, sought_id), key=lambda known: known.recorded_at):
        if said_yes and row.recorded_at > at:
            return True
        if row.answer is Answer.GRANTED:
            said_yes = True
            if row.valid_until is not None and at < row.valid_until <= now:
                return True
    return False


def spoke_since(access: Access, found_id: UUID, sought_id: UUID, at: datetime) -> bool:
    """Return whether the found person themself answered about a search after `at`, whatever they said."""
    known = answers.of_pair(access, found_id, sought_id)
    return any(row.given_by == GivenBy.SUBJECT and row.recorded_at > at for row in known)


def level(access: Access, found_id: UUID, sought_id: UUID) -> Level:
    """Return what the found person allows at this moment; without an answer in force, nothing."""
    held = standing(access, found_id, sought_id)
    return Level.NOTHING if held is None else Level(held.level)


def exactly(clear: Clear, needed: Level, content: bytes) -> bytes:
    """Return the canonical form of what is told, about whom, to whose search, and on which verification.

    Whatever a release is asked for is proposed and settled in this form, so that an approval for one enquirer, for
    less, or on what was believed before, is worth nothing for another, for more, or now.
    """
    return form(clear.found_id, clear.sought_id, clear.verification_id, needed, content)


def form(found_id: UUID, sought_id: UUID, verification_id: UUID, needed: Level, content: bytes) -> bytes:
    """Return the form of `exactly`; by itself it opens nothing: it says whether what was told rests on this still."""
    return f"{found_id}|{sought_id}|{verification_id}|{needed}|".encode() + content


def release(
    access: Access,
    clear: Clear,
    needed: Level,
    *,
    act: Act,
    about_id: UUID,
    content: bytes,
    apart: bool = True,
) -> Release:
    """Return the proof that something at `needed` may be told now; the act stands on the trail.

    Args:
        access: of the worker who tells.
        clear: that nothing stands against it, given while both records were held.
        needed: the level that what is told takes; never `nothing`.
        act: the kind of act that another human approved.
        about_id: the feature's row that was approved.
        content: canonical form of exactly what is told; `exactly` of it must be what was approved.
        apart: that the approver must not be of the teams that `clear` names.

    Raises:
        NotFound: one of the two records is absent, another society's, or hidden.
        NotAllowedByThem: the answer in force does not cover `needed`.
        NotApproved: four eyes have not seen exactly this.
    """
    if needed is Level.NOTHING:
        raise Invalid("nothing needs no release")
    found_id, sought_id = clear.found_id, clear.sought_id
    held = register.hold(access, found_id, sought_id)  # a withdrawal and a release never pass each other unseen
    if any(record.expires_at <= answers.moment(access) for record in held):
        raise NotFound("no such record")
    if not level(access, found_id, sought_id).covers(needed):
        raise NotAllowedByThem("the person's answer in force does not allow this")
    teams = clear.away_from if apart else ""
    foureyes.require(access, about_id, act, exactly(clear, needed, content), away_from=teams)
    access.note("disclosures.release", found_id)
    return Release(found_id, sought_id, needed, about_id)
