"""Every statement about sightings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select

from tracing.gate.access import Access
from tracing.gate.kinds import Kind
from tracing.gate.sealing import open_details, seal_again, seal_new
from tracing.sightings.schemas import SealedSighting
from tracing.sightings.states import Flag, State
from tracing.sightings.tables import Sighting


def seal(access: Access, record_id: UUID, details: SealedSighting) -> tuple[UUID, bytes]:
    """Return a fresh key's id and the details sealed with it."""
    return seal_new(access, Sighting, record_id, details.model_dump_json(exclude_defaults=True).encode())


def row(
    access: Access,
    record_id: UUID,
    kind: Kind,
    state: State,
    flags: Sequence[Flag],
    *,
    key_id: UUID,
    sealed: bytes,
) -> Sighting:
    """Return the row of a new sighting, not yet added."""
    return Sighting(
        society=access.society,
        id=record_id,
        key_id=key_id,
        details=sealed,
        kind=kind,
        state=state,
        flags=" ".join(flags),
        created_at=access.now,
        updated_at=access.now,
        created_by=access.caller.account_id,
    )


def add(access: Access, rows: Sequence[Sighting]) -> None:
    """Add rows."""
    access.session.add_all(rows)
    access.session.flush()


def find(access: Access, sighting_id: UUID) -> Sighting | None:
    """Return a sighting that the access can see."""
    return access.session.exec(select(Sighting).where(Sighting.id == sighting_id)).one_or_none()


def among(access: Access, ids: Sequence[UUID]) -> list[Sighting]:
    """Return those of `ids`, at most some hundreds, that are sightings which the access can see."""
    return list(access.session.exec(select(Sighting).where(col(Sighting.id).in_(ids))).all())


def page(
    access: Access, *, limit: int, after: tuple[datetime, UUID] | None, within: Sequence[State] = ()
) -> list[Sighting]:
    """Return at most `limit` sightings, oldest first, that follow `after`; `within` some states, or all."""
    query = select(Sighting).order_by(col(Sighting.created_at), col(Sighting.id)).limit(limit)
    if within:
        query = query.where(col(Sighting.state).in_(within))
    if after is not None:
        at, sighting_id = after
        query = query.where(
            or_(
                col(Sighting.created_at) > at,
                (col(Sighting.created_at) == at) & (col(Sighting.id) > sighting_id),
            )
        )
    return list(access.session.exec(query).all())


def details_of(access: Access, rows: Sequence[Sighting]) -> list[SealedSighting]:
    """Return the details of `rows`, opened, in their order."""
    return [SealedSighting.model_validate_json(plain) for plain in open_details(access, rows)]


def save(access: Access, row: Sighting, details: SealedSighting | None = None) -> None:
    """Seal changed details again, if there are any, and count the version up."""
    if details is not None:
        plain = details.model_dump_json(exclude_defaults=True).encode()
        row.details = seal_again(access, Sighting, row.id, row.key_id, plain)
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()
