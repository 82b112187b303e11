"""Every statement about data subjects' requests, and about what an access bundle gathers from other rooms."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

import tracing.enquirer.tables
import tracing.review.tables
import tracing.risk.tables
import tracing.verification.tables  # noqa: F401  # erasing reaches the tables that are known
from tracing.contact.tables import ContactAttempt
from tracing.disclosure.states import ReleaseState
from tracing.disclosure.tables import DisclosureCase, DisclosureRelease
from tracing.fate.states import OF_THE_LIVING
from tracing.fate.tables import FateReport
from tracing.gate import dues
from tracing.gate.access import Access
from tracing.gate.dues import Bookmark, Due
from tracing.gate.kinds import Kind
from tracing.gate.sealing import open_details, seal_again
from tracing.gate.tables import DisclosureAnswer, Record, TrailEntry
from tracing.kit.ids import new_id
from tracing.messages.states import Direction
from tracing.messages.states import State as MessageState
from tracing.messages.tables import Message
from tracing.outcome.tables import Telling
from tracing.persons.erased import forms_of, forms_of_enquirer
from tracing.persons.schemas import PersonDraft
from tracing.requests.schemas import SealedRequest, SealedSought
from tracing.requests.tables import SoughtPerson, TracingRequest
from tracing.rights import traits
from tracing.rights.schemas import SealedWords, SubjectRequestDraft
from tracing.rights.states import OPEN, State
from tracing.rights.tables import SubjectRequest
from tracing.sightings.schemas import SightingDetails
from tracing.sightings.tables import Sighting

SLICE = 400


def add(access: Access, record: Record, draft: SubjectRequestDraft, *, due_at: datetime) -> SubjectRequest:
    """Add a request; its words are sealed with the key of the record that it is about."""
    request_id = new_id()
    row = SubjectRequest(
        society=access.society,
        id=request_id,
        key_id=record.key_id,
        details=_sealed(access, request_id, record.key_id, SealedWords(words=draft.words)),
        record_id=record.id,
        kind=draft.kind,
        state=State.RECEIVED,
        received_at=draft.received_at or access.now,
        due_at=due_at,
        recorded_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def _sealed(access: Access, request_id: UUID, key_id: UUID, words: SealedWords) -> bytes:
    plain = words.model_dump_json(exclude_defaults=True).encode()
    return seal_again(access, SubjectRequest, request_id, key_id, plain)


def find(access: Access, request_id: UUID) -> SubjectRequest | None:
    """Return a request about a record that is not forgotten."""
    return access.session.exec(select(SubjectRequest).where(SubjectRequest.id == request_id)).one_or_none()


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, states: Sequence[State]
) -> list[SubjectRequest]:
    """Return at most `limit` requests within `states` that follow `after`, the one that is due first coming first."""
    due, key = col(SubjectRequest.due_at), col(SubjectRequest.id)
    query = select(SubjectRequest).where(col(SubjectRequest.state).in_(states)).order_by(due, key).limit(limit)
    if after is not None:
        at, request_id = after
        query = query.where(or_(due > at, (due == at) & (key > request_id)))
    return list(access.session.exec(query).all())


def words_of(access: Access, rows: Sequence[SubjectRequest]) -> list[SealedWords]:
    """Return the words of `rows`, in their order; none of a record whose key is destroyed already."""
    standing = access.keys.ciphers(row.key_id for row in rows)
    readable = [row for row in rows if row.key_id in standing]
    opened = dict(zip((row.id for row in readable), open_details(access, readable), strict=True))
    return [SealedWords.model_validate_json(opened[row.id]) if row.id in opened else SealedWords() for row in rows]


def save(access: Access, row: SubjectRequest, words: SealedWords | None = None) -> None:
    """Seal changed words again, if there are any, and count the version up."""
    if words is not None:
        row.details = _sealed(access, row.id, row.key_id, words)
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def sought_ids(access: Access, request_id: UUID) -> list[UUID]:
    """Return the sought persons of a tracing request that are not forgotten, hidden ones included."""
    query = select(SoughtPerson.id).where(SoughtPerson.request_id == request_id).order_by(col(SoughtPerson.id))
    return list(access.session.exec(query).all())


def request_details(access: Access, record_id: UUID) -> SealedRequest:
    """Return the details of a request that the access sees."""
    row = access.session.exec(select(TracingRequest).where(TracingRequest.id == record_id)).one()
    return SealedRequest.model_validate_json(open_details(access, [row])[0])


def sought_details(access: Access, record_id: UUID) -> SealedSought:
    """Return the details of a sought person that the access sees."""
    row = access.session.exec(select(SoughtPerson).where(SoughtPerson.id == record_id)).one()
    return SealedSought.model_validate_json(open_details(access, [row])[0])


def sighting_details(access: Access, record_id: UUID) -> SightingDetails:
    """Return the details of a sighting or registration that the access sees."""
    row = access.session.exec(select(Sighting).where(Sighting.id == record_id)).one()
    return SightingDetails.model_validate_json(open_details(access, [row])[0])


def forms_of_records(access: Access, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the canonical forms of the persons of those of `ids` whose details can still be read.

    Of a sought person whose request is among `ids` there are none.
    """
    found: dict[UUID, tuple[str, ...]] = {}
    whole = set(ids)
    for start in range(0, len(ids), SLICE):
        part = ids[start : start + SLICE]
        records = access.session.exec(select(Record).where(col(Record.id).in_(part))).all()
        standing = access.keys.ciphers(record.key_id for record in records)
        for record in records:
            if record.key_id in standing:
                found[record.id] = () if record.parent_id in whole else _forms(access, record)
    return found


