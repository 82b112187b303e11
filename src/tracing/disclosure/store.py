"""Every statement about the asking of found persons and about releases."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.disclosure.schemas import SealedCase, Told
from tracing.disclosure.states import ReleaseState, State
from tracing.disclosure.tables import DisclosureCase, DisclosureRelease
from tracing.gate import dues, register
from tracing.gate.access import Access
from tracing.gate.disclosing import Level
from tracing.gate.disclosures import Release
from tracing.gate.dues import Bookmark, Due
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.errors import Conflict
from tracing.kit.ids import new_id
from tracing.verification.tables import Verification


def find_verification(access: Access, verification_id: UUID) -> Verification | None:
    """Return a verification that the access can see."""
    return access.session.exec(select(Verification).where(Verification.id == verification_id)).one_or_none()


def find_case(access: Access, case_id: UUID) -> DisclosureCase | None:
    """Return an asking that the access can see."""
    return access.session.exec(select(DisclosureCase).where(DisclosureCase.id == case_id)).one_or_none()


def case_of_pair(access: Access, found_id: UUID, sought_id: UUID) -> DisclosureCase | None:
    """Return the asking of a found person about a search."""
    query = select(DisclosureCase).where(DisclosureCase.found_id == found_id, DisclosureCase.sought_id == sought_id)
    return access.session.exec(query).one_or_none()


def case_of_search(access: Access, sought_id: UUID) -> DisclosureCase | None:
    """Return the latest asking about a search."""
    query = select(DisclosureCase).where(DisclosureCase.sought_id == sought_id)
    query = query.order_by(col(DisclosureCase.created_at).desc(), col(DisclosureCase.id)).limit(1)
    return access.session.exec(query).first()


def cases_of_search(access: Access, sought_id: UUID) -> list[DisclosureCase]:
    """Return every asking about a search."""
    query = select(DisclosureCase).where(DisclosureCase.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(DisclosureCase.id))).all())


def page(access: Access, *, limit: int, after: tuple[datetime, UUID] | None) -> list[DisclosureCase]:
    """Return at most `limit` askings, oldest first, that follow `after`."""
    query = select(DisclosureCase).order_by(col(DisclosureCase.created_at), col(DisclosureCase.id)).limit(limit)
    if after is not None:
        at, case_id = after
        same = (col(DisclosureCase.created_at) == at) & (col(DisclosureCase.id) > case_id)
        query = query.where(or_(col(DisclosureCase.created_at) > at, same))
    return list(access.session.exec(query).all())


def add_case(access: Access, verification: Verification) -> DisclosureCase:
    """Add the asking about the pair of a verification; nothing has happened yet."""
    case_id, key_id = new_id(), _key_of(access, verification.found_id)
    row = DisclosureCase(
        society=access.society,
        id=case_id,
        key_id=key_id,
        details=seal_again(access, DisclosureCase, case_id, key_id, SealedCase().model_dump_json().encode()),
        found_id=verification.found_id,
        sought_id=verification.sought_id,
        verification_id=verification.id,
        state=State.NOT_STARTED,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def details_of_case(access: Access, row: DisclosureCase) -> SealedCase:
    """Return the details of an asking, opened: for those who ask and those who approve, never for the enquirer."""
    return SealedCase.model_validate_json(open_details(access, [row])[0])


def save_case(access: Access, row: DisclosureCase, details: SealedCase | None = None) -> None:
    """Seal changed details again, if there are any, and count the version up."""
    if details is not None:
        plain = details.model_dump_json().encode()
        row.details = seal_again(access, DisclosureCase, row.id, row.key_id, plain)
    _touch(access, row)


def find_release(access: Access, release_id: UUID) -> DisclosureRelease | None:
    """Return a release that the access can see."""
    return access.session.exec(select(DisclosureRelease).where(DisclosureRelease.id == release_id)).one_or_none()


def releases_of(access: Access, case_id: UUID) -> list[DisclosureRelease]:
    """Return the releases of an asking, oldest first."""
    query = select(DisclosureRelease).where(DisclosureRelease.case_id == case_id)
    query = query.order_by(col(DisclosureRelease.created_at), col(DisclosureRelease.id))
    return list(access.session.exec(query).all())


def told_releases(access: Access, sought_id: UUID) -> list[DisclosureRelease]:
    """Return what the enquirer of a search was told, oldest first."""
    query = select(DisclosureRelease).where(
        DisclosureRelease.sought_id == sought_id, DisclosureRelease.state == ReleaseState.TOLD
    )
    return list(access.session.exec(query.order_by(col(DisclosureRelease.told_at), col(DisclosureRelease.id))).all())


def add_release(access: Access, case: DisclosureCase, level: Level, content: Told) -> DisclosureRelease:
    """Add a proposed release of exactly `content`."""
    release_id = new_id()
    row = DisclosureRelease(
        society=access.society,
        id=release_id,
        key_id=case.key_id,
        details=seal_again(access, DisclosureRelease, release_id, case.key_id, content.model_dump_json().encode()),
        case_id=case.id,
        found_id=case.found_id,
        sought_id=case.sought_id,
        level=level,
        state=ReleaseState.PROPOSED,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def canonical(access: Access, row: DisclosureRelease) -> bytes:
    """Return the canonical form of what a release would tell: to propose, approve and compare, not to be read."""
    return open_details(access, [row])[0]


def content_of(access: Access, proof: Release, row: DisclosureRelease) -> Told:
    """Return what the enquirer is told, for reading it out now.

    Raises:
        Conflict: `proof` is of another release. A bug; nothing is told.
    """
    if (proof.about_id, proof.found_id, proof.sought_id, proof.level) != (
        row.id,
        row.found_id,
        row.sought_id,
        row.level,
    ):
        raise Conflict("the proof is of another release")
    return Told.model_validate_json(canonical(access, row))


def content_for_workers(access: Access, row: DisclosureRelease) -> Told:
    """Return what a release would tell or told, for those who propose, approve and look after it."""
    return Told.model_validate_json(canonical(access, row))


def save_release(access: Access, row: DisclosureRelease, state: ReleaseState) -> None:
    """Let a release stand in `state`, and count the version up."""
    row.state = state
    _touch(access, row)


def _touch(access: Access, row: DisclosureCase | DisclosureRelease) -> None:
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()


def _key_of(access: Access, found_id: UUID) -> UUID:
    return register.records(access, [found_id])[found_id].key_id


def deferred_until_past(access: Access, bookmark: Bookmark) -> list[Due]:
    """Return the next page of askings put off until a date that is past: the date, the asking, the found person."""
    at = col(DisclosureCase.defer_until)
    query = select(at, DisclosureCase.id, DisclosureCase.found_id)
    query = query.where(DisclosureCase.state == State.DEFERRED, at <= access.now)
    return dues.page(access, query, at, DisclosureCase.id, bookmark)
