"""Every statement about case codes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from tracing.enquirer.tables import CaseCode
from tracing.gate.access import Access
from tracing.kit.ids import new_id


def add(access: Access, request_id: UUID, account_id: UUID, code: str) -> CaseCode:
    """Add a case code of a request, behind which stands an account."""
    row = CaseCode(
        society=access.society,
        id=new_id(),
        code=code,
        request_id=request_id,
        account_id=account_id,
        issued_at=access.now,
        issued_by=access.caller.account_id,
    )
    access.session.add(row)
    access.session.flush()
    return row


def find(access: Access, case_code_id: UUID) -> CaseCode | None:
    """Return a case code of a request that the access can see."""
    return access.session.exec(select(CaseCode).where(CaseCode.id == case_code_id)).one_or_none()


def of_request(access: Access, request_id: UUID) -> list[CaseCode]:
    """Return the case codes of a request, newest first."""
    query = select(CaseCode).where(CaseCode.request_id == request_id)
    return list(access.session.exec(query.order_by(col(CaseCode.issued_at).desc(), col(CaseCode.id))).all())


def of_requests(access: Access, request_ids: Sequence[UUID]) -> list[CaseCode]:
    """Return the case codes of some hundreds of requests."""
    return list(access.session.exec(select(CaseCode).where(col(CaseCode.request_id).in_(request_ids))).all())


def held(access: Access, code: str) -> CaseCode | None:
    """Return the caller's own case code if it reads `code` and was not revoked."""
    query = select(CaseCode).where(
        CaseCode.code == code,
        CaseCode.account_id == access.caller.account_id,
        col(CaseCode.revoked_at).is_(None),
    )
    return access.session.exec(query).one_or_none()


def revoke(access: Access, row: CaseCode) -> None:
    """Let a case code be valid no more."""
    row.revoked_at = access.now
    access.session.add(row)
    access.session.flush()