def _forms(access: Access, record: Record) -> tuple[str, ...]:
    if record.kind is Kind.REQUEST:
        enquirer = request_details(access, record.id).enquirer
        return forms_of_enquirer(enquirer.person, enquirer.contacts, _sought_by(access, record.id))
    if record.kind is Kind.SOUGHT:
        return forms_of(sought_details(access, record.id).person)
    return forms_of(sighting_details(access, record.id).person)


def _sought_by(access: Access, request_id: UUID) -> list[PersonDraft]:
    rows = access.session.exec(select(SoughtPerson).where(SoughtPerson.request_id == request_id)).all()
    standing = access.keys.ciphers(row.key_id for row in rows)
    plain = open_details(access, [row for row in rows if row.key_id in standing])
    return [SealedSought.model_validate_json(details).person for details in plain]


def answers(access: Access, found_id: UUID) -> list[DisclosureAnswer]:
    """Return what a found person answered about every search, oldest first."""
    query = select(DisclosureAnswer).where(DisclosureAnswer.found_id == found_id)
    return list(access.session.exec(query.order_by(col(DisclosureAnswer.decided_at), col(DisclosureAnswer.id))).all())


def messages(access: Access, record_id: UUID, searches: Sequence[UUID]) -> list[tuple[Message, bool]]:
    """Return the messages that the person of a record wrote or received, oldest first, and which they wrote.

    Args:
        access: for the person's own rights.
        record_id: the record, of a found person.
        searches: the searches of the record, when it is an enquirer's.
    """
    query = select(Message).where(or_(Message.found_id == record_id, col(Message.sought_id).in_(searches)))
    rows = access.session.exec(query.order_by(col(Message.created_at), col(Message.id))).all()
    told = []
    for row in rows:
        wrote = (row.direction is Direction.TO_ENQUIRER) == (row.found_id == record_id)
        if wrote or row.state is MessageState.DELIVERED:
            told.append((row, wrote))
    return told


def plain_messages(access: Access, rows: Sequence[Message]) -> list[bytes]:
    """Return the details of messages, opened, in their order."""
    return open_details(access, rows)


def attempts(access: Access, record_id: UUID) -> list[ContactAttempt]:
    """Return the tries to reach the person of a record, oldest first."""
    query = select(ContactAttempt).where(ContactAttempt.record_id == record_id)
    return list(access.session.exec(query.order_by(col(ContactAttempt.made_at), col(ContactAttempt.id))).all())


def told_releases(access: Access, found_id: UUID) -> list[DisclosureRelease]:
    """Return what enquirers were told of a found person, oldest first."""
    query = select(DisclosureRelease).where(
        DisclosureRelease.found_id == found_id, DisclosureRelease.state == ReleaseState.TOLD
    )
    return list(access.session.exec(query.order_by(col(DisclosureRelease.told_at), col(DisclosureRelease.id))).all())


