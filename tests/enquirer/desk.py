"""An enquirer with a case code, and searches that the real services have brought into a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from httpx import Response

from tests.review.desk import Desk
from tests.support import Json, made, post, sought_draft
from tracing.gate.admit import admitted
from tracing.gate.permissions import Permission
from tracing.requests import service as requests
from tracing.requests import statuses
from tracing.requests.states import Event, FindingReason, Outcome, Reason

WHO = {Event.HEAR_PARTNER: ("partner", Permission.EXCHANGE_RECEIVE)}
Steps = Sequence[tuple[Event, Reason | None]]

LEAD: Steps = [(Event.CONFIRM_LEAD, None)]
PENDING: Steps = [*LEAD, (Event.OPEN_VERIFICATION, None), (Event.VERIFY, None)]
DECLINED: Steps = [*PENDING, (Event.END_ASKING, Outcome.NOTHING_TO_TELL)]
TO_TELL: Steps = [*PENDING, (Event.END_ASKING, Outcome.SOMETHING_TO_TELL)]
TOLD_BY_PARTNER: Steps = [(Event.HEAR_PARTNER, Outcome.SOMETHING_TO_TELL)]
ALIKE: dict[str, Steps] = {"searching": [], "pending": PENDING, "declined": DECLINED}
"""Searches that an enquirer must not be able to tell apart."""

NOT_DISCLOSED: Steps = [*DECLINED, (Event.CONCLUDE, FindingReason.FOUND_NOT_DISCLOSED)]


def bring(desk: Desk, sought_id: str, steps: Steps) -> None:
    """Let acts that hold the facts bring events about, one transaction each."""
    for event, reason in steps:
        label, permission = WHO.get(event, ("supervisor", Permission.REQUESTS_WRITE))
        with admitted(desk.gate, desk.people.token(label), permission) as access:
            requests.bring(access, UUID(sought_id), event, reason)


@dataclass(frozen=True)
class Enquirer:
    """Somebody who asks, with what they were handed."""

    desk: Desk
    request_id: str
    sought_ids: list[str]
    code: str
    secret: str

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}

    def look(self, code: str | None = None, **params: str) -> Response:
        """Return what the page answers, unchecked."""
        answer: Response = self.desk.client.get(
            f"/v1/case-status/{self.code if code is None else code}", headers=self.auth, params=params
        )
        return answer

    def page(self, **params: str) -> Json:
        return made(self.look(**params), 200)

    def statuses(self) -> list[str]:
        return [line["status"] for line in self.page()["sought"]]

    @property
    def status(self) -> str:
        (status,) = self.statuses()
        return str(status)


def issued(desk: Desk, request_id: str, society: str = "KE") -> Json:
    path = f"/tracing-requests/{request_id}/case-codes"
    return made(post(desk.client, path, None, desk.auth(society=society)))


def speak(asking: Enquirer) -> None:
    """Let the approval of something to tell about the first search have just happened."""
    with admitted(asking.desk.gate, asking.desk.people.token("supervisor"), Permission.REQUESTS_WRITE) as access:
        statuses.speak(access, UUID(asking.sought_ids[0]))
        access.note("releases.approve")


def enquirer(desk: Desk, *steps: Steps, start: bool = True) -> Enquirer:
    """Return an enquirer whose searches, one per entry of `steps`, went these ways; without any, one just begun."""
    ways = steps or ([],)
    view = desk.open(*(sought_draft(f"Amina Yusuf Warsame {n}") for n in range(len(ways))), start=start)
    sought_ids = [sought["id"] for sought in view["sought"]]
    for sought_id, way in zip(sought_ids, ways, strict=True):
        bring(desk, sought_id, way)
    code = issued(desk, view["id"])
    return Enquirer(desk, view["id"], sought_ids, code["code"], code["secret"])
