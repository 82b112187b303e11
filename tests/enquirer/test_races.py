"""Two workers hand out a case code at the same moment: one of the two is valid afterwards."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.enquirer.desk import Enquirer
from tests.review.desk import Desk
from tracing.enquirer import service
from tracing.enquirer.schemas import CaseCodeView
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.requests import service as requests

PATIENCE_S = 0.7
"""Long enough for the second worker to come as far as it can while the first one is not done."""


def test_the_later_code_revokes_the_one_of_the_same_moment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else is written of the request meanwhile: that would hold it by chance."""
    monkeypatch.setattr(requests, "begin_statuses", lambda *_: None)
    request_id, token = desk.open()["id"], desk.people.token("caseworker")

    def issue() -> CaseCodeView:
        with admitted(desk.gate, token, Permission.CASE_CODES_ISSUE) as access:
            return service.issue(access, UUID(request_id))

    with ThreadPoolExecutor(1) as other:
        with admitted(desk.gate, token, Permission.CASE_CODES_ISSUE) as access:
            first = service.issue(access, UUID(request_id))
            later = other.submit(issue)
            time.sleep(PATIENCE_S)
        second = later.result(timeout=30)
    looks = [Enquirer(desk, request_id, [], code.code, str(code.secret)).look() for code in (first, second)]
    assert [look.status_code for look in looks] == [404, 200]
