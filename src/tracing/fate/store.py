"""Every statement about fate reports."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from tracing.fate.schemas import FateDetails, FateDraft
from tracing.fate.states import State
from tracing.fate.tables import FateReport
from tracing.gate.access import Access
from tracing.gate.sealing import open_details, seal_again
from tracing.kit.ids import new_id


def add(access: Access, sought_id: UUID, key_id: UUID, draft: FateDraft) -> FateReport:
    """Add a report, sealed with the sought person's key."""
    details = FateDetails.model_validate(draft.model_dump(include=set(FateDetails.model_fields)))
    report_id = new_id()
    row = FateReport(
        society=access.society,
        id=report_id,
        key_id=key_id,
        details=seal_again(access, FateReport, report_id, key_id, details.model_dump_json().encode()),
        sought_id=sought_id,
        finding=draft.finding,
        source=draft.source,
        state=State.PROPOSED,
        reported_by=access.caller.account_id,
        worker_id=access.caller.worker_id,
        created_at=access.now,
        updated_at=access.now,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find(access: Access, report_id: UUID) -> FateReport | None:
    """Return a report that the access can see."""
    return access.session.exec(select(FateReport).where(FateReport.id == report_id)).one_or_none()


def of_search(access: Access, sought_id: UUID) -> list[FateReport]:
    """Return the reports about a sought person, newest first."""
    query = select(FateReport).where(FateReport.sought_id == sought_id)
    return list(access.session.exec(query.order_by(col(FateReport.created_at).desc(), col(FateReport.id))).all())


def established(access: Access, sought_id: UUID) -> FateReport | None:
    """Return the latest established report about a sought person."""
    query = select(FateReport).where(FateReport.sought_id == sought_id, FateReport.state == State.ESTABLISHED)
    return access.session.exec(query.order_by(col(FateReport.updated_at).desc(), col(FateReport.id)).limit(1)).first()


def details_of(access: Access, rows: Sequence[FateReport]) -> list[FateDetails]:
    """Return the details of `rows`, opened, in their order."""
    return [FateDetails.model_validate_json(plain) for plain in open_details(access, rows)]


def move(access: Access, row: FateReport, state: State) -> None:
    """Set a report's state and count the version up."""
    row.state = state
    row.version += 1
    row.updated_at = access.now
    access.session.add(row)
    access.session.flush()
