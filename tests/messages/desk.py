"""A desk with a search and a found person who has answered about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from httpx import Response

from tests.disclosure.desk import screen, verify
from tests.review.desk import Desk
from tests.support import Json, made, post
from tracing.disclosure import store as askings
from tracing.disclosure.states import State as AskingState
from tracing.gate import disclosures
from tracing.gate import people as register_of_people
from tracing.gate.access import Access
from tracing.gate.admit import admitted
from tracing.gate.answers import AnswerFact
from tracing.gate.disclosing import Answer, Level
from tracing.gate.permissions import Permission, Role
from tracing.gate.purposes import GivenBy, Obtained
from tracing.risk.states import Verdict

NEWS = "I am well, and so are the children. We think of you all."


def answered(desk: Desk, pair: "Pair", level: Level | None, until: datetime | None = None) -> None:
    """Let the found person answer: a level, or None to withdraw."""
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        fact = AnswerFact(
            Answer.GRANTED if level else Answer.WITHDRAWN,
            level or Level.NOTHING,
            GivenBy.SUBJECT,
            Obtained.VERBAL,
            valid_until=until,
        )
        disclosures.answer(access, UUID(pair.found_id), UUID(pair.sought_id), fact)
        access.note("test.answer")


def asked(access: Access, found_id: UUID, sought_id: UUID, verdict: Verdict = Verdict.CLEAR) -> None:
    """Plant a verification that passed, a screen, and an asking that stands granted."""
    passed = askings.find_verification(access, verify(access, found_id, sought_id))
    assert passed is not None
    screen(access, found_id, sought_id, verdict)
    row = askings.add_case(access, passed)
    row.state = AskingState.GRANTED
    askings.save_case(access, row)


def hired(desk: Desk, label: str, team: str, **more: Any) -> None:
    """Hire another caseworker, of any team."""
    with admitted(desk.gate, desk.people.token("operator"), Permission.ACCOUNTS_WRITE) as access:
        account = register_of_people.add_account(
            access, label=label, role=Role.CASEWORKER, team=team, worker_id=None, **more
        )
        desk.people.tokens["KE", label] = register_of_people.issue_token(access, account)[1]


@dataclass(frozen=True)
class Pair:
    """A search and a found person, and what passes between them; answers are unchecked."""

    desk: Desk
    sought_id: str
    found_id: str

    def write(self, label: str = "caseworker", society: str = "KE", **fields: Any) -> Response:
        headers = fields.pop("headers", {})
        draft = {"direction": "to_found", "text": NEWS, "language": "en"} | fields
        path = f"/sought-persons/{self.sought_id}/messages"
        return post(self.desk.client, path, draft, self.desk.auth(label, society), **headers)

    def written(self, **fields: Any) -> Json:
        return made(self.write(**fields))

    def step(self, message_id: str, event: str, label: str = "caseworker-2", **fields: Any) -> Response:
        tag = {"If-Match": self.desk.get(f"/messages/{message_id}").headers.get("etag", '"none"')}
        body = {"event": event} | fields
        return post(self.desk.client, f"/messages/{message_id}/events", body, self.desk.auth(label), **tag)

    def rewrite(self, message_id: str, text: str, label: str = "caseworker") -> Response:
        tag = {"If-Match": self.desk.get(f"/messages/{message_id}").headers.get("etag", '"none"')}
        body = {"text": text, "language": "en"}
        answer: Response = self.desk.client.patch(
            f"/v1/messages/{message_id}", json=body, headers=self.desk.auth(label) | tag
        )
        return answer

    def show(self, message_id: str) -> Json:
        return made(self.desk.get(f"/messages/{message_id}"), 200)


def pair(
    desk: Desk,
    level: Level | None = Level.RECEIVE_MESSAGE,
    verdict: Verdict = Verdict.CLEAR,
    sought_id: str | None = None,
    **seen: Any,
) -> Pair:
    """Register a search and a report, verified and screened, and let the person seen answer about it."""
    found = Pair(desk, sought_id or desk.seek(), desk.report(**seen))
    with admitted(desk.gate, desk.people.token("caseworker"), Permission.DISCLOSURES_WRITE) as access:
        asked(access, UUID(found.found_id), UUID(found.sought_id), verdict)
        access.note("test.asked")
    if level is not None:
        answered(desk, found, level)
    return found
