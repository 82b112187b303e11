"""Every statement about risk screens."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from tracing.gate.access import Access
from tracing.gate.foureyes import TICK
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id
from tracing.risk.schemas import ScreenDetails
from tracing.risk.states import Verdict
from tracing.risk.tables import RiskScreen


def latest(access: Access, found_id: UUID, sought_id: UUID, *, at: datetime | None = None) -> RiskScreen | None:
    """Return the latest screen of a found person and a search: of all, or as things stood at a moment."""
    query = select(RiskScreen).where(RiskScreen.found_id == found_id, RiskScreen.sought_id == sought_id)
    if at is not None:
        query = query.where(RiskScreen.made_at <= at)
    return access.session.exec(query.order_by(col(RiskScreen.made_at).desc(), col(RiskScreen.id)).limit(1)).first()


def of_pair(access: Access, found_id: UUID, sought_id: UUID) -> list[RiskScreen]:
    """Return every screen of a found person and a search, oldest first."""
    query = select(RiskScreen).where(RiskScreen.found_id == found_id, RiskScreen.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(RiskScreen.made_at), col(RiskScreen.id))).all())


def find(access: Access, screen_id: UUID) -> RiskScreen | None:
    """Return a screen of which both sides are in force."""
    return access.session.exec(select(RiskScreen).where(RiskScreen.id == screen_id)).one_or_none()


def add(
    access: Access,
    found_id: UUID,
    sought_id: UUID,
    *,
    verdict: Verdict,
    key_id: UUID,
    details: ScreenDetails,
    after: RiskScreen | None,
) -> RiskScreen:
    """Add a screen, later than the one that it comes `after`, whatever the clocks of the processes say.

    Its details are sealed with the found person's key `key_id`.
    """
    screen_id = new_id()
    row = RiskScreen(
        society=access.society,
        id=screen_id,
        found_id=found_id,
        sought_id=sought_id,
        key_id=key_id,
        details=seal_again(access, RiskScreen, screen_id, key_id, details.model_dump_json().encode()),
        verdict=verdict,
        made_at=access.now if after is None else max(access.now, after.made_at + TICK),
        made_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def details_of(access: Access, rows: Sequence[RiskScreen]) -> list[ScreenDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [ScreenDetails.model_validate_json(plain) for plain in open_details(access, rows)]