def tellings(access: Access, sought_id: UUID) -> list[Telling]:
    """Return when the enquirer of a search was told something, oldest first."""
    query = select(Telling).where(Telling.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(Telling.told_at), col(Telling.id))).all())


def fates(access: Access, sought_id: UUID) -> list[FateReport]:
    """Return what was reported of a sought person's fate, oldest first."""
    query = select(FateReport).where(FateReport.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(FateReport.created_at), col(FateReport.id))).all())


def acts(access: Access, record_id: UUID) -> list[tuple[str, datetime]]:
    """Return what was done with a record, and when, oldest first; not by whom."""
    query = select(TrailEntry.act, TrailEntry.at).where(
        TrailEntry.subject_id == record_id, TrailEntry.outcome == "done"
    )
    return [(row[0], row[1]) for row in access.session.exec(query.order_by(col(TrailEntry.seq))).all()]


def ended_messages(access: Access, before: datetime, *, most: int) -> list[Message]:
    """Return at most `most` messages that came to their end before a moment and were not touched since."""
    at = col(Message.settled_at)
    query = select(Message).where(at < before, Message.updated_at < before).order_by(at, col(Message.id))
    return list(access.session.exec(query.limit(most)).all())


def blank_messages(access: Access, rows: Sequence[Message]) -> None:
    """Take the words from messages; what remains is that there were some."""
    for row, plain in zip(rows, open_details(access, rows), strict=True):
        row.details = seal_again(access, Message, row.id, row.key_id, traits.blanked_message(plain))
        row.version += 1
        row.updated_at = access.now
        access.session.add(row)
    access.session.flush()


def blank_tellings(access: Access, found_ids: Sequence[UUID]) -> None:
    """Take from tellings, which stand sealed with the search's key, what was noted of a found person."""
    releases = select(DisclosureRelease.id).where(col(DisclosureRelease.found_id).in_(found_ids))
    messages = select(Message.id).where(col(Message.found_id).in_(found_ids))
    of_them = or_(col(Telling.release_id).in_(releases), col(Telling.message_id).in_(messages))
    rows = access.session.exec(select(Telling).where(of_them)).all()
    standing = access.keys.ciphers(row.key_id for row in rows)
    for row in rows:
        if row.key_id in standing:
            row.details = seal_again(access, Telling, row.id, row.key_id, b"{}")
            access.session.add(row)
    access.session.flush()


def blank_fates(access: Access, ids: Sequence[UUID]) -> None:
    """Take the words from fate reports, which stand sealed with the search's key, that speak of one of `ids`.

    Those that bring them as evidence, wherever they are; and those that may say where somebody lives, of searches
    about which they were asked. A blanked report is not what anybody agreed to any more.
    """
    gone = {str(one) for one in ids}
    asked = set(access.session.exec(select(DisclosureCase.sought_id).where(col(DisclosureCase.found_id).in_(ids))))
    last = UUID(int=0)
    while rows := access.session.exec(
        select(FateReport).where(FateReport.id > last).order_by(col(FateReport.id)).limit(SLICE)
    ).all():
        last = rows[-1].id
        standing = access.keys.ciphers(row.key_id for row in rows)
        readable = [row for row in rows if row.key_id in standing]
        for row, plain in zip(readable, open_details(access, readable), strict=True):
            of_them = row.sought_id in asked and row.finding in OF_THE_LIVING
            if of_them or not gone.isdisjoint(traits.names_in(plain)):
                row.details = seal_again(access, FateReport, row.id, row.key_id, traits.blanked_fate(plain))
                row.version += 1
                row.updated_at = access.now
                access.session.add(row)
    access.session.flush()


def due_before(access: Access, before: datetime, bookmark: Bookmark) -> list[Due]:
    """Return the next page of open requests that are due before a moment, in order of (due date, id)."""
    query = select(SubjectRequest.due_at, SubjectRequest.id, SubjectRequest.record_id)
    query = query.where(col(SubjectRequest.state).in_(OPEN), SubjectRequest.due_at <= before)
    return dues.page(access, query, SubjectRequest.due_at, SubjectRequest.id, bookmark)
