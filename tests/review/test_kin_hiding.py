"""A sought person who is hidden, and then forgotten, is not read from the enquirer's own record."""

from uuid import UUID

import pytest
from sqlmodel import select

from tests.review.desk import Desk, run_night
from tests.support import Json, made, person, post, sought_draft
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.requests import store
from tracing.requests.tables import TracingRequest

HIDDEN, SISTER = "Zulekha Yusuf Warsame", "Amina Yusuf Warsame"


@pytest.fixture
def case(desk: Desk) -> Json:
    """A request for two sisters."""
    return desk.open(sought_draft(HIDDEN), sought_draft(SISTER))


def kin_shown(desk: Desk) -> str:
    """Return all that is said of relatives when somebody asks for the enquirer."""
    kin = [{"relation": "sibling", "name": name} for name in (HIDDEN, SISTER)]
    asked = person("Abdi Yusuf Warsame", sex="male", birth="1988", relatives=kin)
    body = {"queries": {"q1": {"person": asked, "kinds": ["request"]}}}
    (hit,) = made(post(desk.client, "/match", body, desk.auth()), 200)["responses"]["q1"]
    return str([piece["right"] for piece in hit["evidence"] if piece["comparison"] == "relatives"])


def kin_sealed(desk: Desk, request_id: str) -> list[str]:
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.REQUESTS_READ) as access:
        access.note("requests.read", UUID(request_id))
        rows = access.session.exec(select(TracingRequest).where(TracingRequest.id == UUID(request_id))).all()
        return [relative.name for relative in store.details_of_requests(access, rows)[0].kin]


class TestAHiddenSoughtPerson:
    def test_is_no_relative_in_any_reason(self, desk: Desk, case: Json) -> None:
        assert HIDDEN in kin_shown(desk)
        desk.withdraw(case["sought"][0]["id"], "register")
        assert HIDDEN not in kin_shown(desk)
        assert SISTER in kin_shown(desk)

    def test_is_gone_from_the_enquirers_record_when_forgotten(self, desk: Desk, case: Json) -> None:
        desk.withdraw(case["sought"][0]["id"], "register")
        assert HIDDEN in kin_sealed(desk, case["id"])
        assert run_night(desk.gate, desk.people.token("supervisor"), forget_after_days=0).forgotten == 1
        assert kin_sealed(desk, case["id"]) == [SISTER]
