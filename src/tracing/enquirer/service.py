"""The rules of the enquirer's view: no HTTP, no SQL.

What it shows is read from `requests.statuses`, which knows nothing of what was found. Neither this module nor
what it calls reads a sought person's row, so a declined, a pending and a vain search cannot differ here.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tracing.enquirer import store
from tracing.enquirer.schemas import CaseCodeView, CaseStatusView, SearchStatusView
from tracing.enquirer.states import EMERGENCY, SENTENCES, Language, cadence
from tracing.gate import idempotency, people, register
from tracing.gate.access import Access
from tracing.gate.ledger import What
from tracing.gate.permissions import Role
from tracing.kit.errors import NotFound
from tracing.requests import service as requests
from tracing.requests import statuses

if TYPE_CHECKING:
    from tracing.enquirer.tables import CaseCode

LETTERS = "0123456789BCDFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 without its vowels: no look-alikes, and no code spells a word."""

GROUPS, PER_GROUP = 4, 4  # 30 ** 16: 78 bits, beside the 256 of the secret
CODE = re.compile(f"[{LETTERS}]{{{GROUPS * PER_GROUP}}}")
MISREAD = str.maketrans("OIL", "011", "- ")
TOKEN_DAYS = 366
AT_ONCE = 400


def issue(access: Access, request_id: UUID, key: str | None = None) -> CaseCodeView:
    """Issue a case code with a secret of its own; it revokes those issued before.

    A retry with the same Idempotency-Key returns the first code, without the secret: that is shown once. The
    request is held meanwhile: who issues at the same moment waits, and then sees the code to revoke.

    Raises:
        NotFound: the request is absent, another society's, or hidden.
    """
    print_of = f"case-codes.issue|{request_id}"
    made = idempotency.made_before(access, key, print_of)
    if made is not None:
        return _reread(access, find(access, made))
    register.hold(access, request_id)
    request = requests.find_request(access, request_id)
    requests.begin_statuses(access, request)
    for older in store.of_request(access, request_id):
        if older.revoked_at is None:
            _revoke(access, older)
    team = register.records(access, [request_id])[request_id].team
    label = f"enquirer-{secrets.token_hex(8)}"
    account = people.add_account(access, label=label, role=Role.ENQUIRER, team=team, worker_id=None)
    _, secret = people.issue_token(access, account, days=TOKEN_DAYS)
    row = store.add(access, request_id, account.id, _new_code())
    idempotency.remember(access, key, print_of, row.id)
    access.note("case-codes.issue", request_id)
    return _view(row, secret)


def codes(access: Access, request_id: UUID) -> list[CaseCodeView]:
    """Return the case codes of a request, newest first, without their secrets.

    Raises:
        NotFound: the request is absent, another society's, or hidden.
    """
    requests.find_request(access, request_id)
    access.note("case-codes.read", request_id)
    return [_view(row) for row in store.of_request(access, request_id)]


def revoke(access: Access, case_code_id: UUID) -> CaseCodeView:
    """Revoke a case code from the next call on; doing it again changes nothing.

    Its token stays, and opens nothing: a revoked code answers as one that never was.

    Raises:
        NotFound: the code is absent, another society's, or its request is hidden.
    """
    row = find(access, case_code_id)
    if row.revoked_at is not None:
        return _reread(access, row)
    _revoke(access, row)
    return _view(row)


def end(access: Access, request_ids: Sequence[UUID]) -> None:
    """Revoke every case code of requests that are erased, and end the secrets and the accounts behind them.

    A secret that was ended answers as one that never was. The caller notes the act.
    """
    for start in range(0, len(request_ids), AT_ONCE):
        rows = store.of_requests(access, request_ids[start : start + AT_ONCE])
        for row in rows:
            if row.revoked_at is None:
                store.revoke(access, row)
        people.end_accounts(access, [row.account_id for row in rows])


def show(access: Access, text: str, language: Language) -> CaseStatusView:
    """Return what the holder of a case code may know of their request.

    Args:
        access: of the enquirer.
        text: the code as they wrote it: small letters, missing hyphens, O for 0 and I or L for 1 are understood.
        language: of the sentences.

    Raises:
        NotFound: the code is not the caller's, unknown, or revoked, or the request is hidden: one answer.
    """
    row = _held(access, text)
    request = requests.find_request(access, row.request_id)
    days = access.settings.status_cadence_days
    as_of = cadence(request.created_at, access.now, days)
    lines = statuses.statuses(access, request, as_of)
    access.note("case-status.read", row.request_id)
    return CaseStatusView(
        as_of=as_of.date(),
        next_date=(as_of + timedelta(days=days)).date(),
        sought=[
            SearchStatusView(
                position=line.position + 1,
                relationship=line.relationship,
                status=line.status,
                sentence=SENTENCES[line.status][language],
            )
            for line in lines
        ],
        emergency=EMERGENCY[language],
    )


def find(access: Access, case_code_id: UUID) -> "CaseCode":
    """Return the row of a case code.

    Raises:
        NotFound: absent, another society's, or its request is hidden.
    """
    row = store.find(access, case_code_id)
    if row is None:
        raise NotFound("no such case code")
    return row


def _held(access: Access, text: str) -> "CaseCode":
    plain = text.upper().translate(MISREAD)
    row = store.held(access, _grouped(plain)) if CODE.fullmatch(plain) else None
    if row is None:
        raise NotFound("no such case")
    return row


def _new_code() -> str:
    return _grouped("".join(secrets.choice(LETTERS) for _ in range(GROUPS * PER_GROUP)))


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + PER_GROUP] for start in range(0, len(plain), PER_GROUP))


def _revoke(access: Access, row: "CaseCode") -> None:
    store.revoke(access, row)
    access.end(What.CASE_CODE, row.id)
    access.note("case-codes.revoke", row.request_id)


def _reread(access: Access, row: "CaseCode") -> CaseCodeView:
    access.note("case-codes.read", row.request_id)
    return _view(row)


def _view(row: "CaseCode", secret: str | None = None) -> CaseCodeView:
    return CaseCodeView(
        id=row.id,
        code=row.code,
        secret=secret,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        ends_at=row.issued_at + timedelta(days=TOKEN_DAYS),
        revoked_at=row.revoked_at,
    )
